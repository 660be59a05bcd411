/** Every state that a record can be in, as one deployment and its failures leave it, to be put into the state bucket again. */
import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { recordAfter } from '../../shared/pipeline/changes';
import type { Outcome } from '../../shared/pipeline/outcome';
import { type DeploymentRecord, recordSchema } from '../../shared/pipeline/record';
import type { World } from '../harness/world';

/** The body of the object and when it was written; none where there is no object. */
export interface RecordState {
  name: string;
  body?: string;
  /** Where there is no object: whether there was one. */
  isDeleted?: boolean;
  writtenAt: Date;
}

/** Deploys once, parked on the way, and answers the states that it went through, and those of failing at some. */
export async function recordStates(world: World): Promise<RecordState[]> {
  const seen = new Map<string, { record: DeploymentRecord; writtenAt: Date }>();
  let isOver = false;
  world.aws.endpoint.intercept(async (call, proceed) => {
    if (!isOver && call.operation === 'PutObject' && String(call.input.Key).startsWith('tasks/')) {
      const record = JSON.parse(Buffer.from(call.input.Body as Uint8Array).toString()) as DeploymentRecord;
      const isSettling = record.stage === 'start' && record.plan === undefined;
      if (!record.claim) seen.set(isSettling ? 'settling' : nameOf(record), { record, writtenAt: world.clock.now() });
    }
    return proceed();
  });
  await world.upload(world.fleet.warKeys[0] ?? '', { version: '2' });
  await world.until('Step2Passed');
  await world.clock.advance(60);
  await world.put('HoldReleased', { task: world.fleet.task });
  await world.until('Completed');
  await world.clock.advance(60);
  isOver = true;

  const running = [...seen].map(([name, { record, writtenAt }]) => ({ name, body: JSON.stringify(record), writtenAt }));
  const { record, writtenAt } = seen.get('running check-real') as { record: DeploymentRecord; writtenAt: Date };
  const failed = after(record, writtenAt, { kind: 'failed', code: 'T011', message: 'not healthy' });
  const cleaning = after(failed, writtenAt, { kind: 'taken-over', failure: failed.failure });
  const blocked = published(after(cleaning, writtenAt, { kind: 'blocked', reason: 'nobody serves', findings: [] }));
  const cleaned = published(after(cleaning, writtenAt, { kind: 'cleaned', summary: 'It is clean.', findings: [] }));
  const own = Object.entries({ failed, cleaning, blocked, cleaned });
  const intact = [...running, ...own.map(([name, state]) => ({ name, body: JSON.stringify(state), writtenAt }))];
  return [
    ...intact,
    ...intact.map(withWaiting),
    { name: 'damaged', body: '{"schemaVersion":1', writtenAt },
    { name: 'of another task', body: JSON.stringify({ ...record, task: 'OTHER' }), writtenAt },
    { name: 'deleted', isDeleted: true, writtenAt },
    { name: 'none', writtenAt },
  ];
}

/** With an upload that waits, as an earlier version kept it: of the longest key that S3 has. */
function withWaiting({ name, body, writtenAt }: { name: string; body: string; writtenAt: Date }): RecordState {
  const key = `${'k'.repeat(1020)}.war`;
  const pending = {
    requestId: 'upload-waiting',
    type: 'upload',
    requestedAt: writtenAt.toISOString(),
    requestedBy: `the upload of ${key}`.slice(0, 256),
    upload: { bucket: 'wars', key, versionId: '' },
  };
  return { name: `${name}, and one waits`, body: JSON.stringify({ ...JSON.parse(body), pending }), writtenAt };
}

function nameOf({ status, stage }: DeploymentRecord): string {
  return `${status} ${stage}`;
}

function after(record: DeploymentRecord, at: Date, outcome: Outcome): DeploymentRecord {
  return recordSchema.parse(JSON.parse(JSON.stringify(recordAfter(record, outcome, at.toISOString()))));
}

function published(record: DeploymentRecord): DeploymentRecord {
  return { ...record, outbox: { ...record.outbox, published: true } };
}

/** As if the record had come into this state just now. */
export async function putState(world: World, { body, isDeleted, writtenAt }: RecordState): Promise<void> {
  const client = new S3Client(world.aws.operator);
  const object = { Bucket: world.stack.outputs.StateBucketName, Key: recordKey(world) };
  if (body !== undefined) {
    const shift_ms = world.clock.now().getTime() - writtenAt.getTime();
    const Body = body.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (time) =>
      new Date(Date.parse(time) + shift_ms).toISOString(),
    );
    await world.clock.run(client.send(new PutObjectCommand({ ...object, Body })));
  } else if (isDeleted) {
    await world.clock.run(client.send(new DeleteObjectCommand(object)));
  } else {
    const listed = new ListObjectVersionsCommand({ Bucket: object.Bucket, Prefix: object.Key });
    const { Versions = [], DeleteMarkers = [] } = await world.clock.run(client.send(listed));
    for (const { VersionId } of [...Versions, ...DeleteMarkers]) {
      await world.clock.run(client.send(new DeleteObjectCommand({ ...object, VersionId })));
    }
  }
}

/** The text of the object that stands in the record's place now. */
export function recordBody(world: World): string | undefined {
  const object = world.aws.s3.readObject(world.stack.outputs.StateBucketName ?? '', recordKey(world));
  return object && Buffer.from(object.bytes).toString();
}

function recordKey({ fleet }: World): string {
  return `tasks/${encodeURIComponent(fleet.task)}.json`;
}
