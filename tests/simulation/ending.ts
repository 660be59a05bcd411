/** What must hold in the end, when nothing goes wrong any more and time has passed. */
import type { ExampleFleet } from '../../local/example/fleet';
import type { BusEvent } from '../../local/services/eventbridge/event';
import { dummyNamesOf, groupsOf, type ObservedGroup, targetHealthOf } from '../harness/observe';
import type { People } from './people';
import type { ActKind, GroupName } from './scenario';
import type { Place } from './site';
import { DUMMIES_OF_OTHERS, whatIsOthers } from './strangers';
import { deadLetters, recordOf, Uploads } from './uploads';

export const END_CHECKERS = [
  'every deployment has exactly one outcome',
  'every outcome is mailed',
  'no dummy is left',
  'the record is closed',
  'one group is Active with the capacity it had, attached everywhere, and the other is at 0',
  'no upload is lost',
  'what belongs to others is as it was',
  'no copy of CodeDeploy that does not serve is left',
  'scheduled actions stay with Active, and take effect',
  'what an operator asks for ends in a change or a mail',
] as const;
export type EndChecker = (typeof END_CHECKERS)[number];

export interface Finding {
  checker: EndChecker;
  text: string;
}

/** What people take away for good: of such a fleet only the record, the mails and the dummies can still be right. */
const IRREPARABLE: readonly ActKind[] = ['delete group', 'delete load balancer'];

export class Ending {
  private readonly others: string;
  private readonly uploads: Uploads;

  /** Made before anything happens: what others have must be the same afterwards. */
  constructor(
    private readonly place: Place,
    private readonly people: People,
  ) {
    this.others = this.whatIsOthers();
    this.uploads = new Uploads(place);
  }

  /** Empty when all is well. */
  findings(): Finding[] {
    return [
      ...this.place.fleets.flatMap((fleet, index) => [...this.ofFleet(fleet, index)]),
      ...this.ofDeployments(),
      ...this.ofDummies(),
      ...this.ofOthers(),
      ...this.ofCopies(),
      ...this.people.requests.unanswered().map((text) => finding(9, text)),
    ];
  }

  /** Nothing of the task is at work, so that an operator may mend what people have done to it. */
  isAtRest(fleet: ExampleFleet): boolean {
    const { status = 'completed' } = recordOf(this.place, fleet) ?? {};
    return status !== 'running' && status !== 'cleaning';
  }

  /** A group is not empty, or a record is blocked, by what people did: they have to ask for cleaning. */
  needsCleaning(fleet: ExampleFleet): boolean {
    const groups = groupsOf(this.place.world.aws);
    const pair = [fleet.activeGroup, fleet.standByGroup].map((name) => groups.get(name));
    const standBy = pair.find((group) => typeOf(group) === 'StandBy');
    const isUsed = standBy !== undefined && (standBy.maximum > 0 || standBy.attachments.size > 0);
    return recordOf(this.place, fleet)?.status === 'blocked' || isUsed;
  }

  /** Which group clean-up would go back to, if that had instances. */
  emptyOldGroup(fleet: ExampleFleet): GroupName | undefined {
    const record = recordOf(this.place, fleet);
    const oldGroup = record?.status === 'blocked' ? record.plan?.oldGroup : undefined;
    if (groupsOf(this.place.world.aws).get(oldGroup ?? '')?.desired !== 0) return undefined;
    return oldGroup === fleet.activeGroup ? 'blue' : 'green';
  }

  private *ofFleet(fleet: ExampleFleet, index: number): Generator<Finding> {
    const record = recordOf(this.place, fleet);
    const isIrreparable = this.wasDone(IRREPARABLE, index);
    // Of a task without its pair of groups nothing can be cleaned: that is what an operator is told.
    if (!record && !isIrreparable && this.people.losses.wasLost(index))
      yield finding(3, `the record of ${fleet.task} is lost`);
    const open = record && record.status !== 'completed' && record.status !== 'failed';
    const mayBeBlocked = isIrreparable && record?.status === 'blocked';
    if (open && !mayBeBlocked) yield finding(3, `${fleet.task} is ${record.status} in ${record.stage}`);
    if (record && !open && (record.pending || !record.outbox.published)) {
      yield finding(3, `${fleet.task} has ${record.pending ? 'a pending request' : 'events to publish'}`);
    }
    if (!isIrreparable) yield* this.ofGroups(fleet, index);
    if (!isIrreparable && !this.wasDone(['tag type'], index)) yield* this.ofSchedules(fleet, index);
    if (!this.wasDone(['delete group', 'tag type'], index)) yield* this.ofUploads(fleet, index);
  }

