/** How long Active may drain counts from when it was detached, whenever that was asked for. */
import { AwsError } from '../../local/kernel/service';
import type { World } from '../harness/world';
import { openScene } from './failure-cases';

/** So long after its first detach, Auto Scaling is busy with the group, and does nothing. */
function keepBusy(world: World, seconds: number): void {
  let until = Number.POSITIVE_INFINITY;
  const now = () => world.clock.now().getTime();
  world.aws.endpoint.intercept(async (call, proceed) => {
    const isMeant =
      call.operation === 'DetachLoadBalancerTargetGroups' && call.input.AutoScalingGroupName === 'was-blue';
    if (!isMeant) return proceed();
    until = Math.min(until, now() + seconds * 1000);
    if (now() >= until) return proceed();
    throw new AwsError('ScalingActivityInProgress', 'busy', 400);
  });
}

test('a detach that Auto Scaling puts off for ten minutes does not use up the time to drain', async () => {
  const { world } = await openScene({ deregistrationDelaySeconds: 60 });
  const version = await world.upload('app.war', { version: '2' });
  keepBusy(world, 600);
  await world.until('Completed');
  expect(world.story).not.toContain('Failed');
  expect(world.servedVersions()).toEqual([version]);
});

test('where Active is attached elsewhere while it drains, that has its time to drain, too', async () => {
  const { world, operator } = await openScene({ deregistrationDelaySeconds: 170 });
  const version = await world.upload('app.war', { version: '2' });
  await world.until('Step2Passed');
  await world.clock.advance(160);
  const added = await operator.addTargetGroup('added');
  await operator.attach('was-blue', [added]);
  await world.until('Completed');
  expect(world.story).not.toContain('Failed');
  expect(world.servedVersions()).toEqual([version]);
});
