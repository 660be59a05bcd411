/** The end of the demo: what came of each part, for people and as JSON. */
import type { Part } from './follow';

/** As `--json` prints it; `rollback` is there when there was one. */
export function jsonSummary(deployment: Part, rollback: Part | undefined): string {
  return JSON.stringify({ ...factsOf(deployment), ...(rollback && { rollback: factsOf(rollback) }) });
}

export function textSummary(deployment: Part, rollback: Part | undefined): string {
  const parts = [section('Deployment', deployment), ...(rollback ? [section('Rollback', rollback)] : [])];
  const all = [deployment, ...(rollback ? [rollback] : [])];
  const requests = sum(all.map((part) => part.requests));
  const failed = sum(all.map((part) => part.failedRequests));
  const total = [
    `requests sent:   ${requests.toLocaleString('en')}`,
    `requests failed: ${failed.toLocaleString('en')}`,
  ];
  return [...parts, total.join('\n')].join('\n\n');
}

function factsOf({ tally: _, ...facts }: Part): Omit<Part, 'tally'> {
  return facts;
}

function section(
  title: string,
  { outcome, code, deploymentId, stages, requests, failedRequests, standBy, dummiesLeft, tally }: Part,
): string {
  const total = sum(Object.values(stages));
  const times = Object.entries(stages).map(([stage, seconds]) => row(stage, `${seconds.toFixed(1).padStart(6)} s`));
  const entrances = [...tally.through].map(([name, count]) => row(`through ${name}`, counted(count)));
  const answers = [...tally.answers].sort().map(([answer, count]) => row(answer, counted(count)));
  const failures = [...tally.failures].map(([reason, count]) => row('failed', `${count} × ${reason}`));
  return [
    `${title}: ${outcome}${code === undefined ? '' : ` (${code})`}  ${deploymentId}`,
    ...times,
    row('all stages', `${total.toFixed(1).padStart(6)} s`),
    row('StandBy is at', `${standBy}, ${dummiesLeft} dummies are left`),
    ...entrances,
    ...answers,
    ...failures,
    row('requests', `${counted(requests)} sent, ${failedRequests} failed`),
  ].join('\n');
}

function counted(count: number): string {
  return count.toLocaleString('en').padStart(6);
}

function row(name: string, value: string): string {
  return `  ${name.padEnd(20)} ${value}`;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
