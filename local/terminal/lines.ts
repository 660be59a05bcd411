/** Lines for people: what fits a terminal, and what is from outside and must not steer it. */
import type { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import { oneLine } from '../../events/contract';
import { columnsOf } from './columns';

export const COLUMNS = 80;

export type Stream = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>;

export function isTerminal({ isTTY }: Stream, environment: NodeJS.ProcessEnv): boolean {
  return isTTY === true && environment.TERM !== 'dumb';
}

export function hasColours(stream: Stream, environment: NodeJS.ProcessEnv): boolean {
  return isTerminal(stream, environment) && !environment.NO_COLOR;
}

/** Breaks at spaces; further lines keep the indentation of the first. What is from outside cannot steer the terminal. */
export function wrap(text: string, columns: number): string[] {
  const shown = oneLine(text);
  const indent = ' '.repeat(Math.min(shown.search(/\S|$/), Math.floor(columns / 2)));
  const lines: string[] = [];
  let line = indent;
  for (const word of shown.trim().split(' ')) {
    if (line.trim() !== '' && columnsOf(line) + 1 + columnsOf(word) > columns) {
      lines.push(line);
      line = indent;
    }
    line += line.trim() === '' ? word : ` ${word}`;
  }
  return [...lines, line].map((one) => one.trimEnd());
}

/** What is broken into lines cannot be copied: a command, or a comment beside it. */
export function isToBeCopied(line: string): boolean {
  return /^\s*(aws |npx |npm |bluegreen |export |#)/.test(line);
}

/** Each line of a text as `wrap` breaks it, but for what is to be copied. */
export function wrapText(text: string, columns: number): string[] {
  return text.split('\n').flatMap((line) => (isToBeCopied(line) ? [plain(line).trimEnd()] : wrap(line, columns)));
}

/** As `wrapText`, but lines of one paragraph are one text, wherever they were broken. What is indented is none. */
export function wrapParagraphs(text: string, columns: number): string[] {
  const isOfParagraph = (line = '') => /^\S/.test(line) && !isToBeCopied(line);
  const lines = text.split('\n');
  const joined: string[] = [];
  for (const [index, line] of lines.entries()) {
    const goesOn = isOfParagraph(line) && isOfParagraph(lines[index - 1]);
    joined.push(goesOn ? `${joined.pop()} ${line}` : line);
  }
  return wrapText(joined.join('\n'), columns);
}

/** One line as it is, but for what could steer the terminal, turn the direction of a text, or hide in it. */
export function plain(line: string): string {
  return oneLine(stripVTControlCharacters(line));
}
