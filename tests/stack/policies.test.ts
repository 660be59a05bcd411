/**
 * The policies of people by job: each allows what the command needs for that job, and what mails and documents tell people
 * to run, and nothing more.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import { EXIT } from '../../cli/problem';
import { buildWar } from '../../local/fleet/war';
import type { Access } from '../../local/kernel/access';
import type { Policy } from '../../local/services/iam/authorization';
import { createGroupCommand, tagCommand } from '../../shared/codes/commands';
import { CommandLine, type CommandOptions } from '../harness/command';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';
import { accessesOf, documentedCommands, otherCommands } from './documented-commands';
import { grantsOf, isAllowed } from './permission-report';

const JOBS = ['Reader', 'Uploader', 'Operator', 'Repair'] as const;
type Job = (typeof JOBS)[number];

/** IAM user guide, "IAM and STS quotas": blanks are not counted. */
const MOST_CHARACTERS = 6144;

/** It would tell what everybody else may, too: `doctor` does without where it may not ask. */
const NOT_GRANTED = 'iam:SimulatePrincipalPolicy';

/** Who calls, as decisions about calls name them. */
function personOf(job: Job): string {
  return `user:${job}`;
}

/** Everything that the verbs look at differently. */
const FLEET = {
  instances: 1,
  // A Network Load Balancer registers slowly.
  extraTags: { repetitions: '6' },
  maximum: 2,
  loadBalancers: [
    {
      kind: 'application' as const,
      way: 'direct' as const,
      isAcrossZones: true,
      targetGroups: [{ protocol: 'HTTPS' as const, protocolVersion: 'HTTP2' as const }],
    },
    {
      kind: 'network' as const,
      way: 'traffic-source' as const,
      isAcrossZones: false,
      targetGroups: [{ protocol: 'TCP' as const }],
    },
    { kind: 'classic' as const, way: 'direct' as const, isAcrossZones: true, targetGroups: [] },
  ],
};

const LOOKING = [
  'status',
  'status WAS',
  'watch WAS --timeout 4',
  'history WAS',
  'explain WAS',
  'logs WAS',
  'doctor',
  'doctor WAS',
];

let world: World;
let folder: string;
const asked = new Map<string, Access[]>(JOBS.map((job) => [personOf(job), []]));
const denials: string[] = [];

beforeAll(async () => {
  world = await World.quick({ fleet: FLEET });
  for (const name of JOBS) {
    const policyArns = [world.stack.outputs[`${name}PolicyArn`] ?? ''];
    world.aws.addUser({ name, accessKeyId: name, policyArns });
  }
  world.aws.authorization.onDecision(({ principal, access, result }) => {
    asked.get(principal)?.push(access);
    if (!asked.has(principal) || access.action === NOT_GRANTED || result === 'Allowed') return;
    denials.push(`${principal}: ${access.action} on ${access.resource}`);
  });
  folder = mkdtempSync(join(tmpdir(), 'policies-'));
  await runAll('Reader', LOOKING);
  await runAll('Operator', LOOKING);
  // Never deployed before.
  await run('Uploader', `upload WAS ${war('app.war')} --name 2 --yes`);
  await world.until('DummyAttached');
  await runAll('Reader', LOOKING);
  await runAll('Uploader', ['watch WAS --timeout 4']);
  await world.clock.advance(600);
  await runAll('Reader', LOOKING);
  await run('Uploader', `upload WAS ${war('app.war')} --yes --watch`);
  await run('Uploader', `upload WAS ${largeWar('app.war')} --yes --watch`, { interruptAfterSeconds: 0.2 }, 'any');
  await run('Uploader', `upload WAS ${largeWar('app.war')} --yes --watch`);
  await runAll('Uploader', ['watch WAS --timeout 4']);
  await run('Operator', 'rollback WAS --yes --watch');
  await run('Operator', 'deploy WAS --latest --yes');
  await world.until('DummyAttached');
  await runAll('Operator', LOOKING);
  await run('Operator', 'abort WAS --yes --watch');
  await run('Operator', 'clean WAS --yes --watch', {}, 'any');
  await world.clock.advance(600);
  await run('Operator', 'replay --from 10m --yes');
  await loseVersion(world.servedVersions()[0]);
  await runAll('Reader', ['doctor WAS']);
  await runAll('Operator', ['doctor WAS']);
  await runAll('Uploader', [`upload WAS ${war('app.war')} --yes`]);
  await new Operator(world).createGroup('second', { taskForDeploy: 'WAS', type: 'Active' });
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true }));

