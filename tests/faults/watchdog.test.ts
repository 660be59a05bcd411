/** The watchdog: what a deployment waits for is published again, and one that does not move even then is ended. */

import { DisableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AwsError } from '../../local/kernel/service';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { runCommand } from '../harness/aws-command';
import { commandsIn } from '../harness/mail-commands';
import { World } from '../harness/world';

test.each([
  ...['Started', 'DummyAttached', 'CheckPending', 'CheckDue', 'Step1Passed', 'RealAttached', 'Step2Passed', 'Swapped'],
])('a deployment of which a %s was lost goes on by itself', async (lost) => {
  const world = await World.quick();
  let losses = 0;
  world.aws.eventBridge.deliveryPolicy = ({ event, target }) => {
    const isLost = event['detail-type'] === lost && losses === 0 && !target.Arn?.includes('notify');
    if (isLost) losses++;
    return isLost ? [] : [0.5];
  };
  const version = await world.upload('app.war', { version: '2' });
  await world.until('Completed', { limitSeconds: 1500 });
  expect(world.servedVersions()).toEqual([version]);
  expect(world.story).not.toContain('Failed');
});

test('a stage that never gets anywhere ends with T014, and the deployment is cleaned up', async () => {
  const world = await World.quick();
  world.aws.eventBridge.deliveryPolicy = ({ target }) => (target.Arn?.includes('attach-real') ? [] : [0.5]);
  await world.upload('app.war', { version: '2' });
  const { detail } = await world.until('Failed', { limitSeconds: 3600 });
  expect(detail).toMatchObject({ code: 'T014', message: expect.stringContaining('attach-real did not move for') });
  await world.until('Cleaned');
  await world.clock.advance(120);
  expect(await world.size(world.fleet.standByGroup)).toBe('0/0/0');
  expect(await world.dummies()).toEqual([]);
});

test('a stage whose rule somebody has disabled is mended by what its mail says', async () => {
  const world = await World.quick();
  const [bus = '', rule = ''] = (
    world.stack.resources.get('Bluegreendevattachrealrule1EventBridgeRule')?.physicalId ?? ''
  ).split('|');
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  await world.clock.run(
    new EventBridgeClient(world.aws.operator).send(new DisableRuleCommand({ EventBusName: bus, Name: rule })),
  );
  await world.until('Cleaned', { limitSeconds: 3600 });
  await world.clock.advance(60);
  const commands = commandsIn(world.mailBody(-1));
  const listing = commands.find((command) => command.startsWith('aws events list-rules ')) ?? '';
  expect(await runCommand(world, listing)).toMatchObject({
    Rules: expect.arrayContaining([expect.objectContaining({ Name: rule, State: 'DISABLED' })]),
  });
  expect(world.mailBody(-1)).toContain('\n  # where it has none:\n  bluegreen doctor\n');
  expect(world.mailBody(-1)).toMatch(
    /\n {2}Users are served, so this can wait until morning\. Read the log of attach-real\. .* no line since 2030-01-01 /,
  );
});

test('a failure whose event reached nobody is cleaned up all the same', async () => {
  const world = await World.quick();
  let losses = 0;
  world.aws.eventBridge.deliveryPolicy = ({ event }) =>
    event['detail-type'] === 'Failed' && losses++ < 2 ? [] : [0.5];
  await world.upload('app.war', { health: '500' });
  await world.until('Cleaned', { limitSeconds: 3600 });
  expect(losses).toBeGreaterThan(1);
  expect(await world.size(world.fleet.standByGroup)).toBe('0/0/0');
});

test('clean-up that cannot end asks for an operator, with the commands to run', async () => {
  const world = await World.quick();
  world.aws.endpoint.intercept((call, proceed) => {
    if (call.operation !== 'UpdateAutoScalingGroup' || !isInvocationCaller(call.caller)) return proceed();
    if (call.caller.invocation?.function === 'clean-up') world.aws.lambda.kill(call.caller.invocation);
    return proceed();
  });
  await world.upload('app.war', { health: '500' });
  const { detail } = await world.until('Cleaned', { limitSeconds: 6 * 3600 });
  expect(detail).toMatchObject({ outcome: 'operator-needed', code: 'T001' });
  expect(detail.commands).toEqual(expect.arrayContaining([expect.stringContaining('--min-size 0')]));
  await world.clock.advance(60);
  expect(world.mails.at(-1)).toBe('[Error] Deploy Clean(Task : WAS)');
  const told = () => world.story.filter((type) => type === 'Cleaned').length;
  const before = told();
  await world.clock.advance(3600);
  expect(told() - before).toBeLessThanOrEqual(1);
  await world.put('DeployRequested', { task: 'WAS' });
  expect((await world.until('Refused', { limitSeconds: 300 })).detail.code).toBe('401');
  const after = world.events.length;
  await world.upload('app.war', { version: '3' });
  expect((await world.until('Refused', { after, limitSeconds: 300 })).detail.code).toBe('401');
});

