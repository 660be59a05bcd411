import { PassThrough } from 'node:stream';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { EmbeddedAws } from '../embedded-aws';
import { VirtualInstances } from '../fleet/virtual-instances';
import { VirtualClock } from '../kernel/clock';
import { Journal } from './journal';

function open(isTTY = false, environment = {}, columns?: number) {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const aws = new EmbeddedAws({ clock, instances, latencySeconds: 0 });
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY, columns });
  const journal = new Journal(stream, environment, () => clock.now());
  journal.listenTo(aws);
  return { clock, aws, journal, said: (): string => stream.read() };
}

/** What the journal says when these events come; `isTTY` and the environment as of a process. */
async function journalOf(
  events: [type: string, detail: object, source?: string][],
  isTTY = false,
  environment = {},
): Promise<string> {
  const { clock, aws, journal, said } = open(isTTY, environment);
  journal.onLog('start', '{"message":"skipped: the uploaded versions serve already"}');
  journal.onLog('start', '{"message":"passed"}');
  const Entries = events.map(([DetailType, detail, Source = 'bluegreen']) => ({
    Source,
    DetailType,
    Detail: JSON.stringify(detail),
  }));
  await clock.run(new EventBridgeClient(aws.operator).send(new PutEventsCommand({ Entries })));
  return said();
}

/** What the journal says of a mail. */
async function mailed(mail: { Subject?: string; Message: string }, columns?: number): Promise<string[]> {
  const { clock, aws, said } = open(columns !== undefined, { NO_COLOR: '1' }, columns);
  const TopicArn = aws.sns.createTopic('admins');
  aws.sns.subscribe(TopicArn, 'email', 'admin@example.com');
  await clock.run(new SNSClient(aws.operator).send(new PublishCommand({ TopicArn, ...mail })));
  return said().trimEnd().split('\n');
}

test('a line for each thing, none for the polling', async () => {
  const failed = { task: 'WAS', code: 'T001', message: 'not healthy' };
  expect(
    await journalOf([
      ['Started', { task: 'WAS' }],
      ['CheckPending', {}],
      ['CheckDue', {}],
      ['Failed', failed],
    ]),
  ).toBe(
    `00:00:00  function  start  skipped: the uploaded versions serve already
00:00:00  event     Started  WAS
00:00:00  event     Failed  WAS  T001  not healthy
`,
  );
});

test.each(['lambda', 'constructor', '__proto__', 'theirs'])('an event may come from anywhere: %s', async (source) => {
  expect(await journalOf([['Happened', { task: 'WAS' }, source]])).toMatch(/^\d\d:\d\d:\d\d {2}event {5}Happened/m);
});

test('what a client sends cannot steer the terminal, nor pass for another line', async () => {
  const said = await journalOf([
    ['Started', { task: '\x1b[2J\x1b]0;title\x07WAS\r\n00:00:00  mail', code: { no: 'text' } }],
  ]);
  expect(said.split('\n').at(-2)).toBe('00:00:00  event     Started  WAS 00:00:00  mail');
});

test('colours are for terminals that want them', async () => {
  expect(await journalOf([['Started', {}]], true)).toContain('\x1b[');
  expect(await journalOf([['Started', {}]], true, { NO_COLOR: '1' })).not.toContain('\x1b[');
  expect(await journalOf([['Started', {}]], false)).not.toContain('\x1b[');
});

describe('a mail is told with all its text', () => {
  test('below its subject, sections and all', async () => {
    const Message = 'It serves.\n\nTo go back\n  # wait, then\n  aws events put-events\n';
    expect(await mailed({ Subject: '[Success] It', Message })).toEqual([
      '00:00:00  mail      [Success] It  (to admin@example.com)',
      '          It serves.',
      '',
      '          To go back',
      '            # wait, then',
      '            aws events put-events',
    ]);
  });

  test('below its first line, where it has no subject', async () => {
    expect(await mailed({ Message: '"[Failed] It"\n"Why: so."' })).toEqual([
      '00:00:00  mail      "[Failed] It"  (to admin@example.com)',
      '          "Why: so."',
    ]);
  });

  test.each([undefined, 80, 200, 60])('in lines that fit, but commands can be copied: %p columns', async (columns) => {
    const command = `  aws events put-events --entries ${'x'.repeat(200)} ${'y'.repeat(20)}`;
    const comment = `  # ${'either keep the new version '.repeat(5)}`.trimEnd();
    const lines = await mailed({ Subject: 'It', Message: ['word '.repeat(50), command, comment].join('\n') }, columns);
    const most = Math.min(columns ?? 80, 80);
    const full = lines.slice(1, -3);
    expect(full.filter((line) => line.length > most || line.length < most - 5)).toEqual([]);
    expect(lines.at(-3)).toMatch(/^ {10}word[word ]*word$/);
    expect(lines.slice(-2)).toEqual([`          ${command}`, `          ${comment}`]);
  });

  test('which cannot pass for another line', async () => {
    const lines = await mailed({ Subject: 'It', Message: 'so\r\n00:00:00  mail      It\n\x1b[2Jand so' });
    expect(lines.slice(1)).toEqual(['          so', '          00:00:00  mail      It', '          and so']);
  });
});
