/** What the doctor says of one thing, and how checks are made so that none takes the others with it. */
import * as z from 'zod/mini';
import { mapSome } from '../../shared/aws/calls';
import { errorCode, errorMessage, isDenied, isThrottling } from '../../shared/aws/errors';
import { nextStepOf } from '../../shared/codes/codes';
import { putEventCommand } from '../../shared/codes/commands';
import { toDoOfRefusal } from '../../shared/codes/refusal-remedies';
import type { Refusal } from '../../shared/deployment/refusal';
import { asSentence, problemOf } from '../problem';
import type { Stack } from '../stack';

export const finding = z.object({
  /** What was looked at: `rules`, `quotas`. */
  area: z.string(),
  /** `broken`: a deployment would be refused, would fail, or could not be taken back. */
  verdict: z.enum(['well', 'broken', 'doubtful', 'unknown']),
  sentence: z.string(),
  /** What `start` would refuse with, or a stage fail with. */
  code: z.optional(z.string()),
  /** What mends it, or shows more; none where nothing is to be run. */
  commands: z.array(z.string()),
});
export type Finding = z.infer<typeof finding>;

/** As a check says it: the area is that of the check. */
export type Said = Omit<Finding, 'area'>;

export interface Check {
  area: string;
  /** What cannot be said where the look fails: `how many load balancers may be made`. */
  question: string;
  look(): Promise<Said[]>;
}

export const well = (sentence: string): Said => ({ verdict: 'well', sentence, commands: [] });

export const broken = (sentence: string, commands: string[] = [], code?: string): Said => ({
  verdict: 'broken',
  sentence,
  commands,
  ...(code && { code }),
});

export const doubtful = (sentence: string, commands: string[] = []): Said => ({
  verdict: 'doubtful',
  sentence,
  commands,
});

export const unknown = (sentence: string, commands: string[] = []): Said => ({
  verdict: 'unknown',
  sentence,
  commands,
});

/** A few at once. What a check throws is said in its place. */
export async function findingsOf(checks: readonly Check[]): Promise<Finding[]> {
  const said = await mapSome(checks, async ({ area, question, look }) => {
    const found = await look().catch((error: unknown) => {
      // Else nobody would hear of a defect of the command itself.
      if (!problemOf(error)) throw error;
      return [unknown(`${question} is not known: ${reasonOf(error)}.`)];
    });
    return found.map((one) => ({ area, ...one }));
  });
  return said.flat();
}

function reasonOf(error: unknown): string {
  const message = errorMessage(error).replace(/\s+/g, ' ').replace(/\.+$/, '');
  if (isDenied(error)) return `you may not look (${message})`;
  if (isThrottling(error)) return `AWS throttles this account, so look again in a minute (${message})`;
  return `${errorCode(error)}: ${message}`;
}

/** What a request would be refused with, and what the mail of that would say. */
export function refused(refusal: Refusal, task: string, stack: Stack): Said {
  const { code, message } = refusal;
  const toDo = toDoOfRefusal(refusal);
  const request =
    toDo?.request && toDo.request !== 'DeployRequested'
      ? [putEventCommand(stack.output('EventBusName'), toDo.request, { task, ...toDo.having })]
      : [];
  const commands = [...(toDo?.commands ?? []), ...request];
  const next = toDo?.sentence ?? nextStepOf(code);
  return broken(`${asSentence(message).replace(/\.$/, '')}. ${next}`, commands, code);
}
