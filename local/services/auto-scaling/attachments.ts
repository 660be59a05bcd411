/** How groups are attached to target groups and Classic Load Balancers, by the v1 calls or as traffic sources. */
import type {
  AttachLoadBalancersType,
  AttachLoadBalancerTargetGroupsType,
  AttachTrafficSourcesType,
  DescribeLoadBalancersRequest,
  DescribeLoadBalancerTargetGroupsRequest,
  DescribeTrafficSourcesRequest,
  DetachLoadBalancersType,
  DetachLoadBalancerTargetGroupsType,
  DetachTrafficSourcesType,
  TrafficSourceIdentifier,
} from '@aws-sdk/client-auto-scaling';
import { pageOf, pageSize } from '../../kernel/paging';
import { AwsError, type Operations, validationError } from '../../kernel/service';
import type { Attachment, Fleet, Group, GroupInstance } from './fleet';

const PER_CALL = 10;
/** Of both kinds and both ways together. */
const IN_MOTION = 10;
const PER_GROUP = 50;
const PAGE_SIZE = 100;

type Kind = Attachment['kind'];
type Via = Attachment['via'];
interface Reference {
  kind: Kind;
  identifier: string;
}

const WORDS: Record<Kind, string> = { 'target-group': 'Target Groups', classic: 'Load Balancers' };

export class Attachments {
  private readonly removals = new Map<Attachment, Group>();

  readonly operations: Operations = {
    AttachLoadBalancerTargetGroups: (input: AttachLoadBalancerTargetGroupsType) =>
      this.attach(this.group(input), references('target-group', input.TargetGroupARNs), 'v1'),
    DetachLoadBalancerTargetGroups: (input: DetachLoadBalancerTargetGroupsType) =>
      this.detach(this.group(input), references('target-group', input.TargetGroupARNs), 'v1'),
    AttachLoadBalancers: (input: AttachLoadBalancersType) =>
      this.attach(this.group(input), references('classic', input.LoadBalancerNames), 'v1'),
    DetachLoadBalancers: (input: DetachLoadBalancersType) =>
      this.detach(this.group(input), references('classic', input.LoadBalancerNames), 'v1'),
    AttachTrafficSources: (input: AttachTrafficSourcesType) =>
      this.attach(this.group(input), (input.TrafficSources ?? []).map(referenceOf), 'traffic-source'),
    DetachTrafficSources: (input: DetachTrafficSourcesType) =>
      this.detach(this.group(input), (input.TrafficSources ?? []).map(referenceOf), 'traffic-source'),

    DescribeLoadBalancerTargetGroups: (input: DescribeLoadBalancerTargetGroupsRequest) => {
      const { items, next } = this.page(input, this.v1Attachments(this.group(input), 'target-group'));
      const states = items.map(({ identifier, state }) => ({ LoadBalancerTargetGroupARN: identifier, State: state }));
      return { LoadBalancerTargetGroups: states, NextToken: next };
    },
    DescribeLoadBalancers: (input: DescribeLoadBalancersRequest) => {
      const { items, next } = this.page(input, this.v1Attachments(this.group(input), 'classic'));
      const states = items.map(({ identifier, state }) => ({ LoadBalancerName: identifier, State: state }));
      return { LoadBalancers: states, NextToken: next };
    },
    DescribeTrafficSources: (input: DescribeTrafficSourcesRequest) => {
      const wanted = this.trafficSources(this.group(input)).filter(
        (attachment) => !input.TrafficSourceType || typeOf(attachment.kind) === input.TrafficSourceType,
      );
      const { items, next } = this.page(input, wanted);
      const states = items.map(({ kind, identifier, state }) => ({
        TrafficSource: identifier,
        Identifier: identifier,
        Type: typeOf(kind),
        State: state,
      }));
      return { TrafficSources: states, NextToken: next };
    },
  };

  constructor(
    private readonly fleet: Fleet,
    /** Called when the group's health may have to be looked at. */
    private readonly onAccepted: (group: Group) => void,
  ) {}

  /** Additive; what is attached already stays as it is. A target group or load balancer that is not there is refused. */
  attach(group: Group, wanted: Reference[], via: Via): void {
    this.check(group, wanted);
    const states = wanted.map((reference) => find(group, reference)?.state);
    if (states.includes('Removing') && !this.fleet.options.settings.attachesWhileRemoving) {
      throw validationError('Trying to add Load Balancers/Target Groups that are still being removed from the group');
    }
    checkMotion(group, states.filter((state) => state === undefined).length);
    this.begin(group, wanted, via);
  }

