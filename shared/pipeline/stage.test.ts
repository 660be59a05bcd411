/** The adapter of the stages: which events it admits, and what becomes of what a stage answers or throws. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { Completed } from '../../events/completed';
import { RealAttached } from '../../events/real-attached';
import { AwsError } from '../../local/kernel/service';
import { OpenDeployment } from '../../tests/harness/open-deployment';
import { again, completed, failed, type Outcome, passed } from './outcome';
import type { DeploymentRecord } from './record';
import type { StageServices } from './services';
import type { Deployment } from './session';
import { stage } from './stage';

/** A stage that does what the test says, and counts how often it ran. */
function stageThat(run: (deployment: Deployment, services: StageServices) => Promise<Outcome> | Outcome) {
  let runs = 0;
  const createHandler = stage<StageServices>({
    name: 'attach-real',
    limit: { seconds: 600, code: 'T002' },
    connect: (services) => services,
    run: async (deployment, services) => {
      runs++;
      return run(deployment, services);
    },
  });
  return { createHandler, runs: () => runs };
}

const passes = () => passed(RealAttached, {});

/** What an AWS call throws: the SDK's error for this code. */
function awsError(code: string, { fault = 'client', status = 400 } = {}): Error {
  const error = new Error(`${code} happened`);
  return Object.assign(error, { name: code, $fault: fault, $metadata: { httpStatusCode: status } });
}

async function openDeployment(changes: Partial<DeploymentRecord> = {}): Promise<OpenDeployment> {
  const deployment = new OpenDeployment();
  await deployment.writeRecord(changes);
  return deployment;
}

describe('an event', () => {
  test('with the seq of the record is handled: one write, and the event that the write made', async () => {
    const world = await openDeployment();
    const { createHandler, runs } = stageThat(passes);
    await world.invoke(createHandler);
    expect(runs()).toBe(1);
    expect(world.events.map(({ detail }) => detail)).toEqual([{ deploymentId: 'now', task: 'WAS', seq: 8 }]);
    expect(world.eventTypes).toEqual(['RealAttached']);
    const record = await world.record();
    expect(record).toMatchObject({ stage: 'check-real', seq: 8, progress: {}, outbox: { published: false } });
    expect(record.claim).toBeUndefined();
    expect(record.timeline.map((entry) => entry.stage)).toEqual(['attach-real', 'check-real']);
  });

  test.each<[string, object, Partial<DeploymentRecord>, string]>([
    ['two behind', { seq: 5 }, {}, 'dropped: already handled'],
    ['ahead', { seq: 8 }, {}, 'dropped: already handled'],
    ['of another deployment', { deploymentId: 'last' }, {}, 'dropped: not of the open deployment'],
    ['of a task without a record', { task: 'OTHER' }, {}, 'dropped: not of the open deployment'],
    [
      'of a deployment that has failed',
      {},
      { failure: { code: 'T001', stage: 'x', message: '' } },
      'dropped: already handled',
    ],
    ['of a deployment that is being cleaned', {}, { status: 'cleaning' }, 'dropped: already handled'],
    ['of a completed deployment', {}, { status: 'completed' }, 'dropped: already handled'],
    ['while another stage has its turn', {}, { stage: 'swap' }, 'dropped: already handled'],
    ['that does not fit its contract', { seq: 'seven' }, {}, 'refused: does not fit its contract'],
    ['whose task is not one', { task: 'WAS\n' }, {}, 'refused: does not fit its contract'],
  ])('%s is dropped, and changes nothing', async (_, detail, changes, log) => {
    const world = await openDeployment(changes);
    const before = await world.record();
    const { createHandler, runs } = stageThat(passes);
    await world.invoke(createHandler, detail);
    expect([runs(), world.lastLog]).toEqual([0, log]);
    expect(world.events).toEqual([]);
    expect(await world.record()).toEqual(before);
  });

  test('for another stage is dropped', async () => {
    const world = await openDeployment();
    const { createHandler, runs } = stageThat(passes);
    await world.invoke(createHandler, { stage: 'swap' }, { detailType: 'CheckDue' });
    expect([runs(), world.lastLog]).toEqual([0, 'dropped: not of the open deployment']);
  });

  test.each([
    ['nothing', undefined],
    ['a text', 'Step1Passed'],
    ['an event without a time', { source: 'bluegreen', 'detail-type': 'Step1Passed', detail: {} }],
  ])('that is %s is refused', async (_, event) => {
    const world = await openDeployment();
    const { createHandler, runs } = stageThat(passes);
    await world.clock.run(createHandler(world.runtime)(event, world.invocation()));
    expect([runs(), world.lastLog]).toEqual([0, 'refused: not an event']);
  });

  test('that no contract knows is refused', async () => {
    const world = await openDeployment();
    const { createHandler, runs } = stageThat(passes);
    await world.invoke(createHandler, {}, { detailType: 'Unheard' });
    expect([runs(), world.lastLog]).toEqual([0, 'refused: does not fit its contract']);
  });
});

