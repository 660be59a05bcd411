/** What a record keeps has a bound, however much is deployed and asked for: it is read and written at every look. */
import { createHash } from 'node:crypto';
import { Completed } from '../../events/completed';
import { DummyAttached } from '../../events/dummy-attached';
import { RealAttached } from '../../events/real-attached';
import { Step1Passed } from '../../events/step-1-passed';
import { Step2Passed } from '../../events/step-2-passed';
import { Swapped } from '../../events/swapped';
import { recordOf } from '../../tests/harness/plain-data';
import type { Plan, War } from '../deployment/plan';
import { withServed } from '../deployment/versions';
import { NAME_BYTES } from '../fleet/war-name';
import { decideBeside } from './admission';
import { recordAfter } from './changes';
import { mayHaveDetached } from './flow';
import { again, completed, moveTo, type Outcome, passed } from './outcome';
import { type DeploymentRecord, newRecord, type Request } from './record';

const LIMIT_BYTES = 16 * 1024;
const START = Date.parse('2030-01-01T00:00:00.000Z');

/** As S3 makes them: 32 characters. */
function versionId(...parts: (string | number)[]): string {
  return createHash('sha256').update(parts.join()).digest('base64url').slice(0, 32);
}

function fingerprintOf(...parts: (string | number)[]): string {
  return createHash('sha256').update(parts.join()).digest('hex').slice(0, 32);
}

const UNIQUE_ID = '49f62d0e-1e79-42c2-81c6-a4902f913510';

/** As its object has it, with what whoever writes it adds. */
function sizeOf(record: DeploymentRecord): number {
  const usage = { invocations: 999, calls: 9999 };
  const written = {
    usage,
    writeToken: UNIQUE_ID,
    earlierTokens: Array.from({ length: 20 }, () => UNIQUE_ID.slice(0, 8)),
  };
  return Buffer.byteLength(JSON.stringify({ ...record, ...written }));
}

/** A deployment of wars in so many slots, behind two target groups. */
interface Asked {
  versions?: string;
  requestedAt: string;
  wars: { key: string; to: string }[];
}

const TARGET_GROUP = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/was-web-1/9586675b5ec3f58d';
const LOAD_BALANCER =
  'arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/was-web/5300160c8d48a0ab';
const ATTACHMENTS = ['1', '2'].map((name) => ({
  ...{ kind: 'target-group' as const, way: 'direct' as const, identifier: TARGET_GROUP, name: `was-web-${name}` },
  ...{ loadBalancerArn: LOAD_BALANCER, dummyIdentifier: TARGET_GROUP },
}));

const BUCKET = 'stack-warbucket-wulnnfagx5if';

/** What the record of a task is after one more deployment, which nothing keeps from completing, and where uploads wait. */
function deployed(
  before: DeploymentRecord | undefined,
  index: number,
  asked: Asked,
  uploaded: Asked['wars'] = [],
): DeploymentRecord {
  const at = new Date(START + index * 60_000);
  const type = asked.versions === undefined ? 'upload' : 'manual';
  const request: Request = {
    ...{ requestId: versionId('request', index), type, requestedBy: 'an operator' },
    ...{ requestedAt: asked.requestedAt, versions: asked.versions, arrivedAt: at.toISOString() },
    fingerprint: fingerprintOf(index),
  };
  const serving = before?.plan?.wars ?? [];
  const wars = asked.wars.map(({ key, to }, slot): War => {
    const from = serving.find((war) => war.key === key)?.to ?? versionId('first', key);
    return {
      slot: slot + 1,
      bucket: BUCKET,
      key,
      path: `/opt/tomcat/webapps/${key.split('/').at(-1)}`,
      from,
      to,
      fromName: 'n'.repeat(NAME_BYTES),
      toName: 'n'.repeat(NAME_BYTES),
    };
  });
  const plan = { ...(recordOf().plan as Plan), wars, attachments: ATTACHMENTS, versionsChosenAt: at.toISOString() };
  const servedSets = withServed(
    before?.servedSets ?? [],
    wars.map(({ slot, key, from }) => ({ slot, key, versionId: from })),
  );
  const stages = Array.from({ length: 6 }, (_, stage) => ({ stage: `stage-${stage}`, seconds: 60 }));
  const { oldGroup, newGroup } = plan;
  const previous = wars.map(({ from }) => from).join();
  const common = { requestedBy: 'an operator', oldGroup, newGroup, instances: 2, previous };
  const untilCompleted: Outcome[] = [
    { kind: 'planned', plan, notes: [], servedSets, covers: undefined },
    passed(DummyAttached, {}),
    again('health', { progress: { cycle: 1 }, cycle: '1-1' }),
    passed(Step1Passed, {}),
    passed(RealAttached, {}),
    passed(Step2Passed, {}),
    passed(Swapped, {}),
  ];
  const opened = newRecord('WAS', `20300101T000000Z-${index}`, at, request, before);
  const running = untilCompleted.reduce((record, outcome) => recordAfter(record, outcome, at.toISOString()), opened);
  const waiting = uploaded.reduce((record, war) => withWaiting(record, war, at.toISOString()), running);
  return recordAfter(waiting, completed(Completed, { ...common, wars, stages }), at.toISOString());
}

/** One more upload has come while a deployment runs. */
function withWaiting(record: DeploymentRecord, { key, to }: Asked['wars'][0], requestedAt: string): DeploymentRecord {
  const upload = { bucket: BUCKET, key, versionId: to };
  const request = {
    requestId: `upload-${fingerprintOf(key, to)}`,
    fingerprint: fingerprintOf(to),
    upload,
    requestedAt,
  };
  const common = { task: 'WAS', type: 'upload' as const, requestedBy: `the upload of ${key}` };
  const verdict = decideBeside({ ...common, ...request }, record);
  if (verdict?.kind !== 'note') throw new Error('it does not wait');
  return verdict.change(record);
}

