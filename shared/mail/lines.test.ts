/** Nothing from an event, a tag or AWS can add a line to a mail: what a mail says, it says where its reader looks for it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { copyDeletedMail, copyDeniedMail, copyKeptMail } from '../codedeploy/copy-mail';
import { cleanedMail } from './clean-up-mails';
import { completedMail, cycleMail, startedMail } from './deployment-mails';
import { crashedMail, crashOf, failedMail } from './failure-mails';
import type { Mail } from './mail';
import { problemsMail, unknownEventMail } from './pipeline-mails';
import { postponedMail, refusedMail } from './request-mails';

function sampled(file: string): never {
  const samples = join(__dirname, '../../events/samples/pipeline');
  return JSON.parse(JSON.parse(readFileSync(join(samples, `${file}.json`), 'utf8'))[0].Detail) as never;
}

const AT = '2030-01-01T00:00:00.000Z';

const COPY = { name: 'CodeDeploy_web_d-1', instances: [{ id: 'i-1' }] };
const DEPLOYMENT = { id: 'd-1', application: 'shop', deploymentGroup: 'web', status: 'Failed', error: 'it broke' };

const CRASH = {
  requestContext: {
    requestId: 'r-1',
    functionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:bluegreen-dev-swap:$LATEST',
    condition: 'RetriesExhausted',
  },
  responsePayload: { errorType: 'Error', errorMessage: 'it broke' },
  given: { deploymentId: 'd-1', seq: 4, stage: 'swap' },
};

/** What is no name of a task is not repeated, and nothing can be requested for it. */
function crashed(detail: object, given: object): Mail {
  return crashedMail(crashOf({ ...detail }, { detailType: 'CheckDue', detail: given } as never), 'bus', AT);
}

/** By name: what a mail is made from, and how. */
const MAILS: [name: string, source: unknown, render: (source: never) => Mail][] = [
  [
    'Started',
    {
      ...(sampled('started') as object),
      notes: ['a note', 'another'],
      held: [1],
    },
    (detail) => startedMail(detail, 'bus', AT),
  ],
  ['CheckPending', sampled('check-pending'), cycleMail],
  [
    'Completed',
    {
      ...(sampled('completed') as object),
      resolvedFailure: { code: 'T010', message: 'one; two' },
      lost: ['a loss'],
      leftovers: ['a clone'],
      waiting: 'What waited is deployed now.',
      held: [1],
    },
    (detail) => completedMail(detail, 'bus'),
  ],
  ['Refused', sampled('refused'), (detail) => refusedMail(detail, 'bus')],
  [
    'Refused, of an operator',
    { ...(sampled('refused') as object), request: 'Abort' },
    (one) => refusedMail(one, 'bus'),
  ],
  [
    'Refused, with a remedy',
    { ...(sampled('refused') as object), toDo: { sentence: 'Do this:', commands: ['aws one', 'aws two'] } },
    (detail) => refusedMail(detail, 'bus'),
  ],
  ['Failed', sampled('failed'), (detail) => failedMail(detail, 'bus', AT)],
  [
    'Failed, with a remedy and users',
    {
      ...(sampled('failed') as object),
      toDo: { sentence: 'Do this:', commands: ['aws one'] },
      users: { seenAt: '2030-01-01T00:00:00Z', group: 'blue', loadBalancers: 2, serving: ['blue'], down: ['web'] },
    },
    (detail) => failedMail(detail, 'bus', AT),
  ],
  ['a crash', CRASH, ({ given, ...detail }: typeof CRASH) => crashed(detail, { ...given, task: 'WAS' })],
  [
    'a crash, of what is no name of a task',
    CRASH,
    ({ given, ...detail }: typeof CRASH) => crashed(detail, { ...given, task: `${given.stage}\n` }),
  ],
  ['Postponed', sampled('postponed'), (detail) => postponedMail(detail, 'bus')],
  [
    'Postponed, blocked',
    { ...(sampled('postponed') as object), isBlocked: true, commands: ['aws one'] },
    (detail) => postponedMail(detail, 'bus'),
  ],
  ['Cleaned', sampled('cleaned'), (detail) => cleanedMail(detail, 'bus')],
  [
    'Cleaned, blocked',
    { ...(sampled('cleaned') as object), outcome: 'operator-needed', commands: ['# look', 'aws one'] },
    (detail) => cleanedMail(detail, 'bus'),
  ],
  [
    'an unknown event',
    { source: 'bluegreen', detailType: 'Deploy', time: '2030-01-01T00:00:00Z', detail: { task: 'WAS' } },
    (envelope) => unknownEventMail(envelope, 'DeployRequested', 'bus'),
  ],
  [
    'what the watchdog cannot do',
    { stack: 'stack', problems: [{ what: 'One thing.', why: 'because', nextSteps: ['Do this:', 'aws one'] }] },
    ({ stack, problems }: { stack: string; problems: [] }) => problemsMail(stack, problems),
  ],
  [
    'a copy that is deleted',
    { copy: COPY, deployment: DEPLOYMENT },
    ({ copy, deployment }: { copy: never; deployment: object }) =>
      copyDeletedMail({ ...deployment, endedAt: new Date(0) } as never, copy),
  ],
  [
    'a copy that is kept',
    { copy: COPY, deployment: DEPLOYMENT, verdict: { reason: 'it serves', nextStep: 'Look.' } },
    ({ copy, deployment, verdict }: { copy: never; deployment: object; verdict: never }) =>
      copyKeptMail({ ...deployment, endedAt: new Date(0) } as never, copy, verdict),
  ],
  [
    'a copy that may not be looked at',
    { group: 'CodeDeploy_web_d-1', why: 'denied' },
    ({ group, why }: { group: string; why: string }) => copyDeniedMail(group, why, 'bluegreen-dev-codedeploy-clean-up'),
  ],
] as [string, unknown, (source: never) => Mail][];

