/** S3 *Object Created* of a `.war` → DeployRequested, once for each task whose Active group names that war. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { type Entry, isTaskName } from '../events/contract';
import { DeployRequested } from '../events/deploy-requested';
import { Bus } from '../shared/aws/bus';
import { mapSome } from '../shared/aws/calls';
import { list, name, readConfiguration } from '../shared/aws/configuration';
import { Deadline } from '../shared/aws/deadline';
import { readEnvelope } from '../shared/aws/envelope';
import { errorMessage } from '../shared/aws/errors';
import { type Log, logTo } from '../shared/aws/log';
import { failedOf, messageBody, Queue } from '../shared/aws/queue';
import { type CreateHandler, onLambda } from '../shared/aws/runtime';
import { secondsBetween } from '../shared/aws/time';
import { Fleet, type Group } from '../shared/fleet/auto-scaling-groups';
import { TAG_VALUE_CHARACTERS } from '../shared/fleet/tags';
import { fractionOf, pauseSeconds } from '../shared/pipeline/pacing';
import { isThrottled } from '../shared/pipeline/session';
import { requestIdOfUpload, tasksDeployedBy, UPLOAD_WAIT_LIMIT_SECONDS } from '../shared/pipeline/uploads';

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

  /** Answers those that failed. What cannot be asked together is asked one by one: none fails for what another names. */
  async function request(waiting: Waiting[]): Promise<Waiting[]> {
    const uploads = waiting.map(({ upload }) => upload);
    try {
      const groups = await groupsNaming(uploads, fleet);
      await bus.publish(uploads.flatMap((upload) => requestsFor(upload, groups, log)));
      return [];
    } catch (error) {
      if (isThrottled(error, { deadline })) return putBack(waiting, error);
      if (waiting.length > 1) return (await mapSome(waiting, (one) => request([one]))).flat();
      for (const one of waiting) logFailure(one, error);
      return waiting;
    }
  }

  /** Throttled uploads wait for their turn: that is no attempt, of which the queue grants a few. Not for ever, though. */
  async function putBack(waiting: Waiting[], error: unknown): Promise<Waiting[]> {
    const isInTime = ({ upload }: Waiting) =>
      secondsBetween(upload.uploadedAt, runtime.now()) <= UPLOAD_WAIT_LIMIT_SECONDS;
    const [inTime, late] = [waiting.filter(isInTime), waiting.filter((one) => !isInTime(one))];
    for (const one of late) logFailure(one, error);
    log('put back', { keys: inTime.map(({ upload }) => upload.key), reason: errorMessage(error) });
    const pause = () => pauseSeconds(fractionOf(runtime.uniqueId()));
    return [...late, ...(await failedOf(inTime, ({ message }) => queue.putBack(message.body, pause()), logFailure))];
  }

  function logFailure({ message: { messageId }, upload: { key } }: Waiting, error: unknown): void {
    log('failed: the queue hands it over again', { messageId, key, reason: errorMessage(error) });
  }

  /** A message that is no upload is left to the queue, which hands it to its dead-letter queue in the end. */
  return async (event, invocation): Promise<SQSBatchResponse> => {
    deadline.begin(invocation);
    const messages = messagesIn(event);
    const uploaded = messages.flatMap((message) => uploadedIn(message, runtime.now()) ?? []);
    const refused = messages.filter((message) => uploaded.every((read) => read.message !== message));
    for (const { messageId } of refused) log('refused: not an Object Created event', { messageId });
    const isWanted = ({ upload: { bucket } }: Waiting) => configuration.WAR_BUCKETS.includes(bucket);
    const unwanted = uploaded.filter((one) => !isWanted(one));
    for (const { upload } of unwanted) log('ignored: not a war bucket', { bucket: upload.bucket });
    const wanted = uploaded.filter(isWanted);
    const failed = wanted.length > 0 ? await request(wanted) : [];
    const returned = [...refused, ...failed.map(({ message }) => message)];
    if (returned.length > 0 && !isOfQueue(event))
      throw new Error('the upload could not be asked for; see the line before');
    return { batchItemFailures: returned.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
};

export const handler = onLambda(createHandler);

type Message = Pick<SQSRecord, 'body' | 'messageId'>;

interface Waiting {
  message: Message;
  upload: Upload;
}

function isOfQueue(event: unknown): event is SQSEvent {
  return 'Records' in (event as object);
}

/** While the stack is updated, the rule of before may still hand over an event by itself: Lambda repeats what fails. */
function messagesIn(event: unknown): Message[] {
  return isOfQueue(event)
    ? event.Records
    : [{ body: JSON.stringify(event), messageId: 'handed over by the rule of before' }];
}

function uploadedIn(message: Message, now: Date): Waiting | undefined {
  const envelope = readEnvelope(messageBody(message), now);
  const read = objectCreated.safeParse(envelope?.detail);
  if (!envelope || !read.success) return undefined;
  const { bucket, object } = read.data;
  const versionId = object['version-id'] ?? '';
  const version = versionId || (object.sequencer ?? envelope.time);
  const upload = { bucket: bucket.name, key: object.key, versionId, version, uploadedAt: envelope.time };
  return { message, upload };
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
  const requestId = requestIdOfUpload(bucket, key, version);
  log(tasks.length > 0 ? 'uploaded' : 'ignored: no task has this war', { bucket, key, tasks, requestId });
  return tasks.map((task) =>
    DeployRequested.entry({ task, requestId, requestedAt: uploadedAt, upload: { bucket, key, versionId } }),
  );
}
