/**
 * Amazon SNS: standard topics with e-mail and Lambda subscriptions. Every published message becomes one mail to all
 * addresses, and one event for each function.
 */
import type * as sdk from '@aws-sdk/client-sns';
import type { Clock } from '../../kernel/clock';
import { parsedObject } from '../../kernel/json';
import { pageOf } from '../../kernel/paging';
import type { Random } from '../../kernel/random';
import { refused, refuseUnsupported } from '../../kernel/refusal';
import { AwsError, type Operations, type Service } from '../../kernel/service';
import { assertAllowed, assertPolicySupported, type PolicyDocument, type ServiceSource } from '../iam/resource-policy';
import { snsAccess } from './access';

export interface SnsOptions {
  clock: Clock;
  random: Random;
  region: string;
  accountId: string;
  /** Invokes subscribed functions; throws what AWS would answer. */
  lambda: { invokeAsync(functionArn: string, event: unknown, source: ServiceSource): unknown };
}

export interface Mail {
  at: Date;
  topicArn: string;
  /** Who gets it; empty when nobody has subscribed. */
  to: string[];
  subject?: string;
  body: string;
}

interface Topic {
  arn: string;
  displayName: string;
  kmsKey: string | undefined;
  policies: PolicyDocument[];
  subscriptions: Subscription[];
}

interface Subscription {
  arn: string;
  protocol: 'email' | 'lambda';
  /** An address, or the ARN of a function. */
  endpoint: string;
  /** Nobody at the address has confirmed it yet: it gets nothing. */
  isPending: boolean;
}

const MAXIMUM_MESSAGE_BYTES = 256 * 1024;
const PAGE_SIZE = 100;

export class Sns implements Service {
  readonly requiredAccess = snsAccess;
  readonly mails: Mail[] = [];
  /** Messages that a subscribed function did not take, with the reason: SNS drops them, as no other try can succeed. */
  readonly undelivered: { subscriptionArn: string; reason: string; message: string }[] = [];
  private readonly topics = new Map<string, Topic>();
  private readonly listeners: ((mail: Mail) => void)[] = [];

  constructor(private readonly options: SnsOptions) {}

  onMail(listener: (mail: Mail) => void): void {
    this.listeners.push(listener);
  }

  /** Makes a topic as a template describes it; returns its ARN. */
  createTopic(name: string, settings: { displayName?: string; kmsKey?: string } = {}): string {
    const arn = `arn:aws:sns:${this.options.region}:${this.options.accountId}:${name}`;
    const { displayName = '', kmsKey } = settings;
    this.topics.set(arn, { arn, displayName, kmsKey, policies: [], subscriptions: [] });
    return arn;
  }

  /** Adds a topic policy (AWS::SNS::TopicPolicy). */
  addPolicy(topicArn: string, policy: PolicyDocument): void {
    assertPolicySupported(policy);
    this.topic(topicArn).policies.push(policy);
  }

  /** Subscribes a function, or an address, which is taken as confirmed at once; returns the subscription's ARN. */
  subscribe(topicArn: string, protocol: string, endpoint: string): string {
    const topic = this.topic(topicArn);
    if (protocol !== 'email' && protocol !== 'lambda') {
      throw invalid(`Does not support this protocol string: ${protocol}`);
    }
    if (protocol === 'email' && !/^[^\s@]+@[^\s@]+$/.test(endpoint)) throw invalid('Email address');
    if (protocol === 'lambda' && !endpoint.startsWith('arn:aws:lambda:')) throw invalid('Lambda endpoint ARN');
    const existing = topic.subscriptions.find((subscription) => subscription.endpoint === endpoint);
    if (existing) return existing.arn;
    const arn = `${topicArn}:${this.options.random.uuid()}`;
    topic.subscriptions.push({ arn, protocol, endpoint, isPending: false });
    return arn;
  }

  /** Takes back that whoever is at the address has confirmed its subscription. Throws an Error where there is none. */
  leaveUnconfirmed(topicArn: string, address: string): void {
    const found = this.topic(topicArn).subscriptions.find(({ endpoint }) => endpoint === address);
    if (!found) throw new Error(`${address} has no subscription to ${topicArn}`);
    found.isPending = true;
  }