  private *ofGroups(fleet: ExampleFleet, index: number): Generator<Finding> {
    const { aws } = this.place.world;
    const groups = groupsOf(aws);
    const pair = [fleet.activeGroup, fleet.standByGroup].map((name) => ({ name, group: groups.get(name) }));
    const [active, ...more] = pair.filter(({ group }) => typeOf(group) === 'Active');
    const [standBy] = pair.filter(({ group }) => typeOf(group) === 'StandBy');
    if (!active?.group || !standBy?.group || more.length > 0) {
      return yield finding(
        4,
        `${fleet.task}: ${pair.map(({ name, group }) => `${name} is ${typeOf(group)}`).join(', ')}`,
      );
    }
    const { group } = active;
    const capacity = this.leastCapacity(fleet, index);
    if (group.desired < capacity) yield finding(4, `${active.name} has ${group.desired} of ${capacity}`);
    const ownMinimum = fleet.minimum ?? fleet.instances;
    // Whoever is deployed to from 0 gets a minimum, whoever has taken it there.
    const isFromZero = capacity === 0;
    const isOwn =
      group.minimum === ownMinimum || isFromZero || this.wasDone(['resize', 'emergency', 'schedule'], index);
    if (!isOwn) yield finding(4, `the minimum of ${active.name} is ${group.minimum}, and was ${ownMinimum}`);
    const missing = fleet.attachments.filter(({ identifier }) => !group.attachments.has(identifier));
    for (const { identifier } of missing) yield finding(4, `${active.name} is not attached to ${identifier}`);
    if (group.suspended.length > 0) yield finding(4, `${active.name} has ${group.suspended.join(', ')} suspended`);
    const { minimum, desired, maximum, attachments, instanceIds, suspended } = standBy.group;
    if (suspended.length > 0) yield finding(4, `${standBy.name} has ${suspended.join(', ')} suspended`);
    if (maximum > 0 || instanceIds.size > 0) {
      yield finding(4, `${standBy.name} is at ${minimum}/${desired}/${maximum} with ${instanceIds.size} instances`);
    }
    if (attachments.size > 0) yield finding(4, `${standBy.name} is attached to ${[...attachments].join(', ')}`);
    if (group.desired > 0) yield* this.ofService(fleet, group);
  }

  /** On every load balancer of the fleet somebody of Active is healthy. */
  private *ofService(fleet: ExampleFleet, active: ObservedGroup): Generator<Finding> {
    const targetHealth = targetHealthOf(this.place.world.aws);
    for (const { identifier, isIdle } of fleet.attachments) {
      const targets = targetHealth.get(identifier) ?? new Map<string, string>();
      const healthy = [...targets].filter(([id, state]) => state === 'healthy' && active.instanceIds.has(id));
      if (healthy.length === 0 && !isIdle) yield finding(4, `nobody is healthy on ${identifier}`);
    }
  }

  /** Whoever makes Active smaller, or lets its alarms do so, wants it so. */
  private leastCapacity({ instances }: ExampleFleet, index: number): number {
    const sizes = this.people.done.flatMap((act) => {
      if (!('fleet' in act) || act.fleet !== index) return [];
      return act.kind === 'resize' || act.kind === 'alarm' ? [act.desired] : act.kind === 'emergency' ? [0] : [];
    });
    return Math.min(instances, ...sizes);
  }

  /**
   * Somebody deleted the record within the second in which it was opened, while a second delivery of the same request
   * was opening another: nothing was there when that looked, and nothing is when it writes. Its end is that of both.
   */
  private isReplaced(deploymentId: string, all: readonly string[]): boolean {
    const isDeleted = this.people.done.some(({ kind }) => kind === 'delete record');
    const second = (id: string) => id.slice(0, '20300101T000000Z'.length);
    return isDeleted && all.slice(all.indexOf(deploymentId) + 1).some((id) => second(id) === second(deploymentId));
  }

  private *ofDeployments(): Generator<Finding> {
    const { events } = this.place.world;
    const own = events.filter((event) => event.source === 'bluegreen' && !('replay-name' in event));
    const started = own.filter((event) => /^(Started|Failed)$/.test(event['detail-type']));
    const deploymentIds = [...new Set(started.map(({ detail }) => String(detail.deploymentId)))];
    for (const deploymentId of deploymentIds) {
      if (this.isReplaced(deploymentId, deploymentIds)) continue;
      const outcomes = distinct(own.filter((event) => isOutcomeOf(event, deploymentId)));
      const ends = outcomes.filter(({ detail }) => detail.outcome !== 'operator-needed');
      const isLeftToOperator = ends.length === 0 && outcomes.length > 0 && this.people.done.some(isIrreparable);
      if (ends.length !== 1 && !isLeftToOperator) {
        yield finding(0, `${deploymentId}: ${outcomes.map((event) => event['detail-type']).join(', ') || 'none'}`);
      }
      for (const event of outcomes) if (!this.isMailed(event)) yield finding(1, mailText(event));
    }
    for (const event of own) {
      if (/^(Failed|Refused)$/.test(event['detail-type']) && !this.isMailed(event)) yield finding(1, mailText(event));
    }
  }