/** Whoever may not list a bucket is not told what is missing in it. */
async function loseVersion(VersionId: string | undefined): Promise<void> {
  const gone = new DeleteObjectCommand({ Bucket: world.fleet.bucket, Key: 'app.war', VersionId });
  await world.clock.run(new S3Client(world.aws.operator).send(gone));
}

/** Looks: how they end depends on what they see. */
async function runAll(job: Job, lines: string[]): Promise<void> {
  for (const line of lines) await run(job, line, {}, 'any');
}

async function run(
  job: Job,
  line: string,
  options: CommandOptions = {},
  expected: number | 'any' = EXIT.completed,
): Promise<void> {
  const command = await CommandLine.open(world);
  const { code, screen } = await command.run(line, { ...options, accessKeyId: job });
  command.close();
  if (expected !== 'any' && code !== expected) throw new Error(`${job}: ${line} ended with ${code}: ${screen}`);
}

function war(name: string): string {
  return file(name, buildWar({ health: '200' }));
}

/** Sent in parts. */
function largeWar(name: string): string {
  const large = new Uint8Array(16 * 1024 ** 2);
  return file(name, zipSync({ health: Buffer.from('200'), large: [large, { level: 0 }] }));
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function policyOf(job: Job): Policy[] {
  const properties = world.stack.resources.get(`${job}Policy`)?.properties;
  return [{ PolicyName: job, PolicyDocument: properties?.PolicyDocument as Policy['PolicyDocument'] }];
}

test.each(JOBS)('the policy of the %s is in the outputs, and has room to grow', (job) => {
  expect(world.stack.outputs[`${job}PolicyArn`]).toMatch(/^arn:aws:iam::\d+:policy\//);
  const [policy] = policyOf(job);
  const characters = JSON.stringify(policy?.PolicyDocument).length;
  expect(characters).toBeLessThan(MOST_CHARACTERS * 0.9);
});

test('whoever has a job may do all that the command does for it', () => {
  expect([...new Set(denials)]).toEqual([]);
  for (const [person, accesses] of asked) {
    if (person !== personOf('Repair')) expect([person, accesses.length > 3]).toEqual([person, true]);
  }
});

/** What an instance does at launch. */
const OF_INSTANCES = /^aws s3api get-object /;

describe('what mails and documents tell people to run is allowed to somebody', () => {
  const commands = documentedCommands().filter(({ line }) => !OF_INSTANCES.test(line));
  const files = [...new Set(commands.map(({ file }) => file))];

  test.each(files)('%s', (file) => {
    const denied = commands.filter((one) => one.file === file && jobsFor(one.line).length === 0);
    expect(denied.map(({ line }) => line)).toEqual([]);
  });

  test('also of fleets that no document has', () => {
    const denied = otherCommands(world).filter((line) => !jobsFor(line).includes('Repair'));
    expect(denied).toEqual([]);
  });

  test('repairs by whoever repairs, requests by the operator, uploads by the uploader', () => {
    const jobs = commands.map((one) => [one.line.split(' ').slice(1, 3).join(' '), jobsFor(one.line)] as const);
    const of = (name: string) => jobs.filter(([called]) => called === name).map(([, found]) => found);
    expect(of('autoscaling attach-load-balancers').flat()).toContain('Repair');
    expect(of('events put-events').every((found) => found.join() === 'Operator')).toBe(true);
    expect(of('autoscaling update-auto-scaling-group').every((found) => found.join() === 'Repair')).toBe(true);
  });
});

describe('whoever repairs takes groups into the stack, and gives none away', () => {
  const tag = (Key: string, Value: string) => ({ key: Key, value: Value, propagateAtLaunch: true });
  const launch = {
    launchTemplate: { LaunchTemplateName: 'tomcat' },
    subnets: 'subnet-a',
    healthCheckType: 'ELB',
    graceSeconds: 60,
  };
  const creating = (...tags: [string, string][]) =>
    createGroupCommand(
      'third',
      launch,
      tags.map(([key, value]) => tag(key, value)),
    );
  const tagging = (...tags: [string, string][]) =>
    tagCommand(tags.map(([key, value]) => ({ group: world.fleet.activeGroup, ...tag(key, value) })));
  const ours = () => world.fleet.bucket;

  test.each<[string, () => string, isAllowed: boolean]>([
    ['makes one of a task', () => creating(['taskForDeploy', 'WAS'], ['bucket', ours()]), true],
    ['makes one in another spelling', () => creating(['TASKFORDEPLOY', 'WAS'], ['Bucket', ours()]), true],
    ['makes none of another stack', () => creating(['taskForDeploy', 'WAS'], ['bucket', 'elsewhere']), false],
    ['makes none that names no bucket', () => creating(['taskForDeploy', 'WAS']), false],
    ['makes none of no task', () => creating(['bucket', ours()]), false],
    ['names the bucket', () => tagging(['bucket', ours()]), true],
    ['names the bucket in another spelling', () => tagging(['Bucket', ours()]), true],
    ['names no other bucket', () => tagging(['bucket', 'elsewhere']), false],
    ['names no other task', () => tagging(['taskForDeploy', 'WEB']), false],
    ['names no other task beside the bucket', () => tagging(['bucket', ours()], ['taskForDeploy', 'WEB']), false],
  ])('%s', (_, line, allowed) => {
    expect(jobsFor(line())).toEqual(allowed ? ['Repair'] : []);
  });
});

/** Of whom each one, alone, may run the command. */
function jobsFor(line: string): Job[] {
  const accesses = accessesOf(line, world);
  return JOBS.filter((job) => accesses.every((access) => isAllowed(policyOf(job), access)));
}

/** What nothing here shows the use of, by job, and why it is granted. */
const USED_OTHERWISE: [job: Job, permission: RegExp, reason: string][] = [
  ['Reader', /damaged/, 'what was set aside is read where a mail names it'],
  ['Operator', /damaged/, 'what was set aside is read where a mail names it'],
  ['Uploader', /history/, 'how an upload ended that another deployment has followed since'],
  ['Uploader', /DescribeTags/, 'whose clones StandBy is attached to, where some are left over'],
  ...(['Reader', 'Uploader', 'Operator'] as const).map(
    (job): [Job, RegExp, string] =>
      [
        ...[
          job,
          /DescribeLaunchTemplateVersions/,
          'asked where the two groups of a task have different launch templates',
        ],
      ] as [Job, RegExp, string],
  ),
  ['Repair', /CreateOrUpdateTags with aws:TagKeys/, 'these are the keys that it may not write'],
];

test('nothing else is allowed', () => {
  const lines = documentedCommands().flatMap(({ line }) => (OF_INSTANCES.test(line) ? [] : [line]));
  const documented = [...lines, ...otherCommands(world)].flatMap((line) => accessesOf(line, world));
  const unused = JOBS.flatMap((job) =>
    grantsOf(policyOf(job), [...(asked.get(personOf(job)) ?? []), ...documented])
      .filter(({ isUsed }) => !isUsed)
      .map(({ permission }) => ({ job, permission })),
  );
  const unexplained = unused.filter(
    ({ job, permission }) => !USED_OTHERWISE.some(([of, excepted]) => of === job && excepted.test(permission)),
  );
  expect(unexplained.map(({ job, permission }) => `${job}: ${permission}`)).toEqual([]);
});
