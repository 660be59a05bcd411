/** Topics. */
import { CreateTopicCommand, DeleteTopicCommand, PublishCommand } from '@aws-sdk/client-sns';
import type { ConformanceCase } from './case';
import type { Context } from './context';
import { refusalOf } from './refusal';

const LONGEST_SUBJECT = 99;
const LARGEST_MESSAGE_BYTES = 256 * 1024;

export const SNS: readonly ConformanceCase[] = [
  {
    name: 'A subject has 1 to 99 characters, without line breaks and controls',
    source: 'Amazon SNS API Reference, Publish: Subject',
    needs: [],
    async run(context) {
      const topic = await createTopic(context);
      for (const subject of ['x', 'x'.repeat(LONGEST_SUBJECT)]) await publish(context, topic, 'text', subject);
      for (const subject of ['', 'x'.repeat(LONGEST_SUBJECT + 1), 'one\ntwo', 'one\x07two']) {
        await refusalOf(publish(context, topic, 'text', subject), 'InvalidParameterException');
      }
    },
  },
  {
    name: 'A message has 1 byte to 256 KB',
    source: 'Amazon SNS API Reference, Publish: Message',
    needs: [],
    async run(context) {
      const topic = await createTopic(context);
      await publish(context, topic, 'x'.repeat(LARGEST_MESSAGE_BYTES));
      for (const message of ['', 'x'.repeat(LARGEST_MESSAGE_BYTES + 1)]) {
        await refusalOf(publish(context, topic, message), 'InvalidParameterException');
      }
    },
  },
];

/** Answers its ARN. */
export async function createTopic(context: Context): Promise<string> {
  const { sns } = context.clients;
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: context.name() }));
  context.afterwards(() => sns.send(new DeleteTopicCommand({ TopicArn })));
  return TopicArn;
}

function publish(context: Context, TopicArn: string, Message: string, Subject?: string): Promise<unknown> {
  return context.clients.sns.send(new PublishCommand({ TopicArn, Message, Subject }));
}
