/** Tells what happens while it happens: events, mails, instances, health, load balancers. */
import type { EmbeddedAws } from '../embedded-aws';
import { healthOfWars, type InstalledWar } from '../example/application';
import type { RegistrationState } from '../fleet/attachable';
import type { Clock } from '../kernel/clock';
import type { AutoScalingEvent } from '../services/auto-scaling/auto-scaling';
import type { LoadBalancingEvent } from '../services/elastic-load-balancing-v2/elastic-load-balancing-v2';
import type { BusEvent } from '../services/eventbridge/event';
import type { Mail } from '../services/sns/sns';
import { DUMMY_PREFIX } from './fleet-state';
import type { Machines } from './machines';
import type { Screen } from './screen';

/** An instance on a target group or a Classic Load Balancer. */
interface TargetChange {
  /** The target group's ARN, or the name of the Classic Load Balancer. */
  place: string;
  instanceId: string;
  state: string;
  description?: string;
}

/** Targets change together: what comes within this time is told in one line. */
const GATHER_SECONDS = 0.1;
/** Enough to tell dummies apart: their names are long. */
const DUMMY_CHARACTERS = 4;
/** As the user data says why it gave up. */
const FAILED_LINE = /^user-data: FAILED/;
/** Whoever waits for the same all the time is mentioned again after this time. */
const REPEAT_SECONDS = 10;

export class Narrator {
  /** `was-green-1` for an instance of the group `was-green`: the ids are for machines. */
  private readonly names = new Map<string, string>();
  private readonly launches = new Map<string, number>();
  /** What target groups are called, by ARN: a Classic Load Balancer may have the same name. */
  private readonly targetGroupNames = new Map<string, string>();
  /** By target group or Classic Load Balancer: the state of each instance on it. */
  private readonly places = new Map<string, Map<string, string>>();
  private gathered: TargetChange[] = [];
  /** What a stage was waiting for when that was last told, and when that was. */
  private told = { reason: '', at_ms: 0 };
  private looks = 0;

  constructor(
    private readonly screen: Screen,
    private readonly clock: Clock,
  ) {}

  followFleet(aws: EmbeddedAws, instances: Machines): void {
    aws.autoScaling.onChange((event) => this.onInstance(event));
    instances.onServing((instanceId, wars) => this.onServing(instanceId, wars));
    aws.elasticLoadBalancingV2.onChange((event) => this.onLoadBalancing(event));
    aws.elasticLoadBalancing.onRegistrationChange((name, instanceId) => {
      const state = classicState(aws.elasticLoadBalancing.stateOf(name, instanceId));
      this.gather({ place: name, instanceId, state });
    });
  }

  /** Of consoles only what went wrong: the rest takes a screen for each instance. */
  followConsoles(instances: { onLine(listener: (instanceId: string, line: string) => void): void }): void {
    instances.onLine((instanceId, line) => {
      if (FAILED_LINE.test(line)) this.screen.line('instance', `${this.nameOf(instanceId)} says: ${line}`);
    });
  }

  followPipeline(aws: EmbeddedAws, busName: string): void {
    aws.sns.onMail((mail) => this.onMail(mail));
    aws.eventBridge.onEvent((event, bus) => {
      if (bus === busName) this.onEvent(event);
    });
  }

  /** A stage that waits says so again and again: told when that is news, and now and then. */
  private onEvent({ 'detail-type': type, detail }: BusEvent): void {
    if (type === 'CheckDue') return;
    if (type === 'CheckPending') {
      this.looks += 1;
      this.onWaiting(detail as { stage: string; waitingFor: string });
      return;
    }
    const code = detail.code === undefined ? '' : ` ${detail.code}`;
    const looks = this.looks > 0 ? `  (after ${this.looks} × CheckPending, CheckDue)` : '';
    this.looks = 0;
    this.told = { reason: '', at_ms: 0 };
    this.screen.line('event', `${type}${code}${looks}`);
  }

  private onWaiting({ stage, waitingFor }: { stage: string; waitingFor: string }): void {
    const reason = this.shorten(waitingFor);
    const now_ms = this.clock.now().getTime();
    if (this.told.reason === reason && now_ms < this.told.at_ms + REPEAT_SECONDS * 1000) return;
    this.told = { reason, at_ms: now_ms };
    this.screen.line('event', `CheckPending  ${stage} waits: ${reason}`);
  }

  private onMail({ subject, body }: Mail): void {
    const [firstLine = '', ...rest] = body.split('\n');
    this.screen.line('mail', subject ?? firstLine);
    this.screen.quote(subject === undefined ? rest.join('\n') : body);
  }

