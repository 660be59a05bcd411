/** What pipelines of builds are given: the scripts of the files as they stand there, run by a shell, against the embedded AWS. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { parse } from 'yaml';
import { type DeployedStack, deploy } from '../../local/cloudformation/stack';
import { buildWar } from '../../local/fleet/war';
import { AwsError } from '../../local/kernel/service';
import { CommandLine } from '../harness/command';
import { World } from '../harness/world';

interface Action {
  inputs: Record<string, { description: string; required?: boolean; default?: string }>;
  outputs: Record<string, { description: string; value: string }>;
  runs: { steps: { name: string; id?: string; shell: string; env?: Record<string, string>; run: string }[] };
}

const ACTION = parse(readFileSync('action.yml', 'utf8')) as Action;
const JOB = (parse(readFileSync('examples/ci/gitlab.yml', 'utf8')) as Record<string, GitLabJob>)['.bluegreen'];
const COMMIT = '3f786850e387550fdab836ed7e6dc881de23001b';

interface GitLabJob {
  variables: Record<string, string>;
  id_tokens: Record<string, { aud: string }>;
  before_script: string[];
  script: string[];
}

let world: World;
let command: CommandLine;
let bridge: Server;
let folder: string;
/** What the command found around it, the last time. */
let environment: Record<string, string>;
/** Of what CI may do, the policy is that of the template. */
const stacks = new Map<string, DeployedStack>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ci-'));
  world = await World.quick();
  command = await CommandLine.open(world);
  for (const [name, parameters] of [
    ['github-oidc', { Repository: 'acme/shop' }],
    ['gitlab-oidc', { Project: 'acme/shop' }],
  ] as const) {
    const template = parse(readFileSync(`examples/ci/${name}.yml`, 'utf8'));
    const UploaderPolicyArn = world.stack.outputs.UploaderPolicyArn ?? '';
    const { aws } = world;
    const options = { region: aws.region, accountId: aws.accountId, stackName: name };
    // Nobody shows a token here: that the role is had is taken for granted, and what it may do is not.
    const stack = deploy(template, aws, { ...options, parameters: { ...parameters, UploaderPolicyArn } });
    const policyArns = stack.resources.get('DeployerRole')?.properties.ManagedPolicyArns as string[];
    world.aws.addUser({ name, accessKeyId: name, policyArns });
    stacks.set(name, stack);
  }
  bridge = createServer(async (request, response) => {
    const asked = JSON.parse(await text(request)) as { words: string[]; environment: Record<string, string> };
    environment = asked.environment;
    // The stack of the test is called otherwise than a stage's is.
    const words = asked.words.flatMap((word) => (word === '--stage=dev' ? ['--stack', world.stack.name] : [word]));
    response.end(JSON.stringify(await command.run(words, { accessKeyId: asked.environment.CI_USER ?? '' })));
  }).listen(0, '127.0.0.1');
  await once(bridge, 'listening');
  const stub = join(folder, 'bluegreen');
  writeFileSync(stub, `#!/bin/sh\nexec '${process.execPath}' '${resolve('tests/tools/ci-bridge.mjs')}' "$@"\n`);
  chmodSync(stub, 0o755);
});

afterAll(() => {
  bridge?.close();
  command?.close();
  rmSync(folder, { recursive: true });
});

interface Ran {
  code: number;
  output: string;
  errors: string;
}

async function runScript(script: string, given: Record<string, string>): Promise<Ran> {
  const file = join(folder, 'script.sh');
  writeFileSync(file, script);
  const { port } = bridge.address() as AddressInfo;
  const path = `${folder}:${process.env.PATH}`;
  const env = { ...process.env, ...given, PATH: path, BLUEGREEN_BRIDGE: `http://127.0.0.1:${port}/` };
  // "Setting a specific shell", workflow syntax: what `shell: bash` stands for.
  const shell = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', file], { cwd: folder, env });
  const [output, errors, [code]] = await Promise.all([
    text(shell.stdout),
    text(shell.stderr),
    once(shell, 'close') as Promise<[number]>,
  ]);
  return { code, output, errors };
}

/** A war of the working directory. */
function war(name: string, health = '200'): string {
  writeFileSync(join(folder, name), buildWar({ health }));
  return join(folder, name);
}

