/** Draws of what people and scripts put on the bus: valid, nearly valid, and hostile. */
import * as fc from 'fast-check';

export interface DrawnEvent {
  detailType: string;
  source: string;
  /** JSON, as put: it may name a field twice, or one that no object of this language can be given. */
  detail: string;
  /** When it says that it happened, in seconds from now, or at this time; now, where it says nothing. */
  at?: number | string;
}

type Field = [name: string, value: unknown];

const LONG = 100_000;

export const EXTREME_TIMES = [
  '9999-12-31T23:59:59-23:59',
  '0000-01-01T00:00:00+23:59',
  '2099-01-01T00:00:00Z',
  '1969-12-31T23:59:59.999Z',
  '2030-06-31T24:00:00Z',
  '2030-01-01T00:00+14:00',
  '2030-01-01T00:00:00.123456789Z',
];

const text = fc.oneof(
  fc.constantFrom('', ' ', '\t\n', '\u0000', '\u0085', '\ud800', 'x\udfff', '"', '\\', '<b>', '\u2028', '\u202e'),
  fc.constantFrom(`${'x'.repeat(255)}😀`, `${'x'.repeat(79)}😀`, '😀'.repeat(200), 'x'.repeat(257), 'x'.repeat(LONG)),
  fc.constantFrom('__proto__', 'constructor', '%', '%E0%A4%A', '../..', 'null', '결제', "it's", '$(id)', '\u001b[31m'),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ maxLength: 20 }),
);

function nested(depth: number): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < depth; level++) value = { inner: value };
  return value;
}

const anything = fc.oneof(
  text,
  fc.constantFrom(null, true, 0, -1, 1.5, 2 ** 53, 1e308, 10_001, [], {}, ['a'], { task: 'WAS' }, ...EXTREME_TIMES),
  fc.constantFrom(nested(3), nested(400)),
  fc.jsonValue({ maxDepth: 2 }),
);

const time = fc.oneof(
  fc.constantFrom(...EXTREME_TIMES),
  fc
    .date({ min: new Date('1960-01-01'), max: new Date('2101-01-01'), noInvalidDate: true })
    .map((at) => at.toISOString()),
);

const requestId = fc.oneof(fc.constantFrom('once', 'twice', 'x'.repeat(256)), fc.uuid());

const versions = fc.oneof(
  fc.constantFrom('latest', 'previous', '', ' ', ',', 'a b', 'a,\n b', ' latest ', ','.repeat(8), 'none', 'null'),
  fc.constantFrom('v'.repeat(256), 'v'.repeat(257), Array(9).fill('v'.repeat(256)).join(',')),
  text,
);

const warKey = fc.oneof(
  fc.constant('app.war'),
  fc.constantFrom(243, 250, 255, 256, 257, 1024, 1025).map((length) => `${'k'.repeat(length - 4)}.war`),
  text.map((name) => `${name.slice(0, 1000)}.war`),
);

const upload = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ bucket: fc.constant('wars'), key: warKey, versionId: fc.constantFrom('', 'v2') }),
  },
  { weight: 1, arbitrary: fc.record({ bucket: text, key: text, versionId: text }) },
  { weight: 1, arbitrary: anything },
);

function taskOf(task: string) {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant(task) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('%'.repeat(256), '/'.repeat(256), 'NOPE', 'was', '결'.repeat(256), '😀'.repeat(128)),
    },
    { weight: 1, arbitrary: anything },
  );
}

/** Of each request its fields, and how often each is there, in percent. */
function requestFields(task: string): Record<string, Record<string, [fc.Arbitrary<unknown>, number]>> {
  const common = { task: [taskOf(task), 100], requestedBy: [text, 30] } satisfies Record<
    string,
    [fc.Arbitrary<unknown>, number]
  >;
  return {
    DeployRequested: {
      ...common,
      versions: [versions, 25],
      capacity: [fc.constantFrom(1, 4, 10_000, 0, 1.5), 10],
      requestId: [requestId, 35],
      requestedAt: [time, 25],
      upload: [upload, 45],
    },
    AbortRequested: { ...common, reason: [anything, 50], dropPending: [fc.boolean(), 30] },
    CleanRequested: { ...common, abort: [fc.boolean(), 30] },
  };
}

function fieldsOf(fields: Record<string, [fc.Arbitrary<unknown>, number]>): fc.Arbitrary<Field[]> {
  const drawn = Object.entries(fields).map(([name, [value, percent]]) =>
    fc
      .tuple(fc.integer({ min: 1, max: 100 }), value)
      .map(([dice, drawnValue]): Field[] => (dice <= percent ? [[name, drawnValue]] : [])),
  );
  return fc.tuple(...drawn).map((each) => each.flat());
}

/** What fingers, scripts and enemies do to a detail. */
const change = fc.oneof(
  { weight: 8, arbitrary: fc.constant((fields: Field[]) => fields) },
  {
    weight: 1,
    arbitrary: fc
      .nat(9)
      .map(
        (index) => (fields: Field[]) =>
          fields.map(
            ([name, value], at): Field => (at === index % fields.length ? [name.slice(0, -1), value] : [name, value]),
          ),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(9), anything).map(
      ([index, other]) =>
        (fields: Field[]) =>
          fields.map(([name, value], at): Field => [name, at === index % fields.length ? other : value]),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.oneof(fc.constantFrom('__proto__', 'constructor', 'toString', 'Task', 'version'), text), anything)
      .map((field) => (fields: Field[]): Field[] => [...fields, field]),
  },
);

const at = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.constantFrom(-3600, -12, -2, 8, 600) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '2099-01-01T00:00:00Z',
      '9999-12-31T23:59:59Z',
      '1970-01-01T00:00:00Z',
      '0000-01-01T00:00:00Z',
    ),
  },
);

function asJson(fields: Field[]): string {
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
}

/** An event about this task. */
export function drawnEvent(task: string): fc.Arbitrary<DrawnEvent> {
  const of = (detailType: string, fields: fc.Arbitrary<Field[]>) =>
    fc.record({ fields, change, at }).map(({ fields: drawn, change: changed, ...more }) => ({
      detailType,
      source: 'bluegreen',
      detail: asJson(changed(drawn)),
      ...more,
    }));
  const requests = Object.entries(requestFields(task)).map(([type, fields]) => of(type, fieldsOf(fields)));
  const typeOf = fc.oneof(
    fc.constantFrom('DeployRequest', 'deployrequested', 'constructor', '__proto__'),
    text.map((type) => type.slice(0, 128) || 'x'),
  );
  const unknown = typeOf.chain((type) => of(type, fieldsOf({ task: [taskOf(task), 80] })));
  const strange = fc
    .tuple(
      fc.oneof(...requests, unknown),
      fc.oneof(
        fc.constantFrom('bluegren', 'Bluegreen', 'lambda', 'my.app'),
        text.map((name) => name.slice(0, 256) || 'x'),
      ),
    )
    .map(([event, source]) => ({ ...event, source }));
  return fc.oneof(
    ...requests.map((arbitrary, index) => ({ weight: index === 0 ? 10 : 5, arbitrary })),
    { weight: 1, arbitrary: unknown },
    { weight: 1, arbitrary: strange },
  );
}
