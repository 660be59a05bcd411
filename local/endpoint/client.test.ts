/**
 * In a context of its own: one of these tests is about the first call of a process.
 *
 * @jest-environment node
 */
import fs from 'node:fs/promises';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { VirtualClock } from '../kernel/clock';
import { AwsError, type Caller, type Service, type ServiceName } from '../kernel/service';
import { clientDefaults } from './client';
import { Endpoint } from './endpoint';

const OPERATOR: Caller = { principal: 'operator', isAlive: () => true };

/** Nothing but operations is asked for where no role is limited. */
function world(
  services: Partial<Record<ServiceName, Pick<Service, 'operations'>>>,
  { caller = OPERATOR, latencySeconds = 0 } = {},
) {
  const clock = new VirtualClock();
  const start = clock.now().getTime();
  const defaults = clientDefaults(new Endpoint(clock, services, latencySeconds), clock, caller, 'ap-northeast-2');
  const elapsedSeconds = () => (clock.now().getTime() - start) / 1000;
  return { clock, defaults, elapsedSeconds };
}

/** ListTopics that answers with `error` so many times, and then well. */
function failing(times: number, error: AwsError) {
  const state = { calls: 0 };
  const sns = {
    ListTopics: () => {
      state.calls += 1;
      if (state.calls <= times) throw error;
      return { Topics: [] };
    },
  };
  return { sns, state };
}

test('the first call of a process reads no configuration file, which virtual time would not wait for', async () => {
  const readFile = fs.readFile;
  const files: unknown[] = [];
  fs.readFile = ((...parameters: Parameters<typeof readFile>) => {
    files.push(parameters[0]);
    return readFile(...parameters);
  }) as typeof readFile;
  try {
    const { clock, defaults } = world({
      s3: { operations: { PutObject: () => ({}) } },
      sns: { operations: { ListTopics: () => ({}) } },
    });
    await clock.run(new S3Client(defaults).send(new PutObjectCommand({ Bucket: 'wars', Key: 'a', Body: 'x' })));
    await clock.run(new SNSClient(defaults).send(new ListTopicsCommand({})));
    expect(files).toEqual([]);
  } finally {
    fs.readFile = readFile;
  }
});

test('a call takes the latency of the endpoint', async () => {
  const { clock, defaults, elapsedSeconds } = world(
    { sns: { operations: { ListTopics: () => ({}) } } },
    { latencySeconds: 0.02 },
  );
  await clock.run(new SNSClient(defaults).send(new ListTopicsCommand({})));
  expect(elapsedSeconds()).toBeCloseTo(0.02);
});

describe('retries', () => {
  const throttled = new AwsError('Throttling', 'Rate exceeded', 400);
  const broken = new AwsError('InternalFailure', 'We encountered an internal error', 500);

  test('a throttled call is tried again after one virtual second, then after two', async () => {
    const { sns, state } = failing(2, throttled);
    const { clock, defaults, elapsedSeconds } = world({ sns: { operations: sns } });
    await clock.run(new SNSClient(defaults).send(new ListTopicsCommand({})));
    expect({ calls: state.calls, seconds: elapsedSeconds() }).toEqual({ calls: 3, seconds: 3 });
  });

  test('an internal error is tried again after 50 virtual milliseconds, then after 100', async () => {
    const { sns, state } = failing(2, broken);
    const { clock, defaults, elapsedSeconds } = world({ sns: { operations: sns } });
    await clock.run(new SNSClient(defaults).send(new ListTopicsCommand({})));
    expect(state.calls).toBe(3);
    expect(elapsedSeconds()).toBeCloseTo(0.15);
  });

  test('the third failure is final', async () => {
    const { sns, state } = failing(3, throttled);
    const { clock, defaults } = world({ sns: { operations: sns } });
    const call = clock.run(new SNSClient(defaults).send(new ListTopicsCommand({})));
    await expect(call).rejects.toMatchObject({ name: 'Throttling', $metadata: { attempts: 3, httpStatusCode: 400 } });
    expect(state.calls).toBe(3);
  });

  test('a refusal is not tried again', async () => {
    const { sns, state } = failing(1, new AwsError('InvalidParameter', 'no', 400));
    const { clock, defaults } = world({ sns: { operations: sns } });
    await expect(clock.run(new SNSClient(defaults).send(new ListTopicsCommand({})))).rejects.toThrow('no');
    expect(state.calls).toBe(1);
  });
});

describe('a caller that was killed', () => {
  /** Kills the caller `seconds` into a call of one second, and tells what came of the call. */
  async function killedAfter(seconds: number) {
    const state = { alive: true, effects: 0, answers: 0 };
    const caller: Caller = { principal: 'StartRole', isAlive: () => state.alive };
    const sns = {
      ListTopics: () => {
        state.effects += 1;
        return {};
      },
    };
    const { clock, defaults } = world({ sns: { operations: sns } }, { caller, latencySeconds: 1 });
    const answered = () => {
      state.answers += 1;
    };
    new SNSClient(defaults).send(new ListTopicsCommand({})).then(answered, answered);
    await clock.advance(seconds);
    state.alive = false;
    await clock.advance(3600);
    return { effects: state.effects, answers: state.answers };
  }

  test('on the way there: no effect, no answer', async () => {
    expect(await killedAfter(0.2)).toEqual({ effects: 0, answers: 0 });
  });

  test('on the way back: the effect stands, and no answer comes', async () => {
    expect(await killedAfter(0.7)).toEqual({ effects: 1, answers: 0 });
  });
});

test('a streamed answer is read as bytes, text and stream', async () => {
  const { clock, defaults } = world({
    s3: { operations: { GetObject: () => ({ Body: Buffer.from('한글 & <war>') }) } },
  });
  const client = new S3Client(defaults);
  const get = async () => {
    const { Body } = await clock.run(client.send(new GetObjectCommand({ Bucket: 'wars', Key: 'a' })));
    if (!Body) throw new Error('the answer has no body');
    return Body;
  };
  expect(await (await get()).transformToString()).toBe('한글 & <war>');
  expect(Buffer.from(await (await get()).transformToByteArray()).toString()).toBe('한글 & <war>');
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await get()) as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe('한글 & <war>');
});
