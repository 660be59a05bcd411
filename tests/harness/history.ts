/** The history of a task, WAS unless told otherwise, and the objects that it is kept in, as somebody has them with the keys of the bucket. */
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { StateBucket } from '../../shared/aws/state-bucket';
import { HistoryStore } from '../../shared/pipeline/history-store';
import type { World } from './world';

export function historyOf(world: World, task = 'WAS') {
  const client = new S3Client(world.aws.operator);
  const Bucket = world.stack.outputs.StateBucketName ?? '';
  const store = new HistoryStore(new StateBucket(client, Bucket));
  const { clock } = world;
  return {
    newest: () => clock.run(store.newest(task)),
    read: (deploymentId: unknown) => clock.run(store.read(task, String(deploymentId))),
    body: (Key: string) =>
      clock.run(client.send(new GetObjectCommand({ Bucket, Key })).then(({ Body }) => Body?.transformToString())),
    write: (Key: string, Body: string) => clock.run(client.send(new PutObjectCommand({ Bucket, Key, Body }))),
    delete: (Key: string) => clock.run(client.send(new DeleteObjectCommand({ Bucket, Key }))),
  };
}
