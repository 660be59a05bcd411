/**
 * Loses the record of a deployment at every write of it, lets the stages and the watchdog go on, then does what the
 * documentation says, and looks at how it ends. Several test files use it, so that they run at the same time.
 */
import type { Call } from '../../local/kernel/service';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { type FleetState, fleetState, type GroupState } from '../harness/fleet-state';
import { guard } from '../harness/guard';
import { Operator } from '../harness/operator';
import { RECORD_KEY, RecordObject } from '../harness/record-object';
import { World } from '../harness/world';

/** As few looks as there can be: each kind of write is lost after once. */
const FEW_WRITES = {
  fleet: { healthCheckIntervalSeconds: 5, deregistrationDelaySeconds: 5, instances: 2 },
  parameters: { CycleSeconds: '20' },
};

/** What becomes of the record, and how it is told of. */
interface Loss {
  lose(record: RecordObject, count: number): void;
  /** What the mail says of it; undefined where nothing is left to tell by. */
  says?: RegExp;
  /** No version of it can be read any more: only what is there is known. */
  isForgotten?: boolean;
}

const UNREADABLE = [
  '{"schemaVersion":1,',
  '{"schemaVersion":1,"task":"WAS","seq":"seven"}',
  '{}',
  '',
  '{"task":"SHOP"}',
];

const damage = (record: RecordObject, count: number) => record.overwrite(UNREADABLE[count % UNREADABLE.length] ?? '');
const purge = (record: RecordObject) => {
  for (const versionId of record.versionIds) record.delete(versionId);
};

export const LOSSES = {
  /** In each of the ways in turn. */
  damaged: { lose: damage, says: /was damaged/ },
  deleted: { lose: (record) => record.delete(), says: /had been deleted/ },
  'damaged twice': {
    lose(record, count) {
      damage(record, count);
      damage(record, count + 1);
    },
    says: /was damaged/,
  },
  'damaged and then deleted': {
    lose(record, count) {
      damage(record, count);
      record.delete();
    },
    says: /had been deleted/,
  },
  'unreadable in every version': {
    lose(record, count) {
      purge(record);
      damage(record, count);
      damage(record, count + 1);
    },
    says: /was damaged[\s\S]*No older copy of it could be read/,
    isForgotten: true,
  },
  'gone in every version': { lose: purge, isForgotten: true },
} satisfies Record<string, Loss>;

/** How long until an operator asks for clean-up. */
export const WAITS_SECONDS = {
  'at once': 0,
  /** The watchdog and the repetitions of Lambda are over by then, */
  'after a while': 1500,
  /** and so is the life of dummies without an owner. */
  'after hours': 2 * 3600,
};

/** What is uploaded, and how it ends where nothing is lost. */
interface Course {
  health: string;
  /** From which event on StandBy is ill. */
  illFrom?: string;
  ends: 'Completed' | 'Cleaned';
}

export const COURSES = {
  complete: { health: 'well', ends: 'Completed' },
  broken: { health: '500', ends: 'Cleaned' },
  ill: { health: 'well', illFrom: 'RealAttached', ends: 'Cleaned' },
} satisfies Record<string, Course>;

/** Names a write of the record by what it writes: the polls of a stage, which all write the same, count once. */
function writeOf({ operation, input, caller }: Call): string | undefined {
  if (operation !== 'PutObject' || input.Key !== RECORD_KEY || !isInvocationCaller(caller)) return undefined;
  const { status, stage, claim, progress, outbox } = JSON.parse(Buffer.from(input.Body as Uint8Array).toString());
  const events = outbox.events.map(({ detailType }: { detailType: string }) => detailType).join('+');
  const notes = Object.keys(progress ?? {}).filter((key) => progress[key] !== undefined);
  return [status, stage, claim ? 'claimed' : events, ...notes].join(' ');
}

interface Scene {
  world: World;
  operator: Operator;
}

