/** How long each stage of a deployment took, as a bar of letters: one for each stage. */
import type { HistoryEntry } from '../shared/pipeline/history';

type Stages = HistoryEntry['stages'];

const LETTERS: Readonly<Record<string, string>> = {
  start: 's',
  'check-dummy': '1',
  'attach-real': 'a',
  'check-real': '2',
  swap: 'w',
  retire: 'r',
  'clean-up': 'c',
};

export const LEGEND =
  's start, 1 check-dummy (step 1), a attach-real, 2 check-real (step 2), w swap, r retire, c clean-up, o other';

export function letterOf(stage: string): string {
  return LETTERS[stage] ?? 'o';
}

export function totalSeconds(stages: Stages): number {
  return stages.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** As long as the deployment took, where `columns` stand for `longestSeconds`; no stage is left out. */
export function barOf(stages: Stages, columns: number, longestSeconds: number): string {
  const lengths = stages.map(({ seconds }) =>
    Math.max(1, Math.round((seconds / Math.max(longestSeconds, 1)) * columns)),
  );
  while (lengths.reduce((sum, length) => sum + length, 0) > columns) {
    const longest = lengths.indexOf(Math.max(...lengths));
    if ((lengths[longest] ?? 0) <= 1) break;
    lengths[longest] = (lengths[longest] ?? 0) - 1;
  }
  return stages
    .map(({ stage }, index) => letterOf(stage).repeat(lengths[index] ?? 0))
    .join('')
    .slice(0, columns);
}
