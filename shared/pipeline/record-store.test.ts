/** One of several writers wins and each of them knows: the record's reads and writes against S3, with its faults. */
import { readdirSync, readFileSync } from 'node:fs';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod/mini';
import { EmbeddedAws } from '../../local/embedded-aws';
import { VirtualInstances } from '../../local/fleet/virtual-instances';
import { VirtualClock } from '../../local/kernel/clock';
import { AwsError, type Interceptor } from '../../local/kernel/service';
import { recordOf } from '../../tests/harness/plain-data';
import { StateBucket } from '../aws/state-bucket';
import { type DeploymentRecord, recordSchema } from './record';
import { FencedOff, RecordStore } from './record-store';

const AT = '2030-01-01T00:00:00.000Z';
const CLAIM = { token: 'mine', until: '2030-01-01T00:00:50.000Z', attempt: 1 };

const claimed = (changes: Partial<DeploymentRecord> = {}) => recordOf({ claim: CLAIM, ...changes });

function world() {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const aws = new EmbeddedAws({ clock, instances });
  aws.s3.createBucket('state');
  const client = new S3Client(aws.operator);
  const store = new RecordStore(new StateBucket(client, 'state'), () => aws.random.uuid());
  /** Writes as somebody else does: whatever is there. */
  const overwrite = (record: DeploymentRecord) =>
    client.send(
      new PutObjectCommand({ Bucket: 'state', Key: `tasks/${record.task}.json`, Body: JSON.stringify(record) }),
    );
  const body = async (key: string) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'state', Key: key }));
    return Body?.transformToString();
  };
  return { clock, aws, client, store, overwrite, body };
}

type World = ReturnType<typeof world>;

async function opened({ store }: World, record = claimed()) {
  const stored = await store.open(undefined, record);
  if (!stored) throw new Error('the record was not opened');
  return stored;
}

/** Lets `fault` meet the next `times` writes. */
function onWrites({ aws }: World, times: number, fault: Interceptor): void {
  let left = times;
  aws.endpoint.intercept((call, proceed) =>
    call.operation === 'PutObject' && left-- > 0 ? fault(call, proceed) : proceed(),
  );
}

const answerIsLost: Interceptor = async (_, proceed) => {
  await proceed();
  throw new AwsError('InternalError', 'We encountered an internal error. Please try again.', 500);
};

const timesOut: Interceptor = async () => {
  throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
};

const timesOutAfterItsEffect: Interceptor = async (call, proceed) => {
  await proceed();
  return timesOut(call, proceed);
};

const races: Interceptor = async () => {
  throw new AwsError(
    'ConditionalRequestConflict',
    'The conditional request cannot succeed due to a conflicting operation against this resource.',
    409,
  );
};

const serverFails: Interceptor = async () => {
  throw new AwsError('InternalError', 'We encountered an internal error. Please try again.', 500);
};

function run(test: (world: World) => Promise<void>): () => Promise<void> {
  return () => {
    const made = world();
    return made.clock.run(test(made));
  };
}

describe('opening', () => {
  test(
    'of two that open at the same time one wins, and the other knows',
    run(async (world) => {
      const both = await Promise.all([
        world.store.open(undefined, claimed({ deploymentId: 'one' })),
        world.store.open(undefined, claimed({ deploymentId: 'two' })),
      ]);
      const winners = both.filter((stored) => stored !== undefined);
      expect(winners).toHaveLength(1);
      expect(await world.store.read('WAS')).toEqual(winners[0]);
    }),
  );

  test(
    'over a closed record that somebody else has opened meanwhile does not succeed',
    run(async (world) => {
      const closed = await opened(world, claimed({ status: 'completed', claim: undefined }));
      await world.store.open(closed, claimed({ deploymentId: 'faster' }));
      expect(await world.store.open(closed, claimed({ deploymentId: 'slower' }))).toBeUndefined();
      expect((await world.store.read('WAS'))?.record.deploymentId).toBe('faster');
    }),
  );

  test.each([
    ['an error of the server', answerIsLost],
    ['a time-out', timesOutAfterItsEffect],
  ])('succeeds also where its answer is lost by %s', (_, fault) =>
    run(async (world) => {
      onWrites(world, 3, fault);
      const stored = await world.store.open(undefined, claimed());
      expect(stored).toEqual(await world.store.read('WAS'));
    })(),
  );

  test(
    'succeeds where its answer is lost, and somebody has written beside it since',
    run(async (world) => {
      onWrites(world, 1, async (_, proceed) => {
        await proceed();
        const between = await world.store.read('WAS');
        if (between) await world.store.update(between, (fresh) => ({ ...fresh, handledIds: { manual: 'theirs' } }));
        throw new AwsError('InternalError', 'We encountered an internal error. Please try again.', 500);
      });
      const stored = await world.store.open(undefined, claimed());
      expect(stored?.record.handledIds).toEqual({ manual: 'theirs' });
      expect(stored).toEqual(await world.store.read('WAS'));
    }),
  );

  test(
    'does not succeed where it lost a race, and nothing stands there',
    run(async (world) => {
      onWrites(world, 3, races);
      expect(await world.store.open(undefined, claimed())).toBeUndefined();
      expect(await world.store.read('WAS')).toBeUndefined();
    }),
  );
});

