/** Clones what Active is attached to: every load balancer, with the target groups of it that the plan names. */
import type { LoadBalancer, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Dummies, Original } from './dummies';
import type { LoadBalancers } from './load-balancers';
import type { Refusal } from './readiness';
import type { Plan } from './record';
import type { Deployment } from './session';

/** The load balancers to clone, each with the target groups of it that the plan names. */
export async function readOriginals(plan: Plan, loadBalancers: LoadBalancers): Promise<Original[] | Refusal> {
  const cloned = plan.attachments.filter(({ loadBalancerArn }) => loadBalancerArn !== undefined);
  const targetGroups = await loadBalancers.targetGroups(cloned.map(({ identifier }) => identifier));
  const balancers = await loadBalancers.loadBalancers([
    ...new Set(cloned.map(({ loadBalancerArn = '' }) => loadBalancerArn)),
  ]);
  const missing = cloned.find(
    ({ identifier, loadBalancerArn = '' }) => !targetGroups.has(identifier) || !balancers.has(loadBalancerArn),
  );
  if (missing) return { code: '408', message: `${missing.name} was deleted while the deployment started` };
  return Promise.all(
    [...balancers.values()].map(async (loadBalancer) => {
      const own = [...targetGroups.values()].filter(({ LoadBalancerArns }) =>
        LoadBalancerArns?.includes(loadBalancer.LoadBalancerArn ?? ''),
      );
      return {
        loadBalancer,
        targetGroups: own,
        certificateArn: await certificateFor(loadBalancer, own, loadBalancers),
      };
    }),
  );
}

async function certificateFor(
  loadBalancer: LoadBalancer,
  targetGroups: TargetGroup[],
  loadBalancers: LoadBalancers,
): Promise<string | undefined> {
  const arn = loadBalancer.LoadBalancerArn ?? '';
  if (targetGroups.some(({ Protocol }) => Protocol === 'TLS')) return loadBalancers.certificateArn(arn, 'TLS');
  const needsTls = targetGroups.some(({ ProtocolVersion = '' }) => ['HTTP2', 'GRPC'].includes(ProtocolVersion));
  return needsTls ? loadBalancers.certificateArn(arn, 'HTTPS') : undefined;
}

/** Clones every original with its target groups; answers the plan with the clones in it. */
export async function cloneAll(deployment: Deployment, dummies: Dummies, originals: Original[]): Promise<Plan> {
  const { plan } = deployment;
  const targetGroups = originals.flatMap((original) => original.targetGroups);
  const targetGroupArns = await deployment.act(
    '409',
    'creating the dummy target groups',
    targetGroups.map((targetGroup) => () => dummies.cloneTargetGroup(targetGroup)),
  );
  const loadBalancerArns = await deployment.act(
    '410',
    'creating the dummy load balancers',
    originals.map(
      ({ loadBalancer }) =>
        () =>
          dummies.cloneLoadBalancer(loadBalancer),
    ),
  );
  const cloneOf = new Map(
    targetGroups.map(({ TargetGroupArn = '' }, index) => [TargetGroupArn, targetGroupArns[index] ?? '']),
  );
  await deployment.act(
    '410',
    'creating the listeners of the dummies',
    originals.map((original, index) => () => {
      const clones = original.targetGroups.map(({ TargetGroupArn = '' }) => cloneOf.get(TargetGroupArn) ?? '');
      return dummies.listen(original, loadBalancerArns[index] ?? '', clones);
    }),
  );
  return {
    ...plan,
    attachments: plan.attachments.map((attachment) => ({
      ...attachment,
      dummyIdentifier: cloneOf.get(attachment.identifier),
    })),
    dummyLoadBalancerArns: loadBalancerArns,
  };
}
