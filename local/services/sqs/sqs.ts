/** Amazon SQS: standard queues with delays, visibility timeouts, retention and redrive. FIFO queues are refused. */
import { isDeepStrictEqual } from 'node:util';
import type * as sdk from '@aws-sdk/client-sqs';
import type { Clock } from '../../kernel/clock';
import { pageOf } from '../../kernel/paging';
import type { Random } from '../../kernel/random';
import { AwsError, type Operations, type Service } from '../../kernel/service';
import { assertAllowed, assertPolicySupported, type PolicyDocument, type ServiceSource } from '../iam/resource-policy';
import { sqsAccess } from './access';
import { policiesOf, settingsOf } from './attributes';
import { md5, Queue, type QueueSettings } from './queue';

export interface SqsOptions {
  clock: Clock;
  random: Random;
  region: string;
  accountId: string;
  /** What the URLs of queues begin with; AWS's own address when nothing is said. */
  origin?: string;
}

const MAXIMUM_DELAY_SECONDS = 900;
const MAXIMUM_MESSAGE_BYTES = 1024 * 1024;
const MAXIMUM_BATCH = 10;
const MAXIMUM_QUEUES_PER_PAGE = 1000;

export class Sqs implements Service {
  readonly requiredAccess = sqsAccess;
  private readonly queues = new Map<string, Queue>();

  constructor(private readonly options: SqsOptions) {}

  /** Makes a queue as a template describes it; `redrive` names another queue of this account by its ARN. */
  createQueue(name: string, settings: Partial<QueueSettings> = {}): Queue {
    if (name.endsWith('.fifo')) throw new AwsError('UnsupportedOperation', 'FIFO queues are not supported here');
    checkDelay(settings.delaySeconds);
    const { clock, random, region, accountId, origin = `https://sqs.${region}.amazonaws.com` } = this.options;
    const queue = new Queue(
      name,
      `${origin}/${accountId}/${name}`,
      `arn:aws:sqs:${region}:${accountId}:${name}`,
      { ...STANDARD_SETTINGS, ...settings },
      clock,
      random,
      (arn) => this.queueByArn(arn),
    );
    this.queues.set(name, queue);
    return queue;
  }

  /** Adds a queue policy (AWS::SQS::QueuePolicy). */
  addPolicy(queueUrl: string, policy: PolicyDocument): void {
    assertPolicySupported(policy);
    this.queueByUrl(queueUrl).policies.push(policy);
  }

  queueByArn(arn: string): Queue {
    const queue = [...this.queues.values()].find((candidate) => candidate.arn === arn);
    if (!queue) throw noSuchQueue();
    return queue;
  }