describe('an event that is one behind', () => {
  const events = [{ detailType: 'Step1Passed', detail: { deploymentId: 'now', task: 'WAS', seq: 7 } }];

  test.each([
    ['is dropped while its successor is young', 44, false, 0],
    ['brings its successor again once that is old', 45, false, 1],
    ['never brings again what was published for good', 3600, true, 0],
  ])('%s', async (_, ageSeconds, published, again) => {
    const world = await openDeployment();
    // Reading the record takes the latency of a call.
    await world.writeRecord({ outbox: { events, writtenAt: world.in(0.03 - ageSeconds), published } });
    const before = await world.record();
    const { createHandler, runs } = stageThat(passes);
    await world.invoke(createHandler, { seq: 6 });
    expect(world.eventTypes).toEqual(Array(again).fill('Step1Passed'));
    expect(runs()).toBe(0);
    expect(await world.record()).toEqual(before);
  });
});

describe('a claim', () => {
  const act = (deployment: Deployment) => deployment.act('T004', 'attaching', [async () => 'done']).then(passes);

  test('of another invocation is respected while it lives', async () => {
    const world = await openDeployment();
    await world.writeRecord({ claim: { token: 'theirs', until: world.in(5), attempt: 1 } });
    const { createHandler, runs } = stageThat(act);
    await world.invoke(createHandler);
    expect([runs(), world.lastLog, world.events]).toEqual([0, 'dropped: is being handled', []]);
    expect((await world.record()).claim?.token).toBe('theirs');
  });

  test('that has lapsed is taken over, and counts as an attempt', async () => {
    const world = await openDeployment({ claim: { token: 'theirs', until: '2029-12-31T23:59:59.000Z', attempt: 1 } });
    let claim: DeploymentRecord['claim'];
    const { createHandler } = stageThat(async (deployment) => {
      await deployment.act('T004', 'attaching', []);
      claim = (await new RecordReader(world).read()).claim;
      return passes();
    });
    const end = world.in(45 + 5);
    await world.invoke(createHandler);
    expect(claim).toMatchObject({ attempt: 2 });
    expect(claim?.token).not.toBe('theirs');
    // Until the invocation's end and 5 s more, to within the latency of the calls before it.
    expect(Math.abs(Date.parse(claim?.until ?? '') - Date.parse(end))).toBeLessThan(100);
    expect(world.eventTypes).toEqual(['RealAttached']);
  });

  test('that another invocation takes in between lets this one yield quietly, before any call', async () => {
    const world = await openDeployment();
    let acted = false;
    const { createHandler } = stageThat(async (deployment) => {
      await new RecordReader(world).write({ claim: { token: 'theirs', until: world.in(50), attempt: 1 } });
      await deployment.act('T004', 'attaching', [
        async () => {
          acted = true;
        },
      ]);
      return passes();
    });
    await world.invoke(createHandler);
    expect([acted, world.lastLog, world.events]).toEqual([false, 'yielded', []]);
    expect((await world.record()).claim?.token).toBe('theirs');
  });

  test('of a stage that clean-up fences off after its calls is lost quietly', async () => {
    const world = await openDeployment();
    const { createHandler } = stageThat(async (deployment) => {
      await deployment.act('T004', 'attaching', []);
      await new RecordReader(world).write({ status: 'cleaning', seq: 8 });
      return passes();
    });
    await world.invoke(createHandler);
    expect([world.lastLog, world.events]).toEqual(['yielded', []]);
    expect(await world.record()).toMatchObject({ status: 'cleaning', seq: 8 });
  });

  test('is not taken by a stage that only looks', async () => {
    const world = await openDeployment();
    let puts = 0;
    world.aws.endpoint.intercept((call, proceed) => {
      if (call.operation === 'PutObject') puts++;
      return proceed();
    });
    await world.invoke(stageThat(() => again('the load balancer')).createHandler);
    expect(puts).toBe(1);
    expect(world.eventTypes).toEqual(['CheckPending']);
  });
});

