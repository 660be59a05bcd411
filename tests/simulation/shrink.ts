/** Makes a scenario in which something did not hold smaller, as long as the same thing still does not hold. */
import type { Scenario, Site } from './scenario';
import { type Defects, type Play, play } from './simulation';

export interface Shrunk {
  scenario: Scenario;
  play: Play;
}

/** Leaves out one fault or act after the other, and tries a plainer site, until nothing more can go. */
export async function shrink(scenario: Scenario, found: Play, defects: Defects = {}): Promise<Shrunk> {
  const checker = found.violations[0]?.checker;
  let least: Shrunk = { scenario, play: found };
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidate of smallerOnes(least.scenario)) {
      const played = await play(candidate, defects);
      if (played.violations[0]?.checker !== checker) continue;
      least = { scenario: candidate, play: played };
      isSmaller = true;
      break;
    }
  }
  return least;
}

function* smallerOnes(scenario: Scenario): Generator<Scenario> {
  const { site, acts, faults } = scenario;
  yield* without(faults).map((rest) => ({ ...scenario, faults: rest }));
  yield* without(acts).map((rest) => ({ ...scenario, acts: rest }));
  for (const simpler of simplerSites(site)) {
    const isPossible = acts.every((act) =>
      'fleet' in act ? hasSlot(simpler, act) : act.kind !== 'ask for theirs' || simpler.hasStrangers,
    );
    if (isPossible) yield { ...scenario, site: simpler };
  }
}

/** What is done must still be possible. */
function hasSlot({ fleets }: Site, { fleet, slot = 0 }: { fleet: number; slot?: number }): boolean {
  return fleet < fleets.length && slot < (fleets[fleet]?.warKeys?.length ?? 1);
}

function without<Item>(items: readonly Item[]): Item[][] {
  return items.map((_, left) => items.filter((_item, index) => index !== left));
}

function* simplerSites(site: Site): Generator<Site> {
  const [first, ...others] = site.fleets;
  if (others.length > 0) yield { ...site, fleets: [first ?? {}] };
  if (site.hasCodeDeploy) yield { ...site, hasCodeDeploy: false };
  if (site.hasStrangers) yield { ...site, hasStrangers: false };
  if (site.s3ClockSeconds) yield { ...site, s3ClockSeconds: 0 };
  if (site.isThrottled) yield { ...site, isThrottled: false };
  if (site.bootSpreadSeconds > 0) yield { ...site, bootSpreadSeconds: 0 };
  const balancers = first?.loadBalancers ?? [];
  const simplified = [
    ...without(balancers)
      .filter((rest) => rest.length > 0)
      .map((loadBalancers) => ({ loadBalancers })),
    ...((first?.instances ?? 1) > 1 ? [{ instances: 1, maximum: 2, minimum: undefined }] : []),
    ...(first?.minimum === undefined ? [] : [{ minimum: undefined }]),
    ...(first?.areProtected ? [{ areProtected: false }] : []),
    ...((first?.weights?.length ?? 0) > 0 ? [{ weights: [] }] : []),
    ...((first?.warKeys?.length ?? 1) > 1 ? [{ warKeys: first?.warKeys?.slice(0, 1) ?? [] }] : []),
  ];
  for (const change of simplified) yield { ...site, fleets: [{ ...first, ...change }, ...others] };
}
