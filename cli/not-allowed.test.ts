/** Where one right is missing: each verb ends with one sentence that names it, or says what it can and what it could not see. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Template } from '../local/cloudformation/template';
import { buildWar } from '../local/fleet/war';
import type { ServiceName } from '../local/kernel/service';
import { throttlingOf } from '../local/kernel/throttle';
import { CommandLine, type CommandOptions, type RanCommand } from '../tests/harness/command';
import { World } from '../tests/harness/world';
import { EXIT } from './problem';

/** What each verb calls, but for the stack itself: without that nothing can be said. */
const SERVICES = ['autoscaling', 'elasticloadbalancing', 'events', 's3', 'logs', 'ec2', 'sns', 'sqs', 'iam'];

/** But for the stack itself. */
const THROTTLED: ServiceName[] = ['auto-scaling', 'elastic-load-balancing-v2', 'eventbridge', 's3'];

let world: World;
let command: CommandLine;
let folder: string;
/** Actions, since the command began. */
const denied = new Set<string>();
let whoRuns: string | undefined;

/** Without these a verb cannot do its work; all else is looked at, or not. */
const NEEDED: Record<string, string[]> = {
  deploy: ['autoscaling', 'elasticloadbalancing', 'events', 's3'],
  rollback: ['autoscaling', 'elasticloadbalancing', 'events', 's3'],
  upload: ['autoscaling', 'elasticloadbalancing', 's3'],
  abort: ['autoscaling', 'events', 's3'],
  clean: ['autoscaling', 'events', 's3'],
  status: ['autoscaling', 's3'],
  watch: ['s3'],
  history: ['s3'],
  explain: ['s3'],
  logs: ['s3', 'logs'],
  replay: ['events', 's3'],
  doctor: [],
};

const EXPECTED: Record<string, number> = { 'watch WAS': EXIT.failed, 'watch WAS --timeout 9': EXIT.stillRunning };

/** What nothing of what is said depends on: whether the task is one of this stack, whether a request would be refused. */
const OPTIONAL: Record<string, string[]> = {
  upload: ['events:ListRules'],
  // How many there are to be deleted is not said then.
  clean: ['elasticloadbalancing:DescribeLoadBalancers', 'ec2:DescribeSecurityGroups'],
  ...Object.fromEntries(
    ['watch', 'history', 'explain', 'logs'].map((verb) => [verb, ['autoscaling:DescribeAutoScalingGroups']]),
  ),
};

/** Who may do all but that. */
const PEOPLE: Record<string, { Action: string | string[]; Resource: unknown } | undefined> = {
  ...Object.fromEntries(SERVICES.map((service) => [service, { Action: `${service}:*`, Resource: '*' }])),
  wars: { Action: ['s3:GetObject', 's3:GetObjectVersion'], Resource: { 'Fn::Sub': '${WarBucket.Arn}/*' } },
  jane: undefined,
};

function withDenials(template: Template): Template {
  const policies = Object.entries(PEOPLE).map(([name, denied]) => {
    const Statement = [
      { Effect: 'Allow', Action: '*', Resource: '*' },
      ...(denied ? [{ Effect: 'Deny', ...denied }] : []),
    ];
    const PolicyDocument = { Version: '2012-10-17', Statement };
    return [`PolicyOf${name}`, { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument } }];
  });
  return { ...template, Resources: { ...template.Resources, ...Object.fromEntries(policies) } };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'denied-'));
  writeFileSync(join(folder, 'app.war'), buildWar({ health: '200', version: '9' }));
  world = await World.quick({ extend: withDenials });
  command = await CommandLine.open(world);
  for (const name of Object.keys(PEOPLE)) {
    const policyArns = [world.stack.resources.get(`PolicyOf${name}`)?.physicalId ?? ''];
    world.aws.addUser({ name, accessKeyId: name, policyArns });
  }
  world.aws.authorization.onDecision(({ principal, access, result }) => {
    if (principal === `user:${whoRuns}` && result !== 'Allowed') denied.add(access.action);
  });
  await world.upload('app.war', { version: '2', health: '200' });
  await world.until('Completed');
  const after = world.events.length;
  await world.upload('app.war', { version: '3', health: '500' });
  await world.until('Cleaned', { after });
  await world.clock.advance(120);
});
afterAll(() => {
  command.close();
  rmSync(folder, { recursive: true });
});

const READING = ['status', 'status WAS', 'watch WAS', 'history WAS', 'explain WAS', 'logs WAS', 'doctor', 'doctor WAS'];
const ASKING = ['deploy WAS --latest --yes', 'rollback WAS --yes', 'upload WAS FILE --yes', 'clean WAS --yes'];
const OTHERS = ['replay --from 1h --yes', 'abort WAS --yes', 'watch WAS --timeout 9'];
const UNDER_WAY = OTHERS.slice(1);

