/** The codes that a mail names, in their order: each is explained to whoever has never seen it. */
import { CODES } from '../codes/codes';
import type { Mail } from './mail';

/** More are not named but by a text that is from outside. */
const CODES_EXPLAINED = 4;

/**
 * As mails name them: in the subject, by a sentence of ours, or at the end of the reason that a first line tells. What is
 * indented may be from outside, and means a code only where it begins with it.
 */
const NAMINGS = [
  /errCode : (\w+)/g,
  /^\S.*?\bwith code (\w+)\.$/gm,
  /^\S.*?\bfailed with (\w+) and is not cleaned\b/gm,
  /^\S.*\((\w+)(?:, in [\w-]+)?\)\./gm,
  /^ +(?:Code )?(\w+)(?::|$)/gm,
];

export function namedCodes({ subject, body }: Mail): string[] {
  const text = `${subject}\n${body}`;
  const found = NAMINGS.flatMap((naming) => [...text.matchAll(naming)].map(([, code = '']) => code));
  return [...new Set(found)].filter((code) => Object.hasOwn(CODES, code)).slice(0, CODES_EXPLAINED);
}
