/** What rules of EventBridge publish to topics: by the policy of the topic, or by a role of the target. */
import { SetTopicAttributesCommand } from '@aws-sdk/client-sns';
import type { ConformanceCase } from './case';
import type { Context } from './context';
import { allow, createBus, createQueue, createRule, ENTRY, put, type Queue, receive } from './queues';
import { createTopic } from './sns';

/** New policies and roles take a while to be everywhere. */
const READY_LIMIT_SECONDS = 600;
const GUIDE = 'Amazon EventBridge User Guide, Using resource-based policies';

export const RULES_TO_TOPICS: readonly ConformanceCase[] = [
  {
    name: 'A topic whose policy asks for rule or account refuses what rules send',
    source: `${GUIDE}: Amazon SNS permissions`,
    needs: [],
    async run(context) {
      const [open, ofRule, ofAccount] = [await kept(context), await kept(context), await kept(context)];
      const { busName, ruleArn } = await ruleFor(context, [open, ofRule, ofAccount]);
      const account = ruleArn.split(':')[4] ?? '';
      await letIn(context, open);
      await letIn(context, ofRule, { ArnEquals: { 'aws:SourceArn': ruleArn } });
      await letIn(context, ofAccount, { StringEquals: { 'aws:SourceAccount': account } });
      await untilOnly(context, busName, [ofRule, ofAccount], [open]);
    },
  },
  {
    name: "A target's role publishes to a topic that lets no rule in",
    source: GUIDE,
    needs: ['mail role'],
    async run(context) {
      const [byRole, byPolicy] = [await kept(context), await kept(context)];
      const { mailRoleArn } = context.given;
      const { busName } = await ruleFor(context, [{ ...byRole, RoleArn: mailRoleArn }, byPolicy]);
      await untilOnly(context, busName, [byPolicy], [byRole]);
    },
  },
];

/** A topic, and the queue for what it refuses. */
interface Kept {
  topicArn: string;
  deadLetters: Queue;
  RoleArn?: string;
}

async function kept(context: Context): Promise<Kept> {
  return { topicArn: await createTopic(context), deadLetters: await createQueue(context) };
}

async function ruleFor(context: Context, topics: Kept[]): Promise<{ busName: string; ruleArn: string }> {
  const { name: busName } = await createBus(context);
  const targets = topics.map(({ topicArn, deadLetters, RoleArn }) => ({
    Arn: topicArn,
    DeadLetterConfig: { Arn: deadLetters.arn },
    ...(RoleArn !== undefined && { RoleArn }),
  }));
  const ruleArn = await createRule(context, busName, { source: [ENTRY.Source] }, targets);
  for (const { deadLetters } of topics) await allow(context, deadLetters, ruleArn);
  return { busName, ruleArn };
}

async function letIn(context: Context, { topicArn: TopicArn }: Kept, Condition?: object): Promise<void> {
  const Statement = {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sns:Publish',
    Resource: TopicArn,
    ...(Condition && { Condition }),
  };
  const AttributeValue = JSON.stringify({ Version: '2012-10-17', Statement: [Statement] });
  await context.clients.sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue }));
}

/** Sends events until one is refused by these topics, for want of permission, and taken by the others. */
async function untilOnly(context: Context, busName: string, refusing: Kept[], taking: Kept[]): Promise<void> {
  const reasons = async ({ deadLetters }: Kept) =>
    (await receive(context, deadLetters)).map(({ MessageAttributes }) => MessageAttributes?.ERROR_CODE?.StringValue);
  await context.until('only those refuse that are expected to', READY_LIMIT_SECONDS, async () => {
    for (const topic of [...refusing, ...taking]) await reasons(topic);
    await put(context, busName, {});
    await context.sleep(5);
    for (const topic of refusing) if (!(await reasons(topic)).includes('NO_PERMISSIONS')) return false;
    for (const topic of taking) if ((await reasons(topic)).length > 0) return false;
    return true;
  });
}
