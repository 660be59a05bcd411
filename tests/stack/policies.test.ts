/**
 * The policies of people by job: each allows what the command needs for that job, and what mails and documents tell people
 * to run, and nothing more.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { VERBS } from '../../cli/verbs';
import { buildWar } from '../../local/fleet/war';
import type { Access } from '../../local/kernel/access';
import type { Policy } from '../../local/services/iam/authorization';
import { createGroupCommand, tagCommand } from '../../shared/codes/commands';
import { CommandLine } from '../harness/command';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';
import { accessesOf, documentedCommands, otherCommands } from './documented-commands';
import { grantsOf, isAllowed } from './permission-report';

const JOBS = ['Reader', 'Uploader', 'Operator', 'Repair'] as const;
type Job = (typeof JOBS)[number];

/** IAM user guide, "IAM and STS quotas": blanks are not counted. */
const MOST_CHARACTERS = 6144;

/**
 * It tells what anybody may, and a policy cannot say that it is to be whoever asks: the principal that is asked about is the
 * resource, of which a variable can name a user and no role, nor the permission set that a role of single sign-on is of.
 * `doctor` does without where it may not ask.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
const NOT_GRANTED = 'iam:SimulatePrincipalPolicy';

/** Who calls, as decisions about calls name them. */
function personOf(job: Job): string {
  return `user:${job}`;
}

/** Everything that the verbs look at differently. */
const FLEET = {
  instances: 1,
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

const ASKING = [
  'deploy WAS --yes',
  'rollback WAS --yes',
  'abort WAS --yes',
  'clean WAS --yes',
  'replay --from 1h --yes',
];

const UPLOADING = ['upload WAS app.war --yes', 'upload WAS app.war --yes --watch', 'watch WAS'];

let world: World;
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
  await runAll('Reader', LOOKING);
  await runAll('Operator', LOOKING);
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  await runAll('Reader', LOOKING);
  await runAll('Operator', LOOKING);
  await runAll('Uploader', ['watch WAS']);
  await world.clock.advance(600);
  await runAll('Reader', LOOKING);
  await runAll('Uploader', UPLOADING);
  await world.clock.advance(600);
  await runAll('Operator', ASKING);
  await loseVersion(world.fleet.versionIds[0]);
  await runAll('Reader', ['doctor WAS']);
  await runAll('Operator', ['doctor WAS']);
  await runAll('Uploader', UPLOADING);
  await new Operator(world).createGroup('second', { taskForDeploy: 'WAS', type: 'Active' });
}, 180_000);

/** Whoever may not list a bucket is not told what is missing in it. */
async function loseVersion(VersionId: string | undefined): Promise<void> {
  const gone = new DeleteObjectCommand({ Bucket: world.fleet.bucket, Key: 'app.war', VersionId });
  await world.clock.run(new S3Client(world.aws.operator).send(gone));
}

async function runAll(job: Job, lines: string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'policies-'));
  writeFileSync(join(folder, 'app.war'), buildWar({ health: '200' }));
  const command = await CommandLine.open(world);
  for (const line of lines) {
    const words = line.split(' ').map((word) => (word === 'app.war' ? join(folder, word) : word));
    const { errors } = await command.run(words, { accessKeyId: job });
    if (errors.includes('AWS does not let you')) denials.push(`${job}: ${line}`);
  }
  command.close();
  rmSync(folder, { recursive: true });
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

test('every verb is run', () => {
  const run = new Set([...LOOKING, ...ASKING, ...UPLOADING].map((line) => line.split(' ')[0]));
  expect([...run].sort()).toEqual(VERBS.map(({ command }) => command.split(' ')[0]).sort());
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
  ['Operator', /^events:(CancelReplay|DescribeArchive|DescribeReplay) /, 'a replay is followed, and may be ended'],
  ['Uploader', /^s3:\w+ on stack-statebucket/, 'what becomes of an upload is followed, wherever it is noted'],
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
