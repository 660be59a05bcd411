/** Groups, attachments and records as plain data: every option that a test sets matters to it. */
import type { AttachmentState } from '../../shared/fleet/attachment';
import type { Group, Instance } from '../../shared/fleet/auto-scaling-groups';
import type { Tag } from '../../shared/fleet/tags';
import type { DeploymentRecord } from '../../shared/pipeline/record';

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
    attachedTo: [],
    ...changes,
  };
}

export function tagsOf(values: Record<string, string>): Tag[] {
  return Object.entries(values).map(([key, value]) => ({ key, value, propagateAtLaunch: true }));
}

export function attachmentOf(identifier: string, changes: Partial<AttachmentState> = {}): AttachmentState {
  return { kind: 'target-group', way: 'direct', identifier, state: 'InService', ...changes };
}

/** The record of a deployment of `WAS` whose 7th event makes it `attach-real`'s turn; nobody has claimed it. */
export function recordOf(changes: Partial<DeploymentRecord> = {}): DeploymentRecord {
  const at = '2029-12-31T23:59:00.000Z';
  return {
    schemaVersion: 1,
    task: 'WAS',
    deploymentId: 'now',
    request: { requestId: 'r', type: 'manual', requestedAt: at, requestedBy: 'jane' },
    status: 'running',
    stage: 'attach-real',
    seq: 7,
    writeToken: 'token',
    plan: {
      oldGroup: 'was-blue',
      newGroup: 'was-green',
      capacity: { minimum: 2, desired: 2, maximum: 4 },
      isEmergency: false,
      typeTag: { key: 'type', propagateAtLaunch: false },
      repetitions: 2,
      wars: [],
      attachments: [],
      dummyLoadBalancerArns: [],
      suspendedProcesses: [],
      scheduledActions: [],
    },
    progress: {},
    outbox: {
      events: [{ detailType: 'Step1Passed', detail: { deploymentId: 'now', task: 'WAS', seq: 7 } }],
      writtenAt: at,
      published: false,
    },
    timeline: [{ stage: 'attach-real', at }],
    heldVersions: {},
    resolvedFailures: [],
    handledRequests: {},
    ...changes,
  };
}
