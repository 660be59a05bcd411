/** What to type next, with what this run was told of the place: `bluegreen watch WAS --stage prod`. */
import { quoted } from '../shared/codes/commands';
import { DEFAULT_STAGE } from '../shared/codes/request-lines';

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
  return (...words) => ['bluegreen', ...inOrder(words, given).map(quoted)].join(' ');
}

/** A task that begins with a dash is none of an option's: names then come last, behind `--`. */
function inOrder([verb = '', ...words]: string[], given: string[]): string[] {
  if (!words[0]?.startsWith('-')) return [verb, ...words, ...given];
  const options = words.findIndex((word, index) => index > 0 && word.startsWith('--'));
  const end = options < 0 ? words.length : options;
  return [verb, ...words.slice(end), ...given, '--', ...words.slice(0, end)];
}
