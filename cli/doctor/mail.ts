/** Whether those who are to get the mails get them. */
import { createHash } from 'node:crypto';
import { paginateListSubscriptionsByTopic, SNSClient, type Subscription } from '@aws-sdk/client-sns';
import { subscribeCommand } from '../../shared/codes/commands';
import type { Stack } from '../stack';
import { broken, type Check, doubtful, type Said, well } from './finding';

/** As the stack names what it makes of each address (stack/lists.cjs). */
const PREFIX = 'AdminSubscription';

export function mailCheck(stack: Stack): Check {
  return {
    area: 'mail',
    question: 'Who gets the mails',
    async look() {
      const wanted = (await stack.resources)
        .filter(({ logicalId, type }) => type === 'AWS::SNS::Subscription' && logicalId.startsWith(PREFIX))
        .map(({ logicalId }) => logicalId);
      const topicArn = stack.output('AdminTopicArn');
      const found = (await subscriptionsOf(topicArn, stack)).filter(({ Protocol }) => Protocol?.startsWith('email'));
      const there = new Set(found.map(({ Endpoint = '' }) => resourceOf(Endpoint)));
      const pending = found.filter(({ SubscriptionArn }) => !SubscriptionArn?.startsWith('arn:'));
      const said: Said[] = [
        ...pending.map(({ Endpoint = '' }) =>
          broken(`${Endpoint} has not confirmed its subscription, and gets no mail. This asks once more:`, [
            subscribeCommand(topicArn, Endpoint),
          ]),
        ),
        ...wanted
          .filter((name) => !there.has(name))
          .map((name) =>
            broken(
              `One address of AdminEmails (${name}) gets no mail: it has unsubscribed, or never confirmed. Subscribe it:`,
              [subscribeCommand(topicArn, 'ADDRESS')],
            ),
          ),
      ];
      if (said.length > 0) return said;
      if (found.length === 0) return [doubtful('Nobody gets the mails: the stack was given AdminEmails: none.')];
      return [well(`Mails go to ${found.map(({ Endpoint }) => Endpoint).join(', ')}.`)];
    },
  };
}

function resourceOf(address: string): string {
  return `${PREFIX}${createHash('sha256').update(address).digest('hex').slice(0, 12)}`;
}

/** One that is not confirmed has `PendingConfirmation` for its ARN: API reference, Subscribe. */
async function subscriptionsOf(TopicArn: string, stack: Stack): Promise<Subscription[]> {
  const client = stack.client(SNSClient);
  const subscriptions: Subscription[] = [];
  for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client }, { TopicArn })) {
    subscriptions.push(...Subscriptions);
  }
  return subscriptions;
}
