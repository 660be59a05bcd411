/** Queues of a case, and what rules of EventBridge bring into them. */
import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  type PutEventsResponse,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import type { Context } from './context';

/** New rules and policies take a while to be everywhere, and the events of a bucket longer. */
const READY_LIMIT_SECONDS = 600;
const DELIVERY_LIMIT_SECONDS = 120;
const READY = 'Conformance ready';

export interface Queue {
  url: string;
  arn: string;
}

/** An event as EventBridge delivers it. */
export interface Event {
  id: string;
  source: string;
  'detail-type': string;
  time: string;
  resources: string[];
  'replay-name'?: string;
  // biome-ignore lint/suspicious/noExplicitAny: every type of event has a detail of its own
  detail: any;
}

export async function createQueue(context: Context, Attributes: Record<string, string> = {}): Promise<Queue> {
  const { sqs } = context.clients;
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: context.name(), Attributes }));
  context.afterwards(() => sqs.send(new DeleteQueueCommand({ QueueUrl })));
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
  return { url: QueueUrl, arn: (await sqs.send(command)).Attributes?.QueueArn ?? '' };
}

/** Takes what is visible now out of the queue. */
export async function receive(context: Context, { url: QueueUrl }: Queue): Promise<Message[]> {
  const { sqs } = context.clients;
  const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] });
  const { Messages = [] } = await sqs.send(command);
  for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  return Messages;
}

/** Lets the rule send into the queue. */
export async function allow(context: Context, queue: Queue, ruleArn: string): Promise<void> {
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queue.arn,
      Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
    },
  });
  await context.clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes: { Policy } }));
}

export async function createBus(context: Context): Promise<{ name: string; arn: string }> {
  const { eventBridge } = context.clients;
  const Name = context.name();
  const { EventBusArn = '' } = await eventBridge.send(new CreateEventBusCommand({ Name }));
  context.afterwards(() => eventBridge.send(new DeleteEventBusCommand({ Name })));
  return { name: Name, arn: EventBusArn };
}

/** Answers the ARN of the rule. */
export async function createRule(
  context: Context,
  EventBusName: string,
  pattern: object,
  targets: (Omit<Target, 'Id'> & { Arn: string })[],
): Promise<string> {
  const { eventBridge } = context.clients;
  const rule = { Name: context.name(), EventBusName };
  const { RuleArn = '' } = await eventBridge.send(
    new PutRuleCommand({ ...rule, EventPattern: JSON.stringify(pattern) }),
  );
  context.afterwards(() => eventBridge.send(new DeleteRuleCommand(rule)));
  const Targets = targets.map((target, index) => ({ ...target, Id: `target-${index}` }));
  await eventBridge.send(new PutTargetsCommand({ Rule: rule.Name, EventBusName, Targets }));
  const Ids = Targets.map(({ Id }) => Id);
  context.afterwards(() => eventBridge.send(new RemoveTargetsCommand({ Rule: rule.Name, EventBusName, Ids })));
  return RuleArn;
}

/** Source and type of the entries of a case. */
export const ENTRY = { Source: 'conformance', DetailType: 'Conformance', Detail: '{}' };

export function put(
  context: Context,
  EventBusName: string,
  ...entries: Partial<PutEventsRequestEntry>[]
): Promise<PutEventsResponse> {
  const Entries = entries.map((entry) => ({ ...ENTRY, EventBusName, ...entry }));
  return context.clients.eventBridge.send(new PutEventsCommand({ Entries }));
}

/** What a rule brings into a queue, in the order in which it was received. */
export class Listener {
  readonly bodies: string[] = [];

  private constructor(
    private readonly context: Context,
    readonly queue: Queue,
    readonly ruleArn: string,
  ) {}

  /** `target`: how the queue is a target, e.g. with an input transformer. */
  static async create(context: Context, busName: string, pattern: object, target: Partial<Target> = {}) {
    const queue = await createQueue(context);
    const ruleArn = await createRule(context, busName, pattern, [{ Arn: queue.arn, ...target }]);
    await allow(context, queue, ruleArn);
    return new Listener(context, queue, ruleArn);
  }

  /** Makes something happen again and again until the rule brings it. */
  async untilReady(happen: () => Promise<unknown>): Promise<void> {
    await this.context.until('a first event arrives', READY_LIMIT_SECONDS, async () => {
      await happen();
      await this.context.sleep(1);
      await this.poll();
      return this.bodies.length > 0;
    });
  }

  /** With an event that `events` leaves out. */
  untilReadyOn(busName: string): Promise<void> {
    return this.untilReady(() => put(this.context, busName, { DetailType: READY }));
  }

  async poll(): Promise<void> {
    this.bodies.push(...(await receive(this.context, this.queue)).map(({ Body = '' }) => Body));
  }

  get events(): Event[] {
    const events = this.bodies.map((body) => JSON.parse(body) as Event);
    return events.filter((event) => event['detail-type'] !== READY);
  }

  /** The events, once there are that many that pass. */
  until(what: string, count: number, passes: (event: Event) => boolean = () => true): Promise<Event[]> {
    return this.context.until(what, DELIVERY_LIMIT_SECONDS, async () => {
      await this.poll();
      const found = this.events.filter(passes);
      return found.length >= count && found;
    });
  }
}
