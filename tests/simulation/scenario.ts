/** What a seed chooses, as plain data: a site, what is done to it, and what goes wrong. The same data is the same history. */
import type { FleetDescription } from '../../local/example/fleet';
import type { ServiceName } from '../../local/kernel/service';
import type { Typo } from './typos';

export interface Scenario {
  seed: number;
  site: Site;
  acts: Act[];
  faults: Fault[];
}

/** Everything that is there before anything happens. */
export interface Site {
  /** Each a task of its own; the first is deployed in every scenario. */
  fleets: Partial<FleetDescription>[];
  bootSeconds: number;
  /** An instance takes up to this much longer to boot. */
  bootSpreadSeconds: number;
  provisioningSeconds: number;
  networkRegistrationSeconds: number;
  listsAttachmentsBothWays: boolean;
  /** The account's request limits are those of AWS. */
  isThrottled: boolean;
  /** One more fleet, which CodeDeploy deploys to. */
  hasCodeDeploy: boolean;
  /** In the same account: another stack in the middle of a deployment, and somebody's rule on our bus. */
  hasStrangers?: boolean;
  /** How long functions may not be told of what was created, and of tags of groups: up to as long as AWS is known to. */
  lag?: { createdSeconds: number; groupTagSeconds: number };
  /** S3's clock is so far ahead of ours, or behind where negative. */
  s3ClockSeconds?: number;
}

/** So long after the beginning, or after an event of this type has come for the n-th time. */
export type When = { atSeconds: number } | { afterEvent: string; occurrence: number; delaySeconds: number };

/** Whatever somebody does, or happens to machines, at a moment; whoever puts an event has a clock so far ahead of ours. */
export type Act = { when: When; clockSeconds?: number } & (Request | Interference | Illness | CodeDeployAct);
export type ActKind = Act['kind'];

/** What the product is asked for. `fleet` is an index into the site's fleets. */
export type Request =
  | { kind: 'upload'; fleet: number; slot: number; war: 'well' | 'broken' | 'no zip' }
  | {
      kind: 'deploy';
      fleet: number;
      versions?: 'previous' | 'latest' | 'first' | 'unknown';
      /** Others may have used it before. */
      requestId?: string;
      /** It says itself when it was made. */
      isDated?: boolean;
    }
  | { kind: 'abort'; fleet: number }
  | { kind: 'clean'; fleet: number }
  /** An event that somebody has mistyped. */
  | { kind: 'typo'; fleet: number; typo: Typo }
  /** On our bus, for the task of another stack. */
  | { kind: 'ask for theirs'; event: 'DeployRequested' | 'AbortRequested' | 'CleanRequested' }
  /** Of a deployment that is held. */
  | { kind: 'release'; fleet: number }
  /** Active is taken to 0, and a deployment is asked for in its place. */
  | { kind: 'emergency'; fleet: number; capacity?: number }
  /** The archive from its beginning. */
  | { kind: 'replay' };

/** `blue` is Active at first. */
export type GroupName = 'blue' | 'green';

/** What people do beside a deployment. */
export type Interference =
  | { kind: 'resize'; fleet: number; group: GroupName; desired: number }
  | { kind: 'attach'; fleet: number; group: GroupName }
  | { kind: 'detach'; fleet: number; group: GroupName }
  /** So many instances of Active, with a load balancer of their own. */
  | { kind: 'register'; fleet: number; count: number; as: 'classic' | 'instance' | 'ip' }
  | { kind: 'tag type'; fleet: number; group: GroupName; value: string }
  | { kind: 'suspend'; fleet: number; group: GroupName; process: string }
  | { kind: 'protect'; fleet: number; group: GroupName }
  /** The group's own alarm is in breach, and its policy wants so many. */
  | { kind: 'alarm'; fleet: number; group: GroupName; desired: number }
  /** A lifecycle hook of the group holds what is launched or terminated for so long. */
  | { kind: 'hook'; fleet: number; group: GroupName; transition: 'LAUNCHING' | 'TERMINATING'; heldSeconds: number }
  /** Every instance is replaced, one by one. */
  | { kind: 'refresh'; fleet: number; group: GroupName }
  | Schedule
  | { kind: 'delete group'; fleet: number; group: GroupName }
  /** The first one of the fleet. */
  | { kind: 'delete load balancer'; fleet: number }
  | { kind: 'delete dummy' }
  | Loss;

