import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Invocation as Context, CreateHandler, Runtime } from '../../../shared/aws/runtime';
import { EmbeddedAws } from '../../embedded-aws';
import { VirtualInstances } from '../../fleet/virtual-instances';
import { VirtualClock } from '../../kernel/clock';
import { AwsError } from '../../kernel/service';
import type { PolicyStatement } from '../iam/resource-policy';
import { isInvocationCaller } from './environment';
import type { AsynchronousConfiguration, FunctionDefinition } from './function';

interface Attempt {
  event: { n?: number; Records?: { body: string; messageId: string }[] };
  context: Context;
  runtime: Runtime;
  /** 1 for the first attempt of all. */
  number: number;
  clock: VirtualClock;
}

const BUS = 'arn:aws:events:eu-central-1:123456789012:event-bus/pipeline';

/** A function `work` that does what `work` says, beside a bus, a queue and a bucket. */
function world(
  work: (attempt: Attempt) => unknown,
  definition: Partial<FunctionDefinition> = {},
  asynchronous: Partial<AsynchronousConfiguration> = {},
) {
  const clock = new VirtualClock();
  const attempts: { atSeconds: number; event: unknown; requestId: string }[] = [];
  const start = clock.now().getTime();
  const createHandler: CreateHandler = (runtime) => async (event, context) => {
    attempts.push({
      atSeconds: Math.round((clock.now().getTime() - start) / 1000),
      event,
      requestId: context.awsRequestId,
    });
    return work({ event: event as Attempt['event'], context, runtime, number: attempts.length, clock });
  };
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const aws = new EmbeddedAws({ clock, instances, handlers: { work: createHandler }, latencySeconds: 0.1 });
  const { arn } = aws.lambda.createFunction({
    key: 'work',
    name: 'service-work',
    roleKey: 'WorkRole',
    timeoutSeconds: 30,
    memoryMegabytes: 128,
    environment: { COLOUR: 'green' },
    ...definition,
  });
  aws.lambda.configureAsynchronous(arn, asynchronous);
  aws.eventBridge.rules.createBus('pipeline');
  aws.s3.createBucket('files');
  const published: { source: string; detail: Record<string, unknown> }[] = [];
  aws.eventBridge.onEvent((event) => published.push(event));
  const queue = aws.sqs.createQueue('letters', { visibilityTimeoutSeconds: 30 });
  return { aws, clock, arn, attempts, published, queue, invocations: aws.lambda.invocations };
}

function fail(): never {
  throw new TypeError('no such thing');
}

