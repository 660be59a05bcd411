/**
 * Every few minutes: publishes again what a deployment that does not move may wait for, ends one that does not move even
 * then (T014), asks again for forgotten pending requests, removes dummies that no running deployment owns, and looks for
 * dead letters. What it cannot do keeps it from nothing else, and is mailed.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { list, name, number, readConfiguration } from '../shared/aws/configuration';
import { DeadLetters } from '../shared/aws/dead-letters';
import { errorMessage, isBusy, isPermanent } from '../shared/aws/errors';
import { measure } from '../shared/aws/metrics';
import { type CreateHandler, type Invocation, onLambda } from '../shared/aws/runtime';
import { secondsBetween, time } from '../shared/aws/time';
import { deleteDummyCommands, purgeQueueCommand, readQueueCommand } from '../shared/codes/commands';
import { lostIn } from '../shared/codes/dead-letters';
import { ownLine, requestLines } from '../shared/codes/request-lines';
import { laterDrainsSeconds } from '../shared/deployment/attachments';
import { type FoundDummy, findDummies } from '../shared/dummies/search';
import { dummyNameIn, type Ownership, tagText } from '../shared/fleet/dummy-identity';
import { LoadBalancers } from '../shared/fleet/load-balancers';
import { MAIL_VARIABLES } from '../shared/mail/admin-topic';
import { Mailer } from '../shared/mail/mailer';
import { type Problem, problemsMail, USERS_ELSEWHERE, usersOfUnread } from '../shared/mail/pipeline-mails';
import { SEE_BELOW } from '../shared/mail/users';
import { type DeploymentRecord, inLog, isOpen, STILL_AFTER_SECONDS } from '../shared/pipeline/record';
import { DamagedRecord, FencedOff, type StoredRecord } from '../shared/pipeline/record-store';
import { connectStageServices, type StageServices } from '../shared/pipeline/services';
import { isThrottled } from '../shared/pipeline/session';

/** A stage whose limit is over is woken again and again, to end by its own code, but not for ever. */
const WAKING_LIMIT_SECONDS = 1800;

/** Clean-up that has not ended by then has to be decided by an operator. */
const CLEANING_LIMIT_SECONDS = 7200;

/** A deployment whose dummies are older than this is over, or its record says that it runs. */
const ORPHANED_AFTER_SECONDS = 3600;

/** What still refers to a dummy that is older than this does not let go of it by itself. */
const STUCK_AFTER_SECONDS = 4 * 3600;

/** Each about something that was not mailed that day. */
const MAILS_A_DAY = 10;

/** Of what AWS says. */
const WHY_CHARACTERS = 500;

const REMOVING = 'Remove the cause. The log of the function watchdog says more.';
const MENDING = 'Until it is mended, the task is not deployed. To mend it:';

const configurationSchema = z.object({
  ...MAIL_VARIABLES,
  EVENT_BUS_ARN: name,
  CHECK_INTERVAL_SECONDS: number,
  /** Their URLs. */
  DEAD_LETTER_QUEUES: list,
});

export const createHandler: CreateHandler = (runtime) => {
  const services = connectStageServices(runtime, 'watchdog');
  const loadBalancers = LoadBalancers.connect(runtime, services.deadline);
  const configuration = readConfiguration(configurationSchema, runtime.environment);
  const { EVENT_BUS_ARN: stack, CHECK_INTERVAL_SECONDS: intervalSeconds } = configuration;
  const stillAfterSeconds = STILL_AFTER_SECONDS + 2 * intervalSeconds;

  const deadLetters = DeadLetters.connect(runtime, services.deadline, configuration.DEAD_LETTER_QUEUES);
  const mailer = Mailer.connect(runtime, services.deadline, configuration, services.state);

  return async (_event, invocation) => {
    services.deadline.begin(invocation);
    const round = new Round(services);
    // Dummies first, records after: a deployment that begins in between is then seen to own its dummies.
    const dummies = await round.attempt('The dummies cannot be listed.', () => findDummies(loadBalancers, stack));
    const records = await lookAtRecords(services, round, stillAfterSeconds);
    if (dummies && records) await removeOrphans(services, loadBalancers, round, dummies, records);
    await lookAtDeadLetters(services, deadLetters, round);
    await mailProblems(services, mailer, round.problems, invocation).catch((error) => round.faults.push(error));
    if (round.faults.length > 0) throw new AggregateError(round.faults, `left to the next round: ${round.faults[0]}`);
  };
};

