/** Who of several that are asked for one mail sends it, and what the others do. */
import { S3Client } from '@aws-sdk/client-s3';
import { EmbeddedAws } from '../../local/embedded-aws';
import { VirtualInstances } from '../../local/fleet/virtual-instances';
import { VirtualClock } from '../../local/kernel/clock';
import { Deadline } from '../aws/deadline';
import { StateBucket } from '../aws/state-bucket';
import { Mailer } from './mailer';

const MAIL = { subject: '[Deploy] Start(Task : WAS)', body: 'It has started.\n' };

function world() {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const aws = new EmbeddedAws({ clock, instances });
  aws.s3.createBucket('state');
  const topicArn = aws.sns.createTopic('admins');
  aws.sns.subscribe(topicArn, 'email', 'admin@example.com');
  const runtime = {
    environment: {},
    clientDefaults: aws.operator,
    now: () => clock.now(),
    uniqueId: () => aws.random.uuid(),
    log: () => {},
  };
  const mailer = Mailer.connect(
    runtime,
    new Deadline(),
    { ADMIN_TOPIC_ARN: topicArn, MAIL_LANGUAGE: 'en', TIME_ZONE: 'UTC', DOCUMENTATION_URL: '' },
    new StateBucket(new S3Client(aws.operator), 'state'),
  );
  const send = (awsRequestId: string) =>
    mailer.sendOnce('mails/1', MAIL, { functionName: 'notify', awsRequestId, getRemainingTimeInMillis: () => 30_000 });
  return { clock, aws, send };
}

test('of two invocations that are asked at once one sends it, and the other leaves it to that one', async () => {
  const { clock, aws, send } = world();
  const both = await clock.run(Promise.all([send('one'), send('two')]));
  expect(both.sort()).toEqual(['being sent', 'sent']);
  expect(await clock.run(send('three'))).toBe('sent before');
  expect(aws.sns.mails).toHaveLength(1);
});

test('an invocation that meets its own claim, which nobody else repeats, fails, and is repeated', async () => {
  const { clock, aws, send } = world();
  const both = await clock.run(Promise.allSettled([send('one'), send('one')]));
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await clock.run(send('one'))).toBe('sent before');
  expect(aws.sns.mails).toHaveLength(1);
});

test('a claim is left alone until five seconds after the end of its invocation, and then taken over', async () => {
  const { clock, aws, send } = world();
  const dies = aws.endpoint.intercept((call, proceed) =>
    call.operation === 'Publish' ? new Promise(() => {}) : proceed(),
  );
  void send('one');
  await clock.advance(34);
  dies();
  expect(await clock.run(send('two'))).toBe('being sent');
  await clock.advance(2);
  expect(await clock.run(send('two'))).toBe('sent');
  expect(aws.sns.mails).toHaveLength(1);
});
