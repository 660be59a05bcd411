/** Where the admins' mail goes, and in which words. */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod/mini';
import { name } from '../aws/configuration';
import type { Deadline } from '../aws/deadline';
import type { Runtime } from '../aws/runtime';
import type { Mail } from './mail';
import { type Wording, worded } from './wording';

/** What a function that mails has in its environment. */
export const MAIL_VARIABLES = {
  ADMIN_TOPIC_ARN: name,
  MAIL_LANGUAGE: z.enum(['en', 'ko']),
  TIME_ZONE: name,
  DOCUMENTATION_URL: z.pipe(
    name,
    z.transform((text) => (text === 'none' ? '' : text)),
  ),
};
export interface MailConfiguration {
  ADMIN_TOPIC_ARN: string;
  MAIL_LANGUAGE: Wording['language'];
  TIME_ZONE: string;
  /** Empty where it is published nowhere. */
  DOCUMENTATION_URL: string;
}

export class AdminTopic {
  constructor(
    private readonly client: SNSClient,
    private readonly topicArn: string,
    private readonly wording: Wording,
  ) {}

  static connect(runtime: Runtime, deadline: Deadline, configuration: MailConfiguration): AdminTopic {
    const { ADMIN_TOPIC_ARN, MAIL_LANGUAGE: language, TIME_ZONE: timeZone, DOCUMENTATION_URL } = configuration;
    const client = deadline.guard(new SNSClient(runtime.clientDefaults));
    return new AdminTopic(client, ADMIN_TOPIC_ARN, { language, timeZone, documentationUrl: DOCUMENTATION_URL });
  }

  async send(mail: Mail): Promise<void> {
    const { subject, body } = worded(mail, this.wording);
    await this.client.send(new PublishCommand({ TopicArn: this.topicArn, Subject: subject, Message: body }));
  }
}
