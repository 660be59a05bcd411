/** The contracts of all events, and the samples of them: of requests, to be put by hand; of the pipeline's own, to be read. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import * as fc from 'fast-check';
import { packagedTemplate } from '../local/cloudformation/template';
import { EmbeddedAws } from '../local/embedded-aws';
import { VirtualInstances } from '../local/fleet/virtual-instances';
import { VirtualClock } from '../local/kernel/clock';
import { matches } from '../local/services/eventbridge/pattern';
import { AbortRequested } from './abort-requested';
import { CATALOG } from './catalog';
import { type Contract, plainLine } from './contract';
import { DeployRequested } from './deploy-requested';
import { Failed } from './failed';

/** What people write for people is taken whatever it is: nothing depends on it. */
function isOnlyShown(detailType: string, key: string): boolean {
  return /^(Deploy|Abort|Clean)Requested$/.test(detailType) && (key === 'requestedBy' || key === 'reason');
}

const contracts = Object.values(CATALOG) as unknown as Contract<string, object>[];
const folder = join(__dirname, 'samples');
const samples = [...samplesIn(''), ...samplesIn('pipeline')];

function samplesIn(subfolder: string) {
  const files = readdirSync(join(folder, subfolder)).filter((file) => file.endsWith('.json'));
  return files.map((file) => {
    const entries: PutEventsRequestEntry[] = JSON.parse(readFileSync(join(folder, subfolder, file), 'utf8'));
    const { DetailType = '', Detail = '' } = entries[0] ?? {};
    const detail = JSON.parse(Detail) as Record<string, unknown>;
    return { file, subfolder, entries, detailType: DetailType, detail };
  });
}

describe('samples', () => {
  test('there is one of every event, and none of anything else', () => {
    const sampled = new Set(samples.map(({ detailType }) => detailType));
    expect([...sampled].sort()).toEqual(Object.keys(CATALOG).sort());
  });

  test('people may put those of requests, and no others lie beside them', () => {
    const { Properties = {} } = packagedTemplate().Resources.OperatorPolicy ?? {};
    const { Statement } = Properties.PolicyDocument as { Statement: Record<string, unknown>[] };
    const { Condition } = Statement.find(({ Action }) => Action === 'events:PutEvents') ?? {};
    const allowed = (Condition as Record<string, object>)['ForAllValues:StringEquals'];
    const lying = samples.filter(({ subfolder }) => subfolder === '').map(({ detailType }) => detailType);
    expect(allowed).toMatchObject({ 'events:detail-type': [...new Set(lying)].sort() });
  });

  test.each(samples)('$file is one entry of the event that its name says', ({ file, entries, detailType }) => {
    expect(entries).toEqual([
      { EventBusName: 'bluegreen-dev', Source: 'bluegreen', DetailType: detailType, Detail: expect.any(String) },
    ]);
    expect(file.replace(/[-.]|json$/g, '').startsWith(detailType.toLowerCase())).toBe(true);
  });

  test('put as they are, they reach the bus unchanged, and are what the contract would publish', async () => {
    const clock = new VirtualClock();
    const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
    const aws = new EmbeddedAws({ clock, instances });
    aws.eventBridge.rules.createBus('bluegreen-dev');
    const client = new EventBridgeClient(aws.operator);
    for (const { entries, detailType, detail } of samples) {
      const received: unknown[] = [];
      aws.eventBridge.onEvent((event, bus) => received.push([bus, event.source, event['detail-type'], event.detail]));
      const answer = await clock.run(client.send(new PutEventsCommand({ Entries: entries })));
      expect(answer.FailedEntryCount).toBe(0);
      expect(received).toEqual([['bluegreen-dev', 'bluegreen', detailType, detail]]);
      expect(CATALOG[detailType as keyof typeof CATALOG].entry(detail as never)).toEqual({ detailType, detail });
    }
  });
});