describe('asynchronous invocation', () => {
  test('hands the function its event, its environment and its remaining time', async () => {
    const { aws, clock, arn, invocations } = world(({ event, runtime, context }) => ({
      event,
      colour: runtime.environment.COLOUR,
      remaining: context.getRemainingTimeInMillis(),
      gone: undefined,
    }));
    aws.lambda.invokeAsync(arn, { n: 1 });
    await clock.advance(5);
    expect(invocations).toMatchObject([
      { function: 'work', outcome: 'succeeded', response: { event: { n: 1 }, colour: 'green', remaining: 30000 } },
    ]);
    expect(invocations[0]?.response).not.toHaveProperty('gone');
  });

  test('an error is repeated twice, after one and after two minutes, with the same request id', async () => {
    const { aws, clock, arn, attempts } = world(fail);
    aws.lambda.invokeAsync(arn, { n: 1 });
    await clock.advance(3600);
    expect(attempts.map(({ atSeconds }) => atSeconds)).toEqual([0, 60, 180]);
    expect(new Set(attempts.map(({ requestId }) => requestId)).size).toBe(1);
  });

  test('a failure for good goes to the event bus as source lambda, with the original event', async () => {
    const { aws, clock, arn, published } = world(fail, {}, { onFailureArn: BUS });
    const requestId = aws.lambda.invokeAsync(arn, { detail: { task: 'WAS' } });
    await clock.advance(200);
    expect(published).toMatchObject([
      {
        source: 'lambda',
        'detail-type': 'Lambda Function Invocation Result - Failure',
        resources: [BUS, `${arn}:$LATEST`],
        detail: {
          version: '1.0',
          timestamp: expect.any(String),
          requestContext: {
            requestId,
            functionArn: `${arn}:$LATEST`,
            condition: 'RetriesExhausted',
            approximateInvokeCount: 3,
          },
          requestPayload: { detail: { task: 'WAS' } },
          responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
          responsePayload: { errorType: 'TypeError', errorMessage: 'no such thing', trace: expect.any(Array) },
        },
      },
    ]);
  });

  test('the destination is called with the role of the function: a role that may not publish loses the failure', async () => {
    const { aws, clock, arn, published } = world(fail, {}, { onFailureArn: BUS, maximumRetryAttempts: 0 });
    aws.endpoint.intercept(async (call, proceed) => {
      if (call.operation === 'PutEvents' && call.caller.principal === 'WorkRole') {
        throw new AwsError('AccessDeniedException', 'not authorized to perform: events:PutEvents', 400);
      }
      return proceed();
    });
    aws.lambda.invokeAsync(arn, { n: 1 });
    await clock.advance(10);
    expect(published).toEqual([]);
    expect(aws.lambda.undelivered).toMatchObject([{ functionName: 'service-work', payload: { n: 1 } }]);
  });

  test('a dead-letter queue gets the event itself, the error in its attributes', async () => {
    const deadLetterTargetArn = 'arn:aws:sqs:eu-central-1:123456789012:letters';
    const { aws, clock, arn, queue } = world(fail, { deadLetterTargetArn }, { maximumRetryAttempts: 1 });
    aws.lambda.invokeAsync(arn, { n: 1 });
    await clock.advance(100);
    const [letter] = queue.contents();
    expect(letter?.body).toBe('{"n":1}');
    expect(letter?.attributes).toMatchObject({ ErrorMessage: { StringValue: 'no such thing' } });
  });

  test('a function that runs out of time has failed, and its calls have no effect any more', async () => {
    const { aws, clock, arn, invocations } = world(async ({ number, runtime, clock }) => {
      if (number > 1) return;
      await clock.sleep(29.96);
      await putObject(runtime, 'late');
    });
    aws.lambda.invokeAsync(arn, {});
    await clock.advance(100);
    expect(invocations.map(({ outcome }) => outcome)).toEqual(['timed out', 'succeeded']);
    expect(invocations[0]?.response).toMatchObject({
      errorMessage: expect.stringMatching(/Task timed out after 30.00 seconds$/),
    });
    expect(aws.s3.readObject('files', 'late')).toBeUndefined();
  });

  test('a killed invocation counts as failed and is repeated; what it had not begun does not happen', async () => {
    const { aws, clock, arn, invocations } = world(async ({ number, runtime }) => {
      await putObject(runtime, `first-${number}`);
      await putObject(runtime, `second-${number}`);
    });
    const stop = aws.endpoint.intercept(async ({ input, caller }, proceed) => {
      const answer = await proceed();
      if (input.Key === 'first-1' && isInvocationCaller(caller) && caller.invocation)
        aws.lambda.kill(caller.invocation);
      return answer;
    });
    aws.lambda.invokeAsync(arn, {});
    await clock.advance(100);
    stop();
    expect(invocations.map(({ outcome }) => outcome)).toEqual(['killed', 'succeeded']);
    const written = ['first-1', 'second-1', 'first-2', 'second-2'].filter((key) => aws.s3.readObject('files', key));
    expect(written).toEqual(['first-1', 'first-2', 'second-2']);
  });

  test('calls that are still open when the handler ends go on in the next invocation', async () => {
    const { aws, clock, arn } = world(({ number, runtime }) => {
      if (number === 1) void putObject(runtime, 'left-open');
    });
    aws.lambda.invokeAsync(arn, {});
    await clock.advance(1000);
    expect(aws.s3.readObject('files', 'left-open')).toBeUndefined();
    aws.lambda.invokeAsync(arn, {});
    await clock.advance(1);
    expect(aws.s3.readObject('files', 'left-open')).toBeDefined();
  });

  test('one execution environment serves one invocation at a time and is used again', async () => {
    const runtimes = new Set<Runtime>();
    const { aws, clock, arn } = world(async ({ runtime, clock }) => {
      runtimes.add(runtime);
      await clock.sleep(1);
    });
    for (let round = 0; round < 3; round++) {
      aws.lambda.invokeAsync(arn, {});
      aws.lambda.invokeAsync(arn, {});
      await clock.advance(10);
    }
    expect(runtimes.size).toBe(2);
  });

  test('beyond its reserved concurrency a function is throttled, which costs no attempt', async () => {
    const { aws, clock, arn, invocations } = world(({ clock }) => clock.sleep(10), { reservedConcurrency: 1 });
    for (let n = 0; n < 3; n++) aws.lambda.invokeAsync(arn, { n });
    await clock.advance(120);
    expect(invocations.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    for (const [index, { startedAt }] of invocations.entries()) {
      const before = invocations[index - 1]?.endedAt;
      if (before) expect(startedAt.getTime()).toBeGreaterThanOrEqual(before.getTime());
    }
  });

  test('an event that is older than its limit is given up unhandled', async () => {
    const { aws, clock, arn, published, attempts } = world(
      ({ clock }) => clock.sleep(25),
      { reservedConcurrency: 0 },
      { maximumEventAgeSeconds: 60, onFailureArn: BUS },
    );
    aws.lambda.invokeAsync(arn, { n: 1 });
    await clock.advance(300);
    expect(attempts).toEqual([]);
    expect(published).toMatchObject([{ detail: { requestContext: { condition: 'EventAgeExceeded' } } }]);
    expect(published[0]?.detail).not.toHaveProperty('responsePayload');
  });

  test('EventBridge may invoke a function only with its permission', () => {
    const { aws, arn } = world(() => 'done');
    const source = { service: 'events.amazonaws.com', arn: 'arn:aws:events:rule/mine', account: '123456789012' };
    expect(() => aws.lambda.invokeAsync(arn, {}, source)).toThrow('not authorized to perform: lambda:InvokeFunction');
    const permission: PolicyStatement = {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'lambda:InvokeFunction',
      Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:events:rule/*' } },
    };
    aws.lambda.addPermission(arn, permission);
    expect(aws.lambda.invokeAsync(arn, {}, source)).toEqual(expect.any(String));
    expect(() => aws.lambda.invokeAsync(arn, {}, { ...source, arn: 'arn:aws:s3:::x' })).toThrow('not authorized');
  });
});

describe('a queue as the event source', () => {
  function fed(work: (attempt: Attempt) => unknown, reportsBatchItemFailures = true) {
    const made = world(work);
    const { aws, arn, queue, attempts } = made;
    aws.lambda.addEventSource({
      functionName: arn,
      queueArn: queue.arn,
      batchSize: 10,
      reportsBatchItemFailures,
      maximumConcurrency: 2,
    });
    const batches = () => attempts.map(({ event }) => (event as Attempt['event']).Records?.map(({ body }) => body));
    return { ...made, batches };
  }

  test('messages that are there together come as one batch, and are deleted when the function succeeds', async () => {
    const { clock, queue, batches } = fed(() => null);
    for (const body of ['a', 'b']) queue.send(body);
    await clock.advance(100);
    expect(batches()).toEqual([['a', 'b']]);
    expect(queue.contents()).toEqual([]);
  });

  test('a batch has ten messages at most', async () => {
    const { clock, queue, batches } = fed(() => null);
    for (let n = 0; n < 25; n++) queue.send(String(n));
    await clock.advance(100);
    expect(batches().map((batch) => batch?.length)).toEqual([10, 10, 5]);
    expect(queue.contents()).toEqual([]);
  });

  test('a record looks as Lambda documents it', async () => {
    const { clock, queue, attempts } = fed(() => null);
    queue.send('a', { RULE_ARN: { DataType: 'String', StringValue: 'arn:x' } });
    await clock.advance(10);
    expect(attempts[0]?.event).toEqual({
      Records: [
        {
          messageId: expect.any(String),
          receiptHandle: expect.any(String),
          body: 'a',
          attributes: expect.objectContaining({ ApproximateReceiveCount: '1' }),
          messageAttributes: { RULE_ARN: { dataType: 'String', stringValue: 'arn:x' } },
          md5OfBody: '0cc175b9c0f1b6a831c399e269772661',
          eventSource: 'aws:sqs',
          eventSourceARN: queue.arn,
          awsRegion: 'eu-central-1',
        },
      ],
    });
  });

  test('a failed batch comes back after the visibility timeout; there is no other retry', async () => {
    const { clock, queue, attempts, published } = fed(({ number }) => (number < 3 ? fail() : null));
    queue.send('a');
    await clock.advance(200);
    expect(attempts.map(({ atSeconds }) => atSeconds)).toEqual([0, 30, 60]);
    expect(published).toEqual([]);
  });

  test('only the messages that are reported as failed come back', async () => {
    const { clock, queue, batches } = fed(({ number, event }) => {
      const failed = event.Records?.filter(({ body }) => number === 1 && body === 'b') ?? [];
      return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    });
    for (const body of ['a', 'b', 'c']) queue.send(body);
    await clock.advance(100);
    expect(batches()).toEqual([['a', 'b', 'c'], ['b']]);
  });

  test.each([
    ['is not a list', { batchItemFailures: 'all' }],
    ['names no message', { batchItemFailures: [{}] }],
    ['names a message of another batch', { batchItemFailures: [{ itemIdentifier: 'other' }] }],
  ])('a report that %s fails the whole batch', async (_name, report) => {
    const { clock, queue, batches } = fed(({ number }) => (number === 1 ? report : null));
    for (const body of ['a', 'b']) queue.send(body);
    await clock.advance(100);
    expect(batches()).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  test('a message that comes while every poller is on its way back with nothing is fetched too', async () => {
    const { clock, queue, batches } = fed(() => null);
    await clock.advance(0.01);
    queue.send('a');
    await clock.advance(0.01);
    queue.purge();
    await clock.advance(0.05); // both have looked, neither is back
    queue.send('b');
    await clock.advance(10);
    expect(batches()).toEqual([['b']]);
  });

  test('a queue must hide its messages for as long as the function may run', () => {
    const { aws, arn } = world(() => null, { timeoutSeconds: 31 });
    const source = { functionName: arn, batchSize: 10, reportsBatchItemFailures: true, maximumConcurrency: 2 };
    const queueArn = 'arn:aws:sqs:eu-central-1:123456789012:letters';
    expect(() => aws.lambda.addEventSource({ ...source, queueArn })).toThrow('less than Function timeout');
  });

  test('a role that may not receive from the queue is a defect of the stack', async () => {
    const { aws, clock, queue } = fed(() => null);
    aws.endpoint.intercept(async (call, proceed) => {
      if (call.caller.principal === 'WorkRole') throw new AwsError('AccessDenied', 'no sqs:ReceiveMessage', 403);
      return proceed();
    });
    queue.send('a');
    await expect(clock.advance(10)).rejects.toThrow('no sqs:ReceiveMessage');
  });

  test('a poll that fails otherwise is repeated', async () => {
    const { aws, clock, queue, batches } = fed(() => null);
    let failures = 0;
    aws.endpoint.intercept(async (call, proceed) => {
      if (call.operation === 'ReceiveMessage' && ++failures < 10) throw new AwsError('InternalError', 'try later', 500);
      return proceed();
    });
    queue.send('a');
    await clock.advance(100);
    expect(batches()).toEqual([['a']]);
  });
});

async function putObject(runtime: Runtime, Key: string): Promise<void> {
  await new S3Client(runtime.clientDefaults).send(new PutObjectCommand({ Bucket: 'files', Key, Body: 'x' }));
}
