/** Groups themselves: their pages, sizes, tags, protected instances and scheduled actions. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import {
  type Activity,
  AttachInstancesCommand,
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  DescribeTagsCommand,
  DetachInstancesCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  PutScheduledUpdateGroupActionCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { GROUP_TAG_LAG_SECONDS } from '../../shared/fleet/lag';
import type { ConformanceCase } from './case';
import type { Context } from './context';
import { createGroup, describeGroup, inService, LAUNCH_LIMIT_SECONDS, untilInService } from './fleet';
import { refusalOf } from './refusal';

const PAGE_SIZE = 50;
const LARGEST_PAGE_SIZE = 100;
const PROTECTED_PER_CALL = 19;
const TAG_VALUE_CHARACTERS = 256;
const ONE = { MinSize: 0, DesiredCapacity: 1, MaxSize: 1 };

export const GROUPS: readonly ConformanceCase[] = [
  {
    name: 'DescribeAutoScalingGroups goes on from its token, 100 a page at most',
    source: 'Amazon EC2 Auto Scaling API Reference, DescribeAutoScalingGroups',
    needs: ['network', 'launch template'],
    async run(context) {
      const names = [await createGroup(context), await createGroup(context), await createGroup(context)];
      const page = (MaxRecords: number, NextToken?: string) =>
        context.clients.autoScaling.send(
          new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: names, MaxRecords, NextToken }),
        );
      const first = await page(2);
      equal(first.AutoScalingGroups?.length, 2);
      const second = await page(2, first.NextToken);
      const all = [...(first.AutoScalingGroups ?? []), ...(second.AutoScalingGroups ?? [])];
      deepEqual(all.map(({ AutoScalingGroupName }) => AutoScalingGroupName).sort(), names.sort());
      equal(second.NextToken, undefined);
      await page(LARGEST_PAGE_SIZE);
      await refusalOf(page(LARGEST_PAGE_SIZE + 1), 'ValidationError');
    },
  },
  {
    name: 'A page of DescribeAutoScalingGroups has 50 groups by default',
    source: 'Amazon EC2 Auto Scaling API Reference, DescribeAutoScalingGroups: MaxRecords',
    needs: ['network', 'launch template'],
    async run(context) {
      for (let made = 0; made < PAGE_SIZE + 1; made += 1) await createGroup(context);
      const { AutoScalingGroups, NextToken } = await context.clients.autoScaling.send(
        new DescribeAutoScalingGroupsCommand({}),
      );
      equal(AutoScalingGroups?.length, PAGE_SIZE);
      ok(NextToken, 'there is no token for the next page');
    },
  },
  {
    name: 'DescribeAutoScalingGroups finds groups by any of several tag values',
    source: 'Amazon EC2 Auto Scaling User Guide, Use tags to filter Auto Scaling groups: filtering considerations',
    needs: ['network', 'launch template'],
    async run(context) {
      const groups = [await createGroup(context), await createGroup(context), await createGroup(context)];
      const Tags = groups.map((ResourceId) => {
        const tag = { Key: 'conformance-filter', Value: `${ResourceId}.war`, PropagateAtLaunch: false };
        return { ...tag, ResourceId, ResourceType: 'auto-scaling-group' };
      });
      await context.clients.autoScaling.send(new CreateOrUpdateTagsCommand({ Tags }));
      const [first = '', second = ''] = groups;
      const Values = [`${first}.war`, 'of-nobody.war', `${second}.war`];
      const found = async () => {
        const command = new DescribeAutoScalingGroupsCommand({ Filters: [{ Name: 'tag-value', Values }] });
        const { AutoScalingGroups = [] } = await context.clients.autoScaling.send(command);
        return AutoScalingGroups.map(({ AutoScalingGroupName = '' }) => AutoScalingGroupName).sort();
      };
      await context.until(
        'the tags can be read',
        GROUP_TAG_LAG_SECONDS,
        async () => (await found()).length === 2 || undefined,
      );
      deepEqual(await found(), [first, second].sort());
    },
  },
  {
    name: 'A tag has a value of 256 characters at most, and its case counts',
    source: 'Amazon EC2 Auto Scaling User Guide, Tag restrictions',
    needs: ['network', 'launch template'],
    async run(context) {
      const group = await createGroup(context);
      const tag = (Key: string, Value: string) => {
        const Tags = [{ ResourceId: group, ResourceType: 'auto-scaling-group', Key, Value, PropagateAtLaunch: false }];
        return context.clients.autoScaling.send(new CreateOrUpdateTagsCommand({ Tags }));
      };
      await tag('version', 'x'.repeat(TAG_VALUE_CHARACTERS));
      await tag('Version', 'other');
      await refusalOf(tag('version', 'x'.repeat(TAG_VALUE_CHARACTERS + 1)), 'ValidationError');
      const command = new DescribeTagsCommand({ Filters: [{ Name: 'auto-scaling-group', Values: [group] }] });
      const { Tags = [] } = await context.clients.autoScaling.send(command);
      deepEqual(Tags.map(({ Key }) => Key).sort(), ['Version', 'version']);
    },
  },
  {
    name: 'Tags of a group are told as they were written within a minute',
    source: 'Believed: nobody says for how long the ones before may be told',
    needs: ['network', 'launch template', 'minutes'],
    async run(context) {
      const { autoScaling } = context.clients;
      const group = await createGroup(context);
      for (const Value of ['StandBy', 'Active']) {
        const tag = { ResourceId: group, ResourceType: 'auto-scaling-group', Key: 'type', Value };
        await autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, PropagateAtLaunch: false }] }));
        await context.until(`the group is told to be ${Value}`, GROUP_TAG_LAG_SECONDS, async () => {
          const tags = (await describeGroup(context, group))?.Tags;
          return tags?.some((one) => one.Key === 'type' && one.Value === Value);
        });
      }
    },
  },
  {
    name: 'A scheduled action cannot begin in the past',
    source: 'Amazon EC2 Auto Scaling API Reference, PutScheduledUpdateGroupAction: StartTime',
    needs: ['network', 'launch template'],
    async run(context) {
      const group = await createGroup(context);
      const now = await createdAt(context, group);
      await refusalOf(schedule(context, group, new Date(now.getTime() - 3600_000)), 'ValidationError');
      await schedule(context, group, new Date(now.getTime() + 7 * 24 * 3600_000));
    },
  },
  {
    name: 'A scheduled action that falls due while suspended is skipped',
    source: 'Amazon EC2 Auto Scaling User Guide, Suspend and resume processes: ScheduledActions',
    needs: ['network', 'launch template', 'minutes'],
    async run(context) {
      const [suspended, other] = [await createGroup(context), await createGroup(context)];
      const due = new Date((await createdAt(context, other)).getTime() + 120_000);
      const processes = { AutoScalingGroupName: suspended, ScalingProcesses: ['ScheduledActions'] };
      await context.clients.autoScaling.send(new SuspendProcessesCommand(processes));
      await schedule(context, suspended, due);
      await schedule(context, other, due);
      await context.until(
        'the action of the other group takes effect',
        300,
        async () => {
          return (await describeGroup(context, other))?.MaxSize === SCHEDULED_MAXIMUM;
        },
        30,
      );
      await context.clients.autoScaling.send(new ResumeProcessesCommand(processes));
      await context.sleep(120);
      equal((await describeGroup(context, suspended))?.MaxSize, 0, 'it takes effect later');
    },
  },
  {
    name: 'SetInstanceProtection takes 19 instances, and refuses 20',
    source: 'Amazon EC2 Auto Scaling API Reference, SetInstanceProtection: InstanceIds',
    needs: ['network', 'launch template'],
    async run(context) {
      const group = await createGroup(context);
      const protect = (count: number) => {
        const InstanceIds = Array.from({ length: count }, (_, index) => `i-0${String(index).padStart(16, '0')}`);
        const input = { AutoScalingGroupName: group, InstanceIds, ProtectedFromScaleIn: true };
        return context.clients.autoScaling.send(new SetInstanceProtectionCommand(input));
      };
      const isOfNumber = ({ message }: { message: string }) => /less than or equal to 19/.test(message);
      const [allowed, tooMany] = [
        await refusalOf(protect(PROTECTED_PER_CALL)),
        await refusalOf(protect(PROTECTED_PER_CALL + 1)),
      ];
      ok(!isOfNumber(allowed), `19 are refused: ${allowed.message}`);
      ok(isOfNumber(tooMany), `20 are refused for another reason: ${tooMany.message}`);
    },
  },
  {
    name: 'A group keeps an instance with scale-in protection even at 0/0/0',
    source: 'Amazon EC2 Auto Scaling User Guide, Use instance scale-in protection',
    needs: ['network', 'launch template', 'instances', 'minutes'],
    async run(context) {
      const { autoScaling } = context.clients;
      const group = await createGroup(context, { ...ONE, NewInstancesProtectedFromScaleIn: true });
      const InstanceIds = await untilInService(context, group, 1);
      const none = { AutoScalingGroupName: group, MinSize: 0, DesiredCapacity: 0, MaxSize: 0 };
      await autoScaling.send(new UpdateAutoScalingGroupCommand(none));
      await context.sleep(180);
      deepEqual(await inService(context, group), InstanceIds);
      const unprotected = { AutoScalingGroupName: group, InstanceIds, ProtectedFromScaleIn: false };
      await autoScaling.send(new SetInstanceProtectionCommand(unprotected));
      await context.until('the instance goes once it is not protected', LAUNCH_LIMIT_SECONDS, async () => {
        return (await inService(context, group)).length === 0;
      });
    },
  },
  {
    name: 'A scaling activity tells which instance was launched, and since when',
    source: 'Amazon EC2 Auto Scaling User Guide, Verify a scaling activity; API Reference, Activity',
    needs: ['network', 'launch template', 'instances'],
    async run(context) {
      const group = await createGroup(context, ONE);
      const since = await createdAt(context, group);
      const [id = ''] = await untilInService(context, group, 1);
      const launch = (await activities(context, group)).find(({ Description }) => Description?.endsWith(id));
      equal(launch?.Description, `Launching a new EC2 instance: ${id}`);
      ok((launch?.StartTime ?? 0) >= since, `it is said to have begun at ${launch?.StartTime?.toISOString()}`);
    },
  },
  {
    name: 'A scaling activity says whether a scheduled action was its cause',
    source: 'AWS re:Post knowledge center, Why did my Auto Scaling group scale down?',
    needs: ['network', 'launch template', 'instances', 'minutes'],
    async run(context) {
      const { autoScaling } = context.clients;
      const group = await createGroup(context, { ...ONE, DesiredCapacity: 0 });
      const sized = { AutoScalingGroupName: group, DesiredCapacity: 1 };
      await autoScaling.send(new UpdateAutoScalingGroupCommand(sized));
      await untilInService(context, group, 1);
      const [launch] = await activities(context, group);
      match(launch?.Cause ?? '', /^At \S+Z a user request [^.]* changing the desired capacity from 0 to 1\./);
      const StartTime = new Date((await createdAt(context, await createGroup(context))).getTime() + 120_000);
      const action = { AutoScalingGroupName: group, ScheduledActionName: 'conformance', StartTime };
      await autoScaling.send(new PutScheduledUpdateGroupActionCommand({ ...action, DesiredCapacity: 0 }));
      await context.until('the action takes effect', 120 + LAUNCH_LIMIT_SECONDS, async () => {
        return (await inService(context, group)).length === 0;
      });
      const [termination] = await activities(context, group);
      match(termination?.Cause ?? '', /^At \S+Z a scheduled action [^.]* changing the desired capacity from 1 to 0\./);
    },
  },
  {
    name: 'An instance attached by hand raises the size, and no launch is told',
    source: 'Amazon EC2 Auto Scaling API Reference, AttachInstances; observed: its activity is "Attaching …"',
    needs: ['network', 'launch template', 'instances'],
    async run(context) {
      const [from, to] = [await createGroup(context, ONE), await createGroup(context, { ...ONE, DesiredCapacity: 0 })];
      const InstanceIds = await untilInService(context, from, 1);
      const { autoScaling } = context.clients;
      const detached = { AutoScalingGroupName: from, InstanceIds, ShouldDecrementDesiredCapacity: true };
      await autoScaling.send(new DetachInstancesCommand(detached));
      await context.until('the group lets go of it', LAUNCH_LIMIT_SECONDS, async () => {
        return (await describeGroup(context, from))?.Instances?.length === 0;
      });
      await autoScaling.send(new AttachInstancesCommand({ AutoScalingGroupName: to, InstanceIds }));
      deepEqual(await untilInService(context, to, 1), InstanceIds);
      equal((await describeGroup(context, to))?.DesiredCapacity, 1);
      const told = (await activities(context, to)).map(({ Description = '' }) => Description);
      deepEqual(
        told.filter((description) => description.startsWith('Launching')),
        [],
      );
    },
  },
  {
    name: 'An instance in Standby stays where its group is taken to 0',
    source: 'Amazon EC2 Auto Scaling User Guide, Temporarily remove instances from your Auto Scaling group',
    needs: ['network', 'launch template', 'instances'],
    async run(context) {
      const group = await createGroup(context, ONE);
      const InstanceIds = await untilInService(context, group, 1);
      const { autoScaling } = context.clients;
      const aside = { AutoScalingGroupName: group, InstanceIds, ShouldDecrementDesiredCapacity: true };
      await refusalOf(
        autoScaling.send(new EnterStandbyCommand({ ...aside, InstanceIds: ['i-00000000000000000'] })),
        'ValidationError',
      );
      const sizes = { AutoScalingGroupName: group, MinSize: 0 };
      await autoScaling.send(new UpdateAutoScalingGroupCommand(sizes));
      await autoScaling.send(new EnterStandbyCommand(aside));
      await context.until('it is in Standby', LAUNCH_LIMIT_SECONDS, async () => {
        return (await describeGroup(context, group))?.Instances?.[0]?.LifecycleState === 'Standby';
      });
      equal((await describeGroup(context, group))?.DesiredCapacity, 0);
      await autoScaling.send(new UpdateAutoScalingGroupCommand({ ...sizes, DesiredCapacity: 0 }));
      await context.sleep(30);
      deepEqual(
        (await describeGroup(context, group))?.Instances?.map(({ InstanceId }) => InstanceId),
        InstanceIds,
      );
      await autoScaling.send(new ExitStandbyCommand({ AutoScalingGroupName: group, InstanceIds }));
      equal((await describeGroup(context, group))?.DesiredCapacity, 1);
      deepEqual(await untilInService(context, group, 1), InstanceIds);
    },
  },
  {
    name: 'A group with instances is deleted by force alone',
    source: 'Amazon EC2 Auto Scaling API Reference, DeleteAutoScalingGroup',
    needs: ['network', 'launch template', 'instances'],
    async run(context) {
      const group = await createGroup(context, ONE);
      await untilInService(context, group, 1);
      const command = new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: group });
      await refusalOf(context.clients.autoScaling.send(command), 'ResourceInUseFault');
    },
  },
  {
    name: 'A group with deletion protection is not deleted, by force or at all',
    source: 'Amazon EC2 Auto Scaling User Guide, Configure deletion protection',
    needs: ['network', 'launch template'],
    async run(context) {
      const { autoScaling } = context.clients;
      const named = { AutoScalingGroupName: await createGroup(context) };
      const protect = (DeletionProtection: 'none' | 'prevent-force-deletion' | 'prevent-all-deletion') =>
        autoScaling.send(new UpdateAutoScalingGroupCommand({ ...named, DeletionProtection }));
      context.afterwards(() => protect('none').catch(() => {})); // it may be deleted
      const remove = (ForceDelete: boolean) =>
        autoScaling.send(new DeleteAutoScalingGroupCommand({ ...named, ForceDelete }));
      await protect('prevent-all-deletion');
      for (const isForced of [true, false]) await refusalOf(remove(isForced), 'ValidationError');
      await protect('prevent-force-deletion');
      await refusalOf(remove(true), 'ValidationError');
      await remove(false);
    },
  },
  {
    name: 'A size that honors the cooldown is refused after a scaling activity',
    source: 'Amazon EC2 Auto Scaling API Reference, SetDesiredCapacity: HonorCooldown',
    needs: ['network', 'launch template', 'instances'],
    async run(context) {
      const group = await createGroup(context, { ...ONE, DefaultCooldown: 3600 });
      await untilInService(context, group, 1);
      const change = { AutoScalingGroupName: group, DesiredCapacity: 0, HonorCooldown: true };
      const call = context.clients.autoScaling.send(new SetDesiredCapacityCommand(change));
      equal((await refusalOf(call, 'ScalingActivityInProgressFault')).status, 400);
    },
  },
  {
    name: 'A weighted group counts weights, not instances',
    source: 'Amazon EC2 Auto Scaling User Guide, Instance weights',
    needs: ['network', 'launch template', 'instances'],
    async run(context) {
      const { launchTemplateName: LaunchTemplateName, instanceType: InstanceType } = context.given;
      const MixedInstancesPolicy = {
        LaunchTemplate: {
          LaunchTemplateSpecification: { LaunchTemplateName, Version: '$Latest' },
          Overrides: [{ InstanceType, WeightedCapacity: '2' }],
        },
      };
      const group = await createGroup(context, { MixedInstancesPolicy, MinSize: 0, DesiredCapacity: 4, MaxSize: 4 });
      await untilInService(context, group, 2);
      await context.sleep(30);
      equal((await describeGroup(context, group))?.Instances?.length, 2);
    },
  },
];

const SCHEDULED_MAXIMUM = 1;

/** Launches nothing: the action changes the maximum alone. */
function schedule(context: Context, AutoScalingGroupName: string, StartTime: Date): Promise<unknown> {
  const action = { AutoScalingGroupName, ScheduledActionName: 'conformance', StartTime, MaxSize: SCHEDULED_MAXIMUM };
  return context.clients.autoScaling.send(new PutScheduledUpdateGroupActionCommand(action));
}

async function activities(context: Context, AutoScalingGroupName: string): Promise<Activity[]> {
  const command = new DescribeScalingActivitiesCommand({ AutoScalingGroupName });
  return (await context.clients.autoScaling.send(command)).Activities ?? [];
}

/** The time at the endpoint, whose clock may be another: that of a group which was made just now. */
async function createdAt(context: Context, groupName: string): Promise<Date> {
  return (await describeGroup(context, groupName))?.CreatedTime ?? new Date();
}
