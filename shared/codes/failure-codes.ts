/** By which line and which code a failure is known. */
import { plainLine } from '../../events/contract';

/** The first line of the failure mail; a failure in `start` has a headline of its own. */
export function failureHeadline(stage: string, code: string, task: string): string {
  return plainLine(subjectOfFailure(stage, code, task));
}

/** The subject of the mail of a failure. */
export function subjectOfFailure(stage: string, code: string, task: string): string {
  return stage === 'start'
    ? `[Failed] Deploy Start Failed(Task : ${task}, errCode : ${code})`
    : `[Failed] Non-disruptive deployment(errCode : ${code}, Task : ${task})`;
}

/** The code of what no action of a stage accounts for: it crashed, or an error has no code. */
export function crashCodeOf(stage: string): string {
  return stage === 'start' ? '500' : 'T999';
}
