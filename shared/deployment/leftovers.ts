/** What is not as it should be once clean-up is done, or has stopped: by name, also what was so before the deployment. */
import type { Users } from '../../events/contract';
import { named } from '../aws/findings';
import { keyOf } from '../fleet/attachment';
import type { Group } from '../fleet/auto-scaling-groups';
import { type Snapshot, typeOf } from './snapshot';

type Found = Snapshot<Group | undefined>;

/** Without these a group does not get the instances that it is to have, or does not have them where users come in. */
const NEEDED = ['Launch', 'Terminate', 'AddToLoadBalancer'];

/** Once a deployment is taken back. `areTagsWritten`: just now, so that the snapshot has them as they were. */
export function oddities(snapshot: Found, areTagsWritten: boolean): string[] {
  const { plan, oldGroup, newGroup } = snapshot;
  return [
    ...(oldGroup ? [] : [`${plan.oldGroup} does not exist.`]),
    ...(newGroup ? [] : [`${plan.newGroup} does not exist: the task has no group to stand by.`]),
    ...(areTagsWritten ? [] : wrongTypes([oldGroup, 'Active'], [newGroup, 'StandBy'])),
    ...(oldGroup ? unattached(snapshot, oldGroup) : []),
    ...[oldGroup, newGroup].flatMap((group) => (group ? suspended(group, NEEDED) : [])),
  ];
}

/** Where clean-up has stopped: what is still to be done for the version that serves, or that it is to be decided. */
export function unfinished(snapshot: Found, { serving = [] }: Users): string[] {
  const { plan, oldGroup, newGroup } = snapshot;
  const [isOld, isNew] = [plan.oldGroup, plan.newGroup].map((name) => serving.includes(name));
  const isOfDeployment = plan.wars.length > 0;
  // Where Active is attached as before, or nobody had asked for it, the new group is no more than what happens to serve.
  const isForward = isNew && isOfDeployment && snapshot.oldAttachments.length === 0;
  if (isOld === isNew || (isNew && !isForward)) {
    const choice = `${plan.newGroup}${isOfDeployment ? ' (new version)' : ''} or ${plan.oldGroup}${isOfDeployment ? ' (old version)' : ''}`;
    const groups = [oldGroup, newGroup].flatMap((group) => (group ? [`${group.name} stands ${standing(group)}.`] : []));
    return [`Undecided: whether ${choice} is to serve.`, ...groups, ...oddities(snapshot, true)];
  }
  const [serves, other] = isNew ? [newGroup, oldGroup] : [oldGroup, newGroup];
  const listed = isNew ? snapshot.oldAttachments : snapshot.newAttachments;
  const ofOld = plan.suspendedOnOld?.processes ?? [];
  return [
    ...(other && hasSize(other) ? [`${other.name} is still ${standing(other)}: it is to be empty, at 0/0/0.`] : []),
    ...(other && listed.length > 0
      ? [`${other.name} is still attached to ${named(listed.map((one) => snapshot.nameOf(one)))}.`]
      : []),
    ...(other ? [] : [`${isNew ? plan.oldGroup : plan.newGroup} does not exist: the task has no group to stand by.`]),
    ...wrongTypes([serves, 'Active'], [other, 'StandBy']),
    ...(isOld && oldGroup ? unattached(snapshot, oldGroup) : []),
    ...(serves ? suspended(serves, [...(isNew ? plan.suspendedProcesses : ofOld), ...NEEDED]) : []),
    ...(other ? suspended(other, NEEDED) : []),
  ];
}

function wrongTypes(...wanted: [group: Group | undefined, type: string][]): string[] {
  return wanted.flatMap(([group, type]) =>
    group && typeOf(group) !== type
      ? [`${group.name} is tagged type = ${typeOf(group) ?? '(none)'}, and is to be ${type}.`]
      : [],
  );
}

function unattached(snapshot: Found, { name }: Group): string[] {
  const { plan, oldAttachments, gone } = snapshot;
  const missing = snapshot.missing();
  const lost = plan.attachments.filter((planned) => gone.has(keyOf(planned)));
  const stillNamed = oldAttachments.filter((attachment) => gone.has(keyOf(attachment)));
  const unnamed = lost.filter((planned) => stillNamed.every((one) => keyOf(one) !== keyOf(planned)));
  return [
    ...(missing.length > 0 ? [`${name} is not attached to ${named(missing.map((one) => one.name))}.`] : []),
    ...stillNamed.map((one) => `${name} still names ${snapshot.nameOf(one)}, which does not exist any more.`),
    ...unnamed.map((one) => `${one.name} does not exist any more.`),
  ];
}

function suspended({ name, suspendedProcesses }: Group, looked: readonly string[]): string[] {
  const processes = suspendedProcesses.filter((process) => looked.includes(process));
  return processes.length > 0 ? [`Suspended on ${name}: ${processes.join(', ')}.`] : [];
}

function hasSize({ capacity, instances }: Group): boolean {
  return capacity.maximum > 0 || instances.length > 0;
}

function standing({ capacity: { minimum, desired, maximum }, instances }: Group): string {
  const count = `${instances.length} ${instances.length === 1 ? 'instance' : 'instances'}`;
  return `at ${minimum}/${desired}/${maximum}, with ${count}`;
}
