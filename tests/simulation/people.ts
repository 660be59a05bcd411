/** Does what a scenario says that people do, and lets machines fall ill. */
import { DeleteLoadBalancerCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { groupsOf } from '../harness/observe';
import { Operator } from '../harness/operator';
import { makeLoadBalancer } from '../harness/other-load-balancer';
import type { Journal } from './journal';
import { Losses } from './losses';
import { isRepairable, Repairs } from './repairs';
import { Requests } from './requests';
import type { Act, GroupName } from './scenario';
import { Schedules } from './schedules';
import { activeOf, fleetOf, groupNameOf, groupOf, type Place } from './site';
import { THEIR_TASK } from './strangers';
import { mistyped } from './typos';
import type { Upload } from './uploads';

export class People {
  /** Every upload, in order. */
  readonly uploads: Upload[] = [];
  /** What was done and succeeded. */
  readonly done: Act[] = [];
  /** The copies that CodeDeploy made. */
  readonly copies: { groupName: string; ends: 'well' | 'installation' | 'deregistration' }[] = [];
  readonly schedules: Schedules;
  readonly losses: Losses;
  readonly requests: Requests;
  private readonly operator: Operator;
  private readonly repairs: Repairs;
  private readonly repaired = new Set<Act>();
  /** The load balancers that groups were attached to. */
  private readonly added = new Map<Act, string>();
  /** What was registered by hand, and as what. */
  private readonly registered = new Map<Act, { identifier: string; ids: string[] }>();
  private replays = 0;

  constructor(
    private readonly place: Place,
    private readonly journal: Journal,
  ) {
    this.operator = new Operator(place.world);
    this.schedules = new Schedules(place);
    this.losses = new Losses(place);
    this.requests = new Requests(place);
    this.repairs = new Repairs(place, this.operator, this.added, this.registered);
  }

  /** Where AWS refuses what somebody tries, nothing has been done. */
  async perform(act: Act): Promise<void> {
    const { when: _, ...said } = act;
    const isDone = await this.attempt(Object.values(said).join(' '), () => this.take(act));
    if (isDone) this.done.push(act);
  }

  private async attempt(text: string, act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
      this.journal.note({ kind: 'act', text });
      return true;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.journal.note({ kind: 'act', text: `${text}: ${error.message}` });
      return false;
    }
  }

  /** What mends a request that got lost on the way. */
  async replay(): Promise<void> {
    await this.place.world.replay(`replay-${++this.replays}`);
  }

  /** Takes back what people did to a fleet; answers whether there was anything. What was deleted stays deleted. */
  async repair(fleet: number): Promise<boolean> {
    const unrepaired = this.done.filter((act) => 'fleet' in act && act.fleet === fleet && !this.repaired.has(act));
    const repairable = unrepaired.filter(isRepairable);
    repairable.sort((one, other) => Number(other.kind === 'tag type') - Number(one.kind === 'tag type'));
    for (const act of repairable) {
      this.repaired.add(act);
      await this.attempt(`mends: ${act.kind}`, () => this.repairs.takeBack(act));
    }
    return repairable.length > 0;
  }

  private async take(act: Act): Promise<void> {
    const { world } = this.place;
    const { clock, aws } = world;
    switch (act.kind) {
      case 'upload':
        return this.upload(act);
      case 'deploy':
        return this.put(act, 'DeployRequested', this.deployment(act));
      case 'abort':
        return this.put(act, 'AbortRequested', { reason: 'not today' });
      case 'clean':
        return this.put(act, 'CleanRequested', {});
      case 'release':
        return world.put('HoldReleased', { task: fleetOf(this.place, act).task });
      case 'typo': {
        const { answered, ...putting } = mistyped(act.typo, fleetOf(this.place, act).task);
        return this.requests.put(putting, { ...act, answered });
      }
      case 'ask for theirs': {
        const answered = { AbortRequested: /^418$/, CleanRequested: /^402$/, DeployRequested: /^40[12]$/ }[act.event];
        return this.requests.put({ detailType: act.event, detail: { task: THEIR_TASK } }, { ...act, answered });
      }
      case 'emergency':
        return this.emergency(act);
      case 'replay':
        return this.replay();
      case 'resize': {
        const { minimum, maximum } = groupOf(this.place, act);
        const sizes = [Math.min(minimum, act.desired), act.desired, Math.max(maximum, act.desired)] as const;
        return this.operator.setSize(groupNameOf(this.place, act), ...sizes);
      }
      case 'attach':
        return this.attach(act);
      case 'detach':
        return this.detach(act);
      case 'register':
        return this.register(act);
      case 'tag type':
        return this.operator.tag(groupNameOf(this.place, act), 'type', act.value);
      case 'suspend':
        return this.operator.suspend(groupNameOf(this.place, act), [act.process]);
      case 'protect':
        return this.operator.protect(groupNameOf(this.place, act));
      case 'refresh':
        return this.operator.refresh(groupNameOf(this.place, act));
      case 'hook':
        return this.operator.hold(groupNameOf(this.place, act), act.transition, act.heldSeconds);
      case 'alarm':
        return this.operator.alarm(groupNameOf(this.place, act), act.desired);
      case 'schedule':
        return this.schedules.put(act);
      case 'delete group':
        return this.operator.deleteGroup(groupNameOf(this.place, act));
      case 'delete load balancer':
        return this.deleteLoadBalancer(act);
      case 'delete dummy':
        await this.operator.deleteDummyLoadBalancers();
        return;
      case 'delete record':
      case 'damage record':
        return this.losses.lose(act);
      case 'ill':
        return this.fallIll(act);
      case 'no capacity':
        aws.autoScaling.setLaunchFailure(groupNameOf(this.place, act), 'We currently do not have sufficient capacity');
        clock.after(act.seconds, () => {
          if (groupsOf(aws).has(groupNameOf(this.place, act)))
            aws.autoScaling.setLaunchFailure(groupNameOf(this.place, act), undefined);
        });
        return;
      case 'codedeploy':
        return this.codeDeploy(act.ends);
    }
  }

  private async upload({ fleet, slot, war }: Extract<Act, { kind: 'upload' }>): Promise<void> {
    const { world } = this.place;
    const key = fleetOf(this.place, { fleet }).warKeys[slot] ?? '';
    const content = { version: String(this.uploads.length + 2), health: war === 'well' ? 'well' : '500' };
    const versionId = war === 'no zip' ? await world.uploadBytes(key, 'no war') : await world.upload(key, content);
    this.uploads.push({ fleet, slot, key, versionId, war });
  }

  private put(act: Act & { fleet: number }, detailType: string, detail: object): Promise<void> {
    const { task } = fleetOf(this.place, act);
    return this.requests.put({ detailType, detail: { task, ...detail } }, act);
  }

  private deployment(act: Extract<Act, { kind: 'deploy' }>): object {
    const { requestId, isDated, clockSeconds = 0 } = act;
    const at_ms = this.place.world.clock.now().getTime() + clockSeconds * 1000;
    const requestedAt = isDated ? new Date(at_ms).toISOString() : undefined;
    return { versions: this.versions(act), requestId, requestedAt };
  }

  private versions(act: Extract<Act, { kind: 'deploy' }>): string | undefined {
    if (act.versions === 'first') return fleetOf(this.place, act).versionIds.join(',');
    return act.versions === 'unknown' ? 'u'.repeat(32) : act.versions;
  }

  /** Whoever takes Active to 0 takes its users away, not we. */
  private async emergency(act: Extract<Act, { kind: 'emergency' }>): Promise<void> {
    const active = activeOf(this.place, act);
    const groups = groupsOf(this.place.world.aws);
    await this.operator.setSize(active, 0, 0, groups.get(active)?.maximum ?? 0);
    await this.put(act, 'DeployRequested', { capacity: act.capacity });
  }

  /** To one more load balancer. */
  private async attach(act: Extract<Act, { kind: 'attach' }>): Promise<void> {
    const name = `added-${this.added.size}`;
    this.added.set(act, name);
    await this.operator.createClassic(name);
    await this.operator.attachClassic(groupNameOf(this.place, act), [name]);
  }

  /** With a load balancer that no group is attached to. */
  private async register(act: Extract<Act, { kind: 'register' }>): Promise<void> {
    const { world } = this.place;
    const name = `by-hand-${this.registered.size}`;
    const group = groupsOf(world.aws).get(activeOf(this.place, act));
    const ids = [...(group?.instanceIds ?? [])].slice(0, act.count);
    const place = { name, targetGroups: [{ protocol: 'HTTP' as const, targetType: 'instance' as const }] };
    const made = {
      classic: { ...place, kind: 'classic' as const, targetGroups: [] },
      instance: place,
      ip: { ...place, targetGroups: [{ protocol: 'HTTP' as const, targetType: 'ip' as const }] },
    }[act.as];
    const [identifier = name] = await makeLoadBalancer(world, made);
    this.registered.set(act, { identifier, ids: await this.operator.register(identifier, ids) });
  }

  /** From the first of what the fleet is attached to. */
  private async detach(act: { fleet: number; group: GroupName }): Promise<void> {
    const [attachment] = fleetOf(this.place, act).attachments;
    if (attachment) await this.operator.detachAs(groupNameOf(this.place, act), attachment);
  }

  private async deleteLoadBalancer(act: { fleet: number }): Promise<void> {
    const [attachment] = fleetOf(this.place, act).attachments;
    if (attachment?.kind === 'classic') return this.operator.deleteClassic(attachment.identifier);
    const { clock, aws } = this.place.world;
    const command = new DeleteLoadBalancerCommand({ LoadBalancerArn: attachment?.loadBalancerArn });
    await clock.run(new ElasticLoadBalancingV2Client(aws.operator).send(command));
  }

  private async fallIll(act: Extract<Act, { kind: 'ill' }>): Promise<void> {
    const { instances, clock } = this.place.world;
    const ids = [...groupOf(this.place, act).instanceIds].slice(0, act.count);
    const running = () => new Set(instances.running().map(({ instanceId }) => instanceId));
    const change = (health: 'dead' | number | undefined) => {
      for (const id of ids) if (running().has(id)) instances.setHealth(id, health);
    };
    change(act.health);
    clock.after(act.seconds, () => change(undefined));
  }

  private async codeDeploy(ends: 'well' | 'installation' | 'deregistration'): Promise<void> {
    const { codeDeployFleet } = this.place;
    if (!codeDeployFleet) throw new Error('there is no shop');
    const deploymentId = await codeDeployFleet.begin(ends === 'well' ? undefined : ends);
    this.copies.push({ groupName: codeDeployFleet.copyOf(deploymentId), ends });
  }
}
