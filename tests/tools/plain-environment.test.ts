import { tmpdir } from 'node:os';

const PlainEnvironment: new () => { global: object; teardown(): Promise<void> } = require('./plain-environment.cjs');

function changed(): void {
  globalThis.console = { ...globalThis.console };
  process.exit = (() => {}) as unknown as typeof process.exit;
  process.chdir(tmpdir());
  process.env.PLAIN_ENVIRONMENT_ADDED = 'yes';
  process.env.PATH = 'elsewhere';
  delete process.env.HOME;
}

function shape() {
  return { console: globalThis.console, exit: process.exit, folder: process.cwd(), environment: { ...process.env } };
}

test('what a test file changes of the process is as it was, for the next one', async () => {
  const before = shape();
  const environment = new PlainEnvironment();
  changed();
  expect(shape()).not.toEqual(before);
  await environment.teardown();
  const after = shape();
  expect(after).toEqual(before);
  expect(after.console).toBe(before.console);
});

test('the environment is that of the process again, also where a test file has put another in its place', async () => {
  const before = process.env;
  const environment = new PlainEnvironment();
  process.env = { PATH: 'elsewhere' };
  await environment.teardown();
  expect(process.env).toBe(before);
  expect(process.env.PATH).not.toBe('elsewhere');
});

test('errors of Node are errors to a test: there is one context', () => {
  expect(() => process.chdir('/nowhere/at/all')).toThrow(Error);
  expect(globalThis).toBe(new PlainEnvironment().global);
});
