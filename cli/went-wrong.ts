/** Whether a version that is to be deployed did not go well the last time: nobody should take it again without knowing. */
import { isDenied } from '../shared/aws/errors';
import type { Plan } from '../shared/deployment/plan';
import { shownVersion } from '../shared/fleet/war-name';
import type { IndexLine } from '../shared/pipeline/history';
import { outcomeInWords } from './outcome-words';
import type { Stack } from './stack';
import { clockTime, minute } from './times';

const BAD: readonly string[] = ['cleaned', 'aborted', 'reverted', 'blocked'];

/** `2.5.0 failed with T001 at 11:57 and was taken back`, for each war of which it is so. */
export async function wentWrong(stack: Stack, task: string, { wars }: Plan, now: Date): Promise<string[]> {
  const changed = wars.filter(({ from, to }) => from !== to);
  if (changed.length === 0) return [];
  const newest = await stack.history.newest(task).catch(noneWhereDenied);
  return changed.flatMap(({ key, to, toName }) => {
    const shown = shownVersion(to, toName);
    const last = newest.find(({ versions, outcome }) => outcome !== 'refused' && names(versions, `${key} ${shown}`));
    if (!last || !isBad(last)) return [];
    return [`${shown} ${endInWords(last)} ${timeInWords(last.endedAt, now)}${backInWords(last)}`];
  });
}

function noneWhereDenied(error: unknown): IndexLine[] {
  if (!isDenied(error)) throw error;
  return [];
}

/** A line may be shortened: then nobody knows. */
function names(versions: string, shown: string): boolean {
  return `, ${versions}, `.includes(`, ${shown}, `);
}

/** Without a code somebody had cleaned up, and nothing had failed. */
function isBad({ outcome, code }: IndexLine): boolean {
  return BAD.includes(outcome) && (outcome !== 'cleaned' || code !== undefined);
}

function endInWords({ outcome, code }: IndexLine): string {
  if (outcome === 'cleaned') return `failed with ${code}`;
  if (outcome === 'aborted') return 'was aborted';
  if (outcome === 'blocked') return `failed with ${code ?? 'T999'}`;
  return outcomeInWords({ outcome, code });
}

function backInWords({ outcome }: IndexLine): string {
  if (outcome === 'cleaned' || outcome === 'aborted') return ' and was taken back';
  return outcome === 'blocked' ? ' and needed an operator' : '';
}

/** The day is said where it is another one. */
function timeInWords(at: string, now: Date): string {
  const isToday = at.slice(0, 10) === now.toISOString().slice(0, 10);
  return `at ${isToday ? clockTime(at).slice(0, 5) : minute(at)}`;
}
