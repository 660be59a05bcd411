/** Where the admins' mail goes. */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Deadline } from '../aws/deadline';
import { bounded } from '../aws/findings';
import type { Runtime } from '../aws/runtime';
import type { Mail } from './mail';

/** SNS takes 256 KB, and refuses what is larger. What is told is bounded before; this is for what nobody thought of. */
const MAIL_BYTES = 64 * 1024;

export class AdminTopic {
  constructor(
    private readonly client: SNSClient,
    private readonly topicArn: string,
  ) {}

  static connect(runtime: Runtime, deadline: Deadline, topicArn: string): AdminTopic {
    return new AdminTopic(deadline.guard(new SNSClient(runtime.clientDefaults)), topicArn);
  }

  async send({ subject, body }: Mail): Promise<void> {
    const lines = bounded(body.split('\n'), MAIL_BYTES, (count) => `And ${count} more lines.`);
    const command = new PublishCommand({ TopicArn: this.topicArn, Subject: subject, Message: lines.join('\n') });
    await this.client.send(command);
  }
}