  private onInstance(event: AutoScalingEvent): void {
    if (event.type === 'launch-failed') {
      this.screen.line('instance', `${event.groupName} cannot launch: ${event.message}`);
    } else if (event.state === 'Pending') {
      this.name(event);
      this.screen.line('instance', `${this.nameOf(event.instanceId)} is Pending  (${event.instanceId})`);
    } else {
      this.screen.line('instance', `${this.nameOf(event.instanceId)} is ${event.state}`);
    }
  }

  private onServing(instanceId: string, wars: InstalledWar[]): void {
    const contents = wars.map(({ path, entries }) => {
      const file = path.slice(path.lastIndexOf('/') + 1);
      return `${file} ${entries?.get('version') ?? '(no war)'}`;
    });
    const health = healthOfWars(wars);
    this.screen.line('instance', `${this.nameOf(instanceId)} listens with ${contents.join(', ')}; /health: ${health}`);
  }

  private onLoadBalancing(event: LoadBalancingEvent): void {
    if (event.type === 'target') {
      this.targetGroupNames.set(event.targetGroupArn, event.targetGroupName);
      this.gather({ ...event, place: event.targetGroupArn });
    } else {
      const what = event.type === 'load-balancer-active' ? 'is active' : 'is deleted';
      this.screen.line('balancer', `${shortened(event.loadBalancerName)} ${what}`);
    }
  }

  private gather(change: TargetChange): void {
    if (this.gathered.length === 0) this.clock.after(GATHER_SECONDS, () => this.tellHealth());
    this.gathered.push(change);
  }

  private tellHealth(): void {
    const touched = new Set<string>();
    const changes = new Map<string, { names: Set<string>; places: Set<string> }>();
    for (const { place, instanceId, state, description } of this.gathered) {
      const targets = this.places.get(place) ?? new Map<string, string>();
      this.places.set(place, targets);
      if (targets.get(instanceId) === state) continue; // only its reason has changed
      if (state === 'deregistered') targets.delete(instanceId);
      else targets.set(instanceId, state);
      touched.add(place);
      const what = state === 'unhealthy' ? `${state} (${description})` : state;
      const change = changes.get(what) ?? { names: new Set(), places: new Set() };
      change.names.add(this.nameOf(instanceId));
      change.places.add(place);
      changes.set(what, change);
    }
    this.gathered = [];
    for (const [what, { names, places }] of changes) {
      this.screen.line('health', `${listed(names)} ${what} on ${this.listedPlaces(places)}`);
    }
    this.tellCounts(touched);
  }

  private tellCounts(touched: ReadonlySet<string>): void {
    const alike = new Map<string, string[]>();
    for (const place of touched) {
      const counts = this.countsOf(place);
      alike.set(counts, [...(alike.get(counts) ?? []), place]);
    }
    const lines = [...alike].map(([counts, places]) => `${counts} on ${this.listedPlaces(places)}`);
    if (lines.length > 0) this.screen.line('targets', lines.join('; '));
  }

  private countsOf(place: string): string {
    const counts = new Map<string, number>();
    for (const state of this.places.get(place)?.values() ?? []) counts.set(state, (counts.get(state) ?? 0) + 1);
    return [...counts].map(([state, count]) => `${count} ${state}`).join(', ') || 'nothing';
  }

  private listedPlaces(places: Iterable<string>): string {
    return listed([...places].map((place) => shortened(this.targetGroupNames.get(place) ?? place)));
  }

  private name({ groupName, instanceId }: { groupName: string; instanceId: string }): void {
    const number = (this.launches.get(groupName) ?? 0) + 1;
    this.launches.set(groupName, number);
    this.names.set(instanceId, `${groupName}-${number}`);
  }

  private nameOf(instanceId: string): string {
    return this.names.get(instanceId) ?? instanceId;
  }

  /** The first of the findings, with names for ids and ARNs; the mail of the cycle has all of them. */
  private shorten(findings: string): string {
    const [first = '', ...others] = findings.split('; ');
    const named = first
      .replace(/\bi-[0-9a-z]+\b/g, (id) => this.nameOf(id))
      .replace(/\barn:aws:elasticloadbalancing:[^/]*\/(?:(?:app|net)\/)?([\w-]+)(?:\/\w+)?/g, '$1')
      .replace(/\bdeploycheck-\w+/g, shortened);
    return others.length > 0 ? `${named.replace(/\.$/, '')}; and ${others.length} more` : named;
  }
}

/** In the words of Classic Load Balancers. */
function classicState(state: RegistrationState): string {
  if (state === undefined) return 'deregistered';
  if (state === 'draining') return state;
  return state === 'healthy' ? 'InService' : 'OutOfService';
}

function shortened(name: string): string {
  return name.startsWith(DUMMY_PREFIX) ? name.slice(0, DUMMY_PREFIX.length + DUMMY_CHARACTERS) : name;
}

function listed(names: Iterable<string>): string {
  return [...names].join(', ');
}