const timeOf = (index: number) => new Date(START + index * 60_000).toISOString();

/** The wars of so many slots, with versions by `of`. */
function slots(count: number, of: (key: string) => string): Asked['wars'] {
  return Array.from({ length: count }, (_, slot) => `was/app${slot + 1}.war`).map((key) => ({ key, to: of(key) }));
}

/** A request that names the versions, and holds what they replace. */
function naming(index: number, wars: Asked['wars']): Asked {
  return { requestedAt: timeOf(index), wars, versions: wars.map(({ to }) => to).join(',') };
}

const uploads = (index: number): Asked => ({
  requestedAt: timeOf(index),
  wars: slots(2, (key) => versionId(key, index)),
});
const newVersions = (index: number) =>
  naming(
    index,
    slots(2, (key) => versionId(key, index)),
  );
const thereAndBack = (index: number) =>
  naming(
    index,
    slots(2, (key) => versionId(key, [0, 1, 1][index % 3] ?? 0)),
  );
const newNames = (index: number) =>
  naming(index, [{ key: `was/app-${index}.war`, to: versionId(index) }, ...slots(1, (key) => versionId(key, index))]);
const atOneTime = (index: number): Asked => ({ ...newVersions(index), requestedAt: timeOf(0) });

/** Twenty of a kind, then twenty of the next. */
function mixed(index: number): Asked {
  const kinds = [newVersions, thereAndBack, newNames, uploads];
  return (kinds[Math.floor(index / 20) % kinds.length] ?? uploads)(index);
}

test.each<[number, string, (index: number) => Asked]>([
  [10_000, 'of all kinds', mixed],
  [1000, 'of uploads', uploads],
  [1000, 'that each hold what they replace', newVersions],
  [1000, 'that go there and back, and deploy the same once more', thereAndBack],
  [1000, 'of wars whose names change', newNames],
  [1000, 'of requests that say that they were made at one time', atOneTime],
])('after %d deployments %s a record has less than 16 KB', (count, _, askedFor) => {
  let record: DeploymentRecord | undefined;
  for (let index = 0; index < count; index++) {
    record = deployed(record, index, askedFor(index));
    if (index % 50 === 49) expect(sizeOf(record)).toBeLessThan(LIMIT_BYTES);
  }
});

/** So many wars of a task, each under a key of as many characters. */
function ofWars(index: number, count = 9, characters = 40): Asked {
  const names = Array.from({ length: count }, (_, slot) => `releases/production/online-shop-${slot + 1}.war`);
  return naming(
    index,
    names.map((name) => ({ key: name.padStart(characters, 'z'), to: versionId(name, index) })),
  );
}

test.each<[string, (index: number) => Asked]>([
  ['nine wars', ofWars],
  ['nine wars of which one comes and goes', (index) => ofWars(index, 9 - (index % 2))],
  [
    'nine wars that change their slots',
    (index) => {
      const { wars, ...asked } = ofWars(index);
      return { ...asked, wars: index % 2 ? wars.toReversed() : wars };
    },
  ],
  ['nine wars with keys of fifty characters', (index) => ofWars(index, 9, 50)],
])(
  'a record with %s, of which each holds what it can, has less than 16 KB, also while all of them wait again',
  (_, askedFor) => {
    let record: DeploymentRecord | undefined;
    const sizes: number[] = [];
    for (let index = 0; index < 300; index++) {
      record = deployed(record, index, askedFor(index));
      if (index % 50 !== 49) continue;
      const { wars } = askedFor(index + 2);
      sizes.push(sizeOf(deployed(record, index + 1, askedFor(index + 1), wars)));
    }
    expect(Math.max(...sizes)).toBeLessThan(LIMIT_BYTES);
  },
);

describe('a record has less than 16 KB', () => {
  test('however many uploads wait for the deployment that runs', () => {
    let record = recordOf({ stage: 'check-real' });
    for (let index = 0; index < 1000; index++) {
      const key = `was/app-${index}.war`;
      record = withWaiting(record, { key, to: versionId(key) }, timeOf(index % 500));
    }
    expect(sizeOf(record)).toBeLessThan(LIMIT_BYTES);
    expect(record.pending?.upload?.key).toBe('was/app-499.war'); // the other half came late
  });

  test('however often the old group is attached anew while it is to be retired', () => {
    let record = recordOf({ stage: 'retire' });
    for (let index = 0; index < 1000; index++) {
      record = recordAfter(record, moveTo('swap'), timeOf(index));
      record = recordAfter(record, passed(Swapped, {}), timeOf(index));
    }
    expect(sizeOf(record)).toBeLessThan(LIMIT_BYTES);
    expect(record.timeline[0]).toEqual(recordOf().timeline[0]);
  });

  test('however often it is cleaned in vain, and it is not forgotten that Active was detached', () => {
    const timeline = ['start', 'swap'].map((stage) => ({ stage, at: timeOf(0) }));
    let record = recordOf({ stage: 'swap', timeline });
    for (let index = 0; index < 1000; index++) {
      const request = { type: 'clean', requestId: versionId(index), requestedAt: timeOf(0) };
      const failure = { code: 'T011', stage: 'swap', message: 'ill' };
      record = recordAfter(record, { kind: 'taken-over', failure, request }, timeOf(index));
      record = recordAfter(record, { kind: 'blocked', reason: 'nobody would serve', findings: [] }, timeOf(index));
    }
    expect(sizeOf(record)).toBeLessThan(LIMIT_BYTES);
    expect(mayHaveDetached(record.timeline.map(({ stage }) => stage))).toBe(true);
  });
});
