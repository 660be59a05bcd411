/** Does what a scenario says that people do, and lets machines fall ill. */
import {
  AttachLoadBalancersCommand,
  AttachTrafficSourcesCommand,
  AutoScalingClient,
  DetachLoadBalancersCommand,
  DetachLoadBalancerTargetGroupsCommand,
  DetachTrafficSourcesCommand,
  ResumeProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { DeleteLoadBalancerCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { ExampleFleet } from '../../local/example-fleet';
import { Operator } from '../operator';
import { groupsOf } from '../sight';
import type { Journal } from './journal';
import type { Act, GroupName } from './scenario';
import { Schedules } from './schedules';
import type { Place } from './site';

export interface Upload {
  fleet: number;
  slot: number;
  key: string;
  versionId: string;
  war: 'well' | 'broken' | 'no zip';
}

/** What an operator can take back. */
const MENDING = { suspend: true, detach: true, attach: true, 'tag type': true, 'delete record': true };
type Mendable = Extract<Act, { kind: keyof typeof MENDING }>;

export class Acts {
  /** Every upload, in order. */
  readonly uploads: Upload[] = [];
  /** What was done and succeeded. */
  readonly done: Act[] = [];
  /** The copies that CodeDeploy made. */
  readonly copies: { groupName: string; ends: 'well' | 'installation' | 'deregistration' }[] = [];
  readonly schedules: Schedules;
  private readonly operator: Operator;
  private readonly mended = new Set<Act>();
  /** The load balancers that groups were attached to. */
  private readonly added = new Map<Act, string>();
  private replays = 0;

  constructor(
    private readonly place: Place,
    private readonly journal: Journal,
  ) {
    this.operator = new Operator(place.world);
    this.schedules = new Schedules(place);
  }

  /** Where AWS refuses what somebody tries, nothing has been done. */
  async perform(act: Act): Promise<void> {
    const { when: _, ...said } = act;
    const isDone = await this.attempt(Object.values(said).join(' '), () => this.carryOut(act));
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
  async mend(fleet: number): Promise<boolean> {
    const unmended = this.done.filter((act) => 'fleet' in act && act.fleet === fleet && !this.mended.has(act));
    const mendable = unmended.filter((act): act is Mendable => act.kind in MENDING);
    mendable.sort((one, other) => Number(other.kind === 'tag type') - Number(one.kind === 'tag type'));
    for (const act of mendable) {
      this.mended.add(act);
      await this.attempt(`mends: ${act.kind}`, () => this.takeBack(act));
    }
    return mendable.length > 0;
  }

  private async takeBack(act: Mendable): Promise<unknown> {
    switch (act.kind) {
      case 'suspend':
        await this.resume(this.groupName(act), [act.process]);
        return act.process === 'AddToLoadBalancer' ? this.register(act) : undefined;
      case 'attach':
        return this.detachAdded(act);
      case 'detach':
        return this.attachActive(act);
      case 'tag type':
        return this.tagRoles(act);
      case 'delete record':
        await this.attachActive(act);
        return this.resume(this.active(act), ['AlarmNotification', 'ScheduledActions', 'HealthCheck']);
    }
  }

  /** The group that is tagged so. */
  private active({ fleet }: { fleet: number }): string {
    const { activeGroup, standByGroup } = this.fleet({ fleet });
    const groups = groupsOf(this.place.world.aws);
    const active = [activeGroup, standByGroup].find((name) => groups.get(name)?.tags.get('type') === 'Active');
    if (active === undefined) throw new Error('there is no Active group');
    return active;
  }

  private resume(AutoScalingGroupName: string, ScalingProcesses: string[]): Promise<unknown> {
    return this.send(new ResumeProcessesCommand({ AutoScalingGroupName, ScalingProcesses }));
  }

  /** What was left out while that was suspended is left out for good, unless somebody registers it. */
  private async register(act: { fleet: number; group: GroupName }): Promise<void> {
    const { attachments, instanceIds } = this.group(act);
    const attached = this.fleet(act).attachments.filter(({ identifier }) => attachments.has(identifier));
    for (const { identifier } of attached) await this.operator.register(identifier, [...instanceIds]);
  }

  private async detachAdded(act: Extract<Act, { kind: 'attach' }>): Promise<void> {
    const { activeGroup, standByGroup } = this.fleet(act);
    const name = this.added.get(act) ?? '';
    const groups = groupsOf(this.place.world.aws);
    const attached = [activeGroup, standByGroup].filter((group) => groups.get(group)?.attachments.has(name));
    for (const group of attached) await this.operator.detachClassic(group, [name]);
  }

  /** To everything that the fleet was attached to at first. */
  private async attachActive(act: { fleet: number }): Promise<void> {
    const AutoScalingGroupName = this.active(act);
    const attached = groupsOf(this.place.world.aws).get(AutoScalingGroupName)?.attachments;
    for (const { kind, way, identifier } of this.fleet(act).attachments) {
      if (attached?.has(identifier)) continue;
      if (way === 'traffic-source') {
        const TrafficSources = [{ Identifier: identifier }];
        await this.send(new AttachTrafficSourcesCommand({ AutoScalingGroupName, TrafficSources }));
      } else if (kind === 'classic') await this.operator.attachClassic(AutoScalingGroupName, [identifier]);
      else await this.operator.attach(AutoScalingGroupName, [identifier]);
    }
  }

  /** Whoever serves alone is Active, or else has instances alone. */
  private async tagRoles(act: { fleet: number }): Promise<void> {
    const { activeGroup, standByGroup, attachments } = this.fleet(act);
    const groups = groupsOf(this.place.world.aws);
    const pair = [activeGroup, standByGroup];
    const serving = pair.filter((name) => groups.get(name)?.attachments.has(attachments[0]?.identifier ?? ''));
    const working = pair.filter((name) => (groups.get(name)?.desired ?? 0) > 0);
    const [active] = serving.length === 1 ? serving : working.length === 1 ? working : pair;
    for (const name of pair) await this.operator.tag(name, 'type', name === active ? 'Active' : 'StandBy');
  }

  private async carryOut(act: Act): Promise<void> {
    const { world } = this.place;
    const { clock, aws } = world;
    switch (act.kind) {
      case 'upload':
        return this.upload(act);
      case 'deploy':
        return world.put('DeployRequested', { task: this.fleet(act).task, versions: this.versions(act) });
      case 'abort':
        return world.put('AbortRequested', { task: this.fleet(act).task, reason: 'not today' });
      case 'clean':
        return world.put('CleanRequested', { task: this.fleet(act).task });
      case 'emergency':
        return this.emergency(act);
      case 'replay':
        return this.replay();
      case 'resize': {
        const { minimum, maximum } = this.group(act);
        const sizes = [Math.min(minimum, act.desired), act.desired, Math.max(maximum, act.desired)] as const;
        return this.operator.setSize(this.groupName(act), ...sizes);
      }
      case 'attach':
        return this.attach(act, act.group);
      case 'detach':
        return this.detach(act);
      case 'tag type':
        return this.operator.tag(this.groupName(act), 'type', act.value);
      case 'suspend':
        return this.operator.suspend(this.groupName(act), [act.process]);
      case 'protect':
        return this.operator.protect(this.groupName(act));
      case 'refresh':
        return this.operator.refresh(this.groupName(act));
      case 'schedule':
        return this.schedules.put(this.fleet(act), act);
      case 'delete group':
        return this.operator.deleteGroup(this.groupName(act));
      case 'delete load balancer':
        return this.deleteLoadBalancer(act);
      case 'delete dummy':
        await this.operator.deleteDummyLoadBalancers();
        return;
      case 'delete record': {
        const Key = `tasks/${encodeURIComponent(this.fleet(act).task)}.json`;
        const command = new DeleteObjectCommand({ Bucket: world.stack.outputs.StateBucketName, Key });
        await clock.run(new S3Client(aws.operator).send(command));
        return;
      }
      case 'ill':
        return this.fallIll(act);
      case 'no capacity':
        aws.autoScaling.setLaunchFailure(this.groupName(act), 'We currently do not have sufficient capacity');
        clock.after(act.seconds, () => {
          if (groupsOf(aws).has(this.groupName(act))) aws.autoScaling.setLaunchFailure(this.groupName(act), undefined);
        });
        return;
      case 'codedeploy':
        return this.codeDeploy(act.ends);
    }
  }

  private fleet({ fleet }: { fleet: number }): ExampleFleet {
    return this.place.fleets[fleet] as ExampleFleet;
  }

  private groupName({ fleet, group }: { fleet: number; group: GroupName }): string {
    const { activeGroup, standByGroup } = this.fleet({ fleet });
    return group === 'blue' ? activeGroup : standByGroup;
  }

  private group(named: { fleet: number; group: GroupName }) {
    const found = groupsOf(this.place.world.aws).get(this.groupName(named));
    if (!found) throw new Error('there is no such group');
    return found;
  }

  private async upload({ fleet, slot, war }: Extract<Act, { kind: 'upload' }>): Promise<void> {
    const { world } = this.place;
    const key = this.fleet({ fleet }).warKeys[slot] ?? '';
    const content = { version: String(this.uploads.length + 2), health: war === 'well' ? 'well' : '500' };
    const versionId = war === 'no zip' ? await world.uploadBytes(key, 'no war') : await world.upload(key, content);
    this.uploads.push({ fleet, slot, key, versionId, war });
  }

  private versions(act: Extract<Act, { kind: 'deploy' }>): string | undefined {
    if (act.versions === 'first') return this.fleet(act).versionIds.join(',');
    return act.versions === 'unknown' ? 'u'.repeat(32) : act.versions;
  }

  /** Whoever takes Active to 0 takes its users away, not we. */
  private async emergency(act: Extract<Act, { kind: 'emergency' }>): Promise<void> {
    const { task } = this.fleet(act);
    const active = this.active(act);
    const groups = groupsOf(this.place.world.aws);
    await this.operator.setSize(active, 0, 0, groups.get(active)?.maximum ?? 0);
    await this.place.world.put('DeployRequested', { task, capacity: act.capacity });
  }

  private async attach(act: Act, group: GroupName): Promise<void> {
    const name = `added-${this.added.size}`;
    this.added.set(act, name);
    await this.operator.createClassic(name);
    const command = new AttachLoadBalancersCommand({
      AutoScalingGroupName: this.groupName({ fleet: 'fleet' in act ? act.fleet : 0, group }),
      LoadBalancerNames: [name],
    });
    await this.send(command);
  }

  private async detach(act: { fleet: number; group: GroupName }): Promise<void> {
    const AutoScalingGroupName = this.groupName(act);
    const [attachment] = this.fleet(act).attachments;
    if (!attachment) return;
    const { way, kind, identifier } = attachment;
    if (way === 'traffic-source') {
      const TrafficSources = [{ Identifier: identifier }];
      await this.send(new DetachTrafficSourcesCommand({ AutoScalingGroupName, TrafficSources }));
    } else if (kind === 'classic') {
      await this.send(new DetachLoadBalancersCommand({ AutoScalingGroupName, LoadBalancerNames: [identifier] }));
    } else {
      await this.send(
        new DetachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName, TargetGroupARNs: [identifier] }),
      );
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: every command has types of its own
  private send(command: any): Promise<unknown> {
    const { clock, aws } = this.place.world;
    return clock.run(new AutoScalingClient(aws.operator).send(command));
  }

  private async deleteLoadBalancer(act: { fleet: number }): Promise<void> {
    const [attachment] = this.fleet(act).attachments;
    if (attachment?.kind === 'classic') return this.operator.deleteClassic(attachment.identifier);
    const { clock, aws } = this.place.world;
    const command = new DeleteLoadBalancerCommand({ LoadBalancerArn: attachment?.loadBalancerArn });
    await clock.run(new ElasticLoadBalancingV2Client(aws.operator).send(command));
  }

  private async fallIll(act: Extract<Act, { kind: 'ill' }>): Promise<void> {
    const { instances, clock } = this.place.world;
    const ids = [...this.group(act).instanceIds].slice(0, act.count);
    const running = () => new Set(instances.running().map(({ instanceId }) => instanceId));
    const change = (health: 'dead' | number | undefined) => {
      for (const id of ids) if (running().has(id)) instances.setHealth(id, health);
    };
    change(act.health);
    clock.after(act.seconds, () => change(undefined));
  }

  private async codeDeploy(ends: 'well' | 'installation' | 'deregistration'): Promise<void> {
    const { shop } = this.place;
    if (!shop) throw new Error('there is no shop');
    const deploymentId = await shop.begin(ends === 'well' ? undefined : ends);
    this.copies.push({ groupName: shop.copyOf(deploymentId), ends });
  }
}
