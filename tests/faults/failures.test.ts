/** Whatever goes wrong ends on the old version or on the new one, and nothing is left behind. */
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

/** Lets time pass until clean-up has ended, and answers what it says. */
async function cleaned(world: World): Promise<Record<string, unknown>> {
  const { detail } = await world.until('Cleaned');
  await world.clock.advance(120);
  return detail;
}

/** The fleet is as it was before the deployment. */
async function expectAsBefore(world: World): Promise<void> {
  const { activeGroup, standByGroup, versionIds } = world.fleet;
  expect(await world.size(activeGroup)).toBe('2/2/4');
  expect(await world.size(standByGroup)).toBe('0/0/0');
  expect((await world.tag(activeGroup, 'type'))?.Value).toBe('Active');
  expect((await world.tag(standByGroup, 'type'))?.Value).toBe('StandBy');
  expect((await world.group(standByGroup)).SuspendedProcesses).toEqual([]);
  expect((await world.group(standByGroup)).TargetGroupARNs).toEqual([]);
  expect(await world.dummies()).toEqual([]);
  expect(world.servedVersions()).toEqual([versionIds[0]]);
}

test('a broken war is never attached to a real load balancer, and all of it is taken away again', async () => {
  const world = await World.quick();
  await world.upload('app.war', { health: '500 out of order' });
  const failure = await world.until('Failed');
  expect(failure.detail.code).toBe('T001');
  const detail = await cleaned(world);
  expect(detail).toMatchObject({ outcome: 'cleaned', code: 'T001' });
  await expectAsBefore(world);
  expect(world.story).not.toContain('RealAttached');
  expect(world.mails.slice(-2)).toEqual([
    expect.stringContaining('[Failed] Non-disruptive deployment(errCode : T001, Task : WAS)'),
    '[Success] Deploy Clean(Task : WAS)',
  ]);
});

test('after a failure the next upload deploys', async () => {
  const world = await World.quick();
  await world.upload('app.war', { health: '500' });
  await cleaned(world);
  const version = await world.upload('app.war', { health: 'well' });
  await world.until('Completed');
  expect(world.servedVersions()).toEqual([version]);
});

test('an upload that waited while the deployment failed is deployed next', async () => {
  const world = await World.quick();
  await world.upload('app.war', { health: '500' });
  await world.until('DummyAttached');
  const version = await world.upload('app.war', { health: 'well' });
  await world.until('Completed');
  await world.clock.advance(120);
  expect(world.servedVersions()).toEqual([version]);
});

describe('an abort', () => {
  test.each(['DummyAttached', 'Step1Passed', 'RealAttached'])('after %s undoes the deployment', async (moment) => {
    const world = await World.quick();
    await world.upload('app.war', { version: '2' });
    await world.until(moment);
    await world.put('AbortRequested', { task: 'WAS', requestedBy: 'jane', reason: 'wrong war' });
    const detail = await cleaned(world);
    expect(detail).toMatchObject({ outcome: 'cleaned', code: 'T015' });
    await expectAsBefore(world);
    expect(world.aws.sns.mails.at(-2)?.body).toContain('aborted by jane: wrong war');
  });

  test('after Active is detached is refused, and the deployment completes', async () => {
    const world = await World.quick();
    const version = await world.upload('app.war', { version: '2' });
    await world.until('Step2Passed');
    await world.clock.advance(5);
    await world.put('AbortRequested', { task: 'WAS' });
    const { detail } = await world.until('Refused');
    const message = expect.stringContaining('is detached already');
    expect(detail).toMatchObject({ request: 'Abort', code: '418', message });
    await world.until('Completed');
    expect(world.servedVersions()).toEqual([version]);
    expect(world.mails).toContain('[Refused] Abort(Task : WAS)');
  });

  test('without a deployment is refused', async () => {
    const world = await World.quick();
    await world.put('AbortRequested', { task: 'WAS' });
    const { detail } = await world.until('Refused');
    expect(detail).toMatchObject({ code: '418', message: expect.stringContaining('nothing to abort') });
    await expectAsBefore(world);
  });

  test('drops the upload that waits where it says so, and the mail does too', async () => {
    const world = await World.quick();
    await world.upload('app.war', { version: '2' });
    await world.until('DummyAttached');
    await world.upload('app.war', { version: '3' });
    await world.clock.advance(10);
    await world.put('AbortRequested', { task: 'WAS', dropPending: true });
    await cleaned(world);
    await world.clock.advance(1800);
    expect(world.story.filter((type) => type === 'Started')).toHaveLength(1);
    expect(world.aws.sns.mails.at(-2)?.body).toContain('the upload of app.war, which waited, is dropped');
  });
});

