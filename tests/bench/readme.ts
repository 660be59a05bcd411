/** What the page of costs quotes of the bench, measured anew. `npm run documents -- measured` writes it there. */
import { measureIdleMonth } from './idle';
import { dollarsOf } from './money';
import { AS_OF } from './prices';
import type { Row } from './report';
import { deployments } from './sections';
import { SETTINGS } from './settings';

export const COSTS_FILE = 'docs/costs.md';

const BEGIN = '<!-- measured: made by tests/bench/readme.ts -->';
const END = '<!-- measured: the end -->';

const QUOTED: Readonly<Record<string, string>> = {
  '1 ALB': 'one Application Load Balancer',
  '1 Classic': 'one Classic Load Balancer',
  '15 ALBs × 3': '15 Application Load Balancers with 3 target groups each',
  '  predecessor, modelled (1 ALB)': 'the scheme that this replaces, modelled, with one; it does not wait for draining',
};

/** What stands between the two marks. */
export async function measured(): Promise<string> {
  const { rows } = await deployments(SETTINGS.filter(({ name }) => name in QUOTED));
  const quoted = Object.entries(QUOTED).map(([name, words]) =>
    lineOf(
      words,
      rows.find((row) => row.name === name),
    ),
  );
  const idle = await measureIdleMonth();
  const parts = idle.map(({ what, dollars }) => `${what} ${dollars.toFixed(2)}`);
  return `
| a deployment behind | seconds | AWS alone | calls | invocations | USD, clones included |
| --- | --- | --- | --- | --- | --- |
${quoted.join('\n')}

A month in which nothing is deployed costs ${dollarsOf(idle).toFixed(2)} USD (prices of us-east-1 as of ${AS_OF}, without free tiers,
by which the first three dashboards of an account cost nothing):
${parts.join(', ')}.
`;
}

function lineOf(words: string, row: Row | undefined): string {
  if (!row) throw new Error(`the bench has no row for ${words}`);
  const { figures } = row;
  const whole = (figure: string) => (figures[figure] === undefined ? '–' : String(Math.round(figures[figure])));
  const counts = ['seconds', 'services alone', 'calls', 'invocations'].map(whole);
  return `| ${[words, ...counts, figures['USD with clones']?.toFixed(3)].join(' | ')} |`;
}

/** Throws an Error where a mark is missing. */
export function parts(page: string): { before: string; quoted: string; after: string } {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${COSTS_FILE} has no ${BEGIN} with ${END} after it`);
  const start = from + BEGIN.length;
  return { before: page.slice(0, start), quoted: page.slice(start, to), after: page.slice(to) };
}