export const handler = onLambda(createHandler);

/** What could not be done: by an operator's doing only, or by what passes by itself and is left to the next round. */
class Round {
  readonly problems: Problem[] = [];
  readonly faults: unknown[] = [];

  constructor(private readonly services: StageServices) {}

  /** Undefined where it could not be done. */
  async attempt<Result>(
    what: string,
    act: () => Promise<Result>,
    nextSteps: (error: unknown) => string[] = () => [REMOVING],
    ofUsers: (error: unknown) => OfProblem = () => ({}),
  ): Promise<Result | undefined> {
    try {
      return await act();
    } catch (error) {
      if (isPermanent(error) || error instanceof DamagedRecord)
        this.report(what, errorMessage(error), nextSteps(error), ofUsers(error));
      // To repeat the round at once would take of the rate that it waits for.
      else if (isThrottled(error, this.services)) this.services.log(`left to the next round: ${what}`);
      else this.faults.push(error);
      return undefined;
    }
  }

  report(what: string, why: string, nextSteps: string[], ofUsers: OfProblem = {}): void {
    this.problems.push({ what, why: why.replace(/\s+/g, ' ').slice(0, WHY_CHARACTERS), nextSteps, ...ofUsers });
  }
}

/** What is told of a problem beside what it is. */
type OfProblem = Pick<Problem, 'happened' | 'users' | 'looking'>;

/** What was seen of the records: which deployments are open, and of which tasks that is not known, as dummies name them. */
export interface SeenRecords {
  open: string[];
  unknown: string[];
}

/** Undefined where the records could not even be listed. */
async function lookAtRecords(
  services: StageServices,
  round: Round,
  stillAfterSeconds: number,
): Promise<SeenRecords | undefined> {
  const { records, bus } = services;
  const keys = await round.attempt('The records of the tasks cannot be listed.', () => records.keys());
  if (!keys) return undefined;
  for (const key of keys.misnamed) {
    const advice = 'Delete it from the state bucket, or give it the name of its task, percent-encoded.';
    round.report(`${JSON.stringify(key)} is not looked at.`, 'a record has the name of a task', [advice]);
  }
  const seen: SeenRecords = { open: [], unknown: [] };
  const lookAt = async (task: string) => {
    const act = () => lookAfter(services, task, stillAfterSeconds);
    const mending = (error: unknown) =>
      error instanceof DamagedRecord ? [MENDING, ...requestLines(bus.name, 'CleanRequested', { task })] : [REMOVING];
    const unread = () => usersOfUnread(task);
    const found = await round.attempt(`The task ${task} cannot be looked after.`, act, mending, unread);
    if (!found) seen.unknown.push(tagText(task));
    else if (found.open !== undefined) seen.open.push(found.open);
  };
  await Promise.all(keys.tasks.map(lookAt));
  return seen;
}

/** Answers the deploymentId where the deployment is open. */
async function lookAfter(
  services: StageServices,
  task: string,
  stillAfterSeconds: number,
): Promise<{ open: string | undefined }> {
  const stored = await services.records.read(task);
  if (!stored) return { open: undefined };
  const { record } = stored;
  const { log, runtime } = services;
  const step = nextStep(record, runtime.now(), stillAfterSeconds);
  if (step !== 'leave') log(step, inLog(record));
  await take(step, services, stored).catch((error: unknown) => {
    if (!(error instanceof FencedOff)) throw error; // it moves after all
  });
  return { open: isOpen(record) ? record.deploymentId : undefined };
}

