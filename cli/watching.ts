/** Follows one deployment until it has ended, telling what changes. */
import { Cleaned } from '../events/cleaned';
import { Completed } from '../events/completed';
import type { Refusal } from '../shared/deployment/refusal';
import { areDown } from '../shared/deployment/users';
import { type HistoryEntry, historyOf } from '../shared/pipeline/history';
import { type DeploymentRecord, isHandled, isOpen } from '../shared/pipeline/record';
import { answerKey } from '../shared/pipeline/request-adapter';
import { DeploymentProgress } from './deployment-progress';
import { Looks } from './going-on';
import { EXIT, type ExitCode, Problem } from './problem';
import type { Session } from './session';
import type { Stack } from './stack';

/** What is followed: a deployment, or what becomes of a request. */
export type Followed =
  | { deploymentId: string }
  /** `concerns` is the deployment that an operator wants changed: the record may be that of the next one by now. */
  | { requestId: string; fingerprint?: string; concerns?: string };

export interface Ending {
  /** So that whoever comes back knows what to type. */
  task?: string | undefined;
  deploymentId?: string | undefined;
  outcome: HistoryEntry['outcome'] | 'begun' | 'still running' | 'unanswered';
  code?: string | undefined;
  message?: string | undefined;
  /** It ended, and users are down all the same. */
  areUsersDown?: boolean | undefined;
  seconds?: number | undefined;
}

const INTERVAL_SECONDS = 2;
/** Longer than a cold start, and than `start` waits for tags that lag; an upload may settle for longer. */
export const ANSWER_SECONDS = 120;
/** So long after a deployment has ended its history is written, or nothing is for it. */
const HISTORY_SECONDS = 60;

interface FollowOptions {
  /** Only until it is known what becomes of the request. */
  untilBegun?: boolean;
  timeoutSeconds?: number | undefined;
  /** Of `--json`: each change is an object of its own, before the result. */
  emitsChanges?: boolean;
}

/**
 * Ends at the latest after `timeoutSeconds`, or when it is interrupted: the deployment goes on by itself. So it does where
 * it cannot be looked at any more, which is thrown as a `Problem` with the exit code of that.
 */
export function follow(
  session: Session,
  task: string,
  followed: Followed,
  { untilBegun = false, timeoutSeconds = Number.POSITIVE_INFINITY, emitsChanges = false }: FollowOptions = {},
): Promise<Ending> {
  return session.withOwnInterruption(async () => {
    const stack = await session.stack;
    const until = session.now().getTime() + timeoutSeconds * 1000;
    const progress = new DeploymentProgress(session, stack, emitsChanges);
    const follower = new Follower(session, stack, task, followed, untilBegun, progress);
    const goingOn = () => ({
      what: follower.deploymentId ?? 'What was asked for',
      comeBack: session.command('watch', task),
    });
    const looks = new Looks(session, INTERVAL_SECONDS, goingOn, (text) => progress.note(text));
    try {
      while (!session.interrupted.aborted && session.now().getTime() < until) {
        const ending = await looks.once(() => follower.look());
        if (ending) return { task, ...ending };
        await looks.wait(until);
      }
      return { task, outcome: 'still running', deploymentId: follower.deploymentId };
    } finally {
      progress.end();
    }
  });
}

class Follower {
  deploymentId: string | undefined;
  private readonly answeredUntil: number;
  private goneSince: number | undefined;

  constructor(
    private readonly session: Session,
    private readonly stack: Stack,
    private readonly task: string,
    private readonly followed: Followed,
    private readonly untilBegun: boolean,
    private readonly progress: DeploymentProgress,
  ) {
    this.answeredUntil = session.now().getTime() + ANSWER_SECONDS * 1000;
    this.deploymentId = 'deploymentId' in followed ? followed.deploymentId : undefined;
  }