describe.each([
  ['AbortRequested', { task: 'WAS' }],
  ['CleanRequested', { task: 'WAS', abort: true }],
])('%s that was carried out', (request, asking) => {
  async function asked(world: World): Promise<void> {
    await world.upload('app.war', { version: '2' });
    await world.until('DummyAttached');
    await world.put(request, asking);
  }

  async function expectOneAnswer(world: World): Promise<void> {
    await world.until('Cleaned');
    await world.clock.advance(1800);
    expect(world.events.flatMap(({ detail }) => detail.outcome ?? [])).toEqual(['cleaned']);
    expect(world.story.filter((type) => type === 'Failed')).toHaveLength(1);
    expect(world.mails).toEqual([...new Set(world.mails)]);
    await expectAsBefore(world);
  }

  test.each([[[0.5, 1.5]], [[0.5, 20]], [[0.5, 600]]])(
    'is not answered again where its event comes again: %j',
    async (delays) => {
      const world = await World.quick();
      world.aws.eventBridge.deliveryPolicy = ({ event }) => (event['detail-type'] === request ? delays : [0.5]);
      await asked(world);
      await expectOneAnswer(world);
    },
  );

  test('is not refused by its own repetition, where what it led to could not be told at first', async () => {
    const world = await World.quick();
    let refusals = 0;
    world.aws.endpoint.intercept(async (call, proceed) => {
      const entries = (call.input.Entries ?? []) as { DetailType?: string }[];
      if (refusals > 0 || !entries.some(({ DetailType }) => DetailType === 'Failed')) return proceed();
      refusals++;
      throw Object.assign(new Error('not now'), { name: 'InternalException', $metadata: { httpStatusCode: 400 } });
    });
    await asked(world);
    await expectOneAnswer(world);
    expect(refusals).toBe(1);
  });
});

describe('a request to clean', () => {
  test('that says so is an abort while a deployment runs', async () => {
    const world = await World.quick();
    await world.upload('app.war', { version: '2' });
    await world.until('DummyAttached');
    await world.put('CleanRequested', { task: 'WAS', abort: true });
    expect(await cleaned(world)).toMatchObject({ outcome: 'cleaned', code: 'T015' });
    await expectAsBefore(world);
  });

  test('without one takes StandBy to 0/0/0', async () => {
    const world = await World.quick();
    await world.clock.run(world.resize(world.fleet.standByGroup, 1, 1, 2));
    await world.clock.advance(300);
    await world.put('CleanRequested', { task: 'WAS' });
    expect(await cleaned(world)).toMatchObject({ outcome: 'cleaned' });
    await expectAsBefore(world);
    expect(world.mails.at(-1)).toBe('[Success] Deploy Clean(Task : WAS)');
  });

  test('is left to an operator where StandBy is the one that serves', async () => {
    const world = await World.quick();
    const operator = new Operator(world);
    const { activeGroup, standByGroup, targetGroupArns } = world.fleet;
    await world.clock.run(world.resize(standByGroup, 2, 2, 4));
    await operator.attach(standByGroup, targetGroupArns);
    await world.clock.advance(300);
    await operator.detach(activeGroup, targetGroupArns);
    await world.clock.advance(300);
    const serving = world.aws.elasticLoadBalancingV2.routableTargets(targetGroupArns[0] ?? '');
    expect(serving).toHaveLength(2);
    await world.put('CleanRequested', { task: 'WAS' });
    const detail = await cleaned(world);
    expect(detail).toMatchObject({ outcome: 'operator-needed' });
    expect(world.aws.elasticLoadBalancingV2.routableTargets(targetGroupArns[0] ?? '')).toEqual(serving);
    expect(await world.size(standByGroup)).toBe('2/2/4');
  });
});