/** A world to lose a record in: the minimum is not the desired size, and somebody has suspended a process. */
async function openScene(): Promise<Scene> {
  const world = await World.quick(FEW_WRITES);
  const operator = new Operator(world);
  await operator.setSize(world.fleet.activeGroup, 1, 2, 5);
  await operator.suspend(world.fleet.standByGroup, ['ReplaceUnhealthy']);
  return { world, operator };
}

/** Uploads, and answers the version, once what is to be has been; StandBy falls ill on the way where it has to. */
async function deploy({ world, operator }: Scene, course: Course, isOver: () => boolean): Promise<string> {
  const { health, illFrom } = course;
  const versionId = await world.upload('app.war', { version: '2', health });
  if (illFrom) {
    await world.clock.runUntil(() => isOver() || world.story.includes(illFrom), 4 * 3600);
    if (!isOver()) await operator.setHealth(world.fleet.standByGroup, 503);
  }
  await world.clock.runUntil(isOver, 4 * 3600);
  return versionId;
}

/** The writes of a deployment until its record is closed, without those of `known`. */
async function writesOf(course: Course, known: readonly string[] = []): Promise<string[]> {
  const scene = await openScene();
  const { world } = scene;
  const writes = new Set<string>();
  world.aws.endpoint.intercept((call, proceed) => {
    const name = writeOf(call);
    if (name && !known.includes(name)) writes.add(name);
    return proceed();
  });
  await deploy(scene, course, () => world.story.includes(course.ends));
  return [...writes];
}

interface Case {
  loss: Loss;
  waitSeconds: number;
  course?: Course;
}

/** Loses the record of one deployment after another, each right after the next write of it, while whoever wrote goes on. */
export async function loseAfterEveryWrite({ course = COURSES.complete, ...loss }: Case): Promise<void> {
  const isComplete = course === COURSES.complete;
  const writes = await writesOf(course, isComplete ? [] : await writesOf(COURSES.complete));
  expect(writes.length).toBeGreaterThan(isComplete ? 15 : 3);
  for (const [count, write] of writes.entries()) {
    await loseAfter(write, count, { course, ...loss }).catch((cause: unknown) => {
      throw new Error(`lost after the write: ${write}`, { cause });
    });
  }
}

async function loseAfter(write: string, count: number, { loss, waitSeconds, course }: Required<Case>): Promise<void> {
  const scene = await openScene();
  const { world } = scene;
  const violations = guard(world);
  const before = await fleetState(world);
  const record = new RecordObject(world);
  let isLost = false;
  world.aws.endpoint.intercept(async (call, proceed) => {
    const answer = await proceed();
    if (isLost || writeOf(call) !== write) return answer;
    isLost = true;
    loss.lose(record, count);
    return answer;
  });
  const versionId = await deploy(scene, course, () => isLost);
  await world.clock.advance(waitSeconds);
  expectQuiet(world, course);

  const after = world.events.length;
  await world.put('CleanRequested', { task: 'WAS' });
  const has = (type: string) => world.events.slice(after).some((event) => event['detail-type'] === type);
  await world.clock.runUntil(() => has('Completed') || has('Cleaned'), 4 * 3600);
  await world.clock.advance(600);
  expectToldOf(world, loss);
  if (loss.isForgotten) await doWhatTheMailSays(scene);
  const first = world.fleet.versionIds[0] ?? '';
  await expectWhole(world, before, course.ends === 'Completed' ? [first, versionId] : [first]);
  expect(violations).toEqual([]);
  await expectNothingOfAReplay(world);
  await expectNextDeployment(world);
}

/** Stages meet a lost record, too: that is no crash, and no failure that anybody would be told to look into. */
function expectQuiet(world: World, { ends }: Course): void {
  const broken = world.aws.lambda.invocations.flatMap(({ function: name, outcome, event }) =>
    outcome === 'succeeded' || outcome === 'running'
      ? []
      : [`${name}: ${outcome}: ${(event as { 'detail-type'?: string })['detail-type']}`],
  );
  expect(broken).toEqual([]);
  const mails = world.mails.filter((subject) => ends === 'Completed' && /Failed|Deploy Clean/.test(subject));
  expect(mails).toEqual([]);
}

