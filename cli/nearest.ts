/** What was probably meant by a name that is not there. */
import { closest } from 'fastest-levenshtein';

/** `Did you mean WAS? `, or nothing where no name is near. */
export function nearest(typed: string, known: readonly string[], shown = (name: string) => name): string {
  if (known.length === 0) return '';
  const found = known.find((name) => name.toLowerCase() === typed.toLowerCase()) ?? closest(typed, [...known]);
  return `Did you mean ${shown(found)}? `;
}