describe('updating', () => {
  const grow = (record: DeploymentRecord) => ({ ...record, seq: record.seq + 1 });

  test(
    'of two that move the record on, one wins and the other is fenced off',
    run(async (world) => {
      const stored = await opened(world);
      const both = await Promise.allSettled([
        world.store.update(stored, (record) => ({ ...record, seq: 8, stage: 'retire' })),
        world.store.update(stored, (record) => ({ ...record, seq: 8, stage: 'check-real' })),
      ]);
      const [winner, ...others] = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(others).toEqual([]);
      expect(both).toContainEqual({ status: 'rejected', reason: expect.any(FencedOff) });
      expect(await world.store.read('WAS')).toEqual(winner);
    }),
  );

  test.each([
    ['an error of the server', answerIsLost],
    ['a time-out', timesOutAfterItsEffect],
  ])('is made once where its answer is lost by %s', (_, fault) =>
    run(async (world) => {
      const stored = await opened(world);
      onWrites(world, 1, fault);
      const updated = await world.store.update(stored, grow);
      expect(updated.record.seq).toBe(8);
      expect(await world.store.read('WAS')).toEqual(updated);
    })(),
  );

  test.each([
    ['a race', 4, races],
    ['a time-out without effect', 4, timesOut],
    ['errors of the server', 5, serverFails],
  ])('is made again after %s', (_, times, fault) =>
    run(async (world) => {
      const stored = await opened(world);
      onWrites(world, times, fault);
      expect((await world.store.update(stored, grow)).record.seq).toBe(8);
    })(),
  );

  test(
    'gives up with an error where no write ever comes through',
    run(async (world) => {
      const stored = await opened(world);
      onWrites(world, Number.POSITIVE_INFINITY, races);
      await expect(world.store.update(stored, grow)).rejects.toThrow('could not be written in 5 attempts');
    }),
  );

  test.each([
    ['as it was read', () => false],
    ['where it was left', undefined],
  ])('whose answer was lost had succeeded, though others have written beside it since: only %s', (_, condition) =>
    run(async (world) => {
      const stored = await opened(world);
      onWrites(world, 1, async (_call, proceed) => {
        await proceed();
        for (const requestId of ['one', 'two']) {
          const between = await world.store.read('WAS');
          if (between) await world.store.update(between, (fresh) => ({ ...fresh, handledIds: { manual: requestId } }));
        }
        throw new AwsError('InternalError', 'We encountered an internal error. Please try again.', 500);
      });
      const updated = await world.store.update(stored, grow, condition);
      expect(updated.record).toMatchObject({ seq: 8, handledIds: { manual: 'two' } });
      expect(await world.store.read('WAS')).toEqual(updated);
    })(),
  );

  test(
    'an error that no repetition mends is thrown',
    run(async (world) => {
      const stored = await opened(world);
      onWrites(world, 1, async () => {
        throw new AwsError('AccessDenied', 'Access Denied', 403);
      });
      await expect(world.store.update(stored, grow)).rejects.toThrow('Access Denied');
    }),
  );

  test(
    'what somebody else wrote beside it under the same claim is kept',
    run(async (world) => {
      const stored = await opened(world);
      const handledRequests = { upload: AT };
      await world.overwrite({ ...stored.record, handledRequests, writeToken: 'theirs' });
      const updated = await world.store.update(stored, grow);
      expect(updated.record).toMatchObject({ seq: 8, handledRequests });
      expect(await world.store.read('WAS')).toEqual(updated);
    }),
  );

  test.each<[string, Partial<DeploymentRecord>]>([
    ['another deployment', { deploymentId: 'second' }],
    ['another seq', { seq: 8 }],
    ['clean-up', { status: 'cleaning' }],
    ['another claim', { claim: { ...CLAIM, token: 'theirs' } }],
    ['no claim any more', { claim: undefined }],
  ])('is fenced off by %s, which stays', (_, change) =>
    run(async (world) => {
      const stored = await opened(world);
      await world.overwrite(claimed({ ...change, writeToken: 'theirs' }));
      await expect(world.store.update(stored, grow)).rejects.toThrow(FencedOff);
      expect((await world.store.read('WAS'))?.record.writeToken).toBe('theirs');
    })(),
  );

  test(
    'is fenced off where the record is gone',
    run(async (world) => {
      const stored = await opened(world);
      await expect(world.store.update({ ...stored, record: claimed({ task: 'other' }) }, grow)).rejects.toThrow(
        FencedOff,
      );
    }),
  );
});

