/** Where the admins' mail goes. */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Deadline } from '../aws/deadline';
import type { Runtime } from '../aws/runtime';
import type { Mail } from './mail';

export class AdminTopic {
  constructor(
    private readonly client: SNSClient,
    private readonly topicArn: string,
  ) {}

  static connect(runtime: Runtime, deadline: Deadline, topicArn: string): AdminTopic {
    return new AdminTopic(deadline.guard(new SNSClient(runtime.clientDefaults)), topicArn);
  }

  async send({ subject, body }: Mail): Promise<void> {
    await this.client.send(new PublishCommand({ TopicArn: this.topicArn, Subject: subject, Message: body }));
  }
}
