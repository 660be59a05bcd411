/**
 * What people or AWS have begun to do with Active while a deployment runs, and what that means for users: what ends the
 * deployment is told by its failure, all else by the next mail.
 */
import { named } from '../aws/findings';
import type { Snapshot } from '../deployment/snapshot';
import type { Fleet } from '../fleet/auto-scaling-groups';
import { isDummy } from '../fleet/dummy-identity';
import type { Outcome } from './outcome';
import type { Deployment } from './session';

/** Of the plan's `noticed`: beside it are the identifiers of what Active was attached to. */
const REFRESH = 'instance refresh';

/**
 * The same outcome, and what is new since the last look, once: for the mail of the next cycle, or of the end. `fleet` is asked
 * for instance refreshes; from swap on, which detaches Active, none replaces what serves users.
 */
export async function withNews(
  outcome: Outcome,
  deployment: Deployment,
  fleet: Fleet | undefined,
  { oldGroup }: Snapshot,
): Promise<Outcome> {
  if (outcome.kind !== 'again' && outcome.kind !== 'passed' && outcome.kind !== 'moved') return outcome;
  const { plan: planned } = deployment;
  const plan = outcome.plan ?? planned;
  const { noticed = [], notes = [] } = plan;
  const isKnown = (identifier: string) =>
    noticed.includes(identifier) || planned.attachments.some((one) => one.identifier === identifier);
  const attached = oldGroup.attachedTo.filter((identifier) => !isKnown(identifier) && !isDummy(identifier));
  // It replaces instances: while none comes or goes, none is asked for.
  const mayRefresh =
    !noticed.includes(REFRESH) && oldGroup.instances.some(({ lifecycleState }) => lifecycleState !== 'InService');
  const isRefreshing = mayRefresh && ((await fleet?.hasInstanceRefresh(oldGroup.name)) ?? false);
  const news = [
    ...(attached.length > 0 ? [attachedLine(plan, attached)] : []),
    ...(isRefreshing ? [refreshLine(plan)] : []),
  ];
  if (news.length === 0) return outcome;
  const told = {
    ...plan,
    notes: [...notes, ...news],
    noticed: [...noticed, ...attached, ...(isRefreshing ? [REFRESH] : [])],
  };
  const isShown = outcome.kind === 'again' && outcome.cycle === undefined;
  return { ...outcome, plan: told, ...(isShown && { waitingFor: [outcome.waitingFor, ...news].join('; ') }) };
}

interface Names {
  oldGroup: string;
  newGroup: string;
}

function attachedLine({ oldGroup, newGroup }: Names, identifiers: readonly string[]): string {
  return `${oldGroup} (Active) was attached to ${namesOf(identifiers)} meanwhile: users there are served by it alone until ${newGroup} is attached there, too, and healthy, which it is to be before ${oldGroup} is taken down.`;
}

function refreshLine({ oldGroup }: Names): string {
  return `An instance refresh runs on ${oldGroup} (Active): it replaces the instances by which users are served, a few at a time, and what attaches or detaches the group may be refused until it is over, and is then tried again.`;
}

/** For a deployment that has detached Active: users depend on it no more, unless it is there anew. */
export function attachedAnewLine({ oldGroup, newGroup }: Names, identifiers: readonly string[]): string {
  return `${oldGroup}, which had been detached, was attached to ${namesOf(identifiers)} again: users may have met its version there, until it was detached once more. ${newGroup} serves all the same.`;
}

/** Of a target group the name in its ARN. */
function namesOf(identifiers: readonly string[]): string {
  return named(identifiers.map((identifier) => /:targetgroup\/([^/]+)/.exec(identifier)?.[1] ?? identifier));
}
