/** S3 *Object Created* of a `.war` → DeployRequested, once for each task whose Active group names that war. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { type Entry, isTaskName } from '../events/contract';
import { DeployRequested } from '../events/deploy-requested';
import { Bus } from '../shared/aws/bus';
import { list, name, readConfiguration } from '../shared/aws/configuration';
import { Deadline } from '../shared/aws/deadline';
import { readEnvelope } from '../shared/aws/envelope';
import { errorMessage } from '../shared/aws/errors';
import { type Log, logTo } from '../shared/aws/log';
import { messageBody, Queue } from '../shared/aws/queue';
import { type CreateHandler, onLambda } from '../shared/aws/runtime';
import { Fleet, type Group } from '../shared/fleet/auto-scaling-groups';
import { TAG_VALUE_CHARACTERS } from '../shared/fleet/tags';
import { fractionOf, pauseSeconds } from '../shared/pipeline/pacing';
import { isThrottled } from '../shared/pipeline/session';
import { requestIdOfUpload, tasksDeployedBy } from '../shared/pipeline/uploads';

const configurationSchema = z.object({ EVENT_BUS_NAME: name, UPLOAD_QUEUE_URL: name, WAR_BUCKETS: list });

/** The detail of the event, as https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html describes it. */
const objectCreated = z.object({
  bucket: z.object({ name: z.string() }),
  object: z.object({ key: z.string(), 'version-id': z.optional(z.string()), sequencer: z.optional(z.string()) }),
});

interface Upload {
  bucket: string;
  key: string;
  versionId: string;
  /** What tells it from other uploads of the same object. */
  version: string;
  uploadedAt: string;
}

export const createHandler: CreateHandler = (runtime) => {
  const configuration = readConfiguration(configurationSchema, runtime.environment);
  const deadline = new Deadline();
  const fleet = Fleet.connect(runtime, deadline);
  const bus = Bus.connect(runtime, deadline, configuration.EVENT_BUS_NAME);
  const queue = Queue.connect(runtime, deadline, configuration.UPLOAD_QUEUE_URL);
  const log = logTo(runtime, 'war-uploaded');

  /** Throttled uploads wait for their turn: that is no attempt, of which the queue grants a few. */
  async function request(messages: { body: string; upload: Upload }[]): Promise<void> {
    const uploads = messages.map(({ upload }) => upload);
    try {
      const groups = await groupsNaming(uploads, fleet);
      await bus.publish(uploads.flatMap((upload) => requestsFor(upload, groups, log)));
    } catch (error) {
      if (!isThrottled(error, { deadline })) throw error;
      log('put back', { keys: uploads.map(({ key }) => key), reason: errorMessage(error) });
      const pause = () => pauseSeconds(0, fractionOf(runtime.uniqueId()));
      await Promise.all(messages.map(({ body }) => queue.putBack(body, pause())));
    }
  }

  /** A message that is no upload is left to the queue, which hands it to its dead-letter queue in the end. */
  return async (event, invocation): Promise<SQSBatchResponse> => {
    deadline.begin(invocation);
    const messages = messagesIn(event).map((message) => ({
      message,
      upload: uploadIn(message, runtime.now()),
    }));
    const refused = messages.filter(({ upload }) => upload === undefined);
    for (const { message } of refused) log('refused: not an Object Created event', { messageId: message.messageId });
    const wanted = messages.flatMap(({ message: { body }, upload }) => {
      if (!upload || configuration.WAR_BUCKETS.includes(upload.bucket)) return upload ? [{ body, upload }] : [];
      log('ignored: not a war bucket', { bucket: upload.bucket });
      return [];
    });
    if (wanted.length > 0) await request(wanted);
    return { batchItemFailures: refused.map(({ message }) => ({ itemIdentifier: message.messageId })) };
  };
};

export const handler = onLambda(createHandler);

type Message = Pick<SQSRecord, 'body' | 'messageId'>;

/** While the stack is updated, the rule of before may still hand over an event by itself: nothing keeps that if it fails. */
function messagesIn(event: unknown): Message[] {
  const { Records } = event as Partial<SQSEvent>;
  return Records ?? [{ body: JSON.stringify(event), messageId: 'handed over by the rule of before' }];
}

function uploadIn(message: Message, now: Date): Upload | undefined {
  const envelope = readEnvelope(messageBody(message), now);
  const read = objectCreated.safeParse(envelope?.detail);
  if (!envelope || !read.success) return undefined;
  const { bucket, object } = read.data;
  const versionId = object['version-id'] ?? '';
  const version = versionId || (object.sequencer ?? envelope.time);
  return { bucket: bucket.name, key: object.key, versionId, version, uploadedAt: envelope.time };
}

/** One question for all: a key that is longer than a tag may be, no group names. */
async function groupsNaming(uploads: Upload[], fleet: Fleet): Promise<Group[]> {
  const keys = [...new Set(uploads.map(({ key }) => key))].filter((key) => [...key].length <= TAG_VALUE_CHARACTERS);
  return keys.length === 0 ? [] : fleet.groupsWithTagValue(...keys);
}

function requestsFor(upload: Upload, groups: Group[], log: Log): Entry[] {
  const { bucket, key, versionId, version, uploadedAt } = upload;
  const named = tasksDeployedBy(groups, bucket, key);
  const tasks = named.filter((task) => isTaskName(task));
  if (tasks.length < named.length) {
    log('ignored: not a valid name of a task', { tasks: named.filter((task) => !tasks.includes(task)) });
  }
  log(tasks.length > 0 ? 'uploaded' : 'ignored: no task has this war', { bucket, key, tasks });
  const requestId = requestIdOfUpload(bucket, key, version);
  return tasks.map((task) =>
    DeployRequested.entry({ task, requestId, requestedAt: uploadedAt, upload: { bucket, key, versionId } }),
  );
}
