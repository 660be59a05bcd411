/** Follows one deployment until it has ended, telling what changes. */
import { Completed } from '../events/completed';
import type { Refusal } from '../shared/deployment/refusal';
import { areDown } from '../shared/deployment/users';
import { type HistoryEntry, historyOf } from '../shared/pipeline/history';
import { type DeploymentRecord, isHandled, isOpen } from '../shared/pipeline/record';
import { answerKey } from '../shared/pipeline/request-adapter';
import { viewOf } from '../shared/view/view';
import { EXIT, type ExitCode } from './problem';
import type { Session } from './session';
import type { Stack } from './stack';

/** What is followed: a deployment, or what becomes of a request. */
export type Followed = { deploymentId: string } | { requestId: string; fingerprint?: string };

export interface Ending {
  deploymentId?: string | undefined;
  outcome: HistoryEntry['outcome'] | 'begun' | 'still running' | 'unanswered';
  code?: string | undefined;
  message?: string | undefined;
  /** It completed, and users are down all the same. */
  areUsersDown?: boolean | undefined;
  seconds?: number | undefined;
}

const INTERVAL_SECONDS = 2;
/** Longer than a cold start, and than `start` waits for tags that lag; an upload may settle for longer. */
export const ANSWER_SECONDS = 120;

interface FollowOptions {
  /** Only until it is known what becomes of the request. */
  untilBegun?: boolean;
  timeoutSeconds?: number | undefined;
}

/** Ends at the latest after `timeoutSeconds`, or when it is interrupted: the deployment goes on by itself. */
export async function follow(
  session: Session,
  task: string,
  followed: Followed,
  { untilBegun = false, timeoutSeconds = Number.POSITIVE_INFINITY }: FollowOptions = {},
): Promise<Ending> {
  const stack = await session.stack;
  const until = session.now().getTime() + timeoutSeconds * 1000;
  const answeredUntil = session.now().getTime() + ANSWER_SECONDS * 1000;
  let deploymentId = 'deploymentId' in followed ? followed.deploymentId : undefined;
  let told = '';
  while (!session.interrupted.aborted && session.now().getTime() < until) {
    // A damaged one is mended by what is followed, if anything.
    const record = (await stack.records.find(task)).stored?.record;
    if (deploymentId === undefined && 'requestId' in followed) {
      const answer = await answerOf(stack, task, followed, record);
      if (answer && 'refusal' in answer) return { outcome: 'refused', ...answer.refusal };
      deploymentId = answer?.deploymentId;
      if (deploymentId === undefined && session.now().getTime() > answeredUntil) return { outcome: 'unanswered' };
    }
    if (untilBegun && deploymentId !== undefined) return { outcome: 'begun', deploymentId };
    if (record && record.deploymentId === deploymentId) {
      const line = progressOf(record, session.now());
      if (line !== told) session.tell(line);
      told = line;
      if (!isOpen(record) || record.status === 'blocked') return endingOf(historyOf(record), record);
    } else if (deploymentId !== undefined) {
      const entry = await stack.history.read(task, deploymentId);
      if (entry) return endingOf(entry);
    }
    await session.wait(INTERVAL_SECONDS);
  }
  return { outcome: 'still running', deploymentId };
}

/** What has become of a request, as far as that is known yet. */
async function answerOf(
  { state }: Stack,
  task: string,
  { requestId, fingerprint }: { requestId: string; fingerprint?: string },
  record: DeploymentRecord | undefined,
): Promise<{ deploymentId: string } | { refusal: Pick<Refusal, 'code' | 'message'> } | undefined> {
  if (record?.request.requestId === requestId) return { deploymentId: record.deploymentId };
  const said = await state.read(answerKey({ task, requestId }));
  if (said) {
    const { detail } = JSON.parse(said.body) as { detail: { code: string; message: string } };
    return { refusal: { code: detail.code, message: detail.message } };
  }
  const isOneWith = record && isHandled(record, { type: 'manual', requestId, fingerprint });
  return isOneWith === true ? { deploymentId: record?.deploymentId ?? '' } : undefined;
}

/** One line, that is another one only when something has changed. */
function progressOf(record: DeploymentRecord, now: Date): string {
  const { stages } = viewOf({ record, now });
  const current = stages.findLast(({ state }) => state !== 'to come' && state !== 'done') ?? stages.at(-1);
  const failure = record.failure ? ` ${record.failure.code}: ${record.failure.message}` : '';
  const waiting = current?.waitingFor ? `, waits for ${current.waitingFor}` : '';
  return `${record.deploymentId} ${isOpen(record) ? (current?.stage ?? '') : record.status}${waiting}${failure}`;
}

function endingOf(entry: HistoryEntry, record?: DeploymentRecord): Ending {
  const { deploymentId, outcome, code, message, begunAt, endedAt } = entry;
  const completed = record?.outbox.events.find(({ detailType }) => detailType === Completed.detailType);
  const read = completed && Completed.read(completed.detail);
  const areUsersDown = read?.success && read.detail.users !== undefined && areDown(read.detail.users);
  const seconds = (Date.parse(endedAt) - Date.parse(begunAt)) / 1000;
  return { deploymentId, outcome, code, message, seconds, ...(areUsersDown && { areUsersDown }) };
}

export function exitCodeOf({ outcome, areUsersDown }: Ending): ExitCode {
  switch (outcome) {
    case 'completed':
      return areUsersDown ? EXIT.operatorNeeded : EXIT.completed;
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
    case 'aborted':
    case 'reverted':
      return EXIT.failed;
  }
}