  /** What another AWS service sends, if the queue's policy lets it: a rule's target or its dead-letter queue. */
  sendFromService(
    queueArn: string,
    body: string,
    source: ServiceSource,
    attributes: Record<string, string> = {},
  ): void {
    const queue = this.queueByArn(queueArn);
    assertAllowed(queue.policies, 'sqs:SendMessage', queueArn, source);
    const typed = Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]);
    queue.send(body, Object.fromEntries(typed));
  }

  readonly operations: Operations = {
    CreateQueue: (input: sdk.CreateQueueCommandInput) => ({ QueueUrl: this.createQueueByRequest(input).url }),

    SetQueueAttributes: ({ QueueUrl, Attributes }: sdk.SetQueueAttributesCommandInput) => {
      const queue = this.queueByUrl(QueueUrl);
      Object.assign(queue.settings, settingsOf(Attributes));
      queue.policies = policiesOf(Attributes) ?? queue.policies;
      return {};
    },

    DeleteQueue: (input: sdk.DeleteQueueCommandInput) => {
      this.queues.delete(this.queueByUrl(input.QueueUrl).name);
      return {};
    },

    SendMessage: (input: sdk.SendMessageCommandInput): Omit<sdk.SendMessageCommandOutput, '$metadata'> => {
      const queue = this.queueByUrl(input.QueueUrl);
      const message = this.accept(queue, input);
      return { MessageId: message.id, MD5OfMessageBody: md5(message.body) };
    },

    SendMessageBatch: (
      input: sdk.SendMessageBatchCommandInput,
    ): Omit<sdk.SendMessageBatchCommandOutput, '$metadata'> => {
      const queue = this.queueByUrl(input.QueueUrl);
      return perEntry(input.Entries ?? [], (entry) => {
        const message = this.accept(queue, entry);
        return { Id: entry.Id, MessageId: message.id, MD5OfMessageBody: md5(message.body) };
      });
    },

    ReceiveMessage: async (
      input: sdk.ReceiveMessageCommandInput,
    ): Promise<Omit<sdk.ReceiveMessageCommandOutput, '$metadata'>> => {
      const queue = this.queueByUrl(input.QueueUrl);
      checkRange('MaxNumberOfMessages', input.MaxNumberOfMessages, 1, MAXIMUM_BATCH);
      checkRange('WaitTimeSeconds', input.WaitTimeSeconds, 0, 20);
      checkRange('VisibilityTimeout', input.VisibilityTimeout, 0, 43200);
      const limit = input.MaxNumberOfMessages ?? 1;
      const waitSeconds = input.WaitTimeSeconds ?? queue.settings.receiveWaitSeconds;
      let received = queue.receive(limit, input.VisibilityTimeout);
      if (received.length === 0 && waitSeconds > 0) {
        await queue.arrival(waitSeconds);
        received = queue.receive(limit, input.VisibilityTimeout);
      }
      return received.length === 0
        ? {}
        : { Messages: received.map((message) => asked(queue.describe(message), input)) };
    },

    DeleteMessage: (input: sdk.DeleteMessageCommandInput) => {
      this.queueByUrl(input.QueueUrl).delete(input.ReceiptHandle ?? '');
      return {};
    },

    DeleteMessageBatch: (
      input: sdk.DeleteMessageBatchCommandInput,
    ): Omit<sdk.DeleteMessageBatchCommandOutput, '$metadata'> => {
      const queue = this.queueByUrl(input.QueueUrl);
      return perEntry(input.Entries ?? [], (entry) => {
        queue.delete(entry.ReceiptHandle ?? '');
        return { Id: entry.Id };
      });
    },

    ChangeMessageVisibility: (input: sdk.ChangeMessageVisibilityCommandInput) => {
      checkRange('VisibilityTimeout', input.VisibilityTimeout, 0, 43200);
      this.queueByUrl(input.QueueUrl).changeVisibility(input.ReceiptHandle ?? '', input.VisibilityTimeout ?? 0);
      return {};
    },

    GetQueueUrl: (input: sdk.GetQueueUrlCommandInput) => {
      const queue = this.queues.get(input.QueueName ?? '');
      if (!queue) throw noSuchQueue();
      return { QueueUrl: queue.url };
    },

    GetQueueAttributes: (input: sdk.GetQueueAttributesCommandInput) => {
      const attributes = this.queueByUrl(input.QueueUrl).attributes();
      const wanted: string[] = input.AttributeNames ?? [];
      for (const name of wanted) {
        if (name !== 'All' && !(name in attributes)) {
          throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
        }
      }
      const chosen = Object.entries(attributes).filter(([name]) => wanted.includes('All') || wanted.includes(name));
      return { Attributes: Object.fromEntries(chosen) };
    },

    ListQueues: (input: sdk.ListQueuesCommandInput) => {
      checkRange('MaxResults', input.MaxResults, 1, MAXIMUM_QUEUES_PER_PAGE);
      const names = [...this.queues.keys()].filter((name) => name.startsWith(input.QueueNamePrefix ?? ''));
      const urls = names.sort().map((name) => this.queues.get(name)?.url as string);
      const page = pageOf(urls, input.NextToken, input.MaxResults ?? MAXIMUM_QUEUES_PER_PAGE, 'InvalidParameterValue');
      return { QueueUrls: page.items, NextToken: page.next };
    },

    PurgeQueue: (input: sdk.PurgeQueueCommandInput) => {
      this.queueByUrl(input.QueueUrl).purge();
      return {};
    },
  };

  /** With the settings that it has, a queue is the answer; with others it is refused. */
  private createQueueByRequest({ QueueName: name = '', Attributes }: sdk.CreateQueueCommandInput): Queue {
    if (!/^[A-Za-z0-9_-]{1,80}(\.fifo)?$/.test(name)) {
      throw invalid('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
    }
    const settings = { ...STANDARD_SETTINGS, ...settingsOf(Attributes) };
    const existing = this.queues.get(name);
    if (existing && !isDeepStrictEqual(existing.settings, settings)) {
      throw new AwsError('QueueNameExists', 'A queue already exists with the same name and a different value.');
    }
    const queue = existing ?? this.createQueue(name, settings);
    queue.policies = policiesOf(Attributes) ?? queue.policies;
    return queue;
  }

  private accept(queue: Queue, entry: sdk.SendMessageCommandInput | sdk.SendMessageBatchRequestEntry) {
    checkDelay(entry.DelaySeconds);
    for (const name of ['MessageGroupId', 'MessageDeduplicationId', 'MessageSystemAttributes'] as const) {
      if (entry[name] !== undefined) throw invalid(`The parameter ${name} is not valid for this queue type`);
    }
    const body = entry.MessageBody ?? '';
    if (body === '') throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
    if (Buffer.byteLength(body) > MAXIMUM_MESSAGE_BYTES) {
      throw invalid(
        `One or more parameters are invalid. Reason: Message must be shorter than ${MAXIMUM_MESSAGE_BYTES} bytes.`,
      );
    }
    return queue.send(body, entry.MessageAttributes, entry.DelaySeconds);
  }

  /** Account and name in the URL tell which queue it is, as in AWS: its host may have other names. */
  private queueByUrl(url = ''): Queue {
    const [, accountId, name = ''] = url.match(/^https?:\/\/[^/]+\/(\d+)\/([^/]+)$/) ?? [];
    const queue = accountId === this.options.accountId ? this.queues.get(name) : undefined;
    if (!queue) throw noSuchQueue();
    return queue;
  }
}

