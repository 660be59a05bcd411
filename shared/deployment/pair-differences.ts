/** Where the two groups of a task are made in different ways: what the new version gets is not what the old one had. */
import { FURTHER_TRAITS, type FurtherTraits } from '../fleet/further-traits';
import { TRAITS } from '../fleet/group-traits';
import type { Pair } from './readiness';
import type { Refusal } from './refusal';

/** A task whose pair differs on purpose says so. */
export const PAIR_DIFFERS = { tag: 'pairdiffers', values: ['accepted'] };

/** By these a size counts: the same number would be another fleet. */
const COUNTING: readonly string[] = ['unit of capacity', 'weights', 'share of Spot'];

interface Difference {
  trait: string;
  inWords: string;
}

/** A line for each, for the start mail; or the refusal of what would be another fleet, unless that is accepted. */
export function differencesOf(
  pair: Pair,
  isAccepted: boolean,
  further: readonly [FurtherTraits, FurtherTraits],
): string[] | Refusal {
  const differences = traitsThatDiffer(pair, further);
  const refused = differences.find(({ trait }) => COUNTING.includes(trait) || trait === 'architecture');
  if (!refused || isAccepted) return differences.map(({ inWords }) => `${inWords}.`);
  const why =
    refused.trait === 'architecture'
      ? 'so that what was made for the one may not run on the other'
      : 'so that the same size is another fleet';
  const accepting = `make them alike, or tag either group ${PAIR_DIFFERS.tag} = ${PAIR_DIFFERS.values[0]}`;
  return { code: '415', message: `${refused.inWords}, ${why}: ${accepting}` };
}

function traitsThatDiffer(
  { active, standBy }: Pair,
  [old, next]: readonly [FurtherTraits, FurtherTraits],
): Difference[] {
  const compared = [
    ...TRAITS.map((trait) => ({ trait, was: active.traits?.[trait], is: standBy.traits?.[trait] })),
    ...FURTHER_TRAITS.map((trait) => ({ trait, was: old[trait], is: next[trait] })),
  ];
  return compared
    .filter(({ was, is }) => was !== undefined && is !== undefined && was !== is)
    .map(({ trait, was, is }) => ({
      trait,
      inWords: `${active.name} and ${standBy.name} differ in their ${trait}: ${was} against ${is}`,
    }));
}
