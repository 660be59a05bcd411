/** Instance refreshes, which replace a group's instances one by one, and warm pools, though only empty ones. */
import type {
  CancelInstanceRefreshType,
  DeleteWarmPoolType,
  DescribeInstanceRefreshesType,
  DescribeWarmPoolType,
  InstanceRefresh,
  PutWarmPoolType,
  StartInstanceRefreshType,
} from '@aws-sdk/client-auto-scaling';
import { pageOf, pageSize } from '../../kernel/paging';
import { refuseUnsupported } from '../../kernel/refusal';
import { AwsError, type Operations, validationError } from '../../kernel/service';
import { type Capacity, working } from './capacity';
import type { Fleet, Group, Refresh } from './fleet';

const PAGE_SIZE = 50;
const LARGEST_PAGE_SIZE = 100;
const POLL_SECONDS = 5;

export class Refreshes {
  readonly operations: Operations = {
    StartInstanceRefresh: (input: StartInstanceRefreshType) => {
      refuseUnsupported(input, ['AutoScalingGroupName', 'Strategy']);
      const group = this.fleet.group(input.AutoScalingGroupName);
      if (running(group)) {
        throw new AwsError(
          'InstanceRefreshInProgress',
          'An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.',
        );
      }
      return { InstanceRefreshId: this.start(group).id };
    },
    CancelInstanceRefresh: (input: CancelInstanceRefreshType) => {
      refuseUnsupported(input, ['AutoScalingGroupName']);
      const group = this.fleet.group(input.AutoScalingGroupName);
      const refresh = running(group);
      if (!refresh) {
        throw new AwsError(
          'ActiveInstanceRefreshNotFound',
          'No in progress or pending Instance Refresh found for the Auto Scaling group',
        );
      }
      this.end(refresh, 'Cancelled');
      return { InstanceRefreshId: refresh.id };
    },
    DescribeInstanceRefreshes: (input: DescribeInstanceRefreshesType) => {
      const group = this.fleet.group(input.AutoScalingGroupName);
      const ids = input.InstanceRefreshIds ?? [];
      const wanted = group.refreshes.filter((refresh) => ids.length === 0 || ids.includes(refresh.id));
      const size = pageSize(input.MaxRecords, 'maxRecords', PAGE_SIZE, LARGEST_PAGE_SIZE);
      const { items, next } = pageOf(wanted, input.NextToken, size, 'InvalidNextToken');
      return { InstanceRefreshes: items.map((refresh) => describe(group, refresh)), NextToken: next };
    },
    PutWarmPool: (input: PutWarmPoolType) => {
      refuseUnsupported(input, ['AutoScalingGroupName', 'MinSize', 'MaxGroupPreparedCapacity', 'PoolState']);
      const group = this.fleet.group(input.AutoScalingGroupName);
      const { MinSize = 0, MaxGroupPreparedCapacity, PoolState = 'Stopped' } = input;
      if (MinSize !== 0 || MaxGroupPreparedCapacity !== 0) {
        throw validationError(
          'This embedded AWS only has empty warm pools: MinSize and MaxGroupPreparedCapacity must be 0',
        );
      }
      group.warmPool = { MinSize, MaxGroupPreparedCapacity, PoolState };
    },
    DeleteWarmPool: (input: DeleteWarmPoolType) => {
      this.fleet.group(input.AutoScalingGroupName).warmPool = undefined;
    },
    DescribeWarmPool: (input: DescribeWarmPoolType) => ({
      WarmPoolConfiguration: this.fleet.group(input.AutoScalingGroupName).warmPool,
      Instances: [],
    }),
  };

  constructor(
    private readonly fleet: Fleet,
    private readonly capacity: Capacity,
  ) {}

  private start(group: Group): Refresh {
    const remaining = working(group).map((instance) => instance.id);
    const refresh: Refresh = {
      id: this.fleet.options.random.uuid(),
      status: 'InProgress',
      startTime: this.fleet.options.clock.now(),
      endTime: undefined,
      total: remaining.length,
      remaining,
    };
    group.refreshes.unshift(refresh);
    this.proceed(group, refresh);
    return refresh;
  }

  /** Replaces the next instance once the group is complete again. */
  private proceed(group: Group, refresh: Refresh): void {
    if (refresh.status !== 'InProgress') return;
    const inService = working(group).filter((instance) => instance.state === 'InService');
    const isComplete = inService.length >= group.desiredCapacity;
    if (isComplete && !group.suspended.has('InstanceRefresh')) {
      const next = inService.find((instance) => refresh.remaining.includes(instance.id));
      if (!next) {
        this.end(refresh, 'Successful');
        return;
      }
      refresh.remaining = refresh.remaining.filter((id) => id !== next.id);
      this.capacity.terminate(group, next, 'an instance was taken out of service in response to an instance refresh');
      this.capacity.wake(group);
    }
    this.fleet.options.clock.after(POLL_SECONDS, () => this.proceed(group, refresh));
  }

  private end(refresh: Refresh, status: 'Successful' | 'Cancelled'): void {
    refresh.status = status;
    refresh.endTime = this.fleet.options.clock.now();
  }
}

function running(group: Group): Refresh | undefined {
  return group.refreshes.find((refresh) => refresh.status === 'InProgress');
}

function describe(group: Group, { id, status, startTime, endTime, total, remaining }: Refresh): InstanceRefresh {
  return {
    InstanceRefreshId: id,
    AutoScalingGroupName: group.name,
    Status: status,
    StartTime: startTime,
    EndTime: endTime,
    PercentageComplete: total === 0 ? 100 : Math.floor(((total - remaining.length) / total) * 100),
    InstancesToUpdate: remaining.length,
  };
}
