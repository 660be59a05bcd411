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
import { EC2Client } from '@aws-sdk/client-ec2';
import { type BuildOptions, build } from 'esbuild';
import * as fc from 'fast-check';
import type { Functions } from '../../local/functions';
import type { CreateHandler } from '../../shared/aws/runtime';
import { Addresses } from '../../shared/fleet/addresses';
import { Operator } from '../harness/operator';
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

let modules = 0;

async function built(contents: string, changed: BuildOptions): Promise<Record<string, unknown>> {
  const stdin = { contents, resolveDir: process.cwd(), loader: 'ts' as const };
  const { outputFiles } = await build({ ...packagerOptions(), ...changed, stdin, write: false, logLevel: 'error' });
  const path = join(folder, `module-${++modules}.mjs`);
  writeFileSync(path, outputFiles?.[0]?.text ?? '');
  return importModule(path) as never;
}

const OF_CLIENTS = ['literal keys of schemas', 'rules of endpoints that functions have'];

/** A module of these contents, with clients as they are in the bundles. */
async function bundled(contents: string): Promise<Record<string, unknown>> {
  const plugins = packagerOptions().plugins?.filter(({ name }) => OF_CLIENTS.includes(name));
  return built(contents, { plugins });
}

test('they find the endpoint of S3 that the SDK finds', async () => {
  type Resolvers = { defaultEndpointResolver: (given: object) => unknown };
  const contents = `export * from './node_modules/@aws-sdk/client-s3/dist-es/endpoint/endpointResolver.js';
    export * from '@aws-sdk/client-s3';`;
  const [made, written] = (await Promise.all([bundled(contents), built(contents, { plugins: [] })])) as Resolvers[];
  const answer = (resolvers: Resolvers | undefined, given: object) => {
    try {
      return resolvers?.defaultEndpointResolver(given);
    } catch (error) {
      return String(error);
    }
  };
  const each = (...values: unknown[]) => fc.constantFrom(...values);
  const given = fc.record({
    Region: each(
      'eu-central-1',
      'us-east-1',
      'cn-north-1',
      'us-gov-west-1',
      'us-iso-east-1',
      'not a region',
      undefined,
    ),
    Bucket: each('wars', 'wars.of.a.team', 'Wars_Of', 'a', undefined),
    Endpoint: each(undefined, undefined, 'http://127.0.0.1:4566', 'https://s3.example.org/path'),
    ForcePathStyle: each(true, false),
    UseFIPS: each(true, false, false),
    UseDualStack: each(true, false, false),
    // As the client gives them where nothing is configured.
    ...{ Accelerate: each(false, undefined), UseGlobalEndpoint: each(false, undefined), UseArnRegion: each(false) },
    ...{ DisableMultiRegionAccessPoints: each(false), DisableS3ExpressSessionAuth: each(false, undefined) },
  });
  await fc.assert(
    fc.property(given, (one) => {
      expect(answer(made, one)).toEqual(answer(written, one));
    }),
    { numRuns: 500 },
  );
});

test('they read of EC2 what is read without them', async () => {
  const world = await World.quick({ entry: 'wire' });
  const contents = `export { EC2Client } from '@aws-sdk/client-ec2';
    export { Addresses } from './shared/fleet/addresses';`;
  const of = (await bundled(contents)) as { Addresses: typeof Addresses; EC2Client: typeof EC2Client };
  const ids = await new Operator(world).instanceIds(world.fleet.activeGroup);
  const addresses = await world.clock.run(new of.Addresses(new of.EC2Client(world.aws.operator)).of(ids));
  expect([...addresses.values()]).toEqual(ids);
  expect(addresses).toEqual(await world.clock.run(new Addresses(new EC2Client(world.aws.operator)).of(ids)));
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