describe('a record that does not fit its schema', () => {
  test.each<[string, object, string]>([
    ['lacks what has to be there', { seq: undefined }, 'at seq'],
    ['has something of another type', { progress: { cycle: 'two' } }, 'at progress.cycle'],
    ['has a time that is none', { outbox: { events: [], writtenAt: 'now', published: false } }, 'at outbox.writtenAt'],
    ['is in a stage that the flow does not know', { stage: 'elsewhere' }, 'at stage'],
    ['has something that no reader would know', { progress: { mood: 'good' } }, 'nothing is known of progress.mood'],
    ['has it in a list', { timeline: [{ stage: 'swap', at: AT, by: 'x' }] }, 'nothing is known of timeline.0.by'],
  ])('is not written where it %s, and the error says the place', (_, misfit, place) =>
    run(async (world) => {
      const stored = await opened(world);
      const before = await world.body('tasks/WAS.json');
      const change = (record: DeploymentRecord) => ({ ...record, ...misfit }) as DeploymentRecord;
      await expect(world.store.update(stored, change)).rejects.toThrow(place);
      await expect(world.store.update(stored, change)).rejects.toThrow('the record of WAS does not fit its schema');
      expect(await world.body('tasks/WAS.json')).toBe(before);
    })(),
  );

  test(
    'is not opened either',
    run(async (world) => {
      const misfit = { ...claimed(), deploymentId: undefined } as unknown as DeploymentRecord;
      await expect(world.store.open(undefined, misfit)).rejects.toThrow('at deploymentId');
      expect(await world.store.read('WAS')).toBeUndefined();
    }),
  );
});

describe('reading', () => {
  test.each([
    ['not JSON', '{"schemaVersion":1,'],
    ['of another schema', JSON.stringify({ ...claimed(), schemaVersion: 2 })],
    ['without a seq', JSON.stringify({ ...claimed(), seq: undefined })],
    ['blank', ' '],
  ])('an object that is %s throws, and is never overwritten', (_, damaged) =>
    run(async (world) => {
      const { client, store, body } = world;
      const stored = await opened(world);
      await client.send(new PutObjectCommand({ Bucket: 'state', Key: 'tasks/WAS.json', Body: damaged }));
      await expect(store.read('WAS')).rejects.toThrow();
      await expect(store.update(stored, (record) => record)).rejects.toThrow();
      expect(await store.open(undefined, claimed())).toBeUndefined();
      expect(await body('tasks/WAS.json')).toBe(damaged);
    })(),
  );

  test(
    'a task without a record has none',
    run(async ({ store }) => {
      expect(await store.read('WAS')).toBeUndefined();
    }),
  );

  test(
    'a task whose first record is written while it is looked for has lost none',
    run(async ({ aws, store, overwrite }) => {
      let isFirst = true;
      aws.endpoint.intercept(async (call, proceed) => {
        if (call.operation === 'ListObjectVersions' && isFirst) {
          isFirst = false;
          await overwrite(claimed({ deploymentId: 'first' }));
        }
        return proceed();
      });
      expect(await store.find('WAS')).toMatchObject({ stored: { record: { deploymentId: 'first' } } });
    }),
  );

  test(
    'every task has a record of its own, whatever its name',
    run(async (world) => {
      const tasks = ['WAS', 'WAS 1', 'WAS+1', 'WAS%201', '결제/WAS', '../WAS', 'WAS/', 'was'];
      for (const task of tasks) await opened(world, claimed({ task, deploymentId: `of ${task}` }));
      for (const task of tasks) expect((await world.store.read(task))?.record.deploymentId).toBe(`of ${task}`);
      expect(await world.body(`tasks/${encodeURIComponent('결제/WAS')}.json`)).toContain('of 결제/WAS');
    }),
  );
});