  /**
   * What another AWS service publishes, if the topic's policy lets it. A topic that is encrypted with the key that AWS
   * manages refuses: that key's policy names no service, and cannot be changed.
   */
  publishFromService(topicArn: string, message: string, source: ServiceSource): void {
    assertAllowed(this.topic(topicArn).policies, 'sns:Publish', topicArn, source);
    this.publishUnencrypted(topicArn, message);
  }

  /** What a service publishes by a role of this account, which may: the topic's own policy then need not let it. */
  publishByRole(topicArn: string, message: string): void {
    this.publishUnencrypted(topicArn, message);
  }

  private publishUnencrypted(topicArn: string, message: string): void {
    const topic = this.topic(topicArn);
    if (topic.kmsKey?.endsWith('alias/aws/sns')) {
      throw new AwsError('KMSAccessDenied', 'The ciphertext refers to a key that the caller has no access to', 400);
    }
    this.publish(topic, undefined, message);
  }

  readonly operations: Operations = {
    /** A topic of that name is the answer. */
    CreateTopic: (input: sdk.CreateTopicCommandInput) => {
      refuseUnsupported(input, ['Name']);
      const { Name = '' } = input;
      if (!/^[A-Za-z0-9_-]{1,256}$/.test(Name)) throw invalid('Topic Name');
      const existing = [...this.topics.keys()].find((arn) => arn.endsWith(`:${Name}`));
      return { TopicArn: existing ?? this.createTopic(Name) };
    },

    /** One that does not exist is no error. */
    DeleteTopic: ({ TopicArn = '' }: sdk.DeleteTopicCommandInput) => {
      this.topics.delete(TopicArn);
    },

    /** A policy takes the place of all others; an empty one that of all but the default, which lets no service in. */
    SetTopicAttributes: (input: sdk.SetTopicAttributesCommandInput) => {
      const { TopicArn = '', AttributeName, AttributeValue = '' } = input;
      if (AttributeName !== 'Policy') throw invalid(`the attribute ${AttributeName} is not supported here`);
      const policy = parsedObject(AttributeValue) as PolicyDocument | undefined;
      if (AttributeValue !== '' && !policy) throw invalid('Policy Error: null');
      if (policy) refused(() => assertPolicySupported(policy));
      this.topic(TopicArn).policies = policy ? [policy] : [];
    },

    Publish: (input: sdk.PublishCommandInput) => {
      for (const parameter of [
        'TargetArn',
        'PhoneNumber',
        'MessageStructure',
        'MessageGroupId',
        'MessageDeduplicationId',
      ] as const) {
        if (input[parameter] !== undefined) throw invalid(`${parameter} is not supported here`);
      }
      if (!input.TopicArn) throw invalid('TopicArn or TargetArn Reason: no value for required parameter');
      return { MessageId: this.publish(this.topic(input.TopicArn), input.Subject, input.Message ?? '') };
    },

    Subscribe: (input: sdk.SubscribeCommandInput) => {
      if (Object.keys(input.Attributes ?? {}).length > 0) throw invalid('Attributes are not supported here');
      return { SubscriptionArn: this.subscribe(input.TopicArn ?? '', input.Protocol ?? '', input.Endpoint ?? '') };
    },

    ListTopics: (input: sdk.ListTopicsCommandInput) => {
      const page = pageOf([...this.topics.values()], input.NextToken, PAGE_SIZE, 'InvalidParameter');
      return { Topics: page.items.map((topic) => ({ TopicArn: topic.arn })), NextToken: page.next };
    },

    ListSubscriptions: (input: sdk.ListSubscriptionsCommandInput) => {
      const subscriptions = [...this.topics.values()].flatMap((topic) => this.subscriptionsOf(topic));
      const page = pageOf(subscriptions, input.NextToken, PAGE_SIZE, 'InvalidParameter');
      return { Subscriptions: page.items, NextToken: page.next };
    },

    ListSubscriptionsByTopic: (input: sdk.ListSubscriptionsByTopicCommandInput) => {
      const page = pageOf(
        this.subscriptionsOf(this.topic(input.TopicArn ?? '')),
        input.NextToken,
        PAGE_SIZE,
        'InvalidParameter',
      );
      return { Subscriptions: page.items, NextToken: page.next };
    },

    GetTopicAttributes: (input: sdk.GetTopicAttributesCommandInput) => {
      const topic = this.topic(input.TopicArn ?? '');
      return {
        Attributes: {
          TopicArn: topic.arn,
          DisplayName: topic.displayName,
          Owner: this.options.accountId,
          SubscriptionsConfirmed: String(topic.subscriptions.filter(({ isPending }) => !isPending).length),
          SubscriptionsPending: String(topic.subscriptions.filter(({ isPending }) => isPending).length),
          SubscriptionsDeleted: '0',
          ...(topic.kmsKey !== undefined && { KmsMasterKeyId: topic.kmsKey }),
        },
      };
    },
  };

