/** How a task stands now: its record, its groups and their health, and what was deployed before. */
import { mapSome } from '../shared/aws/calls';
import { errorMessage, isDenied } from '../shared/aws/errors';
import { attachmentsOfActive } from '../shared/deployment/attachments';
import type { Plan, PlannedAttachment, War } from '../shared/deployment/plan';
import { type Pair, pairOf } from '../shared/deployment/readiness';
import { isRefusal, type Refusal } from '../shared/deployment/refusal';
import { healthOnDummies, lookAtEverything, Snapshot } from '../shared/deployment/snapshot';
import { tagValue, typeTagOf, warSlots } from '../shared/fleet/tags';
import type { Wars } from '../shared/fleet/wars';
import { shownLimits } from '../shared/pipeline/limits';
import { type DeploymentRecord, isOpen, newRecord } from '../shared/pipeline/record';
import { type DeploymentView, groupsOf, type Seen, viewOf } from '../shared/view/view';
import type { Stack } from './stack';

export interface TaskReading {
  /** Of one that never had a deployment only its users, groups and matrix mean anything. */
  view: DeploymentView;
  /** Undefined where the task never had a deployment. */
  record: DeploymentRecord | undefined;
  /** What serves, and what is being deployed. */
  wars: War[];
  /** What keeps its groups from being deployed to, where that is seen at once. */
  refusal?: Refusal;
  /** What could not be seen, and why: whoever may look at a part is shown that. */
  unseen?: string;
}

export async function readTask(stack: Stack, task: string): Promise<TaskReading> {
  const { history, runtime } = stack;
  const [stored, groups, newest] = await Promise.all([
    stack.readAtFirst(task),
    stack.groupsAtFirst(task),
    history.newest(task),
  ]);
  const record = stored?.record;
  const pair = pairOf(task, groups, stack.warBuckets);
  const now = runtime.now();
  const shown = record ?? neverDeployed(task, now);
  const viewed = (plan: Plan | undefined, look: Look = {}) =>
    viewOf({
      ...{ record: plan ? { ...shown, plan } : shown, ...look },
      ...{ history: newest, limits: limitsOf(stack, plan), now },
    });
  try {
    const { plan, refusal } = await planToLookAt(stack, record, pair);
    const look = plan && (await lookAt(stack, plan, record !== undefined && isOpen(record)));
    const wars = (plan ?? record?.plan)?.wars ?? [];
    return { view: viewed(plan, look), record, wars, ...(refusal && { refusal }) };
  } catch (error) {
    if (!isDenied(error)) throw error;
    const plan = await planUnseen(stack, record, pair);
    const find = (name: string) => groups.find((group) => group.name === name);
    const found = plan && groupsOf(new Snapshot(plan, now, find(plan.oldGroup), find(plan.newGroup)));
    const view = { ...viewed(plan), groups: found ?? [] };
    return { view, record, wars: plan?.wars ?? [], unseen: notAllowed(error) };
  }
}

type Look = Pick<Seen, 'snapshot' | 'cloneHealth'>;

/** What there is to be said of it without a look at load balancers. */
async function planUnseen(
  { sources }: Stack,
  record: DeploymentRecord | undefined,
  pair: Pair | Refusal,
): Promise<Plan | undefined> {
  if ((record?.plan && isOpen(record)) || isRefusal(pair)) return record?.plan;
  return planOf(pair, await warsOf(pair, sources.wars), []);
}

/** As the sentence of an error: the message says which action is denied. */
export function notAllowed(error: unknown): string {
  return `How the instances stand was not seen: AWS does not let you look (${errorMessage(error)}).`;
}

/** Of a deployment that is under way, or of one that waits for an operator. */
export async function lookAt({ sources, runtime }: Stack, plan: Plan, isUnderWay: boolean): Promise<Look> {
  const snapshot = await lookAtEverything(plan, sources, runtime.now());
  const cloneHealth = isUnderWay ? await healthOnDummies(plan, sources.loadBalancers).catch(() => []) : [];
  return { snapshot, cloneHealth };
}

/** A stack of an earlier version does not say what it was given. */
export function limitsOf(stack: Stack, plan: Plan | undefined): NonNullable<Seen['limits']> {
  return stack.outputs.Settings === undefined ? {} : shownLimits(plan, stack.settings);
}

/** While a deployment is under way its plan says who is who; else the tags do. */
async function planToLookAt(
  { sources }: Stack,
  record: DeploymentRecord | undefined,
  pair: Pair | Refusal,
): Promise<{ plan?: Plan | undefined; refusal?: Refusal }> {
  if (record?.plan && isOpen(record)) return { plan: record.plan };
  if (isRefusal(pair)) return { plan: record?.plan, refusal: pair };
  const [attachments, wars] = await Promise.all([
    attachmentsOfActive(pair.active, sources),
    warsOf(pair, sources.wars),
  ]);
  return isRefusal(attachments)
    ? { plan: planOf(pair, wars, []), refusal: attachments }
    : { plan: planOf(pair, wars, attachments) };
}

/** Its name is not known then; nothing depends on it. */
function unlessDenied(error: unknown): undefined {
  if (!isDenied(error)) throw error;
}

/** What Active runs, by name. */
async function warsOf({ active }: Pair, wars: Wars): Promise<War[]> {
  const bucket = tagValue(active.tags, 'bucket') ?? '';
  return mapSome(warSlots(active.tags), async ({ slot, key, versionId, path }) => {
    const proven = await wars.prove(bucket, key, versionId).catch(unlessDenied);
    const name = proven && 'name' in proven ? { fromName: proven.name, toName: proven.name } : {};
    return { slot, bucket, key, path, from: versionId, to: versionId, ...name };
  });
}

/** Nothing is planned: it only says where to look. */
function planOf({ active, standBy }: Pair, wars: War[], attachments: PlannedAttachment[]): Plan {
  return {
    oldGroup: active.name,
    newGroup: standBy.name,
    typeTag: typeTagOf(active.tags),
    capacity: active.capacity,
    isEmergency: active.capacity.desired === 0,
    repetitions: 0,
    wars,
    attachments,
    dummyLoadBalancerArns: [],
    suspendedProcesses: [],
    scheduledActions: [],
  };
}

function neverDeployed(task: string, now: Date): DeploymentRecord {
  const at = now.toISOString();
  const request = { requestId: '', type: 'manual' as const, requestedAt: at, requestedBy: '' };
  return { ...newRecord(task, '', now, request, undefined), status: 'completed', timeline: [] };
}