/** What is one of few words is no free text. */
const FIXED = ['outcome', 'request'];

function withTexts(value: unknown, change: (text: string) => string, key = ''): unknown {
  if (typeof value === 'string') return FIXED.includes(key) ? value : change(value);
  if (Array.isArray(value)) return value.map((item) => withTexts(item, change, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withTexts(item, change, name)]));
}

const BREAKS = ['\n', '\r', '\r\n', '\u2028', '\u2029', '\u0085', '\v', '\f'];
const CONTROLS = [
  '\0',
  '\t',
  '\b',
  '\x1b[2J',
  '\x7f',
  '\u009b',
  '\u202e',
  '\u2066',
  '\u200f',
  '\u061c',
  '\ufeff',
  '\ud800',
];
const SPACES: Record<string, string> = { '\x1b[2J': ' [2J' };

/** A text with this in it, at its beginning, in its middle and at its end; a forged section as a mail would have it. */
function forged(text: string, inserted: string): string {
  const middle = Math.floor(text.length / 2);
  return [inserted, text.slice(0, middle), inserted, 'What to do', inserted, text.slice(middle), inserted].join('');
}

test.each(MAILS)('%s', async (_, source, render) => {
  await fc.assert(
    fc.property(fc.constantFrom(...BREAKS, ...CONTROLS), (inserted) => {
      const { subject, body } = render(withTexts(source, (text) => forged(text, inserted)) as never);
      const harmless = render(withTexts(source, (text) => forged(text, SPACES[inserted] ?? ' ')) as never);
      expect(body.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/u)).toHaveLength(harmless.body.split('\n').length);
      expect(body.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Cs}\p{Zl}\p{Zp}\ufeff]/u);
      expect(subject).toMatch(/^[\x20-\x7e]{1,99}$/);
    }),
  );
});

test('a mail that is far too long is cut by bytes, and says so', () => {
  const notes = Array.from({ length: 5000 }, (_, index) => `${'가'.repeat(20)} ${index}`);
  const { body } = startedMail({ ...(sampled('started') as object), notes } as never, 'bus', AT);
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(64 * 1024);
  expect(body).toMatch(/\nAnd \d+ more lines\.\n$/);
});

test.each(MAILS)('%s answers in the order in which its reader asks', (_, source, render) => {
  const [happened, ...titles] = render(source as never)
    .body.split('\n\n')
    .map((paragraph) => paragraph.split('\n')[0]);
  expect(happened).toMatch(/^[A-Z].*\.$/);
  expect(titles.slice(0, 3)).toEqual(['Users', 'Left over', 'What to do']);
  expect(titles.indexOf('Why')).toBeLessThanOrEqual(3);
});
