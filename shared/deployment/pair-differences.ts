/** Where the two groups of a task are made in different ways: what the new version gets is not what the old one had. */
import { TRAITS } from '../fleet/group-traits';
import type { Pair } from './readiness';
import type { Refusal } from './refusal';

/** A task whose pair differs on purpose says so. */
export const PAIR_DIFFERS = { tag: 'pairdiffers', values: ['accepted'] };

/** By these a size counts: the same number would be another fleet. */
const COUNTING: readonly string[] = ['unit of capacity', 'weights', 'share of Spot'];

/** A line for each, for the start mail; or the refusal of what would be another fleet, unless that is accepted. */
export function differencesOf({ active, standBy }: Pair, isAccepted: boolean): string[] | Refusal {
  const { traits: old } = active;
  const { traits: next } = standBy;
  if (!old || !next) return [];
  const differing = TRAITS.filter((trait) => old[trait] !== next[trait]);
  const inWords = (trait: (typeof TRAITS)[number]) =>
    `${active.name} and ${standBy.name} differ in their ${trait}: ${old[trait]} against ${next[trait]}`;
  const [counting] = differing.filter((trait) => COUNTING.includes(trait));
  if (counting && !isAccepted) {
    const accepting = `make them alike, or tag either group ${PAIR_DIFFERS.tag} = ${PAIR_DIFFERS.values[0]}`;
    return { code: '415', message: `${inWords(counting)}, so that the same size is another fleet: ${accepting}` };
  }
  return differing.map((trait) => `${inWords(trait)}.`);
}
