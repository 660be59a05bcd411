/** A task as a request finds it: its record, its pair of groups and its wars. Throws a `Problem` where nothing can be asked. */

import { nextStepOf } from '../shared/codes/codes';
import { type Pair, pairOf } from '../shared/deployment/readiness';
import { isRefusal, type Refusal } from '../shared/deployment/refusal';
import type { Group } from '../shared/fleet/auto-scaling-groups';
import { tagValue, type WarSlot, warSlots } from '../shared/fleet/tags';
import type { DeploymentRecord } from '../shared/pipeline/record';
import type { FoundRecord, LostRecord } from '../shared/pipeline/record-store';
import { asSentence, EXIT, Problem } from './problem';
import type { Session } from './session';

export interface TaskNow {
  task: string;
  /** Undefined where the task never had a deployment. */
  record: DeploymentRecord | undefined;
  pair: Pair;
  bucket: string;
  /** The wars that Active has, by slot. */
  slots: WarSlot[];
}

/** What of it there is, whatever it is like. */
export async function findTask(session: Session, task: string): Promise<FoundRecord & { groups: Group[] }> {
  const stack = await session.stack;
  const [found, groups] = await Promise.all([stack.recordAtFirst(task), stack.groupsAtFirst(task)]);
  return { ...found, groups };
}

export async function readTaskNow(session: Session, task: string): Promise<TaskNow> {
  const { stored, lost, groups } = await findTask(session, task);
  if (lost) {
    const message = `The record of ${task} ${lossInWords(lost)}`;
    throw refused(session, task, { code: '401', message, remedy: { kind: 'mend-record' } });
  }
  const { warBuckets } = await session.stack;
  const pair = pairOf(task, groups, warBuckets);
  if (isRefusal(pair)) throw refused(session, task, pair);
  const { tags } = pair.active;
  return { task, record: stored?.record, pair, bucket: tagValue(tags, 'bucket') ?? '', slots: warSlots(tags) };
}

export function lossInWords({ how }: LostRecord): string {
  return how === 'damaged' ? 'is damaged' : 'was deleted';
}

/** Nothing was put: what would answer the request is said at once. */
export function refused(
  session: Session,
  task: string,
  { code, message, remedy }: Refusal,
  nextStep?: string,
): Problem {
  const command = (...words: string[]) => session.commandLine(...words);
  const steps: Partial<Record<NonNullable<typeof remedy>['kind'], string>> = {
    wait: `Follow what runs, or undo it:${command('watch', task)}${command('abort', task)}`,
    'clean-again': `Take away what is left over, then clean up:${command('status', task)}${command('clean', task)}`,
    clean: `Clean up:${command('clean', task)}`,
    'mend-record': `Mend it:${command('clean', task)}`,
    undo: `Follow it, or undo it:${command('watch', task)}${command('abort', task)}`,
    'nothing-before': `Deploy a version by its name:${command('deploy', task, '--version', 'NAME')}`,
    'tag-bucket': `Give --stack or --stage of the stack that has that bucket. If the tag is wrong, mend it, and then look:${command('status', task)}`,
    'go-back': `Let it end, then go back:${command('watch', task)}${command('rollback', task)}`,
  };
  const step = nextStep ?? (remedy && steps[remedy.kind]) ?? nextStepOf(code);
  return new Problem(asSentence(whyOf(message, remedy)), step, EXIT.refused, code);
}

/** What was typed is valid as it is: what it asks for cannot be done. */
function whyOf(message: string, remedy: Refusal['remedy']): string {
  const reason = message.replace(/^(the request is not valid|nothing was cleaned): /i, '');
  return remedy?.kind === 'nothing-before' ? `There is nothing to go back to yet: ${reason}` : reason;
}