  /** A mail that could not be sent for long waits in a queue that has an alarm. */
  private isMailed({ 'detail-type': detailType, detail }: BusEvent): boolean {
    const { sns } = this.place.world.aws;
    const subject = {
      // Where users are down at the end, that is what the mail is about.
      Completed: /^\[Success\] Non-disruptive|^\[Failed\] Non-disruptive.*T011/,
      Cleaned: /^\[(Success|Error)\] Deploy Clean/,
      Failed: /^"?\[Failed\]/,
      Refused: /^\[(Failed\] Deploy Start Failed|Refused\])/,
    }[detailType];
    const named = String(detail.deploymentId ?? detail.task);
    const isSent = sns.mails.some((mail) => subject?.test(mail.subject ?? mail.body) && mail.body.includes(named));
    return isSent || deadLetters(this.place).some((body) => body.includes(named));
  }

  private *ofDummies(): Generator<Finding> {
    const left = dummyNamesOf(this.place.world.aws).filter((name) => !DUMMIES_OF_OTHERS.includes(name));
    if (left.length > 0) yield finding(2, left.join(', '));
  }

  private *ofUploads(fleet: ExampleFleet, index: number): Generator<Finding> {
    const own = this.people.uploads.filter((upload) => upload.fleet === index);
    const newest = new Map(own.map((upload) => [upload.key, upload]));
    for (const upload of newest.values()) {
      if (this.uploads.isAccountedFor(fleet, upload)) continue;
      const { key, versionId, war } = upload;
      yield finding(5, `${key} ${versionId} (${war}) of ${fleet.task} neither serves nor is spoken of`);
    }
  }

  private *ofSchedules(fleet: ExampleFleet, index: number): Generator<Finding> {
    const { schedules } = this.people;
    for (const text of schedules.misplaced(fleet)) yield finding(8, text);
    if (this.wasDone(['resize', 'alarm', 'emergency'], index)) return;
    const least = schedules.leastSize(fleet) ?? 0;
    const groups = groupsOf(this.place.world.aws);
    const pair = [fleet.activeGroup, fleet.standByGroup].map((name) => groups.get(name));
    const active = pair.find((group) => typeOf(group) === 'Active');
    if (active && active.desired < least) yield finding(8, `Active of ${fleet.task} has ${active.desired} of ${least}`);
  }

  private *ofOthers(): Generator<Finding> {
    const now = this.whatIsOthers();
    if (now !== this.others) yield finding(6, `${this.others} has become ${now}`);
  }

  private whatIsOthers(): string {
    return JSON.stringify(whatIsOthers(this.place.world.aws));
  }

  /** One that still serves is to be kept, whatever CodeDeploy says of it. */
  private *ofCopies(): Generator<Finding> {
    const groups = groupsOf(this.place.world.aws);
    const listed = new Set(
      [...targetHealthOf(this.place.world.aws).values()].flatMap((targets) => [...targets.keys()]),
    );
    for (const { groupName, ends } of this.people.copies) {
      const group = groups.get(groupName);
      const isServing = [...(group?.instanceIds ?? [])].some((id) => listed.has(id));
      if (ends === 'installation' && group && !isServing) yield finding(7, `${groupName} is left`);
    }
  }

  private wasDone(kinds: readonly ActKind[], fleet: number): boolean {
    return this.people.done.some((act) => kinds.includes(act.kind) && (!('fleet' in act) || act.fleet === fleet));
  }
}

function finding(index: number, text: string): Finding {
  return { checker: END_CHECKERS[index] as EndChecker, text };
}

function isIrreparable({ kind }: { kind: ActKind }): boolean {
  return IRREPARABLE.includes(kind);
}

function typeOf(group: ObservedGroup | undefined): string | undefined {
  return group?.tags.get('type');
}

function isOutcomeOf({ 'detail-type': detailType, detail }: BusEvent, deploymentId: string): boolean {
  if (detail.deploymentId !== deploymentId) return false;
  return detailType === 'Completed' || (detailType === 'Cleaned' && detail.outcome !== 'refused');
}

/** The same event may have been published more than once. */
function distinct(events: BusEvent[]): BusEvent[] {
  return [...new Map(events.map((event) => [`${event['detail-type']} ${event.detail.seq}`, event])).values()];
}

function mailText({ 'detail-type': detailType, detail }: BusEvent): string {
  return `${detailType} of ${detail.deploymentId ?? detail.task}, code ${detail.code}`;
}
