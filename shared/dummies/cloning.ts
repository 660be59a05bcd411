/** Clones what Active is attached to: every load balancer, with the target groups of it that the plan names. */
import type { LoadBalancerDescription } from '@aws-sdk/client-elastic-load-balancing';
import type { LoadBalancer, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { errorCode } from '../aws/errors';
import { readAttached } from '../deployment/attachments';
import type { Plan } from '../deployment/plan';
import type { Attached } from '../deployment/readiness';
import type { Refusal } from '../deployment/refusal';
import { provenSizes } from '../deployment/sizes';
import { keyOf } from '../fleet/attachment';
import type { Fleet, Group } from '../fleet/auto-scaling-groups';
import type { LoadBalancers } from '../fleet/load-balancers';
import { ActionFailed, type Deployment } from '../pipeline/session';
import type { Dummies } from './dummies';
import { type Original, shared } from './sharing';
import type { UnreadableClones } from './unreadable-clones';

/** What is to be cloned. */
export interface Originals {
  balancers: Original[];
  classic: LoadBalancerDescription[];
}

/** Reads what is to be cloned anew: since it was planned, somebody may have deleted it, or detached Active from it. */
export async function readOriginals(
  plan: Plan,
  active: Group | undefined,
  { fleet, loadBalancers }: { fleet: Fleet; loadBalancers: LoadBalancers },
): Promise<Originals | Refusal> {
  const cloned = plan.attachments.filter(({ kind, loadBalancerArn }) => kind === 'classic' || loadBalancerArn);
  const attached = await readAttached(cloned, loadBalancers);
  const attachedTo = active?.attachedTo ?? (await placesOf(plan.oldGroup, fleet));
  for (const { kind, way, identifier, name, loadBalancerArn = '' } of cloned) {
    const code = kind === 'classic' ? '406' : '408';
    const exists =
      attached.classic.has(identifier) ||
      (attached.targetGroups.has(identifier) && attached.loadBalancers.has(loadBalancerArn));
    const place = { group: plan.oldGroup, attachments: [{ kind, way, identifier }] };
    if (!exists) {
      const message = `${name} was deleted while the deployment started`;
      return { code, message, remedy: { kind: 'detach', ...place } };
    }
    if (!attachedTo.includes(identifier)) {
      const message = `${plan.oldGroup} (Active) was detached from ${name} while the deployment started`;
      return { code, message, remedy: { kind: 'attach', ...place } };
    }
  }
  const balancers = await balancersOf(attached, loadBalancers);
  const bare = balancers.find(({ certificateArn, targetGroups }) => !certificateArn && targetGroups.some(needsTls));
  if (bare) {
    const { LoadBalancerName } = bare.loadBalancer;
    const message = `${LoadBalancerName} cannot be cloned: it has no listener with a certificate for its target groups`;
    return { code: '413', message, remedy: { kind: 'stay', group: plan.oldGroup } };
  }
  return { balancers, classic: [...attached.classic.values()] };
}

/** Of a group that was not found: whoever is asked says that it is gone. */
async function placesOf(name: string, fleet: Fleet): Promise<string[]> {
  const attachments = await fleet.attachments({ name, attachedTo: [] });
  return attachments.map(({ identifier }) => identifier);
}

function balancersOf(attached: Attached, loadBalancers: LoadBalancers): Promise<Original[]> {
  return Promise.all(
    [...attached.loadBalancers.values()].map(async (loadBalancer) => {
      // Numbered in this order, and so again by whoever repeats it: AWS may list them in another.
      const targetGroups = [...attached.targetGroups.values()]
        .filter(({ LoadBalancerArns }) => LoadBalancerArns?.includes(loadBalancer.LoadBalancerArn ?? ''))
        .toSorted((one, other) => ((one.TargetGroupArn ?? '') < (other.TargetGroupArn ?? '') ? -1 : 1));
      return {
        loadBalancer,
        targetGroups,
        certificateArn: await certificateFor(loadBalancer, targetGroups, loadBalancers),
      };
    }),
  );
}

async function certificateFor(
  { LoadBalancerArn = '', Type }: LoadBalancer,
  targetGroups: TargetGroup[],
  loadBalancers: LoadBalancers,
): Promise<string | undefined> {
  if (!targetGroups.some(needsTls)) return undefined;
  return loadBalancers.certificateArn(LoadBalancerArn, Type === 'network' ? 'TLS' : 'HTTPS');
}

/** Whether the listener that refers to the target group must speak TLS. */
function needsTls({ Protocol, ProtocolVersion = '' }: TargetGroup): boolean {
  return Protocol === 'TLS' || ['HTTP2', 'GRPC'].includes(ProtocolVersion);
}

/** What clones are made with. */
export interface Means {
  loadBalancers: LoadBalancers;
  dummies: Dummies;
  unreadable: UnreadableClones;
}

/**
 * Clones every original with its target groups; answers the plan with the clones in it. Throws LookAgain where not all of
 * them are to be read yet: those that are there are found by whoever repeats it.
 */
export async function cloneAll(
  deployment: Deployment,
  { loadBalancers, dummies, unreadable }: Means,
  { balancers: each, classic }: Originals,
): Promise<Plan> {
  const plan = { ...deployment.plan, cloningSince: deployment.now.toISOString() };
  const balancers = each.length > 1 ? shared(each, await loadBalancers.limits(), provenSizes(plan).desired) : each;
  const zonal = new Set(plan.attachments.filter(({ isZonal }) => isZonal).map(keyOf));
  const targetGroups = balancers.flatMap((original) => original.targetGroups);
  const targetGroupArns = await create(
    deployment,
    { code: '409', action: 'creating the dummy target groups' },
    targetGroups.map(
      (targetGroup) => () => dummies.cloneTargetGroup(targetGroup, zonal.has(keyOfTargetGroup(targetGroup))),
    ),
    plan,
  );
  const loadBalancerArns = await create(
    deployment,
    { code: '410', action: 'creating the dummy load balancers' },
    balancers.map((original) => () => dummies.cloneLoadBalancer(original)),
  );
  const classicNames = await create(
    deployment,
    { code: '407', action: 'creating the dummy Classic Load Balancers' },
    classic.map((original) => () => dummies.cloneClassic(original)),
  );
  unreadable.check();
  const cloneOf = new Map([
    ...targetGroups.map((one, index) => [keyOfTargetGroup(one), targetGroupArns[index] ?? ''] as const),
    ...classic.map(
      ({ LoadBalancerName: identifier = '' }, index) =>
        [keyOf({ kind: 'classic', identifier }), classicNames[index] ?? ''] as const,
    ),
  ]);
  const cloned: Plan = {
    ...plan,
    attachments: plan.attachments.map((attachment) => ({
      ...attachment,
      dummyIdentifier: cloneOf.get(keyOf(attachment)),
    })),
    dummyLoadBalancerArns: [...new Set([...loadBalancerArns, ...dummies.loadBalancersThere])],
  };
  await create(
    deployment,
    { code: '410', action: 'creating the listeners of the dummies' },
    balancers.map((original, index) => () => {
      const clones = original.targetGroups.map((one) => cloneOf.get(keyOfTargetGroup(one)) ?? '');
      return dummies.listen(original, loadBalancerArns[index] ?? '', clones);
    }),
    cloned,
  );
  unreadable.check();
  return { ...cloned, cloningSince: undefined };
}

function keyOfTargetGroup({ TargetGroupArn: identifier = '' }: TargetGroup): string {
  return keyOf({ kind: 'target-group', identifier });
}

/**
 * As `act`, but what the account or the network does not allow is 413, whatever was being created. `plan` is noted before:
 * clean-up has to know what there may be.
 */
async function create<Result>(
  deployment: Deployment,
  { code, action }: { code: string; action: string },
  calls: (() => Promise<Result>)[],
  plan?: Plan,
): Promise<Result[]> {
  return deployment.act(code, action, calls, { plan }).catch((error: unknown) => {
    if (error instanceof ActionFailed && isBeyondLimits(error.cause))
      throw new ActionFailed('413', action, error.cause);
    throw error;
  });
}

/** Of the limits those that the account has in all, which the clones of others may take up. */
export function isOfAccount(error: unknown): boolean {
  return /^TooMany(LoadBalancers|TargetGroups|AccessPoints)/.test(errorCode(error));
}

/** `InvalidSubnet` is how a subnet with fewer than 8 free addresses is refused. */
function isBeyondLimits(error: unknown): boolean {
  const code = errorCode(error);
  return /^(TooMany(?!Requests)|InvalidSubnet|InsufficientCapacity|TargetGroupAssociationLimit)/.test(code);
}
