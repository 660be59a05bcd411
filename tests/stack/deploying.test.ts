/** `serverless deploy`, up to where it would change the stack: CloudFormation is a stub that knows what is deployed, and no more. */
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  leaveOutBundles,
  makeCopy,
  packagedTemplate,
  sourcesIn,
  type Template,
} from '../../local/cloudformation/template';

/** What CloudFormation is asked and answers; undefined: there is no stack. */
let deployed: Template | undefined;
let isTemplateDenied = false;
let asked: string[] = [];
let server: Server;
let copy: string;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const form = new URLSearchParams(await text(request));
    const { status, body } = answerTo(form.get('Action') ?? '', form.get('StackName') ?? '');
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});
afterAll(() => server.close());

beforeEach(() => {
  deployed = undefined;
  isTemplateDenied = false;
  asked = [];
  copy = makeCopy(sourcesIn(process.cwd()));
  leaveOutBundles(copy);
});
afterEach(() => rmSync(copy, { recursive: true, force: true }));

function answerTo(action: string, stackName: string): { status: number; body: string } {
  asked.push(action);
  const missing = error(400, 'ValidationError', `Stack with id ${stackName} does not exist`);
  if (action === 'DescribeStacks') return deployed === undefined ? missing : result(action, STACK);
  if (action === 'GetTemplate' && !isTemplateDenied) {
    return deployed === undefined ? missing : result(action, `<TemplateBody>${escaped(deployed)}</TemplateBody>`);
  }
  return error(403, 'AccessDenied', `not allowed here: ${action}`); // nothing gets any further
}

const OWN_BUCKET = 'bluegreen-dev-warbucket-1x2y3z';
const STACK = `<Stacks><member><StackName>bluegreen-dev</StackName><StackStatus>UPDATE_COMPLETE</StackStatus>
  <CreationTime>2026-01-01T00:00:00Z</CreationTime><Outputs>
  <member><OutputKey>WarBucketName</OutputKey><OutputValue>${OWN_BUCKET}</OutputValue></member>
  </Outputs></member></Stacks>`;

function result(action: string, content: string): { status: number; body: string } {
  const body = `<${action}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><${action}Result>${content}</${action}Result></${action}Response>`;
  return { status: 200, body };
}

function error(status: number, code: string, message: string): { status: number; body: string } {
  const content = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, body: `<ErrorResponse>${content}<RequestId>1</RequestId></ErrorResponse>` };
}

function escaped(template: Template): string {
  return JSON.stringify(template).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** What it says, with `file` as that of the stage `dev`. It fails always: the stub lets nothing be changed. */
function deploy(file: string, ...options: string[]): Promise<string> {
  mkdirSync(join(copy, 'deploy'));
  writeFileSync(join(copy, 'deploy/dev.yml'), file);
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    NODE_OPTIONS: '',
  };
  return new Promise((end) => {
    const command = join(copy, 'node_modules/.bin/serverless');
    execFile(command, ['deploy', ...options], { cwd: copy, env, timeout: 110_000 }, (problem, output, errors) => {
      expect(problem?.code).toBe(1);
      expect(`${output}${errors}`).not.toMatch(/^ +at /m);
      end(`${output}${errors}`);
    });
  });
}

/** Packaging takes its time: what is deployed is one stack that was given all of it, the default, or that of most worlds. */
const GIVEN = { AdminEmails: 'ops@example.com,lead@example.com', WarBuckets: 'wars-one,wars-two' };

test('a stage that says nothing of recipients is refused before it is packaged, and told who gets the mails now', async () => {
  deployed = packagedTemplate(GIVEN);
  const said = await deploy('CycleSeconds: 60\n');
  expect(said).toContain(
    'parameter AdminEmails is not given: write "AdminEmails: …" into deploy/dev.yml, or "AdminEmails: none" where that is meant; who gets the mails now: ops@example.com, lead@example.com\n',
  );
  expect(asked.filter((action) => !['DescribeStacks', 'GetTemplate', 'GetCallerIdentity'].includes(action))).toEqual(
    [],
  );
});

test('so is one that was never deployed', async () => {
  expect(await deploy('')).toContain('where that is meant; nobody is told anything now\n');
});

test('so is one whose stack cannot be read, which is said', async () => {
  deployed = packagedTemplate();
  isTemplateDenied = true;
  expect(await deploy('')).toContain('could not be read (not allowed here: GetTemplate)\n');
});

test('recipients that go are shown', async () => {
  deployed = packagedTemplate(GIVEN);
  const said = await deploy('AdminEmails: ops@example.com\nWarBuckets: wars-one,wars-two\n');
  expect(said).toContain('No longer mailed: lead@example.com\n');
  expect(said).not.toContain('no longer heard of');
});

test('so are all of them where none is meant, and the buckets that go because others are named', async () => {
  deployed = packagedTemplate(GIVEN);
  const said = await deploy('AdminEmails: none\n', '--param', 'WarBuckets=wars-one');
  expect(said).toContain('No longer mailed: ops@example.com, lead@example.com\n');
  expect(said).toContain('Uploads no longer heard of, in the bucket wars-two\n');
});

test('so is the bucket that the stack made, by its name', async () => {
  deployed = packagedTemplate();
  const said = await deploy('AdminEmails: none\nWarBuckets: wars-one\n');
  expect(said).toContain(`Uploads no longer heard of, in the bucket ${OWN_BUCKET}\n`);
});

test('a parameter that was given the last time, and would go back to its default, is asked for again', async () => {
  const template = packagedTemplate({ AdminEmails: 'admin@example.com', CycleSeconds: '60' });
  const Metadata = { Parameters: { CycleSeconds: '60', Repetitions: '2' } };
  deployed = { ...template, Metadata } as Template;
  const said = await deploy('AdminEmails: none\n');
  expect(said).toContain(
    'parameter CycleSeconds is 60 in the stack, and is not given now: write "CycleSeconds: 60" into deploy/dev.yml, or "CycleSeconds: 210" where that is meant\n',
  );
  expect(asked).not.toContain('UpdateStack');
});

test('so are the buckets of a stack of before, which does not say what it was given', async () => {
  deployed = { ...packagedTemplate(GIVEN), Metadata: {} } as Template;
  const said = await deploy('AdminEmails: none\n');
  expect(said).toContain(
    'parameter WarBuckets is wars-one,wars-two in the stack, and is not given now: write "WarBuckets: wars-one,wars-two" into deploy/dev.yml, or "WarBuckets: none" where that is meant\n',
  );
  expect(asked).not.toContain('UpdateStack');
});

test('nothing is shown where nothing goes', async () => {
  deployed = packagedTemplate(GIVEN);
  const said = await deploy(
    'AdminEmails: [lead@example.com, ops@example.com]\nWarBuckets: wars-two, wars-one, wars-three\n',
  );
  expect(said).not.toMatch(/no longer/i);
  expect(asked).toContain('GetTemplate');
});
