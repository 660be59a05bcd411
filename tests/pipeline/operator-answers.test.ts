/** Whatever operators put on the bus ends in a change or in a mail that says why not. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

async function deploying(): Promise<World> {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  return world;
}

/** Puts an event with a time, or a source, of its own. */
async function put(world: World, DetailType: string, detail: unknown, more: { Time?: Date; Source?: string } = {}) {
  const entry = {
    EventBusName: world.stack.outputs.EventBusName,
    Source: 'bluegreen',
    DetailType,
    Detail: JSON.stringify(detail),
  };
  const command = new PutEventsCommand({ Entries: [{ ...entry, ...more }] });
  await world.clock.run(new EventBridgeClient(world.aws.operator).send(command));
}

/** The subjects of what is mailed from now on, within ten minutes. */
async function mailedAfter(world: World, act: () => Promise<void>, seconds = 30): Promise<string[]> {
  const before = world.mails.length;
  await act();
  await world.clock.advance(seconds);
  return world.mails.slice(before);
}

function bodyOf(world: World, subject: string): string | undefined {
  return world.aws.sns.mails.find((mail) => mail.subject?.includes(subject))?.body;
}

describe('what is misspelt is refused, and nothing is guessed', () => {
  test.each<[string, string, object, string]>([
    [
      'a deployment',
      'DeployRequested',
      { task: 'WAS', version: 'previous' },
      '[Failed] Deploy Start Failed(Task : WAS, errCode : 414)',
    ],
    ['an abort', 'AbortRequested', { task: 'WAS', raeson: 'x' }, '[Refused] Abort(Task : WAS)'],
    [
      'an abort that gives up what waits, in words',
      'AbortRequested',
      { task: 'WAS', dropPending: 'yes' },
      '[Refused] Abort(Task : WAS)',
    ],
    ['a clean', 'CleanRequested', { task: 'WAS', Abort: true }, '[Refused] Clean(Task : WAS)'],
    ['a clean without a task', 'CleanRequested', { tsak: 'WAS' }, '[Refused] Clean(Task : )'],
    [
      'an abort of a task that could not be one',
      'AbortRequested',
      { task: 'W"A\\S<>' },
      "[Refused] Abort(Task : W'A'S'')",
    ],
    ['an abort of a task that there is not', 'AbortRequested', { task: 'WSA' }, '[Refused] Abort(Task : WSA)'],
    ['a clean of a task that there is not', 'CleanRequested', { task: 'WSA' }, '[Refused] Clean(Task : WSA)'],
  ])('%s', async (_, detailType, detail, subject) => {
    const world = await World.quick();
    expect(await mailedAfter(world, () => world.put(detailType, detail))).toEqual([subject]);
    expect(await world.size(world.fleet.standByGroup)).toBe('0/0/0');
    expect(world.events.map((event) => event['detail-type'])).toEqual([detailType, 'Refused']);
  });

  test('the mail names the field that was probably meant', async () => {
    const world = await World.quick();
    await mailedAfter(world, () => world.put('DeployRequested', { task: 'WAS', version: 'previous' }));
    expect(world.mailBody(-1)).toContain("there is no field 'version', but 'versions'");
    const [, asked = ''] = /put-events .*"DeployRequested","Detail":"(.*)"}\]'/.exec(world.mailBody(-1)) ?? [];
    expect(JSON.parse(asked.replaceAll('\\', ''))).toEqual({ task: 'WAS', versions: 'previous' });
  });
});

test.each<[string, unknown, string]>([
  ['empty', '', 'no reason given'],
  ['null', null, 'no reason given'],
  ['too long', 'x'.repeat(3000), 'xxx'],
  ['no text', { wrong: 'war' }, "{'wrong':'war'}"],
])('an abort with a reason that is %s aborts all the same: nothing depends on that', async (_, reason, said) => {
  const world = await deploying();
  await world.put('AbortRequested', { task: 'WAS', reason });
  const { detail } = await world.until('Failed', { limitSeconds: 60 });
  expect(detail).toMatchObject({ code: 'T015', message: expect.stringContaining(said) });
});

test.each<[string, object, { Time?: Date }]>([
  ['by its own word', { task: 'WAS', requestedAt: '2029-12-31T00:00:00Z' }, {}],
  ['by the time of its event', { task: 'WAS' }, { Time: new Date('2029-12-31T00:00:00Z') }],
])('a request to deploy that is of yesterday %s is answered, whatever ran since', async (_, detail, more) => {
  const world = await deploying();
  expect(await mailedAfter(world, () => put(world, 'DeployRequested', detail, more))).toContain(
    '[Failed] Deploy Start Failed(Task : WAS, errCode : 414)',
  );
  await world.until('Completed');
  await world.clock.advance(60);
  const again = { ...detail, requestId: 'another' };
  expect(await mailedAfter(world, () => put(world, 'DeployRequested', again, more))).toEqual([
    '[Failed] Deploy Start Failed(Task : WAS, errCode : 414)',
  ]);
});

