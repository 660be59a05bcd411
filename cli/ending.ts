/** How it ended, what was followed: for programs, in words, and what there is to be typed next. */
import * as z from 'zod/mini';
import { outcomeInWords } from './outcome-words';
import type { Session } from './session';
import { duration } from './times';
import type { Ending } from './watching';

export const ending = z.object({
  task: z.optional(z.string()),
  deploymentId: z.optional(z.string()),
  outcome: z.enum([
    'completed',
    'cleaned',
    'aborted',
    'reverted',
    'blocked',
    'refused',
    'begun',
    'still running',
    'unanswered',
  ]),
  code: z.optional(z.string()),
  message: z.optional(z.string()),
  areUsersDown: z.optional(z.boolean()),
  seconds: z.optional(z.number()),
});

/** Undefined where it is over, and well. */
export function nextStepAfter(
  session: Session,
  task: string,
  { deploymentId, outcome, code, areUsersDown }: Ending,
): string | undefined {
  if (areUsersDown) return `How it stands, and what to run:${session.commandLine('status', task)}`;
  switch (outcome) {
    case 'begun':
      return `Follow it:${session.commandLine('watch', task)}`;
    case 'still running':
    case 'unanswered':
      return `Come back to it:${session.commandLine('watch', task)}`;
    case 'blocked':
      return `How it stands, and what to run:${session.commandLine('status', task)}`;
    case 'cleaned':
      return code && whyOf(session, task, deploymentId);
    case 'refused':
      // What was asked for just now says why itself.
      return deploymentId && whyOf(session, task, deploymentId);
    default:
      return undefined;
  }
}

function whyOf(session: Session, task: string, deploymentId = ''): string {
  return `Why:${session.commandLine('explain', task, ...(deploymentId ? [deploymentId] : []))}`;
}

export function endingInWords({ deploymentId = '', outcome, code, message, areUsersDown, seconds }: Ending): string {
  if (outcome === 'still running') return `${deploymentId || 'The request'} goes on by itself.`;
  if (outcome === 'begun') return `${deploymentId} has begun.`;
  if (outcome === 'unanswered') return 'Nothing has answered the request yet.';
  const why = code ? ` (${code}${message ? `: ${message}` : ''})` : '';
  const took = seconds === undefined ? '' : ` after ${duration(seconds)}`;
  return `${deploymentId} ${outcomeInWords({ outcome, code })}${took}${why}${areUsersDown ? ': USERS ARE DOWN' : ''}.`;
}
