/** How results and the table itself are printed: readable at 80 columns. */
import type { ConformanceCase, Section } from './case';
import { NEEDS } from './given';
import type { Result } from './runner';

const COLUMNS = 80;
const MARGIN = ' '.repeat(10);

/** A line for the case; below it why, where it is not ok. */
export function resultLines({ case: { name }, outcome }: Result): string {
  const line = `  ${outcome.is.padEnd(7)} ${name}\n`;
  switch (outcome.is) {
    case 'ok':
      return line;
    case 'FAILED':
      return line + outcome.reason.split('\n').map(wrapped).join('');
    case 'skipped':
      return line + wrapped(`needs ${listed(outcome.missing)}`);
  }
}

export function summary(results: readonly Result[]): string {
  const count = (outcome: Result['outcome']['is']) => results.filter((result) => result.outcome.is === outcome).length;
  return `\n${count('ok')} ok, ${count('FAILED')} failed, ${count('skipped')} skipped\n`;
}

export function tableLines(table: readonly Section[]): string {
  const cases = table.flatMap(({ service, cases: own }) => [`${service}\n`, ...own.map(caseLines)]);
  const needs = Object.entries(NEEDS).map(
    ([need, { what, option }]) => `  ${need.padEnd(16)} ${what}\n${' '.repeat(19)}${option}\n`,
  );
  return `${cases.join('')}\nNeeds\n${needs.join('')}`;
}

function caseLines({ name, source, needs }: ConformanceCase): string {
  const needed = needs.length > 0 ? listed(needs) : 'nothing beyond an account';
  return `  ${name}\n${wrapped(`needs ${needed}`)}${wrapped(`source: ${source}`)}`;
}

/** As one object, for programs. */
export function json(endpoint: string, results: readonly Result[]): string {
  const flat = results.map(({ service, case: { name, source, needs }, outcome: { is, ...why } }) => ({
    ...{ service, name, source, needs, outcome: is.toLowerCase() },
    ...why,
  }));
  return `${JSON.stringify({ endpoint, results: flat })}\n`;
}

function listed(parts: readonly string[]): string {
  return parts.join(', ');
}

function wrapped(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && MARGIN.length + line.length + 1 + word.length > COLUMNS) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((line) => `${MARGIN}${line}\n`).join('');
}
