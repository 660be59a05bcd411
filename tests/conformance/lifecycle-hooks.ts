/** Lifecycle hooks, which hold what is launched and what is about to be terminated. */
import { deepEqual, equal } from 'node:assert/strict';
import {
  CompleteLifecycleActionCommand,
  DescribeLifecycleHooksCommand,
  PutLifecycleHookCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling';
import type { ConformanceCase } from './case';
import type { Context } from './context';
import { createGroup, describeGroup, LAUNCH_LIMIT_SECONDS, untilInService } from './fleet';
import { refusalOf } from './refusal';

const LifecycleHookName = 'hook';

export const LIFECYCLE_HOOKS: readonly ConformanceCase[] = [
  {
    name: 'A hook holds for an hour by default, and for 30 to 7200 seconds',
    source: 'Amazon EC2 Auto Scaling API Reference, PutLifecycleHook; LifecycleHook',
    needs: ['network', 'launch template'],
    async run(context) {
      const group = await createGroup(context);
      const described = async () => {
        const command = new DescribeLifecycleHooksCommand({ AutoScalingGroupName: group });
        const [hook] = (await context.clients.autoScaling.send(command)).LifecycleHooks ?? [];
        return [hook?.HeartbeatTimeout, hook?.GlobalTimeout, hook?.DefaultResult];
      };
      await putHook(context, group, 'LAUNCHING');
      deepEqual(await described(), [3600, 172_800, 'ABANDON']);
      await putHook(context, group, 'LAUNCHING', 30);
      deepEqual(await described(), [30, 3000, 'ABANDON']);
      for (const seconds of [29, 7201])
        await refusalOf(putHook(context, group, 'LAUNCHING', seconds), 'ValidationError');
    },
  },
  {
    name: 'What is launched waits until somebody goes on with it',
    source: 'Amazon EC2 Auto Scaling User Guide, How lifecycle hooks work',
    needs: ['network', 'launch template', 'instances'],
    async run(context) {
      const group = await createGroup(context, { MaxSize: 1 });
      await putHook(context, group, 'LAUNCHING', 600);
      await resize(context, group, 1);
      const id = await untilState(context, group, 'Pending:Wait');
      await complete(context, group, id, 'CONTINUE');
      deepEqual(await untilInService(context, group, 1), [id]);
      await refusalOf(complete(context, group, id, 'CONTINUE'), 'ValidationError');
    },
  },
  {
    name: 'What is taken away waits for its hook, and goes even if abandoned',
    source: 'Amazon EC2 Auto Scaling User Guide, How lifecycle hooks work; Complete a lifecycle action',
    needs: ['network', 'launch template', 'instances'],
    async run(context) {
      const group = await createGroup(context, { DesiredCapacity: 1, MaxSize: 1 });
      const [id = ''] = await untilInService(context, group, 1);
      await putHook(context, group, 'TERMINATING', 600);
      await resize(context, group, 0);
      equal(await untilState(context, group, 'Terminating:Wait'), id);
      await complete(context, group, id, 'ABANDON');
      await context.until('it is gone', LAUNCH_LIMIT_SECONDS, async () => {
        return (await describeGroup(context, group))?.Instances?.length === 0;
      });
    },
  },
];

function putHook(
  { clients }: Context,
  AutoScalingGroupName: string,
  transition: 'LAUNCHING' | 'TERMINATING',
  HeartbeatTimeout?: number,
): Promise<unknown> {
  const LifecycleTransition = `autoscaling:EC2_INSTANCE_${transition}`;
  const hook = { AutoScalingGroupName, LifecycleHookName, LifecycleTransition, HeartbeatTimeout };
  return clients.autoScaling.send(new PutLifecycleHookCommand(hook));
}

function resize({ clients }: Context, AutoScalingGroupName: string, DesiredCapacity: number): Promise<unknown> {
  return clients.autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity }));
}

function complete(
  { clients }: Context,
  AutoScalingGroupName: string,
  InstanceId: string,
  LifecycleActionResult: 'CONTINUE' | 'ABANDON',
): Promise<unknown> {
  const action = { AutoScalingGroupName, LifecycleHookName, InstanceId, LifecycleActionResult };
  return clients.autoScaling.send(new CompleteLifecycleActionCommand(action));
}

/** The id of the one instance, once it is in that state. */
function untilState(context: Context, group: string, state: string): Promise<string> {
  return context.until(`an instance is in ${state}`, LAUNCH_LIMIT_SECONDS, async () => {
    const { Instances = [] } = (await describeGroup(context, group)) ?? {};
    return Instances.find(({ LifecycleState }) => LifecycleState === state)?.InstanceId;
  });
}
