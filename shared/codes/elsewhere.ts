/** How it is told that instances of a group are registered where the group is not attached, and what ends that. */
import { named } from '../aws/findings';
import { registered, TARGET_GROUPS_LOOKED_AT } from '../deployment/elsewhere';
import type { Elsewhere } from '../deployment/plan';
import type { Group } from '../fleet/auto-scaling-groups';
import type { Listing } from '../fleet/listings';
import { asComments, deregisterCommand } from './commands';

/** More places than these people do not register the same instances with by hand. */
const PLACES_TOLD = 10;

/** Of Active, while there is time to do something about it. */
export function notesOnElsewhere({ name }: Group, listings: readonly Listing[], { unlooked = 0 }: Elsewhere): string[] {
  const commands = asComments(deregisterCommands(listings));
  return [
    ...placesOf(listings).map(
      (place) =>
        `${place}, where ${name} (Active) is not attached: as long as they are, ${name} keeps its instances after the deployment.`,
    ),
    ...(commands.length > 0 ? ['Where nothing needs them there, deregister them before it ends:', ...commands] : []),
    ...(unlooked > 0 ? [unlookedLine(name, unlooked)] : []),
  ];
}

/** Of a group that was to go to 0, and does not. */
export function stayingLines({ name, capacity }: Group, listings: readonly Listing[]): string[] {
  const { minimum, desired, maximum } = capacity;
  return [
    `${name} stays at ${minimum}/${desired}/${maximum}, since some of its instances are registered where it is not attached, and may be needed there.`,
    ...placesOf(listings).map((place) => `${place}.`),
    '# only when nothing needs them there any more:',
    ...asComments(deregisterCommands(listings)),
  ];
}

/** What is to be done about it; a request to clean goes with it. */
export function emptyingSentence(group: string): string {
  return `Until ${group} is empty, nothing more is deployed (401). When nothing needs its instances there any more, deregister them by the commands above, and then clean:`;
}

/** For a wait. */
export function drainingText({ name }: Group, listings: readonly Listing[]): string {
  const { ids, names } = registered(listings);
  return `${named(names)} to drain ${named(ids)} of ${name}, which somebody had registered there`;
}

function placesOf(listings: readonly Listing[]): string[] {
  const told = listings.slice(0, PLACES_TOLD).map(({ kind, name, targets }) => {
    const ids = [...targets.keys()];
    const where = kind === 'classic' ? `the Classic Load Balancer ${name}` : `the target group ${name}`;
    return `${named(ids)} ${ids.length === 1 ? 'is' : 'are'} registered with ${where}`;
  });
  const more = listings.length - PLACES_TOLD;
  return more > 0 ? [...told, `So are others with ${more} more`] : told;
}

function deregisterCommands(listings: readonly Listing[]): string[] {
  return listings.slice(0, PLACES_TOLD).map((listing) =>
    deregisterCommand(
      listing,
      [...listing.targets.values()].map((one) => one.registeredAs),
    ),
  );
}

function unlookedLine(name: string, unlooked: number): string {
  return `There are more than ${TARGET_GROUPS_LOOKED_AT} target groups: whether instances of ${name} are registered with ${unlooked} of them, which do not have the tag of the task, was not looked at. If any are, deregister them in time, or give the target group that tag.`;
}
