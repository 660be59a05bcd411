import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import {
  CreateTargetGroupCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { EmbeddedAws } from '../embedded-aws';
import { clientDefaults } from '../endpoint/client';
import { VirtualInstances } from '../fleet/virtual-instances';
import { VirtualClock } from './clock';
import { STANDARD_LIMITS, type ThrottleLimits, throttle } from './throttle';

function setUp(limits: Partial<ThrottleLimits> = {}) {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const aws = new EmbeddedAws({ clock, instances, latencySeconds: 0 });
  aws.endpoint.intercept(throttle(clock, { ...STANDARD_LIMITS, ...limits }));
  const caller = { principal: 'operator', isAlive: () => true };
  const defaults = clientDefaults(aws.endpoint, clock, caller, aws.region);
  const once = { ...defaults, maxAttempts: 1, retryStrategy: undefined };
  return { clock, defaults, once };
}

/** How many of `count` calls succeed that are made at one moment. */
async function succeeding(count: number, call: (index: number) => Promise<unknown>): Promise<number> {
  const outcomes = await Promise.allSettled(Array.from({ length: count }, (_, index) => call(index)));
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  for (const error of refused) expect(error).toMatchObject({ name: 'Throttling', message: 'Rate exceeded' });
  return count - refused.length;
}

test('a burst is served, then calls are refused until the bucket has refilled', async () => {
  const { clock, once } = setUp({ autoScaling: { burst: 5, refillPerSecond: 2 } });
  const client = new AutoScalingClient(once);
  const describeGroups = () => client.send(new DescribeAutoScalingGroupsCommand({}));
  expect(await succeeding(8, describeGroups)).toBe(5);
  await clock.advance(1.5);
  expect(await succeeding(8, describeGroups)).toBe(3);
  await clock.advance(3600);
  expect(await succeeding(8, describeGroups)).toBe(5);
});

test('the load balancer API has a bucket per family of operations, within one of the account', async () => {
  const { clock, once } = setUp();
  const client = new ElasticLoadBalancingV2Client(once);
  const create = (index: number) => {
    const input = { Name: `group-${index}`, Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1' } as const;
    return client.send(new CreateTargetGroupCommand(input));
  };
  const describeLoadBalancers = () => client.send(new DescribeLoadBalancersCommand({}));
  expect(await succeeding(30, create)).toBe(20);
  expect(await succeeding(30, describeLoadBalancers)).toBe(20);
  await clock.advance(2);
  expect(await succeeding(30, create)).toBe(6);
  expect(await succeeding(30, describeLoadBalancers)).toBe(14);
});

test('the SDK waits and tries again by itself', async () => {
  const { clock, defaults } = setUp({ autoScaling: { burst: 1, refillPerSecond: 10 } });
  const client = new AutoScalingClient(defaults);
  const call = () => client.send(new DescribeAutoScalingGroupsCommand({}));
  await call();
  const { $metadata } = await clock.run(call());
  expect($metadata.httpStatusCode).toBe(200);
});
