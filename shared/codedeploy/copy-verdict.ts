/** Whether the copy of a failed CodeDeploy deployment is proven to be unused: decided from plain data. */
import { boundedText, groupedBy, joined, named } from '../aws/findings';
import { describeTargets, type ToldTarget } from '../fleet/target-health';
import type { CodeDeployDeployment, DeploymentGroup } from './code-deploy';
import { type CopiedGroup, OPT_OUT_KEY } from './copied-groups';
import type { LookedThrough } from './everywhere';
import type { Registration } from './registrations';

export interface Keeping {
  reason: string;
  nextStep: string;
  /** Where its instances are registered; undefined where nobody has seen them anywhere. */
  seen?: Seen;
  /** It is never to be deleted: what deploys next deploys to it. */
  isFleet?: true;
}

export interface Seen {
  /** All of them, and those that say that an instance of it is healthy. */
  listing: readonly Registration[];
  healthyOn: readonly string[];
  healthyInstances: number;
}

/** Undefined stands for: this is no reason against deleting it. */
export type Verdict =
  /** For good: an operator decides. */
  | ({ kind: 'keep' } & Keeping)
  /** It may pass; `isEndedByDeletion`: the deletion itself would end it. */
  | { kind: 'wait'; reason: string; isEndedByDeletion: boolean; looked?: string[] }
  | undefined;

const DELETE_IT = 'Make sure that nothing needs it, then delete it.';

export function verdictOnDeployment(deployment: CodeDeployDeployment | undefined): Verdict {
  if (!deployment) return keep('CodeDeploy does not know its deployment any more', DELETE_IT);
  return deployment.isRunning ? wait(`the deployment is ${deployment.status}`) : undefined;
}

export function verdictOnGroup({ hasOptedOut, deletionProtection, instances }: CopiedGroup): Verdict {
  if (hasOptedOut) return keep(`its tag ${OPT_OUT_KEY} says so`, 'Delete it when it is not needed any more.');
  if (deletionProtection !== 'none') {
    return keep(`its deletion protection is ${deletionProtection}`, 'Take the protection away, then delete it.');
  }
  const acting = instances.filter(({ lifecycleState }) => /:(Wait|Proceed)$/.test(lifecycleState));
  if (acting.length === 0) return undefined;
  const states = groupedBy(acting, ({ lifecycleState }) => lifecycleState).map(
    ([state, alike]) => `${named(alike.map(({ id }) => id))} ${alike.length === 1 ? 'is' : 'are'} ${state}`,
  );
  return { kind: 'wait', reason: `lifecycle actions: ${states.join(', ')}`, isEndedByDeletion: true };
}

export function verdictOnDeploymentGroup(copy: CopiedGroup, deploymentGroup: DeploymentGroup | undefined): Verdict {
  if (!deploymentGroup) return keep('its deployment group does not exist any more', DELETE_IT);
  if (!deploymentGroup.autoScalingGroups.includes(copy.name)) return undefined;
  const nextStep = 'Nothing, if it is to serve: it is the fleet of the group now.';
  return { ...keep('the deployment group deploys to it', nextStep), isFleet: true };
}

export function verdictOnOthers(runningDeployment: string | undefined): Verdict {
  return runningDeployment === undefined ? undefined : wait(`the deployment ${runningDeployment} is not over`);
}

/** A group that is attached to nothing may serve all the same: what counts is what the load balancers list. */
export function verdictOnRegistrations({ instances }: CopiedGroup, found: readonly Registration[]): Verdict {
  if (instances.length === 0) return undefined;
  if (found.length === 0) return keep('no load balancer is known that could tell whether it serves', DELETE_IT);
  const unclear = found.filter(({ targets }) => targets === undefined).map(({ name }) => name);
  if (unclear.length > 0) return keep(`what ${named(unclear)} sends to cannot be told`, DELETE_IT);
  return verdictOnListing(instances, found);
}

/** Everything else of the account: a copy that was not looked through to the end is kept. */
export function verdictOnEverything({ instances }: CopiedGroup, { found, looked, left }: LookedThrough): Verdict {
  const verdict = verdictOnListing(instances, found);
  if (verdict || left === 0) return verdict;
  const all = looked.length + left;
  const reason = `whether it serves is not known: ${looked.length} of ${all} target groups were looked at`;
  return { kind: 'wait', reason, isEndedByDeletion: false, looked };
}

function verdictOnListing(instances: CopiedGroup['instances'], found: readonly Registration[]): Verdict {
  const listed = found.flatMap(({ name, targets }) =>
    instances.flatMap(({ id }) => {
      const state = targets?.get(id)?.state;
      return state === undefined ? [] : [{ id, name, state }];
    }),
  );
  const serving = listed.filter(({ state }) => !/draining/.test(state));
  if (serving.length > 0) {
    const seen = seenOf(serving, found);
    return { ...keep(`it may serve: ${reasonOf(serving)}`, nextStepOf(seen)), seen };
  }
  return listed.length > 0 ? wait(reasonOf(listed)) : undefined;
}

/** Of a mail, and of the note that it is kept in. */
const REASON_BYTES = 4000;

function reasonOf(targets: readonly ToldTarget[]): string {
  return boundedText(joined(describeTargets(targets)), REASON_BYTES);
}

function seenOf(serving: readonly ToldTarget[], found: readonly Registration[]): Seen {
  const healthy = serving.filter(({ state }) => state === 'healthy');
  return {
    listing: found.filter(({ name }) => serving.some((target) => target.name === name)),
    healthyOn: [...new Set(healthy.map(({ name }) => name))],
    healthyInstances: new Set(healthy.map(({ id }) => id)).size,
  };
}

/** It costs money, which is less than what taking it from its users costs. */
function nextStepOf({ healthyOn }: Seen): string {
  const now =
    healthyOn.length > 0
      ? `Do not delete it now: it is healthy on ${named(healthyOn)}, and may have users. It only costs money, so this can wait.`
      : 'Look first whether it serves.';
  return `${now} ${MAY_SERVE}`;
}

const MAY_SERVE =
  'If it serves, name it in the deployment group, so that the next deployment replaces it. If it does not, ' +
  'deregister its instances and wait until they are drained.';

function keep(reason: string, nextStep: string): { kind: 'keep' } & Keeping {
  return { kind: 'keep', reason, nextStep };
}

function wait(reason: string): Verdict {
  return { kind: 'wait', reason, isEndedByDeletion: false };
}
