/** What a group is attached to, as a deployment plans with it. */
import { mapSome } from '../aws/calls';
import { type Attachment, type AttachmentId, isLeaving } from '../fleet/attachment';
import type { Fleet, Group } from '../fleet/auto-scaling-groups';
import type { LoadBalancers } from '../fleet/load-balancers';
import { batchesOf } from '../fleet/motion';
import type { Plan, PlannedAttachment } from './plan';
import { type Attached, isLattice, refusalOfAttachments } from './readiness';
import { isRefusal, type Refusal } from './refusal';

/** No deregistration delay is longer (ELB user guides: 0 to 3600 seconds); the rest is for states that lag. */
export const LONGEST_DRAIN_SECONDS = 3600 + 120;

/** How much longer it may take to move a group off all that is planned, batch by batch, than to move one batch. */
export function laterDrainsSeconds(plan: Plan | undefined): number {
  return (batchesOf(plan?.attachments.length ?? 0) - 1) * LONGEST_DRAIN_SECONDS;
}

interface Sources {
  fleet: Fleet;
  loadBalancers: LoadBalancers;
}

/** What Active is attached to, or why it cannot be deployed behind that. */
export async function attachmentsOfActive(active: Group, sources: Sources): Promise<PlannedAttachment[] | Refusal> {
  const places = await placesOfActive(active, sources);
  return isRefusal(places) ? places : places.attachments;
}

/** The same with what was read of these places. */
export async function placesOfActive(
  active: Group,
  { fleet, loadBalancers }: Sources,
): Promise<{ attachments: PlannedAttachment[]; attached: Attached } | Refusal> {
  const states = (await fleet.attachments(active)).filter((state) => !isLeaving(state));
  const attached = await readAttached(states, loadBalancers);
  const refusal = refusalOfAttachments(active, states, attached);
  return refusal ?? { attachments: await planAttachments(states, attached, loadBalancers), attached };
}

export async function readAttached(
  attachments: readonly Attachment[],
  loadBalancers: LoadBalancers,
): Promise<Attached> {
  const named = (wanted: Attachment['kind']) =>
    attachments.filter(({ kind }) => kind === wanted).map(({ identifier }) => identifier);
  const [targetGroups, classic] = await Promise.all([
    loadBalancers.targetGroups(named('target-group').filter((arn) => !isLattice(arn))),
    loadBalancers.classic.loadBalancers(named('classic')),
  ]);
  const arns = new Set([...targetGroups.values()].flatMap(({ LoadBalancerArns }) => LoadBalancerArns ?? []));
  return { targetGroups, classic, loadBalancers: await loadBalancers.loadBalancers([...arns]) };
}

export function planAttachments(
  attachments: readonly Attachment[],
  attached: Attached,
  loadBalancers: LoadBalancers,
): Promise<PlannedAttachment[]> {
  return mapSome(attachments, async ({ kind, way, identifier }) => {
    const loadBalancerArn = attached.targetGroups.get(identifier)?.LoadBalancerArns?.[0];
    const name = nameOf({ kind, identifier }, attached);
    const serving = await loadBalancers.serving({ kind, identifier }, loadBalancerArn);
    return { kind, way, identifier, name, loadBalancerArn, ...serving };
  });
}

/** For people. A Classic Load Balancer may have the name of a target group: only the latter never stands alone. */
export function nameOf({ kind, identifier }: AttachmentId, { targetGroups, loadBalancers }: Attached): string {
  if (kind === 'classic') return identifier;
  const { TargetGroupName: name = identifier, LoadBalancerArns: [arn = ''] = [] } = targetGroups.get(identifier) ?? {};
  const { LoadBalancerName } = loadBalancers.get(arn) ?? {};
  return LoadBalancerName === undefined ? `the target group ${name}` : `${name} of ${LoadBalancerName}`;
}
