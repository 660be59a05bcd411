/** What the admins' mails are made of: subjects that operators have filters for, and bodies made for reading on a phone. */
import { oneLine, type ToDo } from '../../events/contract';
import { bounded } from '../aws/findings';

export interface Mail {
  subject: string;
  body: string;
}

/** SNS takes fewer than 100 characters, printable ASCII. */
const SUBJECT_CHARACTERS = 99;

/** SNS takes 256 KB, and refuses what is larger. What is told is bounded before; this is for what nobody thought of. */
const BODY_BYTES = 64 * 1024;

/** A sentence, or a section. */
export type Part = string | Section;

/** Without lines it is left out. */
export interface Section {
  title: string;
  lines: readonly string[];
}

/**
 * The only place where a mail gets its lines: a text is one line, whatever an event, a tag or AWS has put into it. A name
 * that is too long for the subject is shortened there; the body has all of it.
 */
export function mail(name: string, subject: (shown: string) => string, parts: readonly Part[]): Mail {
  const ascii = asciiOf(name);
  const room = Math.max(0, SUBJECT_CHARACTERS - subject('').length);
  const shown = ascii.length <= room ? ascii : `${ascii.slice(0, Math.max(0, room - 3))}...`;
  const paragraphs = parts.map(linesOf).filter((lines) => lines.length > 0);
  const lines = paragraphs.flatMap((paragraph, index) => (index === 0 ? paragraph : ['', ...paragraph]));
  return { subject: asciiOf(subject(shown)).slice(0, SUBJECT_CHARACTERS), body: bodyOf(lines) };
}

/** As many of the lines as a mail has room for, and all of what it ends with. */
export function bodyOf(lines: readonly string[], ending: readonly string[] = []): string {
  const last = ending.map((line) => `${line}\n`).join('');
  const room = BODY_BYTES - 1 - Buffer.byteLength(last);
  return `${bounded(lines, room, (count) => `And ${count} more lines.`).join('\n')}\n${last}`;
}

/** What whoever is woken up by a mail has to know, in the order in which every mail says it. */
export interface Answers {
  /** What happened, in one sentence. */
  happened: string;
  /** How users fare, in one sentence: only what was seen. */
  users: string;
  /** Nothing, where there is nothing. */
  leftOver: readonly string[];
  /** What to do, and the one command for it, if any. */
  toDo: readonly string[];
  /** The most telling first. */
  why?: readonly string[];
  details: readonly Part[];
}

/** A mail that answers. */
export function answering(name: string, subject: (shown: string) => string, answers: Answers): Mail {
  const { happened, users, leftOver, toDo, why = [], details } = answers;
  return mail(name, subject, [
    happened,
    section('Users', [users]),
    section('Left over', leftOver.length > 0 ? leftOver : ['Nothing.']),
    section('What to do', toDo),
    section('Why', why),
    ...details,
  ]);
}

/** What to do, as an event knows it. */
export function toDoLines(
  { sentence, commands = [], request, isSketch, otherwise = [] }: ToDo,
  linesFor: (request: string) => readonly string[],
): string[] {
  if (request === undefined) return [sentence, ...commands];
  const put = linesFor(request);
  if (isSketch)
    return [sentence, ...commands, '# with the right one of these in place of each VERSION:', `# ${put.at(-1)}`];
  return [sentence, ...commands, ...(commands.length > 0 ? ['# once that is done'] : []), ...put, ...otherwise];
}

function linesOf(part: Part): string[] {
  if (typeof part === 'string') return part ? [oneLine(part)] : [];
  return part.lines.length === 0 ? [] : [oneLine(part.title), ...part.lines.map((line) => `  ${oneLine(line)}`)];
}

export function section(title: string, lines: readonly string[]): Section {
  return { title, lines };
}

function asciiOf(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, '?');
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