describe.each(contracts.map((contract) => [contract.detailType, contract] as const))('%s', (detailType, contract) => {
  const own = samples.filter((sample) => sample.detailType === detailType);

  test('has a pattern that matches its own event and no other', () => {
    const matching = samples.filter((sample) =>
      matches(contract.pattern, {
        source: 'bluegreen',
        'detail-type': sample.detailType,
        detail: sample.detail as never,
      }),
    );
    expect(matching).toEqual(own);
    expect(matches(contract.pattern, { source: 'lambda', 'detail-type': detailType, detail: {} })).toBe(false);
  });

  test('is read without the keys that the contract does not know', () => {
    for (const { detail } of own) {
      const read = contract.read({ ...detail, addedLater: { by: 'a newer version' } });
      expect(read).toEqual({ success: true, detail });
    }
  });

  test('read strictly, is refused with the first key that it does not know, and the nearest that it does', () => {
    for (const { detail } of own) {
      expect(contract.readStrictly(detail)).toEqual({ success: true, detail });
      const [key = ''] = Object.keys(detail);
      const misspelt = `${key}s`;
      const problem = expect.stringContaining(`there is no field '${misspelt}', but '${key}' (known are `);
      expect(contract.readStrictly({ ...detail, [misspelt]: 1 })).toEqual({ success: false, problem });
    }
  });

  test('is refused on both sides where a key is missing or of another type, saying which', () => {
    for (const { detail } of own) {
      for (const key of Object.keys(detail).filter((one) => !isOnlyShown(detailType, one))) {
        const wrong = { ...detail, [key]: { not: 'this' } };
        expect(contract.read(wrong)).toEqual({ success: false, problem: expect.stringContaining(key) });
        expect(() => contract.entry(wrong)).toThrow(`${detailType} does not fit its contract`);
      }
    }
    expect(contract.read(undefined)).toMatchObject({ success: false });
    expect(contract.read({})).toMatchObject({ success: false, problem: expect.not.stringContaining('\n') });
  });
});

describe('texts that are inserted into the failure mail as they are', () => {
  const failure = samples.find(({ detailType }) => detailType === 'Failed')?.detail ?? {};
  const texts = ['task', 'code', 'stage', 'headline', 'message', 'nextStep'];

  test.each(['"', '\\', '<', '>', '\n', '\r', '\t', '\u0000', '\u0085'])('must not contain %j', (character) => {
    for (const key of texts) {
      expect(Failed.read({ ...failure, [key]: `a${character}b` })).toMatchObject({ success: false });
    }
  });

  test('may be in any language', () => {
    const read = Failed.read({ ...failure, task: '결제 WAS+1', message: "앱이 [500]을 돌려줍니다; it's unwell" });
    expect(read).toMatchObject({ success: true });
  });

  test('plainLine makes any text one of them, and leaves those alone that are', async () => {
    const anyText = fc.string({ unit: 'binary', maxLength: 50 });
    const awkward = fc.constantFrom('a"b\\c<d>e\r\nf', '\u2028\u2029\u0085', '"'.repeat(5000));
    await fc.assert(
      fc.property(fc.oneof(anyText, awkward), (text) => {
        const line = plainLine(text);
        expect(Failed.read({ ...failure, message: line })).toMatchObject({ success: true });
        expect(line).not.toMatch(/[\n\r\u2028\u2029]/);
        expect(plainLine(line)).toBe(line);
      }),
    );
    expect(plainLine('unhealthy:\n  "500" <nil>')).toBe("unhealthy: '500' 'nil'");
  });
});

describe('a request', () => {
  test.each([
    ['no task', {}],
    ['an empty task', { task: '' }],
    ['a task with a line break', { task: 'WAS\n[Success] all is well' }],
    ['a task with markup', { task: '<WAS>' }],
    ['a task longer than a tag value', { task: 'x'.repeat(257) }],
    ['versions as a list', { task: 'WAS', versions: ['v1'] }],
    ['a time that is none', { task: 'WAS', requestedAt: 'yesterday' }],
    ['an empty request id', { task: 'WAS', requestId: '' }],
  ])('with %s is not one', (_, detail) => {
    expect(DeployRequested.read(detail)).toMatchObject({ success: false });
  });

  test('needs its task alone', () => {
    expect(DeployRequested.read({ task: 'WAS' })).toEqual({ success: true, detail: { task: 'WAS' } });
  });
});

test.each<[string, unknown, string | undefined]>([
  ['a text', ' Jane ', 'Jane'],
  ['one of several lines', 'Jane\n<Doe>', "Jane 'Doe'"],
  ['a blank one', ' \t\u0000', undefined],
  ['an empty one', '', undefined],
  ['nothing', null, undefined],
  ['a number', 7, '7'],
  ['an object', { by: 'Jane' }, "{'by':'Jane'}"],
  ['one that is too long', 'x'.repeat(300), 'x'.repeat(256)],
  ['half a character', 'a\ud800', 'a\ufffd'],
  ['one that is cut within a character', `${'x'.repeat(255)}😀`, `${'x'.repeat(255)}\ufffd`],
])('what is only shown is taken whatever it is: %s', (_, value, expected) => {
  const read = AbortRequested.read({ task: 'WAS', reason: value });
  expect(read).toEqual({ success: true, detail: { task: 'WAS', reason: expected } });
});

test.each<[string, string | undefined]>([
  ['because', 'reason'],
  ['reson', 'reason'],
  ['colour', undefined],
])('a field %s is taken for %s, or for none where none is near', (typed, meant) => {
  const read = AbortRequested.readStrictly({ task: 'WAS', [typed]: 'x' });
  expect(read).toMatchObject({
    problem: expect.stringContaining(`there is no field '${typed}'${meant ? `, but '${meant}'` : ' (known are task'}`),
  });
});
