/** Groups and attachments as plain data, for the pure decisions: every option that a test sets matters to it. */
import type { AttachmentState, Group, Instance } from '../shared/fleet';
import type { Tag } from '../shared/task-tags';

export function instanceOf(id: string, changes: Partial<Instance> = {}): Instance {
  return { id, zone: 'eu-central-1a', lifecycleState: 'InService', isProtected: false, weight: 1, ...changes };
}

/** A group that is as large as its instances are many. */
export function groupOf(name: string, changes: Partial<Group> = {}): Group {
  const desired = changes.instances?.length ?? 0;
  return {
    name,
    capacity: { minimum: desired, desired, maximum: desired },
    instances: [],
    tags: [],
    suspendedProcesses: [],
    hasWarmPool: false,
    ...changes,
  };
}

export function tagsOf(values: Record<string, string>): Tag[] {
  return Object.entries(values).map(([key, value]) => ({ key, value, propagateAtLaunch: true }));
}

export function attachmentOf(identifier: string, changes: Partial<AttachmentState> = {}): AttachmentState {
  return { kind: 'target-group', way: 'direct', identifier, state: 'InService', ...changes };
}