function expectToldOf(world: World, { says, isForgotten }: Loss): void {
  const mail = world.aws.sns.mails.findLast(({ subject }) => /Deploy Clean|Non-disruptive/.test(subject ?? ''))?.body;
  if (says) expect(mail).toMatch(says);
  if (says && !isForgotten) expect(mail).toContain('was taken instead');
}

/** Nobody but the operator knows what was a deployment's doing, and which version is to serve: the new one. */
async function doWhatTheMailSays({ world, operator }: Scene): Promise<void> {
  const { subject, body: mail = '' } =
    world.aws.sns.mails.findLast((one) => /Deploy Clean/.test(one.subject ?? '')) ?? {};
  if (subject?.startsWith('[Error]')) {
    const after = world.events.length;
    const keeping = /# Either keep[\s\S]*?# Or go back/.exec(mail)?.[0] ?? '';
    for (const group of ['was-blue', 'was-green']) {
      const type = new RegExp(`ResourceId=${group},Key=type,Value=(\\w+)`).exec(keeping)?.[1];
      await operator.tag(group, 'type', type ?? '(none)');
    }
    await world.clock.advance(120);
    const [, emptied = ''] =
      /update-auto-scaling-group --auto-scaling-group-name (\S+) --min-size 0/.exec(keeping) ?? [];
    await operator.setSize(emptied, 0, 0, 0);
    await world.clock.advance(120);
    await world.put('CleanRequested', { task: 'WAS' });
    await world.until('Cleaned', { after });
  }
  const command = /aws autoscaling resume-processes --auto-scaling-group-name (\S+) --scaling-processes (.+)/g;
  for (const [, group = '', processes = ''] of mail.matchAll(command))
    await operator.resume(group, processes.split(' '));
  for (const [, raised = ''] of mail.matchAll(/The minimum of (\S+), 2, may be that deployment's/g)) {
    if ((await world.size(raised)) === '2/2/5') await operator.setSize(raised, 1, 2, 5); // it was not emptied since
  }
}

async function expectWhole(world: World, before: FleetState, versions: string[]): Promise<void> {
  const { status } = await world.record();
  const after = await fleetState(world);
  const served = world.servedVersions();
  expect([await world.dummies(), served]).toEqual([[], [expect.any(String)]]);
  expect(versions).toContain(served[0]);
  const isNew = served[0] !== versions[0];
  const [serving, other] = isNew ? [after.green, after.blue] : [after.blue, after.green];
  expect(status).toMatch(/^(completed|failed)$/);
  expect({ ...shown(serving), other: shown(other) }).toEqual({
    ...shown(before.blue),
    suspended: isNew ? before.green?.suspendedProcesses : [],
    other: { ...shown(before.green), suspended: isNew ? [] : before.green?.suspendedProcesses },
  });
}

function shown(state: GroupState | undefined) {
  const type = Object.entries(state?.tags ?? {}).find(([key]) => /^type /i.test(key))?.[1];
  return { size: state?.size, type, attachments: state?.attachments, suspended: state?.suspendedProcesses };
}

/** Longer than it takes until an event is in the archive. */
const UNTIL_ARCHIVED_SECONDS = 1200;

async function expectNothingOfAReplay(world: World): Promise<void> {
  await world.clock.advance(UNTIL_ARCHIVED_SECONDS);
  const [fleet, mails, events] = [await fleetState(world), world.mails, world.events.length];
  await world.replay('all-of-it');
  await world.clock.advance(1800);
  const own = world.events.slice(events).filter((event) => event['replay-name'] === undefined);
  const types = [...new Set(own.map((event) => event['detail-type']))].filter((type) => type !== 'CheckDue');
  expect({ types, mails: world.mails, fleet: await fleetState(world) }).toEqual({ types: [], mails, fleet });
}

async function expectNextDeployment(world: World): Promise<void> {
  const after = world.events.length;
  const versionId = await world.upload('app.war', { version: '3' });
  await world.until('Completed', { after });
  await world.clock.advance(120);
  expect(world.servedVersions()).toEqual([versionId]);
}
