/** What is uploaded for functions works as the functions themselves do, and nothing comes into it unseen. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { Functions } from '../../local/functions';
import type { CreateHandler } from '../../shared/aws/runtime';
import { World } from '../harness/world';
import { BUDGETS, PACKAGES } from './budgets';
import { type Bundles, buildBundles, packagerOptions, whatCameIn } from './bundles';

const requireHere = createRequire(join(process.cwd(), 'package.json'));

let bundles: Bundles;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bundles-'));
  bundles = await buildBundles();
  for (const { name, text } of bundles.all) writeFileSync(join(folder, `${name}.mjs`), text);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** As they stand in the folder: a plain `import()` would be compiled to one that reads no ES modules. */
const importModule: (path: string) => Promise<{ createHandler: CreateHandler }> = new Function(
  'path',
  'return import(path)',
) as never;

function isClient(dependency: string): boolean {
  return dependency.startsWith('@aws-sdk/client-');
}

async function bundledFunctions(): Promise<Functions> {
  const load = async ({ name }: { name: string }): Promise<[string, CreateHandler]> => {
    return [name, (await importModule(join(folder, `${name}.mjs`))).createHandler];
  };
  return Object.fromEntries(await Promise.all(bundles.all.map(load)));
}

test('they deploy, and clean up after a war that is ill, over the wire', async () => {
  const world = await World.quick({ entry: 'wire', handlers: await bundledFunctions() });
  const version = await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  await world.upload('app.war', { health: '500 out of order' });
  await world.until('Cleaned');
  await world.clock.advance(60);
  expect(world.servedVersions()).toEqual([version]);
  expect(world.aws.lambda.invocations.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  expect(world.mails.at(-1)).toBe('[Success] Deploy Clean(Task : WAS)');
});

test('they sign with the credentials of their environment', async () => {
  const heard: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    heard.push(request.headers);
    response.setHeader('content-type', 'application/x-amz-json-1.1').end('{"FailedEntryCount":0,"Entries":[{}]}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [pending] = JSON.parse(readFileSync('events/samples/pipeline/check-pending.json', 'utf8'));
  const body = {
    ...{ version: '0', id: '1', source: pending.Source, 'detail-type': pending.DetailType, account: '123456789012' },
    ...{ time: '2030-01-01T00:00:00Z', region: 'eu-central-1', resources: [], detail: JSON.parse(pending.Detail) },
  };
  const event = { Records: [{ messageId: '1', body: JSON.stringify(body) }] };
  const program = `const { handler } = await import(${JSON.stringify(join(folder, 'resume.mjs'))});
    const invocation = { functionName: 'resume', awsRequestId: '1', getRemainingTimeInMillis: () => 30_000 };
    console.log(JSON.stringify(await handler(${JSON.stringify(event)}, invocation)));`;
  const env = {
    ...{ AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    ...{ AWS_ACCESS_KEY_ID: 'AKIAENVIRONMENT', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'session' },
    ...{
      EVENT_BUS_NAME: 'bluegreen-dev',
      DELAY_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/1/delay',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
  };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { env });
  server.close();
  expect(stdout).toContain('{"batchItemFailures":[]}');
  expect(heard).toHaveLength(1);
  expect(heard[0]?.authorization).toMatch(/Credential=AKIAENVIRONMENT\/\d+\/eu-central-1\/events\/aws4_request/);
  expect(heard[0]?.['x-amz-security-token']).toBe('session');
});

test('what is to be left out of them must be there, or nothing is built', async () => {
  const entry = { contents: 'export const handler = async () => {};', resolveDir: process.cwd() };
  const building = build({ ...packagerOptions(), stdin: entry, write: false, logLevel: 'silent' });
  await expect(building).rejects.toThrow('nothing imports @aws-sdk/credential-provider-node: see stack/bundling.cjs');
});

test("the SDK's errors are in them what they are without", async () => {
  const clients = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).dependencies).filter(isClient);
  const contents = clients
    .flatMap((client, index) => [
      `export * as client${index} from './node_modules/${client}/dist-es/models/errors.js';`,
      `export { errorTypeRegistries as registries${index} } from './node_modules/${client}/dist-es/schemas/schemas_0.js';`,
    ])
    .join('\n');
  const plugins = packagerOptions().plugins?.filter(({ name }) => name === 'exceptions made by one function');
  const stdin = { contents, resolveDir: process.cwd() };
  const { outputFiles } = await build({ stdin, plugins, bundle: true, format: 'esm', platform: 'node', write: false });
  const path = join(folder, 'errors.mjs');
  writeFileSync(path, outputFiles[0]?.text ?? '');
  const made = (await importModule(path)) as unknown as Record<
    string,
    Record<string, typeof Error & { shapeId: string }>
  >;
  for (const [index, client] of clients.entries()) {
    const written = requireHere(client);
    const errors = made[`client${index}`] ?? {};
    expect(Object.keys(errors).length).toBeGreaterThan(10);
    for (const [name, Made] of Object.entries(errors)) {
      const options = { message: 'text', Message: 'Text', $metadata: { httpStatusCode: 400 }, more: 'not of all' };
      const [one, other] = [new Made(options as never), new written[name](options)];
      expect({ ...one, text: String(one), shapeId: Made.shapeId }).toEqual({
        ...other,
        text: String(other),
        shapeId: written[name].shapeId,
      });
      expect(one).toBeInstanceOf(Made);
    }
  }
});

test('nothing came into them that budgets.ts does not know', () => {
  expect(whatCameIn(bundles, PACKAGES)).toEqual([]);
});

test('they are no larger than budgets.ts says', () => {
  const limits = BUDGETS.bundles ?? {};
  const past = bundles.all.filter(({ name, bytes }) => bytes > (limits[name]?.bytes ?? 0));
  expect(past.map(({ name, bytes, packages }) => ({ name, bytes, packages: Object.fromEntries(packages) }))).toEqual(
    [],
  );
  expect(bundles.all.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(limits.all?.bytes ?? 0);
});
