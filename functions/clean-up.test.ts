/** Back to the old group: however often clean-up has to look, and whoever asks it to. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AwsError } from '../local/kernel/service';
import { isInvocationCaller } from '../local/services/lambda/environment';
import { Operator } from '../tests/harness/operator';
import { World } from '../tests/harness/world';

/** Active is being drained when both groups fall ill. */
async function bothIll() {
  const world = await World.quick({ fleet: { deregistrationDelaySeconds: 120 } });
  const operator = new Operator(world);
  const { activeGroup, standByGroup, targetGroupArns } = world.fleet;
  await world.upload('app.war', { version: '2' });
  await world.until('Step2Passed');
  await world.until('CheckPending', { after: world.events.length });
  for (const group of [activeGroup, standByGroup]) await operator.suspend(group, ['HealthCheck']);
  await operator.setHealth(activeGroup, 503);
  await operator.setHealth(standByGroup, 500);
  const [targetGroupArn = ''] = targetGroupArns;
  return { world, operator, activeGroup, standByGroup, targetGroupArn };
}

test('Active that clean-up itself attached again is waited for, since the first time', async () => {
  const { world, operator, activeGroup, standByGroup, targetGroupArn } = await bothIll();
  // By the time swap would see that StandBy is ill, it cannot read any more.
  world.aws.endpoint.intercept(async (call, proceed) => {
    const answer = await proceed();
    const isOfSwap = isInvocationCaller(call.caller) && call.caller.invocation?.function === 'swap';
    if (isOfSwap && JSON.stringify(answer).includes('"unhealthy"')) throw new AwsError('AccessDenied', 'denied', 403);
    return answer;
  });
  expect((await world.until('Failed')).detail).toMatchObject({ code: 'T007', stage: 'swap' });
  await world.clock.advance(400);
  const { reattachedAt } = await world.record();
  expect(reattachedAt).toBeDefined();
  await operator.detach(activeGroup, [targetGroupArn]);
  await world.clock.advance(200);
  expect((await world.group(activeGroup)).TargetGroupARNs).toEqual([targetGroupArn]);
  expect(await world.record()).toMatchObject({ status: 'cleaning', reattachedAt });
  expect(await operator.statesOn(targetGroupArn, standByGroup)).toHaveLength(2);
  await operator.setHealth(activeGroup, 200);
  expect((await world.until('Cleaned')).detail).toMatchObject({ code: 'T007', outcome: 'cleaned' });
  expect(await operator.statesOn(targetGroupArn, activeGroup)).toEqual(['healthy', 'healthy']);
});

test('Active that an earlier version attached again is waited for too', async () => {
  const { world, operator, activeGroup, standByGroup, targetGroupArn } = await bothIll();
  await world.until('Failed');
  await operator.setHealth(standByGroup, 200); // or it would go at once, since neither group serves
  await world.clock.advance(100);
  const { reattachedAt, ...record } = await world.record();
  const earlier = { ...record, progress: { ...record.progress, attachingSince: reattachedAt } };
  const Key = `tasks/${encodeURIComponent(record.task)}.json`;
  const command = { Bucket: world.stack.outputs.StateBucketName, Key, Body: JSON.stringify(earlier) };
  await world.clock.run(new S3Client(world.aws.operator).send(new PutObjectCommand(command)));
  await world.clock.advance(400);
  expect(await world.record()).toMatchObject({ status: 'cleaning', progress: { attachingSince: reattachedAt } });
  await operator.setHealth(activeGroup, 200);
  expect((await world.until('Cleaned')).detail).toMatchObject({ outcome: 'cleaned' });
  expect(await operator.statesOn(targetGroupArn, activeGroup)).toEqual(['healthy', 'healthy']);
});

test('an operator who asks to clean once more has Active waited for anew', async () => {
  const { world, operator, activeGroup, standByGroup, targetGroupArn } = await bothIll();
  expect((await world.until('Failed')).detail).toMatchObject({ code: 'T011', stage: 'swap' });
  await operator.setHealth(standByGroup, 200);
  expect((await world.until('Cleaned')).detail).toMatchObject({ outcome: 'operator-needed' });
  await operator.setHealth(activeGroup, 200); // its health checks have yet to find out
  const after = world.events.length;
  await world.put('CleanRequested', { task: 'WAS' });
  expect((await world.until('Cleaned', { after })).detail).toMatchObject({ outcome: 'cleaned' });
  expect(await world.size(standByGroup)).toBe('0/0/0');
  expect(await operator.statesOn(targetGroupArn, activeGroup)).toEqual(['healthy', 'healthy']);
});

test('where users have met the new version, a clean-up that stops does not say that none did', async () => {
  const world = await World.quick();
  const operator = new Operator(world);
  await world.upload('app.war', { version: '2' });
  await world.until('RealAttached');
  await world.clock.advance(5);
  await operator.setHealth(world.fleet.standByGroup, 503);
  operator.failCalls('UpdateAutoScalingGroup', 'AccessDenied', { status: 403, of: 'clean-up' });
  expect((await world.until('Cleaned')).detail).toMatchObject({ outcome: 'operator-needed', code: 'T012' });
  await world.clock.advance(60);
  expect(world.mailBody(-1)).toMatch(
    /^The deployment of WAS failed: was-green fell ill .* \(T011\)\. Clean-up stopped, and a permission is missing: taking was-green to 0\/0\/0 failed: .*\(T012\)/,
  );
  expect(world.mailBody(-1)).not.toContain('no user');
});
