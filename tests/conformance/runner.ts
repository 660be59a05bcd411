/** Runs the cases of a table one after another, and tells what came of each. */
import { randomBytes } from 'node:crypto';
import type { ConformanceCase, Section } from './case';
import { type Clients, Context, type Sleep } from './context';
import { type Given, missingOf } from './given';

export interface Place {
  clients: Clients;
  given: Given;
  sleep: Sleep;
  /** Ends the case that runs, where it waits, and the table. */
  signal?: AbortSignal;
}

export type Outcome =
  | { is: 'ok' }
  /** In words, on one or more lines. */
  | { is: 'FAILED'; reason: string }
  | { is: 'skipped'; missing: string[] };

export interface Result {
  service: string;
  case: ConformanceCase;
  outcome: Outcome;
}

/** Tells each result as soon as it is there, and answers all of them. */
export async function runTable(
  table: readonly Section[],
  place: Place,
  onResult: (result: Result) => void = () => {},
): Promise<Result[]> {
  const run = randomBytes(4).toString('hex');
  const results: Result[] = [];
  for (const { service, cases } of table) {
    for (const one of cases) {
      if (place.signal?.aborted) return results;
      const prefix = `conformance-${run}-${results.length + 1}`;
      const result = { service, case: one, outcome: await outcomeOf(one, place, prefix) };
      results.push(result);
      onResult(result);
    }
  }
  return results;
}

async function outcomeOf(one: ConformanceCase, place: Place, prefix: string): Promise<Outcome> {
  const missing = missingOf(one.needs, place.given);
  if (missing.length > 0) return { is: 'skipped', missing };
  const context = new Context({ ...place, prefix });
  const reasons: string[] = [];
  await one.run(context).catch((error: unknown) => reasons.push(reasonOf(error)));
  await context.cleanUp().catch((error: unknown) => reasons.push(`not cleaned up (${prefix}-…): ${reasonOf(error)}`));
  return reasons.length === 0 ? { is: 'ok' } : { is: 'FAILED', reason: reasons.join('\n') };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isOwn = error.name === 'Error' || error.name === 'AssertionError';
  return isOwn ? error.message : `${error.name}: ${error.message}`;
}