const STANDARD_SETTINGS: QueueSettings = {
  delaySeconds: 0,
  visibilityTimeoutSeconds: 30,
  retentionSeconds: 4 * 24 * 3600,
  receiveWaitSeconds: 0,
};

/** A message with the attributes that the request names, and no others. */
function asked(message: sdk.Message, input: sdk.ReceiveMessageCommandInput): sdk.Message {
  const system: string[] = [...(input.MessageSystemAttributeNames ?? []), ...(input.AttributeNames ?? [])];
  return {
    ...message,
    Attributes: pick(message.Attributes, system),
    MessageAttributes: pick(message.MessageAttributes, input.MessageAttributeNames ?? []),
  };
}

function pick<Value>(values: Record<string, Value> | undefined, names: string[]): Record<string, Value> | undefined {
  const chosen = Object.entries(values ?? {}).filter(([name]) => names.includes('All') || names.includes(name));
  return chosen.length > 0 ? Object.fromEntries(chosen) : undefined;
}

/** Batches answer entry by entry: what fails is named, what succeeds stays done. */
function perEntry<Entry extends { Id: string | undefined }, Success>(
  entries: Entry[],
  act: (entry: Entry) => Success,
): { Successful: Success[]; Failed: sdk.BatchResultErrorEntry[] } {
  if (entries.length === 0) {
    throw new AwsError(
      'EmptyBatchRequest',
      'There should be at least one SendMessageBatchRequestEntry in the request.',
    );
  }
  if (entries.length > MAXIMUM_BATCH) {
    const message = `Maximum number of entries per request are ${MAXIMUM_BATCH}. You have sent ${entries.length}.`;
    throw new AwsError('TooManyEntriesInBatchRequest', message);
  }
  if (new Set(entries.map((entry) => entry.Id)).size < entries.length) {
    throw new AwsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
  const Successful: Success[] = [];
  const Failed: sdk.BatchResultErrorEntry[] = [];
  for (const entry of entries) {
    try {
      Successful.push(act(entry));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.Id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, Failed };
}

function checkDelay(seconds: number | undefined): void {
  checkRange('DelaySeconds', seconds, 0, MAXIMUM_DELAY_SECONDS);
}

function checkRange(name: string, value: number | undefined, lowest: number, highest: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= lowest && value <= highest)) return;
  throw invalid(
    `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${lowest} and ${highest}, if provided.`,
  );
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}

function noSuchQueue(): AwsError {
  return new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
}
