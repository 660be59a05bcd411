/**
 * The scheme that this product replaces, modelled from its description; nothing of it was run. One function starts, another is
 * invoked once for each cycle of checking and polls for as long as the cycle lasts; each original load balancer has a clone of
 * its own; Active is taken to 0/0/0 without waiting until it has drained.
 */
import type { Cost } from './money';
import { dollarsOfClones } from './money';
import { PRICES } from './prices';
import { secondsOf, servicesPath } from './services-path';
import type { Setting } from './settings';

const CYCLE_SECONDS = 210;
const POLL_SECONDS = 5;

/** Nothing is said of it: the least that a function has. */
const MEMORY_GIGABYTES = 128 / 1024;

export interface Modelled {
  seconds: number;
  /** Those of polling: one for both groups, and one for each thing that they are attached to. */
  calls: number;
  invocations: number;
  costs: Cost[];
  clonesDollars: number;
}

export function predecessor(setting: Setting): Modelled {
  const parts = servicesPath(setting);
  const step = (names: readonly string[]) =>
    Math.ceil(secondsOf(parts.filter(({ what }) => names.includes(what))) / CYCLE_SECONDS);
  const cycles = step(['clones and boot']) + step(['detach from clones', 'attach', 'healthy beside Active']);
  const seconds = cycles * CYCLE_SECONDS;
  const attachments = setting.loadBalancers.reduce(
    (sum, { targetGroups }) => sum + Math.max(1, targetGroups.length),
    0,
  );
  const invocations = 1 + cycles;
  return {
    seconds,
    calls: (seconds / POLL_SECONDS) * (1 + attachments),
    invocations,
    costs: [
      {
        what: 'Lambda',
        dollars:
          invocations * PRICES.invocation.dollars + seconds * MEMORY_GIGABYTES * PRICES.gigabyteSecondOfX86.dollars,
      },
    ],
    clonesDollars: dollarsOfClones({ clones: setting.loadBalancers.map(({ kind }) => kind) }),
  };
}