async function run(typed: string, options: CommandOptions = {}): Promise<RanCommand & { denied: string[] }> {
  if (UNDER_WAY.includes(typed)) {
    const after = world.events.length;
    await world.put('DeployRequested', { task: 'WAS', versions: 'latest' });
    await world.until('Started', { after });
  }
  denied.clear();
  whoRuns = options.accessKeyId;
  const words = typed.split(' ').map((word) => (word === 'FILE' ? join(folder, 'app.war') : word));
  const ran = await command.run(words, { columns: 110, ...options });
  const deniedNow = [...denied];
  await world.clock.advance(900);
  return { ...ran, denied: deniedNow };
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}

describe.each([...READING, ...ASKING, ...OTHERS])('%s', (typed) => {
  test.each(SERVICES)('without %s', async (service) => {
    const { code, output, errors, denied } = await run(typed, { accessKeyId: service });
    expect(output + errors).not.toMatch(/\.ts:\d+/);
    const [verb = ''] = typed.split(' ');
    if (code === EXIT.unavailable) {
      expect(output).toBe('');
      expect(inOneLine(errors)).toMatch(
        new RegExp(`AWS does not let you [\\w’ ]+: .*is not authorized to perform: ${service}:\\w+ `),
      );
      expect(errors).toMatch(/\n {2}bluegreen (doctor|history WAS) --stack stack\n$/);
      expect(NEEDED[verb]).toContain(service);
      return;
    }
    expect(code).toBe(EXPECTED[typed] ?? EXIT.completed);
    const said = inOneLine(output + errors);
    expect(denied.filter((action) => !OPTIONAL[verb]?.includes(action) && !said.includes(action))).toEqual([]);
  });

  test('throttled for good by one service, says so, and changes nothing', async () => {
    for (const service of THROTTLED) {
      const before = world.story.length;
      const throttled = refuseCommand(service, Number.POSITIVE_INFINITY);
      const clientDefaults = { endpoint: command.url, region: world.aws.region, credentials: JANE, maxAttempts: 1 };
      const { code, output, errors } = await run(typed, { clientDefaults });
      throttled.end();
      expect(output + errors).not.toMatch(/\.ts:\d+/);
      if (throttled.count === 0 || typed.startsWith('doctor')) continue;
      // What nothing depends on is left out.
      if (code === (EXPECTED[typed] ?? EXIT.completed)) continue;
      expect({ typed, service, code, output }).toEqual({ typed, service, code: EXIT.unavailable, output: '' });
      expect(errors).toMatch(
        /AWS throttles this account: [^\n]+\.\nNothing is lost: repeat the command in a minute\.\n$/,
      );
      if (!UNDER_WAY.includes(typed)) expect(world.story.length).toBe(before);
    }
  });

  test('throttled for a while by every service, goes on', async () => {
    const throttled = THROTTLED.map((service) => refuseCommand(service, 1));
    const { code, errors } = await run(typed, { accessKeyId: JANE.accessKeyId });
    for (const one of throttled) one.end();
    expect(throttled.some(({ count }) => count > 0)).toBe(true);
    expect(code).toBe(EXPECTED[typed] ?? EXIT.completed);
    expect(errors).not.toContain('throttles');
  });
});

/** May do everything, and is not the test itself. */
const JANE = { accessKeyId: 'jane', secretAccessKey: 'secret' };

/** So many calls of this service, of whoever runs the command; the stack's own go through. */
function refuseCommand(service: ServiceName, most: number): { count: number; end(): void } {
  const refused = { count: 0, end: () => {} };
  refused.end = world.aws.endpoint.intercept((call, proceed) => {
    if (call.caller.principal !== 'user:jane' || call.service !== service || refused.count >= most) return proceed();
    refused.count += 1;
    return Promise.reject(throttlingOf(service));
  });
  return refused;
}

describe('whoever may not read the wars', () => {
  const options = { accessKeyId: 'wars' };

  test.each(['deploy WAS --latest --yes', 'rollback WAS --yes'])(
    '%s is told so, and not to mend the stack',
    async (typed) => {
      const { code, errors } = await run(typed, options);
      expect(code).toBe(EXIT.unavailable);
      expect(errors).toMatch(/^AWS does not let you do this: User: \S+ is not authorized to perform:\ns3:GetObject/);
    },
  );

  test('status calls them by their ids', async () => {
    const { code, output } = await run('status WAS', options);
    expect(code).toBe(EXIT.completed);
    expect(output).toMatch(/^app\.war +\S+$/m);
  });

  test('doctor does not take it for a fault of the stack', async () => {
    const { code, output } = await run('doctor WAS', options);
    expect(code).toBe(EXIT.completed);
    expect(output).not.toMatch(/^✖|role of start/m);
    expect(inOneLine(output)).toMatch(/Whether the wars that serve can be read is not known: you may not look/);
  });
});
