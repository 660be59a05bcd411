/**
 * A Network Load Balancer goes on sending new connections to what was deregistered for up to about two minutes, whatever its
 * deregistration delay says, and lists nothing of it. No page of AWS says so; two who measured it do:
 * https://github.com/aws/containers-roadmap/issues/470, https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/2366
 */
import { addSeconds, secondsBetween } from '../aws/time';
import { type Group, remainingOf } from '../fleet/auto-scaling-groups';
import type { Plan } from './plan';

export interface NetworkDrain {
  /** ISO time until which instances of the group have to stay. */
  until: string;
  waitingFor: string;
}

export function isBehindNetwork({ attachments }: Plan): boolean {
  return attachments.some(({ loadBalancerArn = '' }) => loadBalancerArn.includes('/net/'));
}

/** Undefined where nothing can be sent any more. `detachedAt` is when the group was detached last, in ISO. */
export function networkDrain(
  plan: Plan,
  group: Group,
  detachedAt: string | undefined,
  { seconds, now }: { seconds: number; now: Date },
): NetworkDrain | undefined {
  if (!isBehindNetwork(plan) || detachedAt === undefined || remainingOf(group).length === 0) return undefined;
  if (secondsBetween(detachedAt, now) >= seconds) return undefined;
  const until = addSeconds(new Date(detachedAt), seconds);
  return { until, waitingFor: `Network Load Balancers to send nothing more to ${group.name}, until ${until}` };
}