/** Reads and writes the record from within a stage, as another invocation does. */
class RecordReader {
  constructor(private readonly world: OpenDeployment) {}

  async read(): Promise<DeploymentRecord> {
    const { bytes } = this.world.aws.s3.readObject('state', 'tasks/WAS.json') ?? { bytes: new Uint8Array() };
    return JSON.parse(Buffer.from(bytes).toString());
  }

  async write(changes: Partial<DeploymentRecord>): Promise<void> {
    const Body = JSON.stringify({ ...(await this.read()), ...changes, writeToken: 'theirs' });
    await new S3Client(this.world.aws.operator).send(
      new PutObjectCommand({ Bucket: 'state', Key: 'tasks/WAS.json', Body }),
    );
  }
}

describe('an error', () => {
  const acting = (error: Error) => (deployment: Deployment) =>
    deployment.act('T004', 'attaching was-green', [() => Promise.reject(error)]).then(passes);
  const lapsed = (attempt: number) => ({ claim: { token: 'theirs', until: '2029-12-31T23:59:59.000Z', attempt } });

  test.each([0, 1])(
    'before any claim is thrown, so that Lambda repeats the invocation, and counted (%i)',
    async (earlier) => {
      const world = await openDeployment(lapsed(earlier));
      const { createHandler } = stageThat(() => Promise.reject(awsError('ValidationError')));
      await expect(world.invoke(createHandler)).rejects.toThrow('ValidationError happened');
      expect(world.events).toEqual([]);
      const { seq, claim } = await world.record();
      expect([seq, claim?.attempt]).toEqual([7, earlier + 1]);
      expect(Date.parse(claim?.until ?? '')).toBeLessThanOrEqual(world.clock.now().getTime()); // nobody waits for it
    },
  );

  test('before any claim fails the deployment on the third attempt, with its cause', async () => {
    const world = await openDeployment(lapsed(2));
    await world.invoke(stageThat(() => Promise.reject(awsError('ValidationError'))).createHandler);
    expect(await world.record()).toMatchObject({
      failure: { code: 'T999', message: expect.stringContaining('ValidationError happened') },
    });
  });

  test.each([
    ['a failing service', awsError('InternalFailure', { fault: 'server', status: 500 })],
    ['a lost connection', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
  ])(
    'of an action by %s is thrown on the first and second attempt, and fails the deployment on the third',
    async (_, error) => {
      for (const [earlier, isLast] of [
        [0, false],
        [1, false],
        [2, true],
      ] as const) {
        const world = await openDeployment(lapsed(earlier));
        const invoked = world.invoke(stageThat(acting(error)).createHandler);
        if (isLast) await invoked;
        else await expect(invoked).rejects.toThrow('attaching was-green failed');
        expect(world.eventTypes).toEqual(isLast ? ['Failed'] : []);
        expect((await world.record()).claim?.attempt).toBe(isLast ? undefined : earlier + 1);
      }
    },
  );

  test('by throttling makes the stage look again, whether it has claimed or not', async () => {
    const reading = (deployment: Deployment) =>
      deployment.read('T007', 'reading', () => Promise.reject(awsError('ThrottlingException'))).then(passes);
    for (const run of [acting(awsError('ThrottlingException')), reading]) {
      const world = await openDeployment(lapsed(2));
      await world.invoke(stageThat(run).createHandler);
      expect(world.eventTypes).toEqual(['CheckPending']);
      expect((await world.record()).failure).toBeUndefined();
    }
  });

  test('of an action that no repetition mends fails the deployment at once, with the code of the action', async () => {
    const world = await openDeployment();
    await world.invoke(stageThat(acting(awsError('ValidationError'))).createHandler);
    expect(world.events[0]?.detail).toEqual({
      deploymentId: 'now',
      task: 'WAS',
      groups: { oldGroup: 'was-blue', newGroup: 'was-green' },
      commands: [expect.stringContaining('was-blue was-green')],
      seq: 8,
      code: 'T004',
      stage: 'attach-real',
      headline: '[Failed] Non-disruptive deployment(errCode : T004, Task : WAS)',
      message:
        'attaching was-green failed: ValidationError happened ' +
        '(ValidationError, log of the function bluegreen-dev-attach-real)',
      nextStep: expect.any(String),
      toDo: {
        sentence: expect.any(String),
        commands: [expect.stringContaining('aws logs tail /aws/lambda/bluegreen-dev-attach-real ')],
      },
    });
    const record = await world.record();
    expect(record).toMatchObject({ status: 'running', seq: 8, failure: { code: 'T004', stage: 'attach-real' } });
    expect(record.claim).toBeUndefined();
    expect(record.outbox.published).toBe(true);
  });

  test('of reading what must be readable fails the deployment with its code where it is permanent', async () => {
    const world = await openDeployment();
    const { createHandler } = stageThat((deployment) =>
      deployment.read('T007', 'reading the health', () => Promise.reject(awsError('TargetGroupNotFound'))).then(passes),
    );
    await world.invoke(createHandler);
    expect(world.events[0]?.detail.code).toBe('T007');
  });

  test('of our own after the claim fails the deployment with T999 on the third attempt', async () => {
    const world = await openDeployment(lapsed(2));
    const { createHandler } = stageThat(async (deployment) => {
      await deployment.act('T004', 'attaching', []);
      throw new TypeError('cannot read properties of undefined');
    });
    await world.invoke(createHandler);
    expect(world.events[0]?.detail).toMatchObject({ code: 'T999', message: expect.stringContaining('cannot read') });
  });

  test.each(['ScalingActivityInProgressFault', 'ResourceContentionFault', 'ResourceInUse', 'ResourceInUseException'])(
    'that says %s means to look again, on the last attempt too',
    async (code) => {
      const world = await openDeployment(lapsed(2));
      await world.invoke(stageThat(acting(awsError(code))).createHandler);
      expect(world.eventTypes).toEqual(['CheckPending']);
      expect(world.events[0]?.detail).toMatchObject({
        stage: 'attach-real',
        waitingFor: `attaching was-green failed: ${code} happened`,
      });
      expect((await world.record()).claim).toBeUndefined();
    },
  );

  test('whose text would break a mail is put into one plain line', async () => {
    const world = await openDeployment();
    const error = Object.assign(awsError('ValidationError'), { message: 'no "such"\n<group>\\' });
    await world.invoke(stageThat(acting(error)).createHandler);
    expect(world.events[0]?.detail.message).toMatch(/^attaching was-green failed: no 'such' 'group'' \(/);
  });
});

describe('an answer', () => {
  test('to look again says for what, and keeps what the stage noted', async () => {
    const world = await openDeployment({ progress: { cyclesSince: '2029-12-31T23:59:00.000Z' } });
    await world.invoke(stageThat(() => again('i-1 on "web"', { progress: { cycle: 2 }, cycle: '2-2' })).createHandler);
    expect(world.events[0]?.detail).toMatchObject({ stage: 'attach-real', waitingFor: "i-1 on 'web'", cycle: '2-2' });
    const { progress, seq, timeline } = await world.record();
    const since = '2029-12-31T23:59:00.000Z';
    const told = { toldOfCycle: "i-1 on 'web'" };
    expect(progress).toEqual({ cyclesSince: since, cycle: 2, ...told, waitingSince: expect.any(String) });
    expect([seq, timeline.length]).toEqual([8, 1]);
  });

  test('to look again starts the wait once: later looks leave its beginning alone', async () => {
    const world = await openDeployment();
    const { createHandler } = stageThat(() => again('the dummies to go'));
    await world.invoke(createHandler);
    const { waitingSince } = (await world.record()).progress;
    await world.clock.advance(10);
    await world.invoke(createHandler, { seq: 8, stage: 'attach-real' }, { detailType: 'CheckDue' });
    expect(waitingSince).toBeDefined();
    expect(await world.record()).toMatchObject({ seq: 9, progress: { waitingSince } });
  });

  test.each([
    [599, 'CheckPending'],
    [601, 'Failed'],
  ])('to look again after %i s in a stage with a limit of 600 s is %s', async (seconds, type) => {
    const world = await openDeployment();
    await world.writeRecord({ progress: { waitingSince: world.in(-seconds) } });
    await world.invoke(stageThat(() => again('the dummies to go')).createHandler);
    expect(world.eventTypes).toEqual([type]);
    if (type === 'Failed') {
      expect(world.events[0]?.detail).toMatchObject({ code: 'T002', message: 'waited 601 s for the dummies to go' });
    }
  });

  test('of a failure closes nothing, but ends what stages do', async () => {
    const world = await openDeployment();
    const { createHandler, runs } = stageThat(() => failed('T013', 'no pair'));
    await world.invoke(createHandler);
    await world.invoke(createHandler, { seq: 8 });
    expect([runs(), world.eventTypes]).toEqual([1, ['Failed']]);
    expect(await world.record()).toMatchObject({ status: 'running', failure: { code: 'T013', message: 'no pair' } });
  });

  test('of completion closes the record and is published for good', async () => {
    const world = await openDeployment();
    const result = { requestedBy: 'jane', oldGroup: 'a', newGroup: 'b', instances: 2, wars: [], stages: [] };
    await world.invoke(stageThat(() => completed(Completed, result)).createHandler);
    expect(world.eventTypes).toEqual(['Completed']);
    expect(await world.record()).toMatchObject({ status: 'completed', outbox: { published: true } });
  });

  test('whose event the bus does not take is an error, and the repetition publishes it', async () => {
    const world = await openDeployment();
    const { createHandler, runs } = stageThat(passes);
    const stop = world.aws.endpoint.intercept((call, proceed) =>
      call.operation === 'PutEvents'
        ? Promise.resolve({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure', ErrorMessage: 'sorry' }] })
        : proceed(),
    );
    await expect(world.invoke(createHandler)).rejects.toThrow('InternalFailure sorry');
    stop();
    await world.clock.advance(60);
    await world.invoke(createHandler);
    expect([runs(), world.eventTypes]).toEqual([1, ['RealAttached']]);
  });
});

describe('the end of an invocation', () => {
  test('is kept free: no call begins in the last 5 s, and what is left is done by the repetition', async () => {
    const world = await openDeployment();
    const made: string[] = [];
    world.aws.endpoint.intercept((call, proceed) => {
      made.push(call.operation);
      return proceed();
    });
    const { createHandler } = stageThat(async (deployment, { runtime, deadline }) => {
      const client = deadline.guard(new SNSClient(runtime.clientDefaults));
      const list = () => client.send(new ListTopicsCommand({}));
      await deployment.act('T004', 'listing', [list]);
      await world.clock.sleep(39.8);
      await deployment.act('T004', 'listing late', [list]);
      await world.clock.sleep(0.2);
      await deployment.act('T004', 'listing too late', [list]);
      return passes();
    });
    await expect(world.invoke(createHandler, {}, { seconds: 45 })).rejects.toThrow('about to end');
    expect(made).toEqual(['GetObject', 'PutObject', 'ListTopics', 'ListTopics']);
    expect(world.events).toEqual([]);
    expect((await world.record()).claim?.attempt).toBe(1);
  });

  test('a call that the SDK would repeat within the last 5 s is not repeated', async () => {
    const world = await openDeployment();
    let attempts = 0;
    world.aws.endpoint.intercept(async (call, proceed) => {
      if (call.operation !== 'ListTopics') return proceed();
      attempts++;
      await world.clock.sleep(41);
      throw new AwsError('InternalError', 'sorry', 500);
    });
    const { createHandler } = stageThat(async (deployment, { runtime, deadline }) => {
      const client = deadline.guard(new SNSClient(runtime.clientDefaults));
      await deployment.act('T004', 'listing', [() => client.send(new ListTopicsCommand({}))]);
      return passes();
    });
    await expect(world.invoke(createHandler)).rejects.toThrow('about to end');
    expect(attempts).toBe(1);
  });
});