test('a clean while Active is detached is not told to abort, which would be refused', async () => {
  const world = await deploying();
  await world.until('Step2Passed');
  await world.clock.advance(5);
  await mailedAfter(world, () => world.put('CleanRequested', { task: 'WAS' }), 2);
  expect(bodyOf(world, '[Refused] Clean')).toContain('is detached already');
  expect(bodyOf(world, '[Refused] Clean')).not.toContain('abort');
});

test('an abort that was meant for an earlier deployment is answered', async () => {
  const world = await deploying();
  const Time = new Date(world.clock.now().getTime() - 300_000);
  expect(await mailedAfter(world, () => put(world, 'AbortRequested', { task: 'WAS' }, { Time }))).toContain(
    '[Refused] Abort(Task : WAS)',
  );
  expect((await world.record()).failure).toBeUndefined();
});

describe('an event that no contract knows', () => {
  const subject = '[Error] Pipeline(Stack : bluegreen-dev)';

  test.each<[string, string, { Source?: string }]>([
    ['of an unknown type', 'DeployRequest', {}],
    ['of ours, under another source', 'AbortRequested', { Source: 'Bluegreen' }],
    ['of ours, under the source of Lambda', 'CleanRequested', { Source: 'lambda' }],
    ['of a crash, under our source', 'Lambda Function Invocation Result - Failure', {}],
    ['with markup in its type', 'Deploy<"\\>', {}],
  ])('%s is mailed once an hour', async (_, detailType, more) => {
    const world = await World.quick();
    const putIt = () => put(world, detailType, { task: 'WAS' }, more);
    expect(await mailedAfter(world, putIt)).toEqual([subject]);
    expect(world.mailBody(-1)).toMatch(
      /Probably this was meant:\n +bluegreen .*\n.*\n +aws events put-events .*Requested.*WAS/,
    );
    expect(await mailedAfter(world, putIt)).toEqual([]);
    expect(await mailedAfter(world, () => put(world, `${detailType}s`, {}, more))).toEqual([subject]);
    await world.clock.advance(3600);
    expect(await mailedAfter(world, putIt)).toEqual([subject]);
  });

  test('is not mailed again by a replay', async () => {
    const world = await World.quick();
    await mailedAfter(world, () => put(world, 'DeployRequest', {}));
    expect(await mailedAfter(world, () => world.replay('all'), 4000)).toEqual([]);
  });
});

describe('an event is answered once, however often it is delivered', () => {
  test.each<[string, string, object]>([
    ['an abort that was carried out', 'AbortRequested', { task: 'WAS' }],
    ['a clean that was carried out', 'CleanRequested', { task: 'WAS', abort: true }],
    ['a clean that was refused', 'CleanRequested', { task: 'WAS' }],
    ['a request that was refused', 'DeployRequested', { task: 'WAS', requestId: 'mine' }],
    ['a request that cannot be read', 'DeployRequested', { task: 'WAS', version: 'previous' }],
  ])('%s', async (_, detailType, detail) => {
    const world = await deploying();
    const ends = ['[Refused]', '[Failed]', 'Deploy Clean'];
    world.aws.eventBridge.deliveryPolicy = ({ event }) =>
      event['detail-type'] === detailType ? [0.1, 0.1, 200, 900] : [0.1];
    const mails = await mailedAfter(world, () => world.put(detailType, detail), 1200);
    const answers = mails.filter((mail) => ends.some((end) => mail.includes(end)));
    expect(new Set(answers).size).toBe(answers.length);
    expect(answers.length).toBeGreaterThan(0);
  });
});

test('a clean of a task that has no record says that nothing asked for before is run any more, and no other does', async () => {
  const world = await World.quick();
  const clean = async () => {
    await put(world, 'CleanRequested', { task: 'WAS' });
    await world.until('Cleaned', { after: world.events.length });
    await world.clock.advance(5);
    return world.mailBody(-1);
  };
  expect(await clean()).toContain(
    '\nLeft over\n  Nothing of a deployment.\n  There was no record of the task. Uploads and requests from before 2030-',
  );
  expect(await clean()).not.toContain('no record');
});

