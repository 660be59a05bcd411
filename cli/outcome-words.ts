/** What became of a deployment, in the same words wherever people read it; for programs there is the outcome itself. */

type Ended = { outcome: string; code?: string | undefined };

/** What stands behind the deployment in a sentence. Without a code nothing had failed: somebody had asked for clean-up. */
export function outcomeInWords({ outcome, code }: Ended): string {
  if (outcome === 'cleaned' && code !== undefined) return 'failed and was taken back';
  return WORDS[outcome] ?? outcome;
}

/** For a column of a table. */
export function outcomeInShort({ outcome, code }: Ended): string {
  return outcome === 'cleaned' && code !== undefined ? 'failed' : outcome;
}

const WORDS: Readonly<Record<string, string>> = {
  aborted: 'was aborted and taken back',
  reverted: 'was reverted',
  blocked: 'needs an operator',
  refused: 'was refused',
};
