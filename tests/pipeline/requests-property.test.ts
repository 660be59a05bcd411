/**
 * Whatever operators and scripts put on the bus, into whatever state of the record: it ends in a change or a mail, and what
 * is kept can be read, stored and published again by everybody.
 */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import * as fc from 'fast-check';
import { CATALOG } from '../../events/catalog';
import { Completed } from '../../events/completed';
import type { Delivery } from '../../local/services/eventbridge/delivery';
import { recordAfter } from '../../shared/pipeline/changes';
import { completed, type Outcome } from '../../shared/pipeline/outcome';
import { type DeploymentRecord, isOpen, type Request, recordSchema } from '../../shared/pipeline/record';
import { readRequest, requestEntry } from '../../shared/pipeline/requests';
import { HELD, holdHandlers, withHold } from '../harness/hold';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';
import { type DrawnEvent, drawnEvent } from './drawn-requests';
import { putState, type RecordState, recordBody, recordStates } from './record-states';

/** In each of as many worlds, so that none grows old; 5,000 in all. */
const DRAWS = 500;
const SEEDS = [1, 2, 3, 4, 5];
const TASKS = ['WAS', '100%/결제 +1'];

/** From an event to the last mail that it may make. */
const REACTION_SECONDS = 6;

const REQUESTS = ['DeployRequested', 'AbortRequested', 'CleanRequested'];

/** An upload is no operator's: what serves or waits already, or was answered once, is nobody's news. */
const NOTHING_NEW =
  /^(dropped: (the uploaded versions serve already|a newer upload was deployed with it|sent before)|left: it waits already)/;

test.each(TASKS.flatMap((task) => SEEDS.map((seed) => [task, seed] as const)))(
  'every event about the task %s ends in a change or a mail, and the record stays readable by everybody (seed %i)',
  async (task, seed) => {
    const { world, states } = await preparedWorld(task);
    const bench = new Bench(world);
    const drawn = fc.tuple(fc.constantFrom(...states), drawnEvent(task), drawnEvent(task), fc.boolean());
    await fc.assert(
      fc.asyncProperty(drawn, async ([state, first, second, isRepeated]) => {
        await putState(world, state);
        for (const event of [first, second]) await bench.take(event, isRepeated);
      }),
      // The world remembers what was put: a smaller case would not meet the same one.
      { seed, numRuns: DRAWS / 2, endOnFailure: true },
    );
    expect(bench.drawn).toBe(DRAWS);
    expect(bench.changed).toBeGreaterThan(DRAWS / 20);
  },
);

async function preparedWorld(task: string): Promise<{ world: World; states: RecordState[] }> {
  const world = await World.quick({
    fleet: { extraTags: { ...HELD, settleseconds: '30' } },
    handlers: holdHandlers,
    extend: withHold,
  });
  // The example fleet calls its load balancers after its task, which may have other names than those.
  const operator = new Operator(world);
  for (const group of [world.fleet.activeGroup, world.fleet.standByGroup])
    await operator.tag(group, 'taskForDeploy', task);
  world.fleet.task = task;
  const states = await recordStates(world);
  await world.clock.run(world.stopWatchdog());
  world.aws.eventBridge.deliveryPolicy = (delivery) => (goesOn(delivery) ? [] : [0.5]);
  // Of the first upload that waits there is one mail for all states of the deployment.
  await putState(world, states.find(({ name }) => name === 'running swap') as RecordState);
  await world.put('DeployRequested', { task, upload: { bucket: 'wars', key: 'app.war', versionId: 'v0' } });
  await world.clock.advance(REACTION_SECONDS);
  expect(world.mails.at(-1)).toMatch(/^\[Deploy\] Waiting/);
  return { world, states };
}

/** What a request leads to is not carried out: the next one meets the same world. */
function goesOn({ event, target }: Delivery): boolean {
  const isOurs = event.source === 'bluegreen' && Object.hasOwn(CATALOG, event['detail-type']);
  const isMail = /:sns:|-notify$/.test(target.Arn ?? '');
  return isOurs && !isMail && !REQUESTS.includes(event['detail-type']);
}

class Bench {
  drawn = 0;
  changed = 0;
  /** Events that were put before, and the hours in which unknown ones were. */
  private readonly known = new Set<string>();

  constructor(private readonly world: World) {}

  async take(event: DrawnEvent, isRepeated: boolean): Promise<void> {
    const { world } = this;
    const time = timeOf(event, world.clock.now());
    const isUnknown = event.source !== 'bluegreen' || !REQUESTS.includes(event.detailType);
    const hour = (isOld(time, world.clock.now()) ? world.clock.now() : time).toISOString().slice(0, 13);
    const key = isUnknown
      ? JSON.stringify([event.source, event.detailType, hour])
      : JSON.stringify([event.detailType, event.detail, Math.floor(time.getTime() / 1000)]);
    const isKnown = this.known.has(key);
    this.known.add(key);
    const before = this.look();
    await this.put(event, time);
    this.drawn++;
    const after = this.look();
    const isChanged = before.body !== after.body;
    if (isChanged) this.changed++;
    const logs = world.logs.slice(before.logs).map(({ line }) => JSON.parse(line).message);
    const isNothingNew = event.detail.includes('"upload"') && logs.some((message) => NOTHING_NEW.test(message));
    if (!isChanged && after.mails === before.mails && !isKnown && !isNothingNew) {
      throw new Error(`neither a change nor a mail: ${JSON.stringify(logs)}`);
    }
    this.expectWell(before);
    if (isChanged) await this.expectReadable(after.body);
    if (isRepeated && !isUnknown) await this.expectSilence(event, time);
  }

