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

/** One line as it is, but for what could steer the terminal, turn the direction of a text, or hide in it. */
export function plain(line: string): string {
  return oneLine(stripVTControlCharacters(line));
}