  private publish(topic: Topic, subject: string | undefined, message: string): string {
    if (subject !== undefined) checkSubject(subject);
    if (message === '') throw invalid('Empty message');
    if (Buffer.byteLength(message) > MAXIMUM_MESSAGE_BYTES) throw invalid('Message too long');
    const messageId = this.options.random.uuid();
    const functions = topic.subscriptions.filter(({ protocol }) => protocol === 'lambda');
    for (const subscription of functions) this.invoke(topic, subscription, { messageId, subject, message });
    // A topic that only functions listen to makes no mail; one that nobody listens to makes it for nobody.
    if (functions.length === 0 || functions.length < topic.subscriptions.length) this.mail(topic, subject, message);
    return messageId;
  }

  private mail(topic: Topic, subject: string | undefined, message: string): void {
    const addresses = topic.subscriptions.filter(({ protocol, isPending }) => protocol === 'email' && !isPending);
    const mail: Mail = {
      at: this.options.clock.now(),
      topicArn: topic.arn,
      to: addresses.map(({ endpoint }) => endpoint),
      ...(subject !== undefined && { subject }),
      body: message,
    };
    this.mails.push(mail);
    for (const listener of this.listeners) listener(mail);
  }

  /** "Invoking Lambda functions with Amazon SNS notifications", Lambda's guide: one record per event. */
  private invoke(
    { arn: topicArn }: Topic,
    { arn: subscriptionArn, endpoint }: Subscription,
    { messageId, subject, message }: { messageId: string; subject: string | undefined; message: string },
  ): void {
    const { clock, accountId, lambda } = this.options;
    const Sns = {
      Type: 'Notification',
      MessageId: messageId,
      TopicArn: topicArn,
      Subject: subject ?? null,
      Message: message,
      Timestamp: clock.now().toISOString(),
      SignatureVersion: '1',
      MessageAttributes: {},
    };
    const record = { EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: subscriptionArn, Sns };
    const source = { service: 'sns.amazonaws.com', arn: topicArn, account: accountId };
    try {
      lambda.invokeAsync(endpoint, { Records: [record] }, source);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.undelivered.push({ subscriptionArn, reason: error.message, message });
    }
  }

  private topic(arn: string): Topic {
    const topic = this.topics.get(arn);
    if (!topic) throw new AwsError('NotFound', 'Topic does not exist', 404);
    return topic;
  }

  private subscriptionsOf(topic: Topic): sdk.Subscription[] {
    return topic.subscriptions.map(({ arn, protocol, endpoint, isPending }) => ({
      SubscriptionArn: isPending ? 'PendingConfirmation' : arn, // so it is listed; the reference does not say it
      Owner: this.options.accountId,
      Protocol: protocol,
      Endpoint: endpoint,
      TopicArn: topic.arn,
    }));
  }
}

/** Publish, parameter Subject: "must be ASCII text …; must not include line breaks or control characters; less than 100 characters". */
function checkSubject(subject: string): void {
  if (!/^[\x20-\x7e]{1,99}$/.test(subject)) throw invalid('Subject');
}

function invalid(reason: string): AwsError {
  return new AwsError('InvalidParameter', `Invalid parameter: ${reason}`);
}