async function take(
  step: Step,
  { records, runtime, deployedName }: StageServices,
  stored: StoredRecord,
): Promise<void> {
  const { record } = stored;
  const nudgedAt = runtime.now().toISOString();
  const nudge = () => records.note(stored, (fresh) => ({ ...fresh, nudgedAt }));
  switch (step) {
    case 'leave':
      return;
    case 'publish':
      return records.tellAgain(await nudge());
    case 'wake':
      return records.wake(await nudge());
    case 'ask-again':
      return records.askAgain(stored);
    case 'fail': {
      const message = `${unmoved(record, runtime.now())} (log of the function ${deployedName(record.stage)})`;
      await records.transition(stored, { kind: 'ended', code: 'T014', message, dropsPending: false });
      return;
    }
    case 'block':
      await records.transition(stored, { kind: 'blocked', reason: neverEnded(record) });
  }
}

function cleaningLimitSeconds({ plan }: DeploymentRecord): number {
  return CLEANING_LIMIT_SECONDS + laterDrainsSeconds(plan);
}

function neverEnded(record: DeploymentRecord): string {
  const hours = Math.round(cleaningLimitSeconds(record) / 3600);
  return `Clean-up did not end within ${hours} hours: see the log of the function clean-up.`;
}

type Step = 'leave' | 'publish' | 'wake' | 'ask-again' | 'fail' | 'block';

/** What a record needs. Publishing again comes first, and is given time to help. */
export function nextStep(record: DeploymentRecord, now: Date, stillAfterSeconds: number): Step {
  const { status, outbox, pending, claim, nudgedAt, failure, cleaning, progress } = record;
  const lastMove = [outbox.writtenAt, progress.throttled?.until ?? '', nudgedAt ?? ''].toSorted().at(-1) as string;
  const stillSeconds = secondsBetween(lastMove, now);
  if (stillSeconds < stillAfterSeconds || (claim && Date.parse(claim.until) > now.getTime())) return 'leave';
  if (status === 'completed' || status === 'failed' || status === 'blocked') {
    if (!outbox.published) return 'publish';
    return pending && status !== 'blocked' ? 'ask-again' : 'leave';
  }
  if (status === 'cleaning') {
    return secondsBetween(cleaning?.since ?? outbox.writtenAt, now) > cleaningLimitSeconds(record)
      ? 'block'
      : 'publish';
  }
  if (failure !== undefined) return 'publish';
  if (progress.parkedUntil !== undefined) {
    if (now.getTime() < Date.parse(progress.parkedUntil)) return 'leave';
    return secondsBetween(progress.parkedUntil, now) > WAKING_LIMIT_SECONDS ? 'fail' : 'wake';
  }
  return nudgedAt === undefined ? 'publish' : 'fail';
}

function unmoved({ stage, outbox }: DeploymentRecord, now: Date): string {
  const minutes = Math.round(secondsBetween(outbox.writtenAt, now) / 60);
  return `the stage ${stage} did not move for ${minutes} minutes, since ${outbox.writtenAt}, also after its event was published again`;
}

/** One that is unclear has our name and our stack, but not the tags that we write: an operator has to decide. */
export function fateOf(owner: Ownership, now: Date, { open, unknown }: SeenRecords): 'keep' | 'remove' | 'unclear' {
  const { task, deploymentId, createdAt } = owner;
  if (open.includes(deploymentId) || unknown.includes(task)) return 'keep';
  const isNamed = task !== '' && deploymentId !== '' && time.safeParse(createdAt).success;
  const ageSeconds = secondsBetween(createdAt, now);
  if (!isNamed || ageSeconds < -ORPHANED_AFTER_SECONDS) return 'unclear';
  return ageSeconds < ORPHANED_AFTER_SECONDS ? 'keep' : 'remove';
}