describe('the clocks of others', () => {
  const SECOND = 1000;
  const at = (world: World, seconds: number) => ({ Time: new Date(world.clock.now().getTime() + seconds * SECOND) });

  test.each([-10, -5, 0, 5, 10])(
    'an abort right behind its request aborts it, by a clock %i s ahead',
    async (seconds) => {
      const world = await World.quick();
      await put(world, 'DeployRequested', { task: 'WAS' });
      await put(world, 'AbortRequested', { task: 'WAS' }, at(world, seconds));
      const { detail } = await world.until('Failed', { limitSeconds: 300 });
      expect(detail).toMatchObject({ code: 'T015' });
      await world.until('Cleaned', { limitSeconds: 600 });
      expect(world.story).not.toContain('Step1Passed');
    },
  );

  test('so it does once the deployment has begun', async () => {
    const world = await deploying();
    await put(world, 'AbortRequested', { task: 'WAS' }, at(world, -10));
    expect((await world.until('Failed', { limitSeconds: 60 })).detail).toMatchObject({ code: 'T015' });
  });

  test.each([-10, -5, 0, 5, 10])(
    'so it does where it is heard of before its request, by a clock %i s ahead',
    async (seconds) => {
      const world = await World.quick();
      world.aws.eventBridge.deliveryPolicy = ({ target }) => [target.Arn?.endsWith('-start') ? 3 : 0.1];
      await put(world, 'DeployRequested', { task: 'WAS' });
      await put(world, 'AbortRequested', { task: 'WAS' }, at(world, seconds));
      expect((await world.until('Failed', { limitSeconds: 60 })).detail).toMatchObject({ code: 'T015' });
      await world.until('Cleaned', { limitSeconds: 600 });
      expect(world.story).not.toContain('Step1Passed');
    },
  );

  test('and where its request is heard of half a minute later, if it says that it was put after it', async () => {
    const world = await World.quick();
    world.aws.eventBridge.deliveryPolicy = ({ target }) => [target.Arn?.endsWith('-start') ? 30 : 0.1];
    await put(world, 'DeployRequested', { task: 'WAS' });
    await world.clock.advance(2);
    await put(world, 'AbortRequested', { task: 'WAS' });
    expect((await world.until('Failed', { limitSeconds: 60 })).detail).toMatchObject({ code: 'T015' });
  });

  test('so it does where the record is opened while the abort finds nothing', async () => {
    const world = await World.quick();
    world.aws.eventBridge.deliveryPolicy = ({ target }) => [target.Arn?.endsWith('-start') ? 1 : 0.1];
    // Until the deployment has looked for an abort, and found none.
    world.aws.endpoint.intercept(async ({ operation, input }, proceed) => {
      const isNote = operation === 'PutObject' && `${(input as { Key?: string }).Key}`.startsWith('refusals/abort-');
      if (isNote) await world.clock.sleep(10);
      return proceed();
    });
    await put(world, 'DeployRequested', { task: 'WAS' });
    await put(world, 'AbortRequested', { task: 'WAS' });
    await world.until('Started', { limitSeconds: 9 });
    expect((await world.until('Failed', { limitSeconds: 60 })).detail).toMatchObject({ code: 'T015' });
  });

  test('but not one that says that it was put minutes before, while the deployment is planned', async () => {
    const world = await World.quick();
    world.aws.eventBridge.deliveryPolicy = ({ event }) => [event['detail-type'] === 'AbortRequested' ? 1 : 0.1];
    let isFirst = true;
    world.aws.endpoint.intercept(async ({ operation, caller }, proceed) => {
      if (operation === 'DescribeAutoScalingGroups' && caller.principal !== 'operator' && isFirst) {
        isFirst = false;
        await world.clock.sleep(6);
      }
      return proceed();
    });
    await put(world, 'DeployRequested', { task: 'WAS' });
    await put(world, 'AbortRequested', { task: 'WAS' }, at(world, -300));
    await world.until('Completed');
    expect(world.story).toContain('Refused');
  });

  test.each([
    ['heard of much later, though put by a clock that is behind', 20, -5],
    ['put much later, though by a clock that is behind', 13, -1],
  ])('but what is %s than an abort that found nothing is run', async (_, waits, seconds) => {
    const world = await World.quick();
    await put(world, 'AbortRequested', { task: 'WAS' });
    await world.clock.advance(waits);
    await put(world, 'DeployRequested', { task: 'WAS' }, at(world, seconds));
    await world.until('Completed');
    expect(world.story).not.toContain('Failed');
  });

  test.each([
    ['ten minutes ahead', 600],
    ['of 2099', 70 * 365 * 86_400],
  ])('a request by a clock %s refuses nothing that comes later, and drops no upload', async (_, seconds) => {
    const world = await World.quick();
    await put(world, 'DeployRequested', { task: 'WAS', versions: 'latest' }, at(world, seconds));
    await world.until('Completed');
    await put(world, 'DeployRequested', { task: 'WAS' });
    await world.until('Completed', { after: world.events.length });
    const version = await world.upload('app.war', { version: '2' });
    await world.until('Completed', { after: world.events.length });
    expect(world.servedVersions()).toEqual([version]);
    await world.replay('all');
    await world.clock.advance(3600);
    expect(world.servedVersions()).toEqual([version]);
  });
});

