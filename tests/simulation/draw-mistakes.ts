/** Draws what people get wrong: records that they lose, events that they mistype, clocks that they do not set. */
import type { Dice } from './dice';
import type { Act, Site, When } from './scenario';
import { TYPOS } from './typos';

type DrawWhen = (dice: Dice) => When;

export function drawMistakes(dice: Dice, site: Site, drawWhen: DrawWhen): Act[] {
  const acts: Act[] = [];
  if (dice.chance(0.12)) acts.push(...dice.many(dice.small(1, 2), () => drawLoss(dice, site, drawWhen(dice))));
  if (dice.chance(0.12)) acts.push(...dice.many(dice.few(1, 3), () => drawTypo(dice, site, drawWhen(dice))));
  if (dice.chance(0.1)) acts.push(...drawHaste(dice, site, drawWhen(dice)));
  if (dice.chance(0.05)) acts.push(...dice.many(2, () => drawReuse(dice, site, drawWhen(dice))));
  if (site.hasStrangers) acts.push(...dice.many(dice.few(1, 3), () => drawForTheirs(dice, drawWhen(dice))));
  return acts;
}

/** Of whoever puts events: up to 10 s ahead or behind. */
export function drawClocks(dice: Dice, acts: Act[]): void {
  if (!dice.chance(0.4)) return;
  for (const act of acts) act.clockSeconds = dice.between(-10, 10);
}

function fleetOf(dice: Dice, { fleets }: Site): number {
  return dice.between(0, fleets.length - 1);
}

function drawLoss(dice: Dice, site: Site, when: When): Act {
  const common = { when, fleet: fleetOf(dice, site), noticedAfterSeconds: dice.one([0, 60, 300, 900, 3600]) };
  const how = dice.one(['deleted', 'garbage', 'empty', 'no record', 'misspelt'] as const);
  return how === 'deleted' ? { ...common, kind: 'delete record' } : { ...common, kind: 'damage record', how };
}

function drawTypo(dice: Dice, site: Site, when: When): Act {
  return { when, kind: 'typo', fleet: fleetOf(dice, site), typo: dice.one(TYPOS) };
}

/** A request, and within seconds the abort of it. */
function drawHaste(dice: Dice, site: Site, when: When): Act[] {
  const fleet = fleetOf(dice, site);
  const isDated = dice.chance(0.5);
  const later: When =
    'atSeconds' in when
      ? { atSeconds: when.atSeconds + dice.between(0, 12) }
      : { ...when, delaySeconds: when.delaySeconds + dice.between(0, 12) };
  return [
    { when, kind: 'deploy', fleet, isDated },
    { when: later, kind: 'abort', fleet },
  ];
}

function drawReuse(dice: Dice, site: Site, when: When): Act {
  const versions = dice.one([undefined, 'previous', 'latest'] as const);
  return { when, kind: 'deploy', fleet: fleetOf(dice, site), versions, requestId: 'daily' };
}

function drawForTheirs(dice: Dice, when: When): Act {
  const event = dice.one(['DeployRequested', 'AbortRequested', 'CleanRequested', 'CleanRequested'] as const);
  return { when, kind: 'ask for theirs', event };
}
