/** One standard queue: what is in it, what is in flight, and when each message may be seen. */
import { createHash } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-sqs';
import type { Clock } from '../../kernel/clock';
import type { Random } from '../../kernel/random';
import { AwsError } from '../../kernel/service';
import type { PolicyDocument } from '../iam/resource-policy';

export interface QueueSettings {
  delaySeconds: number;
  visibilityTimeoutSeconds: number;
  retentionSeconds: number;
  receiveWaitSeconds: number;
  /** Where a message goes that was received `maximumReceives` times and is still there. */
  redrive?: { deadLetterQueueArn: string; maximumReceives: number };
}

export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: Record<string, sdk.MessageAttributeValue>;
  readonly sentAt: Date;
  /** Counts within the queue that the message is in now. */
  receives: number;
  firstReceivedAt: Date | undefined;
  visibleAt_ms: number;
  /** Of the last receive; an older handle no longer counts. */
  receiptHandle: string | undefined;
}

export class Queue {
  policies: PolicyDocument[] = [];
  private messages: QueueMessage[] = [];
  private readonly listeners = new Set<() => void>();

  constructor(
    readonly name: string,
    readonly url: string,
    readonly arn: string,
    readonly settings: QueueSettings,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly queueByArn: (arn: string) => Queue,
  ) {}

  send(
    body: string,
    attributes: Record<string, sdk.MessageAttributeValue> = {},
    delaySeconds = this.settings.delaySeconds,
  ): QueueMessage {
    const sentAt = this.clock.now();
    return this.put({
      id: this.random.uuid(),
      body,
      attributes,
      sentAt,
      receives: 0,
      firstReceivedAt: undefined,
      visibleAt_ms: sentAt.getTime() + delaySeconds * 1000,
      receiptHandle: undefined,
    });
  }

  /** Up to `limit` visible messages, now in flight. One that was received too often moves on instead. */
  receive(limit: number, visibilityTimeoutSeconds = this.settings.visibilityTimeoutSeconds): QueueMessage[] {
    this.expire();
    const now = this.clock.now();
    const received: QueueMessage[] = [];
    for (const message of this.messages.filter((candidate) => candidate.visibleAt_ms <= now.getTime())) {
      if (received.length === limit) break;
      if (this.moveOn(message)) continue;
      message.receives++;
      message.firstReceivedAt ??= now;
      message.receiptHandle = this.random.text(64);
      this.hideFor(message, visibilityTimeoutSeconds);
      received.push(message);
    }
    return received;
  }

  /** Deleting with a handle that a later receive has replaced succeeds and deletes nothing (standard queues). */
  delete(receiptHandle: string): void {
    if (!/^[0-9a-f]{64}$/.test(receiptHandle)) {
      throw new AwsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
    }
    this.messages = this.messages.filter((message) => message.receiptHandle !== receiptHandle);
  }

  changeVisibility(receiptHandle: string, seconds: number): void {
    const message = this.messages.find((candidate) => candidate.receiptHandle === receiptHandle);
    if (!message || message.visibleAt_ms <= this.clock.now().getTime()) {
      throw new AwsError('MessageNotInflight', 'The specified message is not in flight.');
    }
    this.hideFor(message, seconds);
  }

  purge(): void {
    this.messages = [];
  }

  /** All messages that are in the queue: visible, delayed or in flight. */
  contents(): readonly Readonly<QueueMessage>[] {
    this.expire();
    return this.messages;
  }

  /** Calls `listener` whenever a message may have become visible; the returned function ends that. */
  onVisible(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves when a message may have become visible, or after `limitSeconds`. */
  arrival(limitSeconds: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        timer.cancel();
        stop();
        resolve();
      };
      const stop = this.onVisible(end);
      const timer = this.clock.after(limitSeconds, end);
    });
  }

  describe(message: QueueMessage): sdk.Message {
    return {
      MessageId: message.id,
      ReceiptHandle: message.receiptHandle,
      Body: message.body,
      MD5OfBody: md5(message.body),
      Attributes: {
        ApproximateReceiveCount: String(message.receives),
        SentTimestamp: String(message.sentAt.getTime()),
        ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt?.getTime()),
      },
      ...(Object.keys(message.attributes).length > 0 && { MessageAttributes: message.attributes }),
    };
  }

  attributes(): Record<string, string> {
    this.expire();
    const now_ms = this.clock.now().getTime();
    const hidden = this.messages.filter((message) => message.visibleAt_ms > now_ms);
    const inFlight = hidden.filter((message) => message.receiptHandle !== undefined);
    const { redrive } = this.settings;
    return {
      QueueArn: this.arn,
      ApproximateNumberOfMessages: String(this.messages.length - hidden.length),
      ApproximateNumberOfMessagesNotVisible: String(inFlight.length),
      ApproximateNumberOfMessagesDelayed: String(hidden.length - inFlight.length),
      DelaySeconds: String(this.settings.delaySeconds),
      VisibilityTimeout: String(this.settings.visibilityTimeoutSeconds),
      MessageRetentionPeriod: String(this.settings.retentionSeconds),
      ReceiveMessageWaitTimeSeconds: String(this.settings.receiveWaitSeconds),
      ...(redrive && {
        RedrivePolicy: JSON.stringify({
          deadLetterTargetArn: redrive.deadLetterQueueArn,
          maxReceiveCount: redrive.maximumReceives,
        }),
      }),
    };
  }

  private put(message: QueueMessage): QueueMessage {
    this.messages.push(message);
    this.announce(message);
    return message;
  }

  private hideFor(message: QueueMessage, seconds: number): void {
    message.visibleAt_ms = this.clock.now().getTime() + seconds * 1000;
    this.announce(message);
  }

  private announce(message: QueueMessage): void {
    const { visibleAt_ms } = message;
    this.clock.after((visibleAt_ms - this.clock.now().getTime()) / 1000, () => {
      if (!this.messages.includes(message) || message.visibleAt_ms !== visibleAt_ms) return;
      for (const listener of [...this.listeners]) listener();
    });
  }

  /** Whether the message has gone to the dead-letter queue. It keeps its age there, as standard queues do. */
  private moveOn(message: QueueMessage): boolean {
    const { redrive } = this.settings;
    if (!redrive || message.receives < redrive.maximumReceives) return false;
    this.messages = this.messages.filter((other) => other !== message);
    this.queueByArn(redrive.deadLetterQueueArn).put({
      ...message,
      receives: 0,
      firstReceivedAt: undefined,
      visibleAt_ms: this.clock.now().getTime(),
      receiptHandle: undefined,
    });
    return true;
  }

  private expire(): void {
    const oldest_ms = this.clock.now().getTime() - this.settings.retentionSeconds * 1000;
    this.messages = this.messages.filter((message) => message.sentAt.getTime() > oldest_ms);
  }
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