describe('an upload that waits', () => {
  async function waiting(): Promise<{ world: World; version: string }> {
    const world = await deploying();
    const version = await world.upload('app.war', { version: '3' });
    await world.clock.advance(15);
    return { world, version };
  }

  test('is mailed when the first one begins to wait, and not for each', async () => {
    const world = await deploying();
    const mails = await mailedAfter(world, async () => {
      for (const version of ['3', '4', '5']) {
        await world.upload('app.war', { version });
        await world.clock.advance(5);
      }
    });
    expect(mails.filter((mail) => mail.includes('Waiting'))).toEqual(['[Deploy] Waiting(Task : WAS)']);
    await world.until('Completed');
    await world.clock.advance(5);
    expect(bodyOf(world, '[Success] Non-disruptive')).toContain('waited, and is deployed now');
  });

  test('is deployed also where somebody impatient aborts once more', async () => {
    const { world, version } = await waiting();
    await world.put('AbortRequested', { task: 'WAS' });
    await world.until('Cleaned');
    await world.put('AbortRequested', { task: 'WAS' });
    await world.until('Completed');
    expect(world.servedVersions()).toEqual([version]);
  });

  test('is deployed when the running deployment was aborted, and the mail says so', async () => {
    const { world, version } = await waiting();
    await world.put('AbortRequested', { task: 'WAS' });
    await world.until('Cleaned');
    await world.clock.advance(5);
    expect(bodyOf(world, 'Deploy Clean')).toContain('the upload of app.war waited, and is deployed now');
    await world.until('Completed');
    expect(world.servedVersions()).toEqual([version]);
  });

  test('is not deployed by itself where the fleet says so meanwhile, and the mail says so', async () => {
    const { world, version } = await waiting();
    await new Operator(world).tag(world.fleet.activeGroup, 'autodeploy', 'false');
    await world.put('AbortRequested', { task: 'WAS' });
    await world.until('Cleaned');
    await world.clock.advance(1200);
    expect(world.servedVersions()).not.toContain(version);
    expect(world.mails.at(-1)).toBe('[Failed] Deploy Start Failed(Task : WAS, errCode : 414)');
    expect(world.mailBody(-1)).toContain('autodeploy = false');
    expect((await world.record()).pending).toBeUndefined();
  });

  /** What waits is about to be deployed, and the deployment that it waited behind has ended. */
  async function abortBetween(detail: object): Promise<{ world: World; version: string }> {
    const { world, version } = await waiting();
    world.aws.eventBridge.deliveryPolicy = ({ event, target }) =>
      event['detail-type'] === 'DeployRequested' && target.Arn?.endsWith('-start') ? [5] : [0.1];
    await world.put('AbortRequested', { task: 'WAS' });
    await world.until('Cleaned');
    await world.put('AbortRequested', { task: 'WAS', ...detail });
    await world.clock.advance(1200);
    return { world, version };
  }

  test('is given up by an abort that says so right before it is deployed', async () => {
    const { world, version } = await abortBetween({ dropPending: true });
    expect(world.servedVersions()).not.toContain(version);
    expect(world.story.filter((type) => type === 'Failed')).toHaveLength(2);
  });

  test('is deployed where an abort right before that does not say so, and is told how', async () => {
    const { world, version } = await abortBetween({});
    expect(world.servedVersions()).toEqual([version]);
    expect(bodyOf(world, '[Refused] Abort')).toContain('an abort with "dropPending": true gives that up');
  });

  test('is deployed where an abort that says so was put before it began to wait', async () => {
    const world = await World.quick();
    await world.put('AbortRequested', { task: 'WAS', dropPending: true });
    await world.clock.advance(60);
    await world.put('DeployRequested', { task: 'WAS' });
    await world.until('DummyAttached');
    const version = await world.upload('app.war', { version: '3' });
    await world.until('Completed');
    await world.until('Completed', { after: world.events.length });
    expect(world.servedVersions()).toEqual([version]);
  });

  test('is given up by an abort that says so, and the mail says so', async () => {
    const { world, version } = await waiting();
    const served = world.servedVersions();
    await world.put('AbortRequested', { task: 'WAS', dropPending: true });
    await world.until('Cleaned');
    await world.clock.advance(1200);
    expect(world.events.find((event) => event['detail-type'] === 'Failed')?.detail).toMatchObject({
      message: expect.stringContaining('is dropped'),
    });
    expect(world.servedVersions()).toEqual(served);
    expect(world.servedVersions()).not.toContain(version);
  });
});