describe('the action', () => {
  /** Runs its steps as GitHub does, until one fails. */
  async function runAction(inputs: Record<string, string>) {
    const [outputs, summary] = ['output', 'summary'].map((name) => join(folder, `${name}.txt`)) as [string, string];
    for (const file of [outputs, summary]) writeFileSync(file, '');
    const ofGitHub = {
      ...{ GITHUB_ACTION_PATH: process.cwd(), RUNNER_TEMP: folder, CI_USER: 'github-oidc' },
      ...{ GITHUB_OUTPUT: outputs, GITHUB_STEP_SUMMARY: summary },
    };
    let ran: Ran = { code: 0, output: '', errors: '' };
    for (const { env = {}, run } of ACTION.runs.steps) {
      const own = Object.entries(env).map(([name, value]) => [name, filledIn(value, inputs)]);
      ran = await runScript(run, { ...ofGitHub, ...Object.fromEntries(own) });
      if (ran.code !== 0) break;
    }
    const lines = readFileSync(outputs, 'utf8').split('\n').filter(Boolean);
    const set = lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
    return { ...ran, outputs: Object.fromEntries(set), summary: readFileSync(summary, 'utf8') };
  }

  function filledIn(value: string, inputs: Record<string, string>): string {
    return value.replace(/\$\{\{ (\w+)\.(\w+) \}\}/g, (_, context: string, name: string) => {
      if (context === 'github' && name === 'sha') return COMMIT;
      if (context !== 'inputs' || !ACTION.inputs[name]) throw new Error(`nothing is known of ${context}.${name}`);
      return inputs[name] ?? filledIn(ACTION.inputs[name].default ?? '', inputs);
    });
  }

  test('deploys what was built, and says in the summary which stages it went through', async () => {
    const { code, outputs, summary, errors } = await runAction({
      task: 'WAS',
      files: `\n  ${war('app.war')}\n`,
      name: '2.4.1',
    });
    expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' });
    expect(outputs).toEqual({
      ...{ outcome: 'completed', 'exit-code': '0' },
      'deployment-id': expect.stringMatching(/^2030\d{4}T\d{6}Z-\w+$/),
      'version-ids': world.servedVersions().join(),
    });
    expect(summary).toMatch(/^### WAS: completed\n/);
    expect(summary).toMatch(/^- app\.war: 2\.4\.1, commit 3f786850e387 \(\S+\)$/m);
    expect(summary).toMatch(
      /^start \(\d+ s\) → check-dummy \(\d+ s\) → attach-real \(\d+ s\) → check-real \(\d+ s\) → swap \(\d+ s\) → retire \(\d+ s\)$/m,
    );
    expect(summary).toContain(`    bluegreen explain WAS ${outputs['deployment-id']}\n`);
    const object = new HeadObjectCommand({ Bucket: world.fleet.bucket, Key: 'app.war' });
    const { Metadata } = await world.clock.run(new S3Client(world.aws.operator).send(object));
    expect(Metadata).toEqual({ version: '2.4.1', commit: COMMIT });
  });

  test('fails with the deployment, and says why', async () => {
    const { code, outputs, summary } = await runAction({
      task: 'WAS',
      files: war('ill.war', '500').replace(/^/, 'app.war='),
    });
    expect({ code, outputs }).toMatchObject({ code: 1, outputs: { outcome: 'cleaned', 'exit-code': '1' } });
    expect(summary).toMatch(/^### WAS: cleaned \(T001\)\n/);
    expect(summary).toMatch(/start \(\d+ s\) → check-dummy \(\d+ s, 2 cycles\) → clean-up \(\d+ s\)/);
    expect(summary).toContain('Target.ResponseCodeMismatch');
  });

  test.each<[string, Record<string, string>, () => (() => void) | undefined]>([
    ['its time', { timeout: '20' }, () => undefined],
    ['the session of AWS', {}, () => endSessionLater()],
  ])(
    'where %s is over before the deployment, it has exit code 5, and the deployment goes on',
    async (_, inputs, prepare) => {
      const after = world.events.length;
      const release = prepare();
      const { code, outputs, summary } = await runAction({ task: 'WAS', files: war('app.war'), ...inputs });
      release?.();
      expect({ code, exitCode: outputs['exit-code'] }).toEqual({ code: 5, exitCode: '5' });
      expect(summary).toContain('It goes on by itself: this step has only stopped looking.');
      await world.until('Completed', { after });
      await world.clock.advance(60);
    },
  );

  /** From the first event of the deployment on nothing is answered any more that people ask. */
  function endSessionLater(): () => void {
    const after = world.events.length;
    return world.aws.endpoint.intercept((call, proceed) => {
      const isOver = world.events.slice(after).some((event) => event['detail-type'] === 'DummyAttached');
      if (!isOver || call.caller.principal !== 'user:github-oidc') return proceed();
      throw new AwsError('ExpiredToken', 'The security token included in the request is expired', 400);
    });
  }

  test('does not wait where it is not to', async () => {
    const after = world.events.length;
    const { code, outputs } = await runAction({ task: 'WAS', files: war('app.war'), watch: 'false' });
    expect({ code, outcome: outputs.outcome }).toEqual({ code: 0, outcome: 'begun' });
    await world.until('Completed', { after });
    await world.clock.advance(60);
  });

  test('takes nothing that it is given for a command, an option or Markdown', async () => {
    const evil =
      '--help"; touch evil; $(touch evil) `touch evil` \'\n::set-output name=outcome::completed\n</code>[x](y)';
    const everywhere = Object.fromEntries(Object.keys(ACTION.inputs).map((name) => [name, evil]));
    for (const inputs of [everywhere, { task: evil, files: 'none.war' }]) {
      const { code, outputs, summary } = await runAction(inputs);
      expect([2, 3, 6]).toContain(code);
      expect(outputs).toEqual({ outcome: 'error', 'deployment-id': '', 'version-ids': '', 'exit-code': String(code) });
      expect(summary.replace(/^ {4}.*$/gm, '')).not.toMatch(/[[<`]/);
    }
    expect(existsSync(join(folder, 'evil'))).toBe(false);
    for (const { run } of ACTION.runs.steps) expect(run).not.toContain('${{');
  });

  test('installs the package that the command is packed as', () => {
    const { name } = JSON.parse(readFileSync('cli/package.json', 'utf8')) as { name: string };
    expect(ACTION.runs.steps[0]?.run).toContain(`"$RUNNER_TEMP"/${name}-*.tgz`);
  });
});

test('the job of GitLab deploys, with a token that nobody else can read', async () => {
  const given = {
    ...JOB?.variables,
    VERSION_NAME: '2.5',
    CI_COMMIT_SHA: COMMIT,
    CI_JOB_ID: '17',
    CI_USER: 'gitlab-oidc',
  };
  const evil = '$(touch evil)`touch evil`';
  const job = {
    ...given,
    BLUEGREEN_ID_TOKEN: evil,
    BLUEGREEN_ROLE_ARN: 'arn:aws:iam::123456789012:role/ci',
    TASK: 'WAS',
  };
  const script = [...(JOB?.before_script ?? []), ...(JOB?.script ?? [])].join('\n');
  const { code, output, errors } = await runScript(script, { ...job, WARS: `app.war=${war('app.war')}\n` });
  expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' });
  expect(output).toMatch(/Uploaded app\.war 2\.5, commit 3f786850.* completed after/s);
  expect(existsSync(join(folder, 'evil'))).toBe(false);
  const { AWS_WEB_IDENTITY_TOKEN_FILE: file = '', AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME } = environment;
  expect(readFileSync(file, 'utf8')).toBe(evil);
  expect({ AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME }).toEqual({
    AWS_ROLE_ARN: job.BLUEGREEN_ROLE_ARN,
    AWS_ROLE_SESSION_NAME: 'job-17',
  });
  rmSync(file);
});

describe.each([
  ['github-oidc', 'token.actions.githubusercontent.com', 'sts.amazonaws.com', 'repo:acme/shop:environment:production'],
  ['gitlab-oidc', 'gitlab.com', 'https://gitlab.com', 'project_path:acme/shop:ref_type:branch:ref:main'],
])('the role of %s', (name, host, audience, subject) => {
  const role = () => stacks.get(name)?.resources.get('DeployerRole')?.properties;

  test('trusts one audience and one subject, by no wildcard', () => {
    const provider = `arn:aws:iam::${world.aws.accountId}:oidc-provider/${host}`;
    expect(role()?.AssumeRolePolicyDocument).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRoleWithWebIdentity',
          Principal: { Federated: provider },
          Condition: { StringEquals: { [`${host}:aud`]: audience, [`${host}:sub`]: subject } },
        },
      ],
    });
    expect(stacks.get(name)?.resources.get('Provider')?.properties).toMatchObject({ ClientIdList: [audience] });
    if (name === 'gitlab-oidc') expect(Object.values(JOB?.id_tokens ?? {})).toEqual([{ aud: audience }]);
  });

  test('may do what whoever uploads may, for an hour, and nothing else', () => {
    expect(role()).toMatchObject({
      ManagedPolicyArns: [world.stack.outputs.UploaderPolicyArn],
      MaxSessionDuration: 3600,
    });
    expect(role()).not.toHaveProperty('Policies');
  });
});

test('what is written of the action names all that it takes and gives', () => {
  const page = readFileSync('examples/ci/README.md', 'utf8');
  const rows = [...page.matchAll(/^\| `([\w-]+)` \| (.*) \|$/gm)].map(([, name, meaning]) => [name, meaning]);
  const inputs = Object.entries(ACTION.inputs).map(([name, input]) => [
    name,
    `${input.description}${input.required ? '; it must be given' : input.default ? `; else \`${input.default}\`` : ''}`,
  ]);
  const outputs = Object.entries(ACTION.outputs).map(([name, { description }]) => [name, description]);
  expect(rows).toEqual([...inputs, ...outputs]);
});