  /** Also of a new group, whose attachments are not counted. */
  begin(group: Group, wanted: Reference[], via: Via): void {
    for (const reference of wanted) {
      const existing = find(group, reference);
      if (existing && existing.state !== 'Removing') continue;
      if (existing) this.forget(group, existing);
      const attachment: Attachment = { ...reference, via, state: 'Adding', removing: [] };
      group.attachments.push(attachment);
      this.fleet.options.clock.after(this.fleet.options.settings.attachmentSeconds, () =>
        this.added(group, attachment),
      );
    }
  }

  check(group: Group | undefined, wanted: Reference[]): void {
    if (wanted.length > PER_CALL) throw validationError(`Up to ${PER_CALL} can be given in one call`);
    for (const { kind, identifier } of wanted) {
      if (!this.balancing(kind).exists(identifier)) {
        throw validationError(`Provided ${WORDS[kind]} may not be valid. Please ensure they exist and try again.`);
      }
      // The words were observed: https://github.com/hashicorp/terraform/issues/18674
      if (!this.balancing(kind).takesInstances(identifier)) {
        const wrong = `Provided Target Group '${identifier}' has invalid target type`;
        throw validationError(`${wrong}. Please ensure all provided Target Groups have target type of instance.`);
      }
    }
    for (const kind of ['target-group', 'classic'] as const) {
      const names = [...(group?.attachments ?? []), ...wanted]
        .filter((one) => one.kind === kind)
        .map((one) => one.identifier);
      if (new Set(names).size > PER_GROUP) {
        throw new AwsError(
          'LimitExceeded',
          `You have reached the limit of ${PER_GROUP} ${WORDS[kind]} for an Auto Scaling group`,
        );
      }
    }
  }

  /** The group lists it no more; the attachment is described as Removing until every instance is drained. */
  detach(group: Group, unwanted: Reference[], via: Via): void {
    const found = unwanted.map((reference) => {
      const attachment = find(group, reference);
      if (attachment && attachment.state !== 'Removing' && attachment.via === via) return attachment;
      const what = via === 'v1' ? WORDS[reference.kind] : 'Traffic Sources';
      throw validationError(`Trying to remove ${what} that are not part of the group`);
    });
    if (found.length > PER_CALL) throw validationError(`Up to ${PER_CALL} can be given in one call`);
    checkMotion(group, found.filter(({ state }) => state !== 'Adding').length);
    for (const attachment of found) {
      const balancing = this.fleet.balancing(attachment);
      const registered = this.registered(group, attachment);
      attachment.state = 'Removing';
      attachment.removing = registered;
      this.removals.set(attachment, group);
      if (balancing.exists(attachment.identifier)) balancing.deregister(attachment.identifier, registered);
      this.finishRemoval(group, attachment);
    }
  }

  /** A new instance in service joins what the group is attached to, unless AddToLoadBalancer is suspended now. */
  registerNew(group: Group, instance: GroupInstance): void {
    for (const attachment of group.attachments) {
      if (attachment.state === 'Added' || attachment.state === 'InService')
        this.register(group, attachment, [instance.id]);
    }
  }

  /**
   * Answers the attachments that must drain before the instance may be terminated. Those that are Removing are not
   * among them: who detaches and at once scales in loses the rest of the draining.
   */
  deregister(group: Group, instance: GroupInstance): Attachment[] {
    const attached = group.attachments.filter((one) => one.state !== 'Removing' && this.exists(one));
    for (const one of attached) this.fleet.balancing(one).deregister(one.identifier, [instance.id]);
    return attached;
  }

  /** Why the group cannot launch, if it is attached to something that was deleted (user guide, troubleshooting). */
  missingResource(group: Group): string | undefined {
    const missing = group.attachments.find((one) => one.state !== 'Removing' && !this.exists(one));
    if (!missing) return undefined;
    const what =
      missing.kind === 'target-group'
        ? `One or more target groups not found: ${missing.identifier}`
        : `Cannot find Load Balancer ${missing.identifier}`;
    return `${what}. Validating load balancer configuration failed.`;
  }

  /** After a load balancer changed its mind about some instances, or the group its health check type. */
  refresh(group: Group, instanceIds: Iterable<string> = group.instances.keys()): void {
    if (!group.healthCheckTypes.includes('ELB')) {
      for (const one of group.attachments) if (one.state === 'InService') one.state = 'Added';
      return;
    }
    const ids = [...instanceIds];
    for (const attachment of group.attachments) {
      if (attachment.state !== 'Added') continue;
      const balancing = this.fleet.balancing(attachment);
      const isAccepted = (id: string) => balancing.stateOf(attachment.identifier, id) === 'healthy';
      if (!ids.some(isAccepted)) continue;
      attachment.state = 'InService';
      this.onAccepted(group);
    }
  }

  finishRemovals(): void {
    for (const [attachment, group] of this.removals) this.finishRemoval(group, attachment);
  }

