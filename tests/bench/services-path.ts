/**
 * How long the services alone need from an upload to the end, whoever deploys: what no polling, no function and no event
 * adds to. Everything that a deployer can do at the same time counts as done at the same time.
 */
import { STANDARD_SETTINGS as AUTO_SCALING } from '../../local/services/auto-scaling/fleet';
import { STANDARD_SETTINGS as LOAD_BALANCING } from '../../local/services/elastic-load-balancing-v2/account';
import { batches } from '../../shared/aws/calls';
import { HEALTH_CHECK_INTERVAL_SECONDS, type Setting } from './settings';

export type Kind = 'application' | 'network' | 'classic';

export interface Part {
  what: string;
  seconds: number;
}

/**
 * A group is attached to so many at once, or detached from them, and to no more until those are done with:
 * https://github.com/aws/aws-sdk-java/issues/746
 */
const ATTACHMENTS_AT_ONCE = 10;

/** Of the health checks of all settings. */
const THRESHOLD = 2;

/** A Network Load Balancer sends new connections to a deregistered target for so long: see shared/deployment/network-drain.ts. */
const NETWORK_MINIMUM_DRAIN_SECONDS = 120;

export function servicesPath(setting: Setting): Part[] {
  const kinds = kindsOf(setting);
  const moves = batches(kinds, ATTACHMENTS_AT_ONCE);
  const attachingSeconds = moves.length * AUTO_SCALING.attachmentSeconds;
  return [
    { what: 'clones and boot', seconds: longest(kinds, (kind) => healthyOnCloneSeconds(kind, setting)) },
    { what: 'detach from clones', seconds: attachingSeconds },
    { what: 'attach', seconds: attachingSeconds },
    { what: 'healthy beside Active', seconds: longest(kinds, (kind) => acceptingSeconds(kind)) },
    {
      what: 'drain',
      seconds: sum(moves.map((kindsOfMove) => drainingSeconds(kindsOfMove, setting.drainSeconds))),
    },
    { what: 'empty', seconds: AUTO_SCALING.reactionSeconds + AUTO_SCALING.terminationSeconds },
  ];
}

export function secondsOf(parts: readonly Part[]): number {
  return sum(parts.map(({ seconds }) => seconds));
}

/** Of each attachment, in the order in which they are moved. */
function kindsOf({ loadBalancers }: Setting): Kind[] {
  return loadBalancers.flatMap(({ kind, targetGroups }) =>
    kind === 'classic' ? [kind] : targetGroups.map((): Kind => kind),
  );
}

/** StandBy boots while the clones are made; both are asked for at once. */
function healthyOnCloneSeconds(kind: Kind, { bootSeconds, provisioningSeconds }: Setting): number {
  const { reactionSeconds, launchSeconds } = AUTO_SCALING;
  const bootedAt = reactionSeconds + bootSeconds;
  const checkedFrom =
    Math.max(kind === 'classic' ? 0 : provisioningSeconds, reactionSeconds + launchSeconds) + registrationSeconds(kind);
  if (bootedAt <= checkedFrom) return checkedFrom + checksSeconds(successesAtFirst(kind));
  // Checked in vain until it has booted, a target is judged once, and then needs the whole threshold.
  const failures = Math.ceil((bootedAt - checkedFrom) / HEALTH_CHECK_INTERVAL_SECONDS);
  const successes = failures >= THRESHOLD ? THRESHOLD : successesAtFirst(kind);
  return checkedFrom + failures * HEALTH_CHECK_INTERVAL_SECONDS + checksSeconds(successes);
}

/** From the registration of an instance that is well. */
function acceptingSeconds(kind: Kind): number {
  return registrationSeconds(kind) + checksSeconds(successesAtFirst(kind));
}

function registrationSeconds(kind: Kind): number {
  return kind === 'network' ? LOAD_BALANCING.networkRegistrationSeconds : 0;
}

function successesAtFirst(kind: Kind): number {
  return kind === 'application' ? 1 : THRESHOLD;
}

/** The first check leaves at once. */
function checksSeconds(successes: number): number {
  return (successes - 1) * HEALTH_CHECK_INTERVAL_SECONDS;
}

/** Of ten at most, until the group lists none of them any more: only then the next ten may go. */
function drainingSeconds(kinds: readonly Kind[], drainSeconds: number): number {
  const ofKind = (kind: Kind) =>
    kind === 'network' ? Math.max(drainSeconds, NETWORK_MINIMUM_DRAIN_SECONDS) : drainSeconds;
  return longest(kinds, ofKind) + AUTO_SCALING.attachmentSeconds;
}

function longest(kinds: readonly Kind[], secondsOfKind: (kind: Kind) => number): number {
  return Math.max(...kinds.map(secondsOfKind));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
