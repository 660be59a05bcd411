/** The last line of defence: what is too large is shortened where it speaks to people, or refused, and never lost. */
import { CreateEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { EmbeddedAws } from '../../local/embedded-aws';
import { VirtualInstances } from '../../local/fleet/virtual-instances';
import { VirtualClock } from '../../local/kernel/clock';
import type { BusEvent } from '../../local/services/eventbridge/event';
import { Bus } from '../../shared/aws/bus';
import { Deadline } from '../../shared/aws/deadline';
import { logTo } from '../../shared/aws/log';
import { AdminTopic } from '../../shared/mail/admin-topic';
import { mail, section } from '../../shared/mail/mail';

function world() {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const aws = new EmbeddedAws({ clock, instances });
  const events: BusEvent[] = [];
  aws.eventBridge.onEvent((event) => events.push(event));
  const lines: string[] = [];
  const runtime = {
    environment: {},
    clientDefaults: aws.operator,
    now: () => clock.now(),
    uniqueId: () => aws.random.uuid(),
    log: (line: string) => lines.push(line),
  };
  return { clock, aws, events, lines, runtime };
}

const findings = Array.from({ length: 5000 }, (_, index) => `i-0${index} on web-${index % 20}: "병" \\ unhealthy`);

test('an event that is too large loses what it says to people only, and how much is told', async () => {
  const { clock, aws, events, runtime } = world();
  await clock.run(new EventBridgeClient(aws.operator).send(new CreateEventBusCommand({ Name: 'pipeline' })));
  const detail = { task: 'WAS', seq: 7, message: findings.join('; '), findings, commands: ['aws one'] };
  const bus = Bus.connect(runtime, new Deadline(), 'pipeline');
  await clock.run(bus.publish([{ detailType: 'Cleaned', detail }]));
  const [event] = events;
  expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(64 * 1024);
  expect(event?.detail).toMatchObject({ task: 'WAS', seq: 7, commands: ['aws one'] });
  expect(event?.detail.message).toMatch(/; and \d+ more$/);
  expect(event?.detail.findings).toContainEqual(expect.stringMatching(/^and \d+ more$/));
});

test('an event that is too large by what its stages go by is refused, and tells so', async () => {
  const { clock, events, runtime } = world();
  const bus = Bus.connect(runtime, new Deadline(), 'pipeline');
  const detail = { task: 'WAS', versions: 'v'.repeat(70_000) };
  const published = clock.run(bus.publish([{ detailType: 'DeployRequested', detail }]));
  await expect(published).rejects.toThrow('DeployRequested has 70028 bytes, and an event may have 61440');
  expect(events).toEqual([]);
});

test('a mail that is too large ends with how many lines are left out', async () => {
  const { clock, aws, runtime } = world();
  const topicArn = aws.sns.createTopic('admins');
  aws.sns.subscribe(topicArn, 'email', 'admin@example.com');
  const topic = AdminTopic.connect(runtime, new Deadline(), {
    ADMIN_TOPIC_ARN: topicArn,
    MAIL_LANGUAGE: 'en',
    TIME_ZONE: 'UTC',
    DOCUMENTATION_URL: '',
  });
  const tooLarge = mail('WAS', (task) => `[Deploy] Start(Task : ${task})`, ['It failed.', section('Why', findings)]);
  await clock.run(topic.send(tooLarge));
  const [arrived] = aws.sns.mails;
  expect(Buffer.byteLength(arrived?.body ?? '')).toBeLessThanOrEqual(64 * 1024);
  expect(arrived?.body).toMatch(/^It failed\.\n\nWhy\n {2}i-00 on web-0: .*\nAnd \d+ more lines\.\n$/s);
});

test.each<[string, Record<string, unknown>]>([
  ['a text', { reason: findings.join('; '), deploymentId: 'now' }],
  ['a list of texts', { problems: findings, deploymentId: 'now' }],
  ['anything else', { cause: { findings }, deploymentId: 'now' }],
])('a line of the log that is too large by %s stays one that can be read', (_, fields) => {
  const { lines, runtime } = world();
  logTo(runtime, 'watchdog')('there is what cannot be done', fields);
  expect(Buffer.byteLength(lines[0] ?? '')).toBeLessThanOrEqual(16 * 1024);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ function: 'watchdog', deploymentId: 'now' });
});