  /** What the group itself lists: not what is Removing. */
  listed(group: Group, kind: Kind): string[] {
    const both = this.fleet.options.settings.listsAttachmentsBothWays;
    const own = group.attachments.filter((one) => one.kind === kind && one.state !== 'Removing');
    return own.filter((one) => both || one.via === 'v1').map((one) => one.identifier);
  }

  listedTrafficSources(group: Group): TrafficSourceIdentifier[] {
    const own = this.trafficSources(group).filter((one) => one.state !== 'Removing');
    return own.map((one) => ({ Identifier: one.identifier, Type: typeOf(one.kind) }));
  }

  private trafficSources(group: Group): Attachment[] {
    const both = this.fleet.options.settings.listsAttachmentsBothWays;
    return group.attachments.filter((one) => both || one.via === 'traffic-source');
  }

  private v1Attachments(group: Group, kind: Kind): Attachment[] {
    return group.attachments.filter((one) => one.kind === kind && one.via === 'v1');
  }

  private added(group: Group, attachment: Attachment): void {
    if (attachment.state !== 'Adding' || !this.exists(attachment)) return;
    attachment.state = 'Added';
    const inService = [...group.instances.values()].filter((instance) => instance.state === 'InService');
    this.register(
      group,
      attachment,
      inService.map((instance) => instance.id),
    );
    this.refresh(group);
  }

  /** Instances that enter service while AddToLoadBalancer is suspended are not registered later either (user guide). */
  private register(group: Group, attachment: Attachment, instanceIds: string[]): void {
    if (group.suspended.has('AddToLoadBalancer') || !this.exists(attachment)) return;
    this.fleet.balancing(attachment).register(attachment.identifier, instanceIds);
  }

  private finishRemoval(group: Group, attachment: Attachment): void {
    const balancing = this.fleet.balancing(attachment);
    if (attachment.removing.some((id) => balancing.stateOf(attachment.identifier, id) !== undefined)) return;
    this.removals.delete(attachment);
    this.fleet.options.clock.after(this.fleet.options.settings.attachmentSeconds, () => this.forget(group, attachment));
  }

  private forget(group: Group, attachment: Attachment): void {
    this.removals.delete(attachment);
    group.attachments = group.attachments.filter((one) => one !== attachment);
  }

  private registered(group: Group, attachment: Attachment): string[] {
    const balancing = this.fleet.balancing(attachment);
    return [...group.instances.keys()].filter((id) => balancing.stateOf(attachment.identifier, id) !== undefined);
  }

  private exists(attachment: Attachment): boolean {
    return this.balancing(attachment.kind).exists(attachment.identifier);
  }

  private balancing(kind: Kind) {
    return kind === 'target-group' ? this.fleet.options.loadBalancing : this.fleet.options.classicLoadBalancing;
  }

  private group(input: { AutoScalingGroupName?: string | undefined }): Group {
    return this.fleet.group(input.AutoScalingGroupName);
  }

  private page(input: { MaxRecords?: number; NextToken?: string }, all: Attachment[]) {
    return pageOf(
      all,
      input.NextToken,
      pageSize(input.MaxRecords, 'maxRecords', PAGE_SIZE, PAGE_SIZE),
      'InvalidNextToken',
    );
  }
}

/**
 * While ten are Adding or Removing, one more is refused, and so is the whole call: aws-sdk-java#746 has the words, and a
 * loop that met them by attaching one at a time; terraform-provider-aws#256 and #11301 have the same of detaching.
 */
function checkMotion(group: Group, more: number): void {
  const moving = group.attachments.filter(({ state }) => state === 'Adding' || state === 'Removing').length;
  if (more === 0 || moving + more <= IN_MOTION) return;
  const what = 'Load Balancers/Target Groups';
  throw validationError(`Trying to update too many ${what} at once. The limit is ${IN_MOTION}`);
}

export function references(kind: Kind, identifiers: string[] = []): Reference[] {
  return identifiers.map((identifier) => ({ kind, identifier }));
}

/** A traffic source without a type is a target group if it is an ARN, else a Classic Load Balancer. */
export function referenceOf({ Identifier = '', Type }: TrafficSourceIdentifier): Reference {
  const type = Type ?? (Identifier.startsWith('arn:') ? 'elbv2' : 'elb');
  if (type !== 'elb' && type !== 'elbv2') {
    throw validationError(`Traffic sources of type '${type}' are not supported by this embedded AWS`);
  }
  return { kind: type === 'elbv2' ? 'target-group' : 'classic', identifier: Identifier };
}

function typeOf(kind: Kind): string {
  return kind === 'target-group' ? 'elbv2' : 'elb';
}

function find(group: Group, { kind, identifier }: Reference): Attachment | undefined {
  return group.attachments.find((one) => one.kind === kind && one.identifier === identifier);
}
