/** What can be seen of the pipeline from outside: every line that functions log, and the metrics that are made of some. */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { throttlingOf } from '../../local/kernel/throttle';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { blockDeployment } from '../harness/blocked';
import { type Measured, metricsIn } from '../harness/metrics';
import { World } from '../harness/world';

const STACK = 'Stack=bluegreen-dev';

function measuredIn({ logs }: World): Measured[] {
  return metricsIn(logs.map(({ line }) => line));
}

/** How often each was counted, without what says how long something took. */
function countsIn(world: World): Record<string, number> {
  const counted = measuredIn(world).filter(({ unit }) => unit === 'Count');
  const sums: Record<string, number> = {};
  for (const { metric, value } of counted) sums[metric] = (sums[metric] ?? 0) + value;
  return sums;
}

describe('of a deployment that completed, and one that failed,', () => {
  const ended = (async () => {
    const world = await World.quick();
    await world.upload('app.war', { version: '2' });
    await world.until('Completed');
    await world.clock.advance(30);
    await world.upload('app.war', { health: '500' });
    await world.until('Cleaned');
    await world.clock.advance(600);
    return world;
  })();

  test('the outcomes are counted once, by code where there is one; and the cycles of each step', async () => {
    expect(countsIn(await ended)).toEqual({
      [`Completed ${STACK}`]: 1,
      [`Failed ${STACK}`]: 1,
      [`Failed ${STACK} Code=T001`]: 1,
      [`Cycles ${STACK} Stage=check-dummy`]: 1 + 2,
      [`Cycles ${STACK} Stage=check-real`]: 1,
    });
  });

  test('it is measured how long they took, and each stage of them', async () => {
    const seconds = measuredIn(await ended).filter(({ unit }) => unit === 'Seconds');
    const stages = ['start', 'check-dummy', 'attach-real', 'check-real', 'swap', 'retire', 'clean-up'];
    expect(new Set(seconds.map(({ metric }) => metric))).toEqual(
      new Set([
        `DeploymentSeconds ${STACK}`,
        `DeploymentSeconds ${STACK} Code=T001`,
        ...stages.map((stage) => `StageSeconds ${STACK} Stage=${stage}`),
      ]),
    );
    const sumOf = (name: string) =>
      seconds.reduce((sum, { metric, value }) => sum + (metric.startsWith(`${name} ${STACK}`) ? value : 0), 0);
    const ofCode = seconds.find(({ metric }) => metric.endsWith('Code=T001'))?.value ?? 0;
    expect(sumOf('StageSeconds')).toBeCloseTo(sumOf('DeploymentSeconds') - ofCode, 0);
  });

  test('a line with metrics says which deployment of which task: as dimensions they would be billed each', async () => {
    for (const { metric, line } of measuredIn(await ended)) {
      expect(metric).toMatch(/^\w+( (Stack|Stage|Code)=[\w-]+)+$/);
      expect(line).toMatchObject({ task: 'WAS', deploymentId: expect.any(String), requestId: expect.any(String) });
    }
  });

  test('every line says by which function and in which invocation it was logged', async () => {
    const { logs } = await ended;
    expect(logs.length).toBeGreaterThan(50);
    for (const { function: name, line } of logs) {
      expect(line).not.toContain('\n');
      expect(JSON.parse(line)).toMatchObject({
        ...{ function: name, message: expect.any(String), time: expect.stringMatching(/^2030-/) },
        invocationId: expect.stringMatching(/^[\da-f-]{36}$/),
      });
    }
  });

  test('every line of a stage says of which deployment of which task it is, and who asked for it', async () => {
    const { logs, events } = await ended;
    const requests = events.flatMap(({ detail }) => (detail.requestId ? [detail.requestId] : []));
    const lines = logs.map(({ line }) => JSON.parse(line));
    const ofStages = lines.filter(({ function: name, stage }) => stage !== undefined && name !== 'notify');
    // The first war of the fleet: no deployment was begun for it.
    const ofDeployments = ofStages.filter(({ message }) => !/serve already/.test(message));
    expect(ofStages.length).toBe(ofDeployments.length + 1);
    expect(new Set(ofDeployments.map(({ stage }) => stage)).size).toBe(7);
    for (const line of ofDeployments) {
      expect(line).toMatchObject({ task: 'WAS', deploymentId: expect.stringMatching(/^2030/) });
      expect(requests).toContain(line.requestId);
      // What a stage makes known when it ends, it says of the one that takes over, or of each that there was.
      if (line.message !== 'opened' && line.message !== 'measured') expect(line.stage).toBe(line.function);
    }
    for (const line of lines.filter(({ function: name }) => name === 'notify')) {
      expect(line).toMatchObject({ task: 'WAS', deploymentId: expect.stringMatching(/^2030/) });
    }
  });
});

test('a request that is not run is counted by its code, once, however often it is delivered', async () => {
  const world = await World.quick();
  world.aws.eventBridge.deliveryPolicy = () => [0, 60];
  await world.put('DeployRequested', { task: 'NOPE', requestId: 'of jane' });
  await world.clock.advance(300);
  expect(countsIn(world)).toEqual({ [`Refused ${STACK}`]: 1, [`Refused ${STACK} Code=400`]: 1 });
  expect(measuredIn(world)[0]?.line).toMatchObject({ task: 'NOPE', requestId: 'of jane', stage: 'start' });
});

test('a replay counts nothing again', async () => {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  await world.clock.advance(120);
  const before = measuredIn(world).length;
  await world.replay('again');
  await world.clock.advance(1800);
  expect(measuredIn(world).slice(before)).toEqual([]);
});

test('what waits for an operator is counted when it begins to, and is measured when it has ended', async () => {
  const world = await World.quick();
  const { mend } = await blockDeployment(world);
  await world.clock.advance(60);
  const blocked = measuredIn(world).map(({ metric }) => metric);
  expect(blocked).toEqual([`Blocked ${STACK}`, `Blocked ${STACK} Code=T015`]);
  await mend();
  await world.clock.advance(60);
  await world.put('CleanRequested', { task: 'WAS' });
  await world.until('Cleaned', { after: world.events.length });
  await world.clock.advance(30);
  expect(countsIn(world)).toMatchObject({ [`Blocked ${STACK}`]: 1, [`Aborted ${STACK}`]: 1 });
  const ofStart = measuredIn(world).filter(({ metric }) => metric === `StageSeconds ${STACK} Stage=start`);
  expect(ofStart).toHaveLength(1);
});

test('where the account refuses calls for being too many, the stage says how many', async () => {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  let refused = 0;
  world.aws.endpoint.intercept((call, proceed) => {
    if (refused === 3 || !isInvocationCaller(call.caller) || call.service !== 'auto-scaling') return proceed();
    refused++;
    throw throttlingOf(call.service);
  });
  await world.until('Step1Passed');
  expect(countsIn(world)).toEqual({ [`Throttles ${STACK} Stage=check-dummy`]: 3 });
});

test('dead letters are counted by the watchdog, for as long as they lie there', async () => {
  const world = await World.quick();
  const [QueueUrl] = ['RuleDeadLetters'].map((id) => world.stack.resources.get(id)?.physicalId);
  await world.clock.run(new SQSClient(world.aws.operator).send(new SendMessageCommand({ QueueUrl, MessageBody: '1' })));
  await world.clock.advance(600);
  expect(measuredIn(world)).toMatchObject([1, 1].map((value) => ({ metric: `DeadLetters ${STACK}`, value })));
});
