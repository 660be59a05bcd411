import { PassThrough } from 'node:stream';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { EmbeddedAws } from '../embedded-aws';
import { VirtualInstances } from '../fleet/virtual-instances';
import { VirtualClock } from '../kernel/clock';
import { Journal } from './journal';

/** What the journal says when these events come; `isTTY` and the environment as of a process. */
async function journalOf(
  events: [type: string, detail: object, source?: string][],
  isTTY = false,
  environment = {},
): Promise<string> {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const aws = new EmbeddedAws({ clock, instances, latencySeconds: 0 });
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY });
  const journal = new Journal(stream, environment, () => clock.now());
  journal.listenTo(aws);
  journal.onLog('start', '{"message":"skipped: the uploaded versions serve already"}');
  journal.onLog('start', '{"message":"passed"}');
  const Entries = events.map(([DetailType, detail, Source = 'bluegreen']) => ({
    Source,
    DetailType,
    Detail: JSON.stringify(detail),
  }));
  await clock.run(new EventBridgeClient(aws.operator).send(new PutEventsCommand({ Entries })));
  return stream.read();
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
  expect(said.split('\n').at(-2)).toBe('00:00:00  event     Started  WAS  00:00:00  mail');
});

test('colours are for terminals that want them', async () => {
  expect(await journalOf([['Started', {}]], true)).toContain('\x1b[');
  expect(await journalOf([['Started', {}]], true, { NO_COLOR: '1' })).not.toContain('\x1b[');
  expect(await journalOf([['Started', {}]], false)).not.toContain('\x1b[');
});