/** What is still in use is left to the next time. */
async function removeOrphans(
  { runtime, log }: StageServices,
  loadBalancers: LoadBalancers,
  round: Round,
  dummies: FoundDummy[],
  records: SeenRecords,
): Promise<void> {
  for (const { kind, identifier, owner } of dummies) {
    const fate = fateOf(owner, runtime.now(), records);
    if (fate === 'keep') continue;
    const what = `The dummy ${dummyNameIn(identifier)} (${kind}) cannot be removed.`;
    const nextSteps = [
      'The watchdog removes it as soon as it can. To do it by hand, where nothing of yours uses it:',
      ...deleteDummyCommands(kind, identifier),
    ];
    const ofUsers = { users: USERS_ELSEWHERE };
    if (fate === 'unclear') {
      round.report(
        what,
        `its tags do not say whose it is and since when: ${JSON.stringify(owner)}`,
        nextSteps,
        ofUsers,
      );
      continue;
    }
    log('removing an orphaned dummy', { identifier, deploymentId: owner.deploymentId, task: owner.task });
    const isStuck = secondsBetween(owner.createdAt, runtime.now()) > STUCK_AFTER_SECONDS;
    const remove = () =>
      kind === 'load-balancer'
        ? loadBalancers.deleteDummyLoadBalancer(identifier)
        : loadBalancers.deleteDummy({ kind, identifier });
    const leaveInUse = (error: unknown) => {
      if (!isBusy(error)) throw error;
      if (isStuck) round.report(what, errorMessage(error), nextSteps, ofUsers);
    };
    await round.attempt(
      what,
      () => remove().catch(leaveInUse),
      () => nextSteps,
      () => ofUsers,
    );
  }
}

/** Their alarm tells of the first one, once: what still lies there is forgotten, unless somebody says so again. */
async function lookAtDeadLetters(
  { runtime, log, bus: { name: bus } }: StageServices,
  deadLetters: DeadLetters,
  round: Round,
): Promise<void> {
  const lookInto = async (url: string) => {
    const queue = url.split('/').at(-1);
    const count = await round.attempt(`The queue ${queue} cannot be looked into.`, () => deadLetters.count(url));
    if (!count) return 0;
    const { lost, repair } = lostIn(url);
    const nextSteps = [
      `See what was lost, and why (ERROR_MESSAGE); remove that cause. ${repair.sentence}`,
      readQueueCommand(url),
      ...repair.commands(bus),
      '# once all of them are dealt with:',
      `# ${purgeQueueCommand(url)}`,
    ];
    const messages = count === 1 ? '1 message lies' : `${count} messages lie`;
    const happened = `${lost}: ${messages} unread in the queue ${queue}.`;
    const what = `Dead letters lie unread in ${queue}.`;
    const users = `Nothing was changed for them. Who serves was not looked at; ${SEE_BELOW}`;
    const looking = [ownLine(bus, 'status'), '# and with each TASK of it:', `# ${ownLine(bus, 'status', 'TASK')}`];
    round.report(what, `${count} could not be delivered or handled`, nextSteps, { happened, users, looking });
    return count;
  };
  const counts = await Promise.all(deadLetters.queues.map(lookInto));
  const all = counts.reduce((sum, count) => sum + count, 0);
  // Not where there are none: every hour would be billed for saying so.
  if (all > 0) measure(runtime, log, { Stack: bus }, { DeadLetters: all });
}

/** One mail a day about the same, and so many in all. */
async function mailProblems(
  { runtime, bus, state, log }: StageServices,
  mailer: Mailer,
  problems: Problem[],
  invocation: Invocation,
): Promise<void> {
  if (problems.length === 0) return;
  const sorted = problems.toSorted((one, other) => (one.what < other.what ? -1 : 1));
  log('there is what cannot be done', { problems: sorted.map(({ what, why }) => `${what} ${why}`) });
  const prefix = `mails/pipeline/watchdog/${runtime.now().toISOString().slice(0, 10)}/`;
  // Not by the reasons: AWS words some of them anew each time.
  const subjects = sorted.map(({ what }) => what).join('\n');
  const key = `${prefix}${createHash('sha256').update(subjects).digest('hex')}`;
  const mailed = await state.list(prefix);
  if (!mailed.includes(key) && mailed.length >= MAILS_A_DAY) return log('not mailed: too many mails today');
  log(await mailer.sendOnce(key, problemsMail(bus.name, sorted), invocation), { mail: key });
}
