import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTopicsCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import type { CreateHandler } from '../../../shared/aws/runtime';
import { EmbeddedAws } from '../../embedded-aws';
import { VirtualInstances } from '../../fleet/virtual-instances';
import { VirtualClock } from '../../kernel/clock';

function world() {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const { sns, operator } = new EmbeddedAws({ clock, instances });
  const TopicArn = sns.createTopic('admins', { displayName: 'Admins' });
  const client = new SNSClient(operator);
  const publish = (input: { Subject?: string; Message?: string; TopicArn?: string; PhoneNumber?: string }) =>
    clock.run(client.send(new PublishCommand({ TopicArn, Message: 'text', ...input })));
  return { clock, sns, client, TopicArn, publish };
}

describe('SNS', () => {
  test('a topic that is made again is the same, until it is deleted', async () => {
    const { clock, client, TopicArn } = world();
    const create = (Name: string) => clock.run(client.send(new CreateTopicCommand({ Name })));
    expect(await create('admins')).toMatchObject({ TopicArn });
    const own = await create('own');
    await clock.run(client.send(new DeleteTopicCommand({ TopicArn: own.TopicArn })));
    const { Topics } = await clock.run(client.send(new ListTopicsCommand({})));
    expect(Topics).toEqual([{ TopicArn }]);
    await expect(create('no name')).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  test('a published message is one mail to every subscriber', async () => {
    const { sns, TopicArn, publish } = world();
    sns.subscribe(TopicArn, 'email', 'a@example.com');
    sns.subscribe(TopicArn, 'email', 'b@example.com');
    const heard: string[] = [];
    sns.onMail(({ body }) => heard.push(body));
    await publish({ Subject: 'Hello', Message: '배포\ntwo lines' });
    const to = ['a@example.com', 'b@example.com'];
    expect(sns.mails).toEqual([
      { at: expect.any(Date), topicArn: TopicArn, to, subject: 'Hello', body: '배포\ntwo lines' },
    ]);
    expect(heard).toEqual(['배포\ntwo lines']);
  });

  test('a subject has 99 characters at most', async () => {
    const { publish } = world();
    expect(await publish({ Subject: 'x'.repeat(99) })).toMatchObject({ MessageId: expect.any(String) });
    await expect(publish({ Subject: 'x'.repeat(100) })).rejects.toThrow('Invalid parameter: Subject');
  });

  test.each([
    ['is empty', ''],
    ['has a line break', 'a\nb'],
    ['has a control character', 'a\u0007b'],
    ['has a character that is not ASCII', '배포'],
  ])('a subject is refused that %s', async (_name, Subject) => {
    const { sns, publish } = world();
    await expect(publish({ Subject })).rejects.toMatchObject({ name: 'InvalidParameterException' });
    expect(sns.mails).toEqual([]);
  });

  test('an empty or too long message, another kind of receiver and an unknown topic are refused', async () => {
    const { publish, TopicArn } = world();
    await expect(publish({ Message: '' })).rejects.toThrow('Empty message');
    await expect(publish({ Message: 'x'.repeat(256 * 1024 + 1) })).rejects.toThrow('Message too long');
    await expect(publish({ PhoneNumber: '+1' })).rejects.toThrow('PhoneNumber');
    await expect(publish({ TopicArn: `${TopicArn}x` })).rejects.toMatchObject({ name: 'NotFoundException' });
  });

  test('an address can be subscribed, once; other protocols are refused', async () => {
    const { clock, client, TopicArn } = world();
    const subscribe = (Protocol: string, Endpoint: string) =>
      clock.run(client.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint })));
    const first = await subscribe('email', 'a@example.com');
    expect(await subscribe('email', 'a@example.com')).toMatchObject({ SubscriptionArn: first.SubscriptionArn });
    await expect(subscribe('sms', '+1')).rejects.toThrow('protocol');
    await expect(subscribe('email', 'nobody')).rejects.toThrow('Email address');
    const ofTopic = await clock.run(client.send(new ListSubscriptionsByTopicCommand({ TopicArn })));
    expect(ofTopic.Subscriptions).toMatchObject([{ Endpoint: 'a@example.com', Protocol: 'email' }]);
    const { Subscriptions } = await clock.run(client.send(new ListSubscriptionsCommand({})));
    expect(Subscriptions).toHaveLength(1);
  });

  test('an address that has not confirmed is listed as pending, and gets no mail', async () => {
    const { clock, client, sns, TopicArn, publish } = world();
    for (const address of ['a@example.com', 'b@example.com']) sns.subscribe(TopicArn, 'email', address);
    sns.leaveUnconfirmed(TopicArn, 'b@example.com');
    const { Subscriptions = [] } = await clock.run(client.send(new ListSubscriptionsByTopicCommand({ TopicArn })));
    expect(Subscriptions.map(({ Endpoint, SubscriptionArn }) => [Endpoint, SubscriptionArn])).toEqual([
      ['a@example.com', expect.stringContaining(`${TopicArn}:`)],
      ['b@example.com', 'PendingConfirmation'],
    ]);
    const { Attributes } = await clock.run(client.send(new GetTopicAttributesCommand({ TopicArn })));
    expect(Attributes).toMatchObject({ SubscriptionsConfirmed: '1', SubscriptionsPending: '1' });
    await publish({});
    expect(sns.mails.map(({ to }) => to)).toEqual([['a@example.com']]);
    expect(() => sns.leaveUnconfirmed(TopicArn, 'c@example.com')).toThrow('c@example.com has no subscription');
  });

  test('topics are listed in pages and described', async () => {
    const { clock, client, sns, TopicArn } = world();
    for (let number = 0; number < 100; number++) sns.createTopic(`topic-${number}`);
    const first = await clock.run(client.send(new ListTopicsCommand({})));
    const second = await clock.run(client.send(new ListTopicsCommand({ NextToken: first.NextToken })));
    expect([first.Topics?.length, second.Topics?.length, second.NextToken]).toEqual([100, 1, undefined]);
    const { Attributes } = await clock.run(client.send(new GetTopicAttributesCommand({ TopicArn })));
    expect(Attributes).toMatchObject({ TopicArn, DisplayName: 'Admins', SubscriptionsConfirmed: '0' });
  });

  describe('a subscribed function', () => {
    function withFunction({ isPermitted = true } = {}) {
      const clock = new VirtualClock();
      const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
      const heard: unknown[] = [];
      const createHandler: CreateHandler = () => async (event) => void heard.push(event);
      const { sns, lambda, operator } = new EmbeddedAws({ clock, instances, handlers: { listen: createHandler } });
      const TopicArn = sns.createTopic('news');
      const definition = {
        key: 'listen',
        name: 'listen',
        roleKey: 'ListenRole',
        timeoutSeconds: 3,
        memoryMegabytes: 128,
      };
      const { arn } = lambda.createFunction({ ...definition, environment: {} });
      if (isPermitted) {
        lambda.addPermission('listen', {
          Effect: 'Allow',
          Principal: { Service: 'sns.amazonaws.com' },
          Action: 'lambda:InvokeFunction',
          Condition: { ArnLike: { 'aws:SourceArn': TopicArn } },
        });
      }
      const subscriptionArn = sns.subscribe(TopicArn, 'lambda', arn);
      const publish = () =>
        clock.run(new SNSClient(operator).send(new PublishCommand({ TopicArn, Subject: 'Hello', Message: '{"a":1}' })));
      return { clock, sns, TopicArn, subscriptionArn, heard, publish };
    }

    test('is invoked with every message, and nobody gets mail', async () => {
      const { clock, sns, TopicArn, subscriptionArn, heard, publish } = withFunction();
      const { MessageId } = await publish();
      await clock.advance(5);
      const Sns = { Type: 'Notification', MessageId, TopicArn, Subject: 'Hello', Message: '{"a":1}' };
      const record = { EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: subscriptionArn };
      expect(heard).toMatchObject([{ Records: [{ ...record, Sns }] }]);
      expect(sns.mails).toEqual([]);
    });

    test('stands beside addresses', async () => {
      const { clock, sns, TopicArn, heard, publish } = withFunction();
      sns.subscribe(TopicArn, 'email', 'a@example.com');
      await publish();
      await clock.advance(5);
      expect(heard).toHaveLength(1);
      expect(sns.mails).toMatchObject([{ to: ['a@example.com'], body: '{"a":1}' }]);
    });

    test('hears nothing where its policy does not let the topic in', async () => {
      const { clock, sns, heard, publish } = withFunction({ isPermitted: false });
      await publish();
      await clock.advance(5);
      expect(heard).toEqual([]);
      expect(sns.undelivered).toMatchObject([
        { message: '{"a":1}', reason: expect.stringContaining('not authorized') },
      ]);
    });
  });
});
