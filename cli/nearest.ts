/** What was probably meant by a name that is not there. */
import { distance } from 'fastest-levenshtein';

/** One mistake in so many characters: what has more is another name, and a guess would mislead. */
const CHARACTERS_FOR_A_MISTAKE = 3;

/** `Did you mean WAS? `, or nothing where no name is near. */
export function nearest(typed: string, known: readonly string[], shown = (name: string) => name): string {
  const near = known
    .map((name) => ({ name, mistakes: mistakesIn(typed.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, mistakes }) => {
      const characters = Math.max(typed.length, name.length);
      return mistakes <= Math.floor(characters / CHARACTERS_FOR_A_MISTAKE) || isBeginning(typed, name);
    })
    .toSorted((one, other) => one.mistakes - other.mistakes);
  return near[0] ? `Did you mean ${shown(near[0].name)}? ` : '';
}

/** Two neighbours in the wrong order are one mistake. */
function mistakesIn(typed: string, name: string): number {
  const swapped = Array.from({ length: Math.max(0, typed.length - 1) }, (_, at) => {
    const [one = '', other = ''] = typed.slice(at, at + 2);
    return typed.slice(0, at) + other + one + typed.slice(at + 2);
  });
  return Math.min(distance(typed, name), ...swapped.map((one) => 1 + distance(one, name)));
}

function isBeginning(typed: string, name: string): boolean {
  return typed.length >= CHARACTERS_FOR_A_MISTAKE && name.toLowerCase().startsWith(typed.toLowerCase());
}
