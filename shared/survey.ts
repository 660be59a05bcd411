/** What `start` finds out before anything is changed: a plan for the deployment, or the reason why there is none. */
import type { LoadBalancer, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { requestedVersions } from './deploy-request';
import {
  type AttachmentState,
  type Fleet,
  type Group,
  isLeaving,
  SUSPENDED_WHILE_ATTACHED,
  SUSPENDED_WHILE_TESTING,
} from './fleet';
import type { LoadBalancers } from './load-balancers';
import {
  isRefusal,
  type Pair,
  pairOf,
  type Refusal,
  refusalOfAttachments,
  refusalOfGroups,
  refusalOfWarTags,
} from './readiness';
import type { Capacity, Plan, PlannedAttachment, War } from './record';
import { repetitionsOf, tagValue, warSlots } from './task-tags';
import type { Wars } from './wars';

export interface Survey {
  plan: Plan;
  /** What the operator should know, for the mail. */
  notes: string[];
}

interface Question {
  task: string;
  versions?: string;
  warBuckets: readonly string[];
  /** Cycles per step, where the groups do not say. */
  repetitions: number;
}

interface Sources {
  fleet: Fleet;
  loadBalancers: LoadBalancers;
  wars: Wars;
}

/** Processes that would size StandBy while it is being tested, and the one that would kill its instances in step 2. */
const SUSPENDED_BY_US = [...SUSPENDED_WHILE_TESTING, ...SUSPENDED_WHILE_ATTACHED];

export async function survey(question: Question, sources: Sources): Promise<Survey | Refusal> {
  const { fleet } = sources;
  const pair = pairOf(question.task, await fleet.groupsOfTask(question.task));
  if (isRefusal(pair)) return pair;
  const refusal =
    refusalOfGroups(pair, await refreshingGroups(fleet, pair)) ??
    refusalOfWarTags(question.task, pair, question.warBuckets);
  if (refusal) return refusal;
  const attachments = await surveyAttachments(pair.active, sources);
  if (isRefusal(attachments)) return attachments;
  const wars = await surveyWars(question, pair.active, sources.wars);
  if (isRefusal(wars)) return wars;
  return surveyOf(question, pair, attachments, wars);
}

/** The sizes that the new group has once it serves: Active's, or the least where Active was taken to 0. */
export function capacityOf(active: Capacity): Capacity {
  return active.desired > 0 ? active : { minimum: 1, desired: 1, maximum: Math.max(1, active.maximum) };
}

async function refreshingGroups(fleet: Fleet, { active, standBy }: Pair): Promise<string[]> {
  const names = [active.name, standBy.name];
  const refreshing = await Promise.all(names.map((name) => fleet.hasInstanceRefresh(name)));
  return names.filter((_, index) => refreshing[index]);
}

async function surveyAttachments(
  active: Group,
  { fleet, loadBalancers }: Sources,
): Promise<PlannedAttachment[] | Refusal> {
  const states = (await fleet.attachments(active.name)).filter((state) => !isLeaving(state));
  const arns = states.filter(({ kind }) => kind === 'target-group').map(({ identifier }) => identifier);
  const targetGroups = await loadBalancers.targetGroups(arns);
  const balancers = await loadBalancers.loadBalancers(loadBalancerArnsOf(targetGroups));
  const refusal = refusalOfAttachments(active, states, targetGroups, balancers);
  return refusal ?? states.map((state) => plannedAttachment(state, targetGroups, balancers));
}

function loadBalancerArnsOf(targetGroups: ReadonlyMap<string, TargetGroup>): string[] {
  return [
    ...new Set([...targetGroups.values()].flatMap(({ LoadBalancerArns }) => LoadBalancerArns?.slice(0, 1) ?? [])),
  ];
}

function plannedAttachment(
  { kind, way, identifier }: AttachmentState,
  targetGroups: ReadonlyMap<string, TargetGroup>,
  balancers: ReadonlyMap<string, LoadBalancer>,
): PlannedAttachment {
  const targetGroup = targetGroups.get(identifier);
  const loadBalancerArn = targetGroup?.LoadBalancerArns?.[0];
  const balancer = loadBalancerArn === undefined ? undefined : balancers.get(loadBalancerArn);
  const names = [targetGroup?.TargetGroupName ?? identifier, balancer?.LoadBalancerName].filter(Boolean);
  return { kind, way, identifier, loadBalancerArn, name: names.join(' of ') };
}

/** The version of each war that the new group gets: the requested one, else the latest; every one is proven. */
async function surveyWars(
  { versions, warBuckets: _, ...question }: Question,
  active: Group,
  wars: Wars,
): Promise<War[] | Refusal> {
  const slots = warSlots(active.tags);
  const bucket = tagValue(active.tags, 'bucket') ?? '';
  const requested = requestedVersions(versions);
  if (requested.length > slots.length) {
    const counts = `${requested.length} versions for ${slots.length} war slots`;
    return { code: '414', message: `the request for ${question.task} is not valid: ${counts}` };
  }
  const chosen: War[] = [];
  for (const [index, { slot, key, versionId, path }] of slots.entries()) {
    // Without a list the latest of each war; in a list an empty or missing item keeps what serves.
    const wanted = versions === undefined ? undefined : requested[index] || versionId;
    const proven = await wars.prove(bucket, key, wanted);
    if ('problem' in proven) return { code: '402', message: proven.problem };
    chosen.push({ slot, bucket, key, path, from: versionId, to: proven.versionId });
  }
  return chosen;
}

function surveyOf(
  question: Question,
  { active, standBy }: Pair,
  attachments: PlannedAttachment[],
  wars: War[],
): Survey {
  const unchecked = attachments.filter(({ kind, loadBalancerArn }) => kind === 'target-group' && !loadBalancerArn);
  const capacity = capacityOf(active.capacity);
  return {
    plan: {
      oldGroup: active.name,
      newGroup: standBy.name,
      capacity,
      repetitions: repetitionsOf(active.tags) ?? question.repetitions,
      wars,
      attachments,
      dummyLoadBalancerArns: [],
      suspendedProcesses: SUSPENDED_BY_US.filter((process) => !standBy.suspendedProcesses.includes(process)),
    },
    notes: unchecked.map(
      ({ name }) => `No listener refers to the target group ${name}: it is attached as it is, unchecked.`,
    ),
  };
}
