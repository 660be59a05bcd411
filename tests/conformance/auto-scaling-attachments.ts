/** How Auto Scaling groups are attached to target groups. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import {
  AttachLoadBalancerTargetGroupsCommand,
  AttachTrafficSourcesCommand,
  DescribeLoadBalancerTargetGroupsCommand,
  DescribeScalingActivitiesCommand,
  DescribeTrafficSourcesCommand,
  DetachLoadBalancerTargetGroupsCommand,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { DeleteTargetGroupCommand, ModifyTargetGroupCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ConformanceCase } from './case';
import type { Context } from './context';
import {
  attach,
  attachmentState,
  createGroup,
  createServing,
  createTargetGroup,
  HEALTHY_LIMIT_SECONDS,
  inService,
  REACTION_LIMIT_SECONDS,
  targetHealth,
  untilAttached,
  untilInService,
} from './fleet';
import { refusalOf } from './refusal';

const PER_CALL = 10;
const PER_GROUP = 50;
const ONE = { MinSize: 0, DesiredCapacity: 1, MaxSize: 1 };

export const ATTACHMENTS: readonly ConformanceCase[] = [
  {
    name: 'An attachment is Adding before it is Added, and goes when detached',
    source: 'Amazon EC2 Auto Scaling API Reference, LoadBalancerTargetGroupState',
    needs: ['network', 'launch template'],
    async run(context) {
      const [group, targetGroup] = [await createGroup(context), await createTargetGroup(context)];
      await attach(context, group, targetGroup);
      const coming = await statesUntil(context, group, targetGroup, 'Added');
      equal(coming, 'Adding,Added');
      await detach(context, group, [targetGroup]);
      const going = await statesUntil(context, group, targetGroup, undefined);
      ok(['Removing,', ''].includes(going), `once detached it is ${going}`);
    },
  },
  {
    name: 'Only with ELB health checks does an attachment become InService',
    source: 'Amazon EC2 Auto Scaling API Reference, LoadBalancerTargetGroupState',
    needs: ['network', 'launch template', 'instances', 'load balancer', 'minutes'],
    async run(context) {
      const { targetGroupArn } = await createServing(context);
      const group = await createGroup(context, { ...ONE, TargetGroupARNs: [targetGroupArn], HealthCheckType: 'EC2' });
      const [instance = ''] = await untilInService(context, group, 1);
      await context.until('the target is healthy', HEALTHY_LIMIT_SECONDS, async () => {
        return (await targetHealth(context, targetGroupArn)).get(instance)?.State === 'healthy';
      });
      await context.sleep(60);
      equal(await attachmentState(context, group, targetGroupArn), 'Added', 'with EC2 health checks');
      const change = { AutoScalingGroupName: group, HealthCheckType: 'ELB', HealthCheckGracePeriod: 0 };
      await context.clients.autoScaling.send(new UpdateAutoScalingGroupCommand(change));
      await untilAttached(context, group, targetGroupArn, 'InService');
    },
  },
  {
    name: 'The v1 calls neither see nor detach what is a traffic source',
    source: 'Amazon EC2 Auto Scaling API Reference, DescribeLoadBalancerTargetGroups',
    needs: ['network', 'launch template'],
    async run(context) {
      const { autoScaling } = context.clients;
      const [group, targetGroup] = [await createGroup(context), await createTargetGroup(context)];
      const TrafficSources = [{ Identifier: targetGroup, Type: 'elbv2' }];
      await autoScaling.send(new AttachTrafficSourcesCommand({ AutoScalingGroupName: group, TrafficSources }));
      const sources = async () => {
        const command = new DescribeTrafficSourcesCommand({ AutoScalingGroupName: group, TrafficSourceType: 'elbv2' });
        const { TrafficSources: described = [] } = await autoScaling.send(command);
        return described.map(({ Identifier, State }) => `${Identifier} ${State}`);
      };
      await context.until('the traffic source is Added', REACTION_LIMIT_SECONDS, async () => {
        return (await sources()).includes(`${targetGroup} Added`);
      });
      equal(await attachmentState(context, group, targetGroup), undefined, 'the v1 call describes it');
      await detach(context, group, [targetGroup]).catch(() => {}); // refused or without effect
      await context.sleep(10);
      deepEqual(await sources(), [`${targetGroup} Added`], 'the v1 call detached it');
    },
  },
  {
    name: 'A call attaches or detaches 10 target groups, and a group has 50',
    source: 'Amazon EC2 Auto Scaling API Reference, AttachLoadBalancerTargetGroups; User Guide, quotas',
    needs: ['network', 'launch template'],
    async run(context) {
      const group = await createGroup(context);
      const arns: string[] = [];
      while (arns.length < PER_GROUP + 1) arns.push(await createTargetGroup(context));
      await refusalOf(attachAll(context, group, arns.slice(0, PER_CALL + 1)), 'ValidationError');
      for (let from = 0; from < PER_GROUP; from += PER_CALL) {
        await attachAll(context, group, arns.slice(from, from + PER_CALL));
        await untilNoneIsMoving(context, group);
      }
      await refusalOf(detach(context, group, arns.slice(0, PER_CALL + 1)), 'ValidationError');
      await refusalOf(attachAll(context, group, arns.slice(PER_GROUP)), 'LimitExceededFault', 'ValidationError');
    },
  },
  {
    name: 'While ten are Adding or Removing, one more is refused, and taken later',
    source: 'aws/aws-sdk-java#746, which has the words; hashicorp/terraform-provider-aws#256 and #11301',
    needs: ['network', 'launch template'],
    async run(context) {
      const { autoScaling } = context.clients;
      const group = await createGroup(context);
      const arns: string[] = [];
      while (arns.length < PER_CALL + 2) arns.push(await createTargetGroup(context));
      const [source = '', more = '', ...ten] = arns;
      const attachSource = () => {
        const TrafficSources = [{ Identifier: source, Type: 'elbv2' }];
        return autoScaling.send(new AttachTrafficSourcesCommand({ AutoScalingGroupName: group, TrafficSources }));
      };
      await attachAll(context, group, ten);
      await tooMany(attachAll(context, group, [more]));
      await tooMany(attachSource());
      await untilNoneIsMoving(context, group);
      await attachAll(context, group, [more]);
      await attachSource();
      await untilNoneIsMoving(context, group);
      await detach(context, group, ten);
      await tooMany(detach(context, group, [more]));
      await context.until('the group lets go of one more', REACTION_LIMIT_SECONDS, async () =>
        detach(context, group, [more]).then(() => true, isTooMany),
      );
    },
  },
  {
    name: 'A group launches nothing while an attached target group is deleted',
    source: 'Amazon EC2 Auto Scaling User Guide, Troubleshoot: load balancer issues',
    needs: ['network', 'launch template', 'instances'],
    async run(context) {
      const { autoScaling, loadBalancing } = context.clients;
      const [group, targetGroup] = [await createGroup(context), await createTargetGroup(context)];
      await attach(context, group, targetGroup);
      await untilAttached(context, group, targetGroup, 'Added');
      await loadBalancing.send(new DeleteTargetGroupCommand({ TargetGroupArn: targetGroup }));
      await autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: group, ...ONE }));
      const activity = await context.until('a launch has failed', REACTION_LIMIT_SECONDS, async () => {
        const command = new DescribeScalingActivitiesCommand({ AutoScalingGroupName: group });
        return (await autoScaling.send(command)).Activities?.find(({ StatusCode }) => StatusCode === 'Failed');
      });
      ok(/target group/i.test(activity.StatusMessage ?? ''), `the activity says "${activity.StatusMessage}"`);
      deepEqual(await inService(context, group), []);
    },
  },
  {
    name: 'AddToLoadBalancer suspended: new instances are left out for good',
    source: 'Amazon EC2 Auto Scaling User Guide, Suspend and resume processes: AddToLoadBalancer',
    needs: ['network', 'launch template', 'instances', 'minutes'],
    async run(context) {
      const { autoScaling } = context.clients;
      const [group, targetGroup] = [await createGroup(context), await createTargetGroup(context)];
      const named = { AutoScalingGroupName: group };
      await attach(context, group, targetGroup);
      await untilAttached(context, group, targetGroup, 'Added');
      const processes = { ...named, ScalingProcesses: ['AddToLoadBalancer'] };
      await autoScaling.send(new SuspendProcessesCommand(processes));
      await autoScaling.send(new UpdateAutoScalingGroupCommand({ ...named, ...ONE, MaxSize: 2 }));
      const [first = ''] = await untilInService(context, group, 1);
      await autoScaling.send(new ResumeProcessesCommand(processes));
      await autoScaling.send(new UpdateAutoScalingGroupCommand({ ...named, DesiredCapacity: 2 }));
      const second = (await untilInService(context, group, 2)).find((id) => id !== first) ?? '';
      await context.until('the next instance is registered', REACTION_LIMIT_SECONDS, async () =>
        (await targetHealth(context, targetGroup)).has(second),
      );
      deepEqual([...(await targetHealth(context, targetGroup)).keys()], [second]);
    },
  },
  {
    name: 'With ELB health checks a group replaces instances that fail them',
    source: 'Amazon EC2 Auto Scaling User Guide, Health checks for instances in an Auto Scaling group',
    needs: ['network', 'launch template', 'instances', 'load balancer', 'minutes'],
    async run(context) {
      const { targetGroupArn } = await createServing(context);
      const checks = { HealthCheckType: 'ELB', HealthCheckGracePeriod: 0 };
      const group = await createGroup(context, { ...ONE, ...checks, TargetGroupARNs: [targetGroupArn] });
      const [instance = ''] = await untilInService(context, group, 1);
      await untilAttached(context, group, targetGroupArn, 'InService');
      const change = { TargetGroupArn: targetGroupArn, Matcher: { HttpCode: NO_ANSWER_HAS } };
      await context.clients.loadBalancing.send(new ModifyTargetGroupCommand(change));
      await context.until('the failing instance leaves the group', HEALTHY_LIMIT_SECONDS, async () => {
        return !(await inService(context, group)).includes(instance);
      });
    },
  },
];

const NO_ANSWER_HAS = '299';

async function tooMany(call: Promise<unknown>): Promise<void> {
  const { message } = await refusalOf(call, 'ValidationError');
  ok(TOO_MANY.test(message), `it says "${message}"`);
}

const TOO_MANY = /too many .* at once/;

/** False, so that it is asked again. */
function isTooMany(error: Error): false {
  if (TOO_MANY.test(error.message)) return false;
  throw error;
}