test('a pending upload that nobody asked for again is asked for', async () => {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  const version = await world.upload('app.war', { version: '3' });
  await world.clock.advance(20);
  let losses = 0;
  world.aws.eventBridge.deliveryPolicy = ({ event }) =>
    event['detail-type'] === 'DeployRequested' && losses++ === 0 ? [] : [0.5];
  await world.until('Completed');
  const after = world.events.findIndex((event) => event['detail-type'] === 'Completed') + 1;
  await world.until('Completed', { after, limitSeconds: 3600 });
  await world.clock.advance(60);
  expect(world.servedVersions()).toEqual([version]);
});

test.each(['request', 'earlier'])(
  'an upload that waits though it has had its outcome is dropped: the %s one',
  async (which) => {
    const world = await World.quick();
    await world.upload('app.war', { version: '2' });
    await world.until('Completed');
    const { pending: _, ...record } = await world.record();
    const handledIds = which === 'earlier' ? { upload: 'earlier' } : record.handledIds;
    const pending = { ...record.request, requestId: which === 'earlier' ? 'earlier' : record.request.requestId };
    const Body = JSON.stringify({ ...record, handledIds, pending });
    const write = { Bucket: world.stack.outputs.StateBucketName, Key: 'tasks/WAS.json', Body };
    await world.clock.run(new S3Client(world.aws.operator).send(new PutObjectCommand(write)));
    await world.clock.advance(1800);
    expect((await world.record()).pending).toBeUndefined();
    expect(world.story.filter((type) => type === 'Started')).toHaveLength(1);
  },
);

test('dummies are removed an hour after their deployment has lost its record, those of a running one never', async () => {
  const world = await World.quick({ provisioningSeconds: 450 });
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  await world.clock.advance(400);
  expect(await world.dummies()).toHaveLength(2);
  const remove = { Bucket: world.stack.outputs.StateBucketName, Key: 'tasks/WAS.json' };
  await world.clock.run(new S3Client(world.aws.operator).send(new DeleteObjectCommand(remove)));
  await world.clock.advance(2700);
  expect(await world.dummies()).toHaveLength(2);
  await world.clock.advance(1200);
  expect(await world.dummies()).toEqual([]);
});

test('what a rule of any bus cannot deliver is kept, and none of it is dropped', async () => {
  const world = await World.quick();
  const denied = new AwsError('AccessDenied', 'not authorized to invoke', 403);
  world.aws.eventBridge.delivery.targetFault = () => denied;
  await world.upload('app.war', { version: '2' });
  await world.put('DeployRequested', { task: 'WAS' });
  await world.put('Failed', { task: 'WAS' });
  await world.clock.advance(600);
  const ids = ['RuleDeadLetters', 'FailureMailDeadLetters', 'UploadRuleDeadLetters', 'CodeDeployRuleDeadLetters'];
  const kept = ids.map((id) => {
    const arn = world.stack.resources.get(id)?.attributes.Arn ?? '';
    return world.aws.sqs.queueByArn(arn).contents().length;
  });
  expect(kept).toEqual([expect.any(Number), 2, 1, expect.any(Number)]); // the failure: to the topic, and to notify
  expect(kept[0]).toBeGreaterThanOrEqual(4); // twice the watchdog, the request, the failure to clean-up
  expect(world.aws.eventBridge.delivery.dropped).toBe(0);
});

test('a deployment that looks only every ten minutes is not taken for one that does not move', async () => {
  const world = await World.quick({ parameters: { CycleSeconds: '3600', CheckIntervalSeconds: '600' } });
  await world.upload('app.war', { version: '2' });
  await world.until('Completed', { limitSeconds: 6 * 3600 });
  expect(world.story).not.toContain('Failed');
});
