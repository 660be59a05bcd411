/** Imports between the rooms of the code go down only, and no files go in a circle: types count as much as values. */
import { existsSync, readFileSync } from 'node:fs';
import { circles, diagram, importsOf, importsUpward, readImports, strangers } from './rooms';

const imports = readImports();

test('every room has its place in the order', () => {
  expect(strangers(imports)).toEqual([]);
});

test('no import goes upward', () => {
  expect(importsUpward(imports)).toEqual([]);
});

test('no files go in a circle', () => {
  expect(circles(imports)).toEqual([]);
});

describe('ARCHITECTURE.md', () => {
  const text = readFileSync('ARCHITECTURE.md', 'utf8');

  test('draws the rooms in this order', () => {
    expect(text).toContain(`\`\`\`mermaid\n${diagram()}\n\`\`\`\n`);
  });

  test('names only files and folders that are there', () => {
    const named = [...text.matchAll(/`((?:functions|shared|local|tests|events|stack)\/[\w./-]*)`/g)].map(
      ([, path]) => path,
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path = '') => !existsSync(path))).toEqual([]);
  });
});

test('only the transition has the store of records in its hands, and the command what reads of it', () => {
  const isOfTests = (file: string) => /^tests\/|\.test\.ts$/.test(file);
  const holders = [...imports].filter(
    ([file, imported]) => imported.includes('shared/pipeline/record-store.ts') && !isOfTests(file),
  );
  const stores = holders.filter(([file]) => /RecordStore/.test(readFileSync(file, 'utf8'))).map(([file]) => file);
  expect(stores.sort()).toEqual(['cli/stack.ts', 'shared/pipeline/services.ts', 'shared/pipeline/transition.ts']);
});

describe('an import is seen', () => {
  test.each([
    "import { VirtualClock } from './clock';",
    "import type { Clock } from './clock';",
    "import { type Clock as Time } from './clock.js';",
    "import './clock.ts';",
    "export * from '../kernel/clock';",
    "export type { Clock } from './clock';",
    "const { VirtualClock } = await import('./clock');",
    "export type Time = import('./clock').Clock;",
    "import clock = require('./clock');",
    "const clock = require('./clock');",
  ])('%s', (text) => {
    expect(importsOf('local/kernel/random.ts', text)).toEqual(['local/kernel/clock.ts']);
  });

  test('of any file of a folder', () => {
    const text = 'const load = (name: string) => import(`../kernel/${name}.ts`);';
    expect(importsOf('local/server/main.ts', text)).toEqual(expect.arrayContaining(['local/kernel/clock.ts']));
    expect(importsOf('local/server/main.ts', text).filter((path) => path.includes('.test.'))).toEqual([]);
  });

  test('in every file of the project', () => {
    expect(imports.get('tests/tools/rooms.test.ts')).toEqual(['tests/tools/rooms.ts']);
    expect(imports.get('local/services/lambda/function.ts')).toContain('shared/aws/runtime.ts'); // of a type alone
    expect([...imports.values()].flat().length).toBeGreaterThan(1000);
  });

  test('or else it is refused', () => {
    const computed = 'export const clock = import(`./${name}`);';
    expect(() => importsOf('local/kernel/random.ts', computed)).toThrow('named by a plain string');
  });

  test('also of what is not there', () => {
    expect(() => importsOf('local/kernel/random.ts', "import './gone';")).toThrow('random.ts imports ./gone, which is');
  });
});

describe('what goes against the order is found', () => {
  test.each([
    ['from one floor to a higher one', 'local/kernel/clock.ts', 'local/endpoint/endpoint.ts'],
    ['between two rooms of one floor', 'shared/dummies/dummies.ts', 'shared/codedeploy/code-deploy.ts'],
    ['from one house to a higher one', 'shared/aws/bus.ts', 'functions/start.ts'],
    ['between services', 'local/services/sqs/sqs.ts', 'local/services/lambda/lambda.ts'],
    ['of a test', 'tests/harness/world.ts', 'functions/start.test.ts'],
    ['of what configures tools', 'functions/start.ts', 'jest.config.ts'],
    ['of data', 'shared/aws/bus.ts', 'tests/fixtures/records/failed.json'],
  ])('an import %s', (_, from, to) => {
    expect(importsUpward(new Map([[from, [to]]]))).toEqual([`${from} imports ${to}`]);
  });

  test('but not what a test imports, nor what lies in one room', () => {
    const fine: [string, string[]][] = [
      ['shared/aws/bus.test.ts', ['tests/harness/world.ts']],
      ['local/endpoint/client.ts', ['local/endpoint/endpoint.ts', 'local/kernel/clock.ts']],
    ];
    expect(importsUpward(new Map(fine))).toEqual([]);
  });

  test('a circle of any length, once', () => {
    const ring = new Map([
      ['a.ts', ['b.ts']],
      ['b.ts', ['c.ts']],
      ['c.ts', ['a.ts']],
      ['d.ts', ['a.ts']],
    ]);
    expect(circles(ring)).toEqual([['a.ts', 'b.ts', 'c.ts']]);
  });

  test('a room that nobody has placed', () => {
    expect(strangers(new Map([['shared/utils/text.ts', []]]))).toEqual(['shared/utils']);
  });
});

test('only the functions that mail carry other languages with them', () => {
  const reached = (file: string, seen = new Set<string>()): Set<string> => {
    if (seen.has(file)) return seen;
    seen.add(file);
    for (const other of imports.get(file) ?? []) reached(other, seen);
    return seen;
  };
  const functions = [...imports.keys()].filter((file) => /^functions\/[\w-]+\.ts$/.test(file));
  const carrying = functions.filter((file) =>
    /[가-힣]/.test([...reached(file)].map((one) => readFileSync(one, 'utf8')).join()),
  );
  expect(carrying.sort()).toEqual(['functions/codedeploy-clean-up.ts', 'functions/notify.ts', 'functions/watchdog.ts']);
});