/** The task's record is lost. Who notices by no mail does so after this time, by default that of a few looks. */
export type Loss = (
  | { kind: 'delete record'; fleet: number }
  | { kind: 'damage record'; fleet: number; how: 'garbage' | 'empty' | 'no record' | 'misspelt' }
) & { noticedAfterSeconds?: number };

/** Whatever group is Active by then gets a scheduled action for the size that it had at first and `more`. */
export interface Schedule {
  kind: 'schedule';
  fleet: number;
  dueSeconds: number;
  isRecurring: boolean;
  /** It leaves the minimum as it is. */
  isOfDesiredOnly?: boolean;
  more: number;
}

/** What happens to machines; everything passes after so many seconds. */
export type Illness =
  | { kind: 'ill'; fleet: number; group: GroupName; count: number; health: 'dead' | 500; seconds: number }
  | { kind: 'no capacity'; fleet: number; group: GroupName; seconds: number };

/** A deployment by CodeDeploy, and how it ends; the copy of `deregistration` serves though it counts as failed. */
export type CodeDeployAct = { kind: 'codedeploy'; ends: 'well' | 'installation' | 'deregistration' };

/**
 * What becomes of a call. `answer lost` and `timed out after`: it took effect all the same. `slow`: it takes so long that
 * the invocation may run out of time. `in conflict`: somebody else is changing the same thing.
 */
export const EFFECTS = [
  'throttled',
  'unavailable',
  'answer lost',
  'timed out before',
  'timed out after',
  'killed before',
  'killed after',
  'slow',
  'refused',
  'in conflict',
] as const;
export type Effect = (typeof EFFECTS)[number];

/** What functions are denied: what they look by, and what they act by. */
export const PERMISSIONS = [
  'DescribeAutoScalingGroups',
  'DescribeTargetHealth',
  'DescribeInstanceHealth',
  'DescribeLoadBalancers',
  'DescribeTags',
  'CreateLoadBalancer',
  'CreateTargetGroup',
  'DeleteLoadBalancer',
  'DeleteTargetGroup',
  'AttachLoadBalancers',
  'AttachLoadBalancerTargetGroups',
  'DetachLoadBalancers',
  'DetachLoadBalancerTargetGroups',
  'CreateOrUpdateTags',
  'UpdateAutoScalingGroup',
  'SuspendProcesses',
  'ResumeProcesses',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export type Fault =
  /** The n-th call that a function makes. */
  | { kind: 'call'; function: string; call: number; effect: Effect }
  /** A share of all calls of functions, or of those to one service, for a while. */
  | { kind: 'calls'; fromSeconds: number; seconds: number; service?: ServiceName; share: number; effect: Effect }
  /** Somebody takes a permission away from a function, and gives it back. */
  | { kind: 'denied'; function: string; operation: Permission; fromSeconds: number; seconds: number }
  /** The n-th delivery of an event of this type. */
  | { kind: 'delivery'; detailType: string; delivery: number; fate: Fate; delaySeconds: number }
  /** A share of all deliveries, for a while. */
  | { kind: 'deliveries'; fromSeconds: number; seconds: number; share: number; fate: Fate; delaySeconds: number }
  /** EventBridge cannot reach targets of this service for a while, and tries again. */
  | { kind: 'target'; service: 'lambda' | 'sqs' | 'sns'; fromSeconds: number; seconds: number };

export type Fate = 'lost' | 'twice' | 'late';

/** From here on nothing new goes wrong: what is under way has to come to its end. */
export const FAULTS_END_SECONDS = 1800;