  /** The very same event once more: nothing comes of it. */
  private async expectSilence(event: DrawnEvent, time: Date): Promise<void> {
    const before = this.look();
    await this.put(event, time);
    const after = this.look();
    if (after.mails > before.mails) throw new Error(`mailed again: ${this.world.mails.at(-1)}`);
    if (after.body !== before.body) throw new Error(`changed again: ${before.body} ${after.body}`);
    this.expectWell(before);
  }

  private look() {
    const { world } = this;
    const { logs, events } = world;
    const counts = { logs: logs.length, events: events.length, mails: world.aws.sns.mails.length };
    return { ...counts, invocations: world.aws.lambda.invocations.length, body: recordBody(world) };
  }

  private async put({ detailType, source, detail }: DrawnEvent, time: Date): Promise<void> {
    const { clock, aws, stack } = this.world;
    const entry = { EventBusName: stack.outputs.EventBusName, Source: source, DetailType: detailType, Detail: detail };
    const command = new PutEventsCommand({ Entries: [{ ...entry, Time: time }] });
    const answer = await clock.run(new EventBridgeClient(aws.operator).send(command));
    if (answer.FailedEntryCount) throw new Error(`not taken: ${JSON.stringify(answer)}`);
    await clock.advance(REACTION_SECONDS);
  }

  /** No function broke off, mails can be sent and read, and what was published can be told to anybody. */
  private expectWell(before: { mails: number; events: number; invocations: number }): void {
    const { aws, events } = this.world;
    for (const invocation of aws.lambda.invocations.slice(before.invocations)) {
      if (!['succeeded', 'running'].includes(invocation.outcome))
        throw new Error(`${invocation.function} ${invocation.outcome}: ${JSON.stringify(invocation.response)}`);
    }
    for (const { subject, body } of aws.sns.mails.slice(before.mails)) {
      if (subject !== undefined) expect(subject).toMatch(/^[\x20-\x7e]{1,99}$/);
      expect(body).not.toMatch(/[^\P{Cc}\n]/u);
      expect(body.isWellFormed()).toBe(true);
      expect(body.length).toBeLessThan(20_000);
    }
    for (const { detail } of events.slice(before.events + 1)) expect(isWellFormed(detail)).toBe(true);
  }

  /** By its schema, by the watchdog and every stage; and whatever becomes of it next can be stored and told. */
  private async expectReadable(body: string | undefined): Promise<void> {
    const record = recordSchema.parse(JSON.parse(body ?? ''));
    const at = this.world.clock.now().toISOString();
    expectPublishable(record);
    for (const next of futuresOf(record)) {
      const later = recordAfter(record, next, at);
      expectPublishable(recordSchema.parse(JSON.parse(JSON.stringify(later))));
    }
    await this.expectRead(record);
  }

  private async expectRead({ task, deploymentId, seq, stage }: DeploymentRecord): Promise<void> {
    const { clock, aws } = this.world;
    const event = {
      source: 'bluegreen',
      'detail-type': 'CheckDue',
      time: clock.now().toISOString(),
      detail: { task, deploymentId, seq: seq + 100, stage },
    };
    for (const name of ['watchdog', stage]) {
      const outcome = await clock.run(aws.lambda.invokeSync(`bluegreen-dev-${name}`, event));
      if ('error' in outcome) throw new Error(`${name}: ${JSON.stringify(outcome.error)}`);
    }
  }
}

/** What says that it happened long ago, or later than now, is mailed by the hour in which it came. */
function isOld(time: Date, now: Date): boolean {
  return time > now || now.getTime() - time.getTime() > 86_400_000;
}

function timeOf({ at = 0 }: DrawnEvent, now: Date): Date {
  return typeof at === 'string' ? new Date(at) : new Date(now.getTime() + at * 1000);
}

/** What may become of a record next, whoever decides it. */
function futuresOf(record: DeploymentRecord): Outcome[] {
  if (!isOpen(record)) return [];
  const { code, message } = { code: 'T001', message: 'not healthy' };
  const { requestedBy } = record.request;
  const addition = { requestedBy, oldGroup: 'a', newGroup: 'b', instances: 1, wars: [], stages: [] };
  return [
    { kind: 'ended', code, message, dropsPending: true },
    { kind: 'ended', code, message, dropsPending: false },
    { kind: 'taken-over', failure: { code, stage: record.stage, message } },
    { kind: 'refused', code: '402', message },
    { kind: 'cleaned', summary: 'Clean.', findings: [] },
    { kind: 'blocked', reason: 'nobody serves', findings: [] },
    completed(Completed, addition),
  ];
}

function expectPublishable(record: DeploymentRecord): void {
  const { outbox, pending, request, task } = record;
  for (const { detailType, detail } of outbox.events) {
    CATALOG[detailType as keyof typeof CATALOG].entry(detail as never);
    expect(isWellFormed(detail)).toBe(true);
  }
  if (pending) expect(askedAgain(task, pending)).toMatchObject({ task, ...pending });
  if (request.type !== 'clean') requestEntry(task, request);
}

/** As the next function reads it. */
function askedAgain(task: string, pending: Request): object {
  const { detailType, detail } = requestEntry(task, pending);
  const time = '2099-01-01T00:00:00.000Z';
  const envelope = { source: 'bluegreen', detailType, time, statedTime: time, isReplayed: false };
  const read = readRequest({ ...envelope, detail: JSON.parse(JSON.stringify(detail)) });
  return JSON.parse(JSON.stringify({ ...read, ...(pending.covers && { covers: pending.covers }) }));
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isWellFormed(member));
}