/** A deployment outlives an update of the stack: these were really stored, most of them by the first version. */
describe('a record that was stored', () => {
  const folder = 'tests/fixtures/records';
  const records = readdirSync(folder).map((file) => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')));

  test.each(records.map((record) => [record.status, record.stage, record] as const))(
    'that is %s in %s is read, and written again with nothing lost',
    async (_status, _stage, { lastSuccess, ...rest }) => {
      const { clock, store, overwrite, body } = world();
      await clock.run(overwrite({ ...rest, lastSuccess }));
      const read = await clock.run(store.read(rest.task));
      const known = { ...rest, ...(lastSuccess && { lastSuccess: knownOf(lastSuccess) }) };
      expect(read?.record).toEqual(known);
      if (read) await clock.run(store.update(read, (record) => record));
      const written = JSON.parse((await clock.run(body(`tasks/${rest.task}.json`))) ?? '');
      const earlierTokens = [rest.writeToken, ...(rest.earlierTokens ?? [])]
        .slice(0, 20)
        .map((token) => token.slice(0, 8));
      expect(written).toEqual({ ...known, writeToken: expect.any(String), earlierTokens });
      expect(written.writeToken).not.toBe(rest.writeToken);
    },
  );

  /** Beside it the whole plan of that deployment is stored, which nobody reads. */
  function knownOf({ deploymentId, wars, capacity }: NonNullable<DeploymentRecord['lastSuccess']>) {
    return { deploymentId, wars, capacity };
  }

  // What is not in any of them could be called otherwise tomorrow, and every deployment in flight would forget it.
  test('has whatever a record may have, in one or another of them', () => {
    const there = new Set(records.flatMap((record) => [...pathsOf(record)]));
    const missing = [...pathsOfSchema(z.toJSONSchema(recordSchema) as Schema)].filter((path) => !there.has(path));
    expect([...new Set(missing)]).toEqual(NEVER_STORED);
  });

  /**
   * What waits and what was asked for have one schema: only uploads wait, and none that was asked for covers others. No
   * stage of the product parks, nor is one asked for by a tag. In none of their accounts were requests throttled, or the
   * clones of others in the way. Active's own size was left to its alarms, and it was not looked for who is registered
   * elsewhere, and nobody's schedule had a fleet at 0 by night.
   */
  const NEVER_STORED = [
    'request.covers',
    'request.covers[]',
    'acted.action',
    'plan.isAtZeroBySchedule',
    'plan.options',
    'plan.options{}',
    'plan.proven',
    'plan.healthySeconds',
    'plan.elsewhere',
    'plan.elsewhere.looked',
    'plan.elsewhere.looked[]',
    'plan.elsewhere.listing',
    'plan.elsewhere.listing[]',
    'plan.elsewhere.unlooked',
    'plan.elsewhere.isComplete',
    'plan.notes',
    'plan.notes[]',
    'plan.noticed',
    'plan.noticed[]',
    'plan.raisedMinimum',
    'plan.raisedMinimum.own',
    'plan.raisedMinimum.to',
    'plan.raisedMinimum.to[]',
    'plan.suspendedOnOld',
    'plan.suspendedOnOld.processes',
    'plan.suspendedOnOld.processes[]',
    'plan.suspendedOnOld.since',
    'progress.shortSince',
    'progress.isUnprepared',
    'progress.parkedUntil',
    'progress.detachedAt',
    'progress.elsewhere',
    'progress.elsewhere.looked',
    'progress.elsewhere.looked[]',
    'progress.elsewhere.listing',
    'progress.elsewhere.listing[]',
    'progress.elsewhere.unlooked',
    'progress.elsewhere.isComplete',
    'progress.hold',
    'progress.hold.hooks',
    'progress.hold.hooks[]',
    'progress.hold.until',
    'progress.throttled',
    'progress.throttled.looks',
    'progress.throttled.until',
    'progress.throttled.seconds',
    'pending.fingerprint',
    'pending.type=manual',
    'pending.type=clean',
    'pending.arrivedAt',
    'pending.versions',
    'pending.capacity',
    'lastSuccess.asleep',
    'lastSuccess.asleep.group',
    'lastSuccess.asleep.at',
  ];
});

interface Schema {
  enum?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
}

/** `plan.wars[].key`, `status=running`, `heldVersions{}[]`: the places of a record, and the words that it may have there. */
function* pathsOfSchema(schema: Schema, at = ''): Generator<string> {
  if (at) yield* schema.enum ? schema.enum.map((word) => `${at}=${word}`) : [at];
  for (const [key, inner] of Object.entries(schema.properties ?? {})) yield* pathsOfSchema(inner, inside(at, key));
  if (schema.items) yield* pathsOfSchema(schema.items, `${at}[]`);
  if (typeof schema.additionalProperties === 'object') yield* pathsOfSchema(schema.additionalProperties, `${at}{}`);
}

function* pathsOf(value: unknown, at = ''): Generator<string> {
  if (at) yield at;
  if (typeof value === 'string') yield `${at}=${value}`;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield* pathsOf(inner, Array.isArray(value) ? `${at}[]` : inside(at, key));
    yield* pathsOf(inner, `${at}{}`);
  }
}

function inside(at: string, key: string): string {
  return at === '' ? key : `${at}.${key}`;
}