async function untilNoneIsMoving(context: Context, AutoScalingGroupName: string): Promise<void> {
  const { autoScaling } = context.clients;
  await context.until('nothing is Adding or Removing', REACTION_LIMIT_SECONDS, async () => {
    const named = { AutoScalingGroupName };
    const { LoadBalancerTargetGroups = [] } = await autoScaling.send(
      new DescribeLoadBalancerTargetGroupsCommand(named),
    );
    const { TrafficSources = [] } = await autoScaling.send(new DescribeTrafficSourcesCommand(named));
    return ![...LoadBalancerTargetGroups, ...TrafficSources].some(({ State = '' }) =>
      /^(Adding|Removing)$/.test(State),
    );
  });
}

function attachAll(context: Context, AutoScalingGroupName: string, TargetGroupARNs: string[]): Promise<unknown> {
  const command = new AttachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName, TargetGroupARNs });
  return context.clients.autoScaling.send(command);
}

function detach(context: Context, AutoScalingGroupName: string, TargetGroupARNs: string[]): Promise<unknown> {
  const command = new DetachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName, TargetGroupARNs });
  return context.clients.autoScaling.send(command);
}

/** The states that the attachment goes through until it is in that one, each once; polling may miss short ones. */
async function statesUntil(context: Context, group: string, targetGroup: string, last: string | undefined) {
  const seen: (string | undefined)[] = [];
  await context.until(`the attachment is ${last ?? 'gone'}`, REACTION_LIMIT_SECONDS, async () => {
    const state = await attachmentState(context, group, targetGroup);
    if (seen.length === 0 || seen.at(-1) !== state) seen.push(state);
    return state === last;
  });
  return seen.join();
}
