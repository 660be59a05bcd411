/** Taking clones away. One that cannot be deleted holds up nothing else: it is left, and whoever can delete it is told how. */
import { plainLine } from '../../events/contract';
import { errorMessage, isDenied } from '../aws/errors';
import { addSeconds, secondsBetween } from '../aws/time';
import { deleteDummyCommands } from '../codes/commands';
import { dummiesOf, type LeftClone, type Plan } from '../deployment/plan';
import { DUMMY_PREFIX, dummyNameIn, tagText } from '../fleet/dummy-identity';
import { CREATED_LAG_SECONDS } from '../fleet/lag';
import type { LoadBalancers } from '../fleet/load-balancers';
import { type DeploymentRecord, type Progress, UNKNOWN_CLAIM_SECONDS } from '../pipeline/record';
import type { Deployment } from '../pipeline/session';
import { type FoundDummy, findDummies } from './search';

/** How long the deletion of clones is tried before they are left: what passes by itself has passed by then. */
export const REMOVAL_LIMIT_SECONDS = 120;

/** So many are named in a mail, and so much is said of each. */
const NAMED = 10;
const WHY_CHARACTERS = 300;

export type Clone = Pick<FoundDummy, 'kind' | 'identifier'>;

/** What operators know each kind by: the code is what the deployment failed with in earlier versions. */
const KINDS = {
  'load-balancer': { code: 'T005', words: 'load balancer' },
  'target-group': { code: 'T006', words: 'target group' },
  classic: { code: 'T003', words: 'Classic Load Balancer' },
} as const;

/** Deletes them, load balancers first: a target group that a listener refers to cannot be deleted. Answers what is left. */
export async function deleteClones(
  deployment: Deployment,
  loadBalancers: LoadBalancers,
  clones: readonly Clone[],
  progress?: Progress,
): Promise<LeftClone[]> {
  const left: LeftClone[] = [];
  for (const isBalancer of [true, false]) {
    const calls = clones
      .filter(({ kind }) => (kind === 'load-balancer') === isBalancer)
      .map((clone) => () => deleteClone(loadBalancers, clone));
    const code = isBalancer ? KINDS['load-balancer'].code : KINDS['target-group'].code;
    left.push(...(await deployment.act(code, 'deleting the dummies', calls, { progress })).flatMap((one) => one ?? []));
  }
  return left;
}

/** Undefined where it is gone. */
async function deleteClone(loadBalancers: LoadBalancers, { kind, identifier }: Clone): Promise<LeftClone | undefined> {
  const deletion =
    kind === 'load-balancer'
      ? loadBalancers.deleteDummyLoadBalancer(identifier)
      : loadBalancers.deleteDummy({ kind, identifier });
  return deletion.then(
    () => undefined,
    (error: unknown) => {
      const why = plainLine(errorMessage(error), WHY_CHARACTERS);
      return { kind, identifier, why, isDenied: isDenied(error) };
    },
  );
}

/**
 * Deletes the clones of a deployment that failed. `unseenSeconds` is for how long there may be more which are not to be read
 * yet.
 */
export async function deleteClonesOf(
  deployment: Deployment,
  loadBalancers: LoadBalancers,
  stack: string,
): Promise<{ left: LeftClone[]; unseenSeconds: number }> {
  const look = () => findDummies(loadBalancers, stack);
  const found = (await deployment.read('T005', 'looking for the dummies', look)).filter((dummy) =>
    isOurs(dummy, deployment.record),
  );
  const { createdBy, named } = justCreated(deployment);
  const unlisted = named.filter(({ identifier }) => found.every((one) => one.identifier !== identifier));
  const clones = [...found, ...unlisted];
  const left = await deleteClones(deployment, loadBalancers, clones, removing(deployment, clones));
  const unseenSeconds = createdBy ? CREATED_LAG_SECONDS - secondsBetween(createdBy, deployment.now) : 0;
  return { left, unseenSeconds };
}

/** Whoever has asked for no more than to clean is told what there was; noted before it goes. */
function removing({ record, progress }: Deployment, clones: readonly Clone[]): Progress | undefined {
  const { removed } = progress;
  if (record.request.type !== 'clean' || removed === undefined) return undefined;
  const lines = [...new Set([...removed, ...clones.map(removedLine)])].slice(0, REMOVED_KEPT);
  return lines.length > removed.length ? { removed: lines } : undefined;
}

/** Of more a mail does not tell. */
const REMOVED_KEPT = 30;

/** For a mail: what was there, and is not any more. */
export function removedLine({ kind, identifier }: Clone): string {
  return `The clone ${dummyNameIn(identifier)} (${KINDS[kind].words}) was there.`;
}

/** Only those of this deployment; at an operator's request those of the whole task. */
function isOurs({ owner }: FoundDummy, { deploymentId, task, cleaning }: DeploymentRecord): boolean {
  return owner.deploymentId === deploymentId || (cleaning?.ofTask === true && owner.task === tagText(task));
}

/**
 * What start has created so lately that it may not be listed yet, or not with its tags: what the plan names is deleted all
 * the same. `createdBy` is set where there may be what it does not name.
 */
function justCreated({ plan, record, now }: Deployment): { createdBy?: string; named: Clone[] } {
  const { cloningSince } = plan;
  if (cloningSince)
    return { createdBy: addSeconds(new Date(cloningSince), UNKNOWN_CLAIM_SECONDS), named: clonesOf(plan) };
  const startedBy = record.timeline.find(({ stage }, index) => index > 0 && stage !== 'start')?.at;
  const isNew = startedBy !== undefined && secondsBetween(startedBy, now) < CREATED_LAG_SECONDS;
  return { named: isNew ? clonesOf(plan) : [] };
}

function clonesOf(plan: Plan): Clone[] {
  const balancers = plan.dummyLoadBalancerArns.map((identifier) => ({ kind: 'load-balancer' as const, identifier }));
  return [...balancers, ...dummiesOf(plan)];
}

/** For a wait: what of it is not gone yet, in short. */
export function waitingForDeletion(left: readonly LeftClone[]): string {
  const names = left.slice(0, NAMED).map(({ identifier }) => dummyNameIn(identifier));
  return `${left.length} dummies to be deleted: ${names.join(', ')} (${left[0]?.why})`;
}

/** For a mail, one line each: what is left, why, and what to run. */
export function leftoverLines(left: readonly LeftClone[]): string[] {
  const lines = left.slice(0, NAMED).flatMap(({ kind, identifier, why }) => {
    const { code, words } = KINDS[kind];
    const what = `${code}: the clone ${dummyNameIn(identifier)} (${words}) could not be deleted: ${why}`;
    return [
      `${what}. Remove it, and where AWS says that it is in use, again a minute later:`,
      ...deleteDummyCommands(kind, identifier),
    ];
  });
  if (left.length > NAMED) lines.push(`And ${left.length - NAMED} more, whose names begin with ${DUMMY_PREFIX}, too.`);
  if (left.length > 0) lines.push('The watchdog goes on trying, and mails what it cannot delete.');
  return lines;
}
