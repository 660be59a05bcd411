/** What is said of how a failed deployment goes on: clean-up has it, and a mail ends it. */
import { addSeconds } from '../aws/time';
import { requestLines } from '../codes/request-lines';
import { isStage } from '../pipeline/flow';
import { type Section, section } from './mail';

/** Most end within a few minutes: this is with load balancers that drain for long. */
const ENDING_SECONDS = 15 * 60;

/** From where on clean-up may go forward: the deployment then completes after all. */
const MAY_COMPLETE = ['swap', 'retire'];

/** Before the swap there is no other way than back. */
export function cleaningLine(stage: string): string {
  return isStage(stage) && !MAY_COMPLETE.includes(stage)
    ? 'What the deployment has made so far is being taken away; the mail "Deploy Clean" says what is left.'
    : 'Clean-up takes the deployment back now, or forward where only the new version serves. Its mail says what is left.';
}

/** What waited is deployed now: whether it is meant only people know. */
export function waitingLines(waiting: string, task: string, busName: string): string[] {
  return [`${waiting} ${IF_NOT_MEANT}`, ...requestLines(busName, 'AbortRequested', { task })];
}

const IF_NOT_MEANT = 'If that is not meant, abort it:';

/** Whoever mends the cause at once would be refused. An upload is not: it waits. */
export function waitingLine(stage: string, failedAt: string): string {
  return `Wait for the mail ${mailAfter(stage)}, until ${endOf(failedAt)}. Before it comes, another deployment is refused (401); it says how to deploy again.`;
}

/** What is uploaded meanwhile need not wait for that mail. */
export function untilWhen(stage: string, failedAt: string): string {
  return `The mail ${mailAfter(stage)} comes by ${endOf(failedAt)}. What is uploaded before waits for it; any other request is refused (401).`;
}

function endOf(failedAt: string): string {
  return addSeconds(new Date(failedAt), ENDING_SECONDS);
}

function mailAfter(stage: string): string {
  return MAY_COMPLETE.includes(stage) ? '"Deploy Clean", or "[Success] Non-disruptive deployment"' : '"Deploy Clean"';
}

/** Where clean-up still moves it is left alone, and the answer says where it is. */
export function overdueSection(task: string, busName: string): Section {
  return section('If no such mail has come by then', requestLines(busName, 'CleanRequested', { task }));
}