  /** Undefined while it goes on. */
  async look(): Promise<Ending | undefined> {
    const { followed, task, stack } = this;
    // A damaged one is mended by what is followed, if anything.
    const { stored } = await stack.records.find(task);
    const record = stored?.record;
    if (this.deploymentId === undefined && 'requestId' in followed) {
      const answer = await answerOf(stack, task, followed, record);
      if (answer && 'refusal' in answer) return { outcome: 'refused', ...answer.refusal };
      this.deploymentId = answer?.deploymentId;
      if (this.deploymentId === undefined && this.session.now().getTime() > this.answeredUntil) {
        return { outcome: 'unanswered' };
      }
    }
    const { deploymentId } = this;
    if (deploymentId === undefined) return undefined;
    if (this.untilBegun) return { outcome: 'begun', deploymentId };
    if (record?.deploymentId !== deploymentId) return this.lookIntoHistory(deploymentId);
    await this.progress.show(record, stored?.etag);
    return !isOpen(record) || record.status === 'blocked' ? endingOf(historyOf(record), record) : undefined;
  }

  /** It ended between two looks: the record is that of the next one. */
  private async lookIntoHistory(deploymentId: string): Promise<Ending | undefined> {
    const entry = await this.stack.history.read(this.task, deploymentId);
    if (entry) return endingOf(entry);
    const now = this.session.now().getTime();
    this.goneSince ??= now;
    if (now - this.goneSince < HISTORY_SECONDS * 1000) return undefined;
    const commandLine = (...words: string[]) => this.session.commandLine(...words);
    throw new Problem(
      `${deploymentId} does not run any more, and the history does not say how it ended`,
      `How it stands, and what was logged:${commandLine('status', this.task)}${commandLine('logs', this.task, deploymentId)}`,
      // It may have failed, and need somebody: nobody can tell any more.
      EXIT.operatorNeeded,
    );
  }
}

/** What has become of a request, as far as that is known yet. */
async function answerOf(
  { state }: Stack,
  task: string,
  { requestId, fingerprint, concerns }: Extract<Followed, { requestId: string }>,
  record: DeploymentRecord | undefined,
): Promise<{ deploymentId: string } | { refusal: Pick<Refusal, 'code' | 'message'> } | undefined> {
  if (record?.request.requestId === requestId) return { deploymentId: record.deploymentId };
  const said = await state.read(answerKey({ task, requestId }));
  if (said) {
    const { detail } = JSON.parse(said.body) as { detail: { code: string; message: string } };
    return { refusal: { code: detail.code, message: detail.message } };
  }
  const isOneWith = record && isHandled(record, { type: 'manual', requestId, fingerprint });
  return isOneWith === true ? { deploymentId: concerns ?? record?.deploymentId ?? '' } : undefined;
}

export function endingOf(entry: HistoryEntry, record?: DeploymentRecord): Ending {
  const { deploymentId, outcome, code, message, begunAt, endedAt } = entry;
  const seconds = Math.round((Date.parse(endedAt) - Date.parse(begunAt)) / 1000);
  return { deploymentId, outcome, code, message, seconds, ...(record && areUsersDownIn(record)) };
}

/** As the event says that told of the end. */
function areUsersDownIn({ outbox }: DeploymentRecord): Pick<Ending, 'areUsersDown'> {
  for (const { detailType, detail } of outbox.events) {
    const contract = [Completed, Cleaned].find((one) => one.detailType === detailType);
    const read = contract?.read(detail);
    if (read?.success && read.detail.users && areDown(read.detail.users)) return { areUsersDown: true };
  }
  return {};
}

/** Where users are down somebody has to do something, whatever was asked for. */
export function exitCodeOf({ outcome, code, areUsersDown }: Ending): ExitCode {
  if (areUsersDown) return EXIT.operatorNeeded;
  switch (outcome) {
    case 'completed':
    case 'begun':
      return EXIT.completed;
    case 'blocked':
      return EXIT.operatorNeeded;
    case 'refused':
      return EXIT.refused;
    case 'still running':
    case 'unanswered':
      return EXIT.stillRunning;
    case 'cleaned':
      // Nothing had failed: somebody had asked for it.
      return code === undefined ? EXIT.completed : EXIT.failed;
    case 'aborted':
    case 'reverted':
      return EXIT.failed;
  }
}
