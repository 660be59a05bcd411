/** What to type next, with what this run was told of the place: `bluegreen watch WAS --stage prod`. */
import { commandLine, DEFAULT_STAGE } from '../shared/codes/request-lines';

export type NextCommand = (...words: string[]) => string;

/** Where the stack is, as it was said. */
export interface Place {
  stage: string;
  stack?: string | undefined;
  region?: string | undefined;
  profile?: string | undefined;
}

export function nextCommandAt({ stage, stack, region, profile }: Place): NextCommand {
  const where = { stage: stack === undefined && stage !== DEFAULT_STAGE ? stage : undefined, stack, region, profile };
  const given = Object.entries(where).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
  return (...words) => commandLine(words, given);
}
