import type { Reservation, SecurityGroup, Subnet } from '@aws-sdk/client-ec2';
import { DisableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AwsError, type Interceptor } from '../../local/kernel/service';
import type { Statement } from '../../local/services/iam/authorization';
import { REFUSALS } from '../../tests/faults/cases-refused';
import { openScene } from '../../tests/faults/failure-cases';
import { runCommand } from '../../tests/harness/aws-command';
import { blockDeployment } from '../../tests/harness/blocked';
import { CommandLine } from '../../tests/harness/command';
import { Operator } from '../../tests/harness/operator';
import { RecordObject } from '../../tests/harness/record-object';
import { World, type WorldOptions } from '../../tests/harness/world';
import type { Finding } from '../doctor/finding';
import { doctor } from './doctor';

let world: World;
let command: CommandLine;

async function open(options: WorldOptions = {}): Promise<void> {
  await openOn(await World.quick(options));
}

async function openOn(opened: World): Promise<void> {
  world = opened;
  command = await CommandLine.open(world);
}

afterEach(() => command.close());

interface Examined {
  code: number;
  findings: Finding[];
  of(area: string): Omit<Finding, 'area'>[];
}

async function examine(words = 'doctor WAS', accessKeyId?: string): Promise<Examined> {
  const { code, output, errors } = await command.run(`${words} --json`, { ...(accessKeyId && { accessKeyId }) });
  expect(errors).toBe('');
  const result = doctor.schema.parse(JSON.parse(output));
  const findings = [...result.findings, ...result.tasks.flatMap((task) => task.findings)];
  const of = (area: string) => findings.filter((one) => one.area === area).map(({ area: _, ...said }) => said);
  return { code, findings, of };
}

function intercept(operation: string, answer: (proceed: () => Promise<unknown>) => Promise<unknown>): void {
  const interceptor: Interceptor = (call, proceed) => (call.operation === operation ? answer(proceed) : proceed());
  world.aws.endpoint.intercept(interceptor);
}

function deny(operation: string): void {
  intercept(operation, async () => {
    throw new AwsError('AccessDenied', `User: me is not authorized to perform: x:${operation}`, 403);
  });
}

function change<Answer>(operation: string, changed: (answer: Answer) => void): void {
  intercept(operation, async (proceed) => {
    const answer = structuredClone(await proceed()) as Answer;
    changed(answer);
    return answer;
  });
}

/** Everything that comes by itself with a first deployment. */
async function deployOnce(): Promise<void> {
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
}

describe('of a task that is well', () => {
  beforeEach(async () => {
    await open();
    await deployOnce();
  });

  test('every finding is well, and a script knows', async () => {
    const { code, findings } = await examine();
    expect(findings.filter(({ verdict }) => verdict !== 'well')).toEqual([]);
    expect(code).toBe(0);
    expect(findings.length).toBeGreaterThan(9);
  });

  test('says what would be deployed, what serves, and where a rollback goes', async () => {
    const { output } = await command.run('doctor WAS');
    expect(output).toMatch(/^✔ A deployment would be taken: app\.war stays uploaded /m);
    expect(output).toMatch(/^✔ A rollback would find its versions: app\.war uploaded [^→]* → uploaded /m);
    expect(output).toMatch(/^Everything that was looked at is well\.$/m);
  });

  test('keeps to 60 columns, but for commands, which are to be copied', async () => {
    const [queue = ''] = queues();
    await send(queue);
    const { output } = await command.run('doctor WAS', { columns: 60 });
    const lines = output.split('\n').filter((line) => !line.startsWith('    aws '));
    expect(lines.filter((line) => line.length > 60)).toEqual([]);
    expect(output).toMatch(/^ {4}aws sqs receive-message --queue-url http\S+ --max-number-of-messages 10/m);
  });

  test('nothing is asked of AWS twice', async () => {
    const asked: string[] = [];
    world.aws.endpoint.intercept(({ caller, service, operation, input }, proceed) => {
      if (caller.principal === 'operator') asked.push(`${service} ${operation} ${JSON.stringify(input)}`);
      return proceed();
    });
    await examine();
    expect(asked.length).toBeGreaterThan(20);
    const again = asked.filter((one, index) => asked.indexOf(one) !== index);
    // Whether there is such a task is asked before.
    expect(again.map((one) => one.split(' ')[1]).sort()).toEqual(['DescribeAutoScalingGroups', 'GetObject']);
  });

  test('without a task every task is told of in short', async () => {
    const { output, code } = await command.run('doctor');
    expect(code).toBe(0);
    expect(output).toMatch(/^The task WAS\n✔ A deployment would be taken/m);
    expect(output).not.toContain('Health checks');
  });

  test('a version to go back to that is gone is no way back', async () => {
    const [first = ''] = world.fleet.versionIds;
    const gone = new DeleteObjectCommand({ Bucket: world.fleet.bucket, Key: 'app.war', VersionId: first });
    await world.clock.run(new S3Client(world.aws.operator).send(gone));
    const { code, of } = await examine();
    expect(of('way back')).toEqual([expect.objectContaining({ verdict: 'broken', code: '402' })]);
    expect(of('way back')[0]?.commands).toEqual([expect.stringMatching(/^aws s3api list-object-versions /)]);
    expect(code).toBe(1);
  });

  test('a version that serves and is gone is told', async () => {
    const [serving = ''] = world.servedVersions();
    const gone = new DeleteObjectCommand({ Bucket: world.fleet.bucket, Key: 'app.war', VersionId: serving });
    await world.clock.run(new S3Client(world.aws.operator).send(gone));
    expect((await examine()).of('versions')).toEqual([
      expect.objectContaining({
        verdict: 'broken',
        sentence: expect.stringContaining('was-green (Active) launches'),
        commands: [
          expect.stringMatching(/^aws s3api list-object-versions /),
          expect.stringMatching(/^bluegreen deploy WAS --latest --watch/),
        ],
      }),
    ]);
  });
});

const ASKED =
  /deploy|bucket|second Active|deleted StandBy|not empty|no zip|attached to nothing|dummy|deleted|suspended/;

describe('says what start would refuse', () => {
  const cases = REFUSALS.filter(({ code, when }) => !['500', '413', '414'].includes(code) && !/requested/.test(when));
  test.each(cases)('$code, where $when', async ({ code, fleet, provoke, says, when }) => {
    expect(when).toMatch(ASKED);
    const scene = await openScene(fleet);
    await openOn(scene.world);
    await provoke(scene);
    await world.clock.advance(60);
    const examined = await examine();
    const [request] = examined.of('request');
    expect(request).toMatchObject({ verdict: 'broken', code });
    // As a mail says it, where it begins no sentence.
    expect(`: ${request?.sentence}`).toMatch(new RegExp((says[0] as RegExp).source, 'i'));
    expect(examined.code).toBe(1);
  });

  test('413, where what Active is attached to cannot be cloned', async () => {
    await open();
    change('DescribeTargetGroups', ({ TargetGroups }: { TargetGroups: { Protocol: string }[] }) => {
      for (const targetGroup of TargetGroups) targetGroup.Protocol = 'GENEVE';
    });
    expect((await examine()).of('request')).toEqual([expect.objectContaining({ verdict: 'broken', code: '413' })]);
  });

  test('401, where an operator has to decide first, with the command', async () => {
    await open();
    await blockDeployment(world);
    const [request] = (await examine()).of('request');
    expect(request).toMatchObject({ verdict: 'broken', code: '401' });
    expect(request?.commands).toEqual([expect.stringMatching(/^aws events put-events .*CleanRequested/)]);
  });

  test('401, while a deployment runs: that ends by itself', async () => {
    await open();
    await world.upload('app.war', { version: '2' });
    await world.until('Started');
    const { code, of } = await examine();
    expect(of('request')).toEqual([expect.objectContaining({ verdict: 'doubtful', code: '401' })]);
    expect(code).toBe(0);
  });

  test.each([
    ['was deleted', (record: RecordObject) => record.delete()],
    ['is damaged', (record: RecordObject) => record.overwrite('{')],
  ])('401, where the record %s', async (how, lose) => {
    await open();
    await deployOnce();
    lose(new RecordObject(world));
    const [request] = (await examine()).of('request');
    expect(request).toMatchObject({ verdict: 'broken', code: '401', sentence: expect.stringContaining(how) });
    expect(request?.commands).toEqual([expect.stringMatching(/CleanRequested/)]);
  });

  test('411, where a rule of the bus is disabled, and the command mends it', async () => {
    await open();
    await disableFirst();
    const [rules] = (await examine()).of('rules');
    expect(rules).toMatchObject({ verdict: 'broken', code: '411' });
    for (const line of rules?.commands ?? []) await runCommand(world, line);
    expect((await examine()).of('rules')).toEqual([expect.objectContaining({ verdict: 'well' })]);
  });
});

async function disable(logicalId: string): Promise<void> {
  const physicalId = world.stack.resources.get(logicalId)?.physicalId;
  if (physicalId === undefined) throw new Error(`no rule ${logicalId}`);
  const [bus = '', name] = physicalId.split('|');
  const rule = name === undefined ? { Name: bus } : { Name: name, EventBusName: bus };
  await world.clock.run(new EventBridgeClient(world.aws.operator).send(new DisableRuleCommand(rule)));
}

/** Whichever carries the pipeline. */
async function disableFirst(): Promise<void> {
  const rules = [...world.stack.resources].filter(([, { type, physicalId }]) => {
    return type === 'AWS::Events::Rule' && /\|.*check-dummy/.test(physicalId);
  });
  await disable(rules[0]?.[0] ?? '');
}

function queues(): string[] {
  const urls = [...world.stack.resources.values()].map(({ type, physicalId }) =>
    type === 'AWS::SQS::Queue' ? physicalId : '',
  );
  return urls.filter((url) => url.includes('DeadLetters'));
}

async function send(QueueUrl: string): Promise<void> {
  const client = new SQSClient(world.aws.operator);
  await world.clock.run(client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'lost' })));
}

describe('of the stack', () => {
  beforeEach(() => open());

  test('a rule of the default bus that is disabled is told, with the command', async () => {
    await disable('WatchdogRule');
    const { code, of } = await examine();
    const [rule] = of('rules');
    expect(rule).toMatchObject({ verdict: 'broken', commands: [expect.stringMatching(/^aws events enable-rule/)] });
    expect(code).toBe(1);
    await runCommand(world, rule?.commands[0] ?? '');
    expect((await examine()).of('rules')).toEqual([expect.objectContaining({ verdict: 'well' })]);
  });

  test('dead letters that nobody has read are counted', async () => {
    const [queue = ''] = queues();
    await send(queue);
    await send(queue);
    const [letters] = (await examine()).of('dead letters');
    expect(letters).toMatchObject({ verdict: 'doubtful', sentence: expect.stringMatching(/^2 messages lie unread/) });
    expect((await runCommand(world, letters?.commands[0] ?? '')).Messages).toHaveLength(2);
  });

  test('an address that has not confirmed, and one that is gone', async () => {
    world.aws.sns.leaveUnconfirmed(world.stack.outputs.AdminTopicArn ?? '', 'admin@example.com');
    expect((await examine()).of('mail')).toEqual([
      expect.objectContaining({
        verdict: 'broken',
        sentence: expect.stringMatching(/^admin@example\.com has not confirmed/),
        commands: [expect.stringMatching(/^aws sns subscribe .* --notification-endpoint admin@example\.com$/)],
      }),
    ]);
    change('ListSubscriptionsByTopic', (answer: { Subscriptions: unknown[] }) => {
      answer.Subscriptions = [];
    });
    expect((await examine()).of('mail')).toEqual([
      expect.objectContaining({ verdict: 'broken', sentence: expect.stringContaining('has unsubscribed') }),
    ]);
  });

  test('clones whose deployment does not run are told, those of a running one are not', async () => {
    await world.upload('app.war', { version: '2' });
    await world.until('DummyAttached');
    expect((await examine()).of('clones')).toEqual([expect.objectContaining({ verdict: 'well' })]);
    const record = await world.record();
    new RecordObject(world).overwrite(JSON.stringify({ ...record, status: 'failed' }));
    const clones = (await examine()).of('clones');
    expect(clones).toHaveLength(2);
    expect(clones[0]).toMatchObject({ verdict: 'doubtful', sentence: expect.stringContaining(record.deploymentId) });
  });

  test('what cannot be looked at is unknown, and the rest is said', async () => {
    deny('ListSubscriptionsByTopic');
    deny('GetQueueAttributes');
    const { code, of } = await examine();
    expect(of('mail')).toEqual([
      {
        verdict: 'unknown',
        sentence: expect.stringMatching(/^Who gets the mails is not known: you may not look \(User: me /),
        commands: [],
      },
    ]);
    expect(of('dead letters')).toEqual([expect.objectContaining({ verdict: 'unknown' })]);
    expect(of('rules')).toEqual([expect.objectContaining({ verdict: 'well' })]);
    expect(of('request')).toEqual([expect.objectContaining({ verdict: 'well' })]);
    expect(code).toBe(0);
  });

  test('where not even the groups may be read, each check says so', async () => {
    deny('DescribeAutoScalingGroups');
    const { of } = await examine();
    expect(of('request')).toEqual([expect.objectContaining({ verdict: 'unknown' })]);
    expect(of('rules')).toEqual([expect.objectContaining({ verdict: 'well' })]);
  });

  test('a task that is misspelt is answered with the nearest', async () => {
    const { code, errors } = await command.run('doctor WSA');
    expect({ code, errors }).toEqual({ code: 2, errors: expect.stringContaining('Did you mean WAS?') });
  });
});

describe('what this operator may', () => {
  async function openAs(...jobs: string[]): Promise<Examined> {
    await open();
    return examineWith(jobs.map((job) => world.stack.outputs[`${job}PolicyArn`] ?? ''));
  }

  /** `Simulate` besides. */
  async function examineWith(policyArns: string[]): Promise<Examined> {
    const simulate = policyBeside('Simulate', [
      { Effect: 'Allow', Action: 'iam:SimulatePrincipalPolicy', Resource: '*' },
    ]);
    world.aws.addUser({ name: 'jane', accessKeyId: 'JANE', policyArns: [...policyArns, simulate] });
    return examine('doctor WAS', 'JANE');
  }

  function policyBeside(name: string, Statement: Statement[]): string {
    const resource = {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: { PolicyDocument: { Version: '2012-10-17', Statement } },
    };
    const beside = world.aws.deploy({ Resources: { [name]: resource } }, { stackName: `beside-${name.toLowerCase()}` });
    return beside.resources.get(name)?.physicalId ?? '';
  }

  test.each([
    ['Reader', 'logs:FilterLogEvents', 'look at everything'],
    ['Reader', 'sqs:GetQueueAttributes', 'look at everything'],
    ['Reader', 's3:ListBucketVersions', 'look at everything'],
    ['Uploader', 'elasticloadbalancing:DescribeTargetGroups', 'upload wars'],
    ['Uploader', 's3:ListBucket', 'upload wars'],
    ['Operator', 'events:DescribeReplay', 'request deployments and replays'],
    ['Operator', 'cloudformation:ListStackResources', 'request deployments and replays'],
  ])('with the policy of the %s but %s it may not %s', async (job, action, does) => {
    await open();
    const whole = world.stack.resources.get(`${job}Policy`)?.properties.PolicyDocument as { Statement: Statement[] };
    const less = whole.Statement.map((one) => ({
      ...one,
      Action: [one.Action].flat().filter((other) => other !== action),
    })).filter(({ Action }) => Action.length > 0);
    const said = (await examineWith([policyBeside('Less', less)])).of('permissions');
    expect(said.map(({ sentence }) => sentence)).toContainEqual(
      `You may not ${does}: ${action}. Where you are to, have this run by who may:`,
    );
  });

  test('a script knows where nothing else could be looked at', async () => {
    await open();
    const find = { Effect: 'Allow' as const, Action: 'cloudformation:DescribeStacks', Resource: '*' };
    const { code, findings } = await examineWith([policyBeside('Find', [find])]);
    const verdicts = findings.filter(({ area }) => area !== 'permissions').map(({ verdict }) => verdict);
    expect({ code, verdicts: [...new Set(verdicts)] }).toEqual({ code: 1, verdicts: ['unknown'] });
  });

  test.each([
    [['Reader', 'Uploader', 'Operator'], []],
    [['Operator'], ['upload wars']],
    [['Reader'], ['upload wars', 'request deployments and replays']],
  ])('with the policies %j it lacks what is for %j', async (jobs, lacking) => {
    const { code, of, findings } = await openAs(...jobs);
    const said = of('permissions');
    expect(said).toHaveLength(3);
    const doubtful = said.filter(({ verdict }) => verdict === 'doubtful');
    expect(doubtful.map(({ sentence }) => /^You may not (.*?):/.exec(sentence)?.[1])).toEqual(lacking);
    for (const { commands } of doubtful) {
      expect(commands).toEqual([
        expect.stringMatching(/^aws iam attach-user-policy --user-name jane --policy-arn arn:/),
      ]);
    }
    expect(findings.filter(({ verdict }) => verdict === 'unknown')).toEqual([]);
    expect(code).toBe(0);
  });

  test('is unknown to whoever may not ask', async () => {
    await open();
    world.aws.addUser({ name: 'joe', accessKeyId: 'JOE', policyArns: [world.stack.outputs.ReaderPolicyArn ?? ''] });
    const { of, findings } = await examine('doctor WAS', 'JOE');
    expect(of('permissions')).toEqual([
      expect.objectContaining({
        verdict: 'unknown',
        sentence: expect.stringMatching(/you may not look \(.*iam:SimulatePrincipalPolicy/),
      }),
    ]);
    expect(findings.filter(({ verdict }) => verdict === 'unknown')).toHaveLength(1);
  });
});

describe('what start cannot know', () => {
  test.each([
    [2, 'broken', /^subnet-a has 2 free addresses, and a load balancer is cloned only where 8 are free/],
    [8, 'doubtful', /^subnet-a has 8 free addresses, and 1 clone and about 1 instance may take up to 9/],
  ] as const)('a subnet with %i free addresses is %s', async (free, verdict, says) => {
    await open();
    // One has the load balancer, another an instance.
    world.aws.ec2.occupy('subnet-a', 4091 - 2 - free);
    const subnets = (await examine()).of('subnets');
    expect(subnets).toEqual([expect.objectContaining({ verdict, sentence: expect.stringMatching(says) })]);
    expect(subnets[0]?.commands).toEqual([expect.stringMatching(/^aws ec2 describe-subnets/)]);
  });

  test.each([
    ['well', { groups: ['sg-1'] }, /let in the clones as they do their originals/],
    ['well', { addresses: ['10.0.0.0/16'] }, /let in the clones as they do their originals/],
    [
      'broken',
      { addresses: ['10.0.0.7/32', '10.0.16.9/32'] },
      /lets in 10\.0\.0\.7\/32, 10\.0\.16\.9\/32, and not all/,
    ],
    ['doubtful', { addresses: ['192.168.0.0/16'] }, /No rule lets was-web-1 of was-web or its clone in to i-/],
  ] as const)('security groups of instances: %s, where they let in %j', async (verdict, admitted, says) => {
    await open();
    const rule = { fromPort: 8080, toPort: 8080, ...admitted };
    world.aws.ec2.putSecurityGroup({ id: 'sg-1', name: 'web', description: 'changed', rules: [rule] });
    expect((await examine()).of('security groups')).toEqual([
      expect.objectContaining({ verdict, sentence: expect.stringMatching(says) }),
    ]);
  });

  test('one instance of several that does not let the clones in', async () => {
    await open({ fleet: { instances: 2 } });
    const rule = { fromPort: 8080, toPort: 8080, addresses: ['10.0.0.7/32'] };
    world.aws.ec2.putSecurityGroup({ id: 'sg-narrow', name: 'narrow', description: 'older', rules: [rule] });
    change('DescribeInstances', ({ Reservations }: { Reservations: Reservation[] }) => {
      const instance = Reservations.at(-1)?.Instances?.at(-1);
      if (instance) instance.SecurityGroups = [{ GroupId: 'sg-narrow' }];
    });
    const [said, ...others] = (await examine()).of('security groups');
    expect(others).toEqual([]);
    expect(said).toMatchObject({
      verdict: 'broken',
      sentence: expect.stringContaining('lets in 10.0.0.7/32, and not'),
    });
    expect(said?.commands).toEqual([
      'aws ec2 authorize-security-group-ingress --group-id sg-narrow --protocol tcp --port 8080 --source-group sg-1',
    ]);
  });

  test.each([
    ['none is known', []],
    ['one has no addresses', [{ SubnetId: 'subnet-a' }]],
  ])('what instances let in is unknown where of the subnets %s', async (_, subnets) => {
    await open();
    const rule = { fromPort: 8080, toPort: 8080, addresses: ['10.0.0.0/16'] };
    world.aws.ec2.putSecurityGroup({ id: 'sg-1', name: 'web', description: 'changed', rules: [rule] });
    change('DescribeSubnets', (answer: { Subnets: object[] }) => {
      answer.Subnets = subnets;
    });
    expect((await examine()).of('security groups')).toEqual([
      expect.objectContaining({ verdict: 'unknown', sentence: expect.stringContaining('is not known') }),
    ]);
  });

  test.each([
    ['well', 'fd00:0:0::/40'],
    ['well', '::/0'],
    ['broken', 'fd00:0:0:1::7/128'],
    ['doubtful', 'fd01::/16'],
  ])('targets with IPv6 addresses: %s, where they let in %s', async (verdict, CidrIpv6) => {
    await open();
    change('DescribeTargetGroups', ({ TargetGroups }: { TargetGroups: { IpAddressType?: string }[] }) => {
      for (const one of TargetGroups) one.IpAddressType = 'ipv6';
    });
    change('DescribeSubnets', ({ Subnets }: { Subnets: Subnet[] }) => {
      for (const [index, one] of Subnets.entries()) {
        one.Ipv6CidrBlockAssociationSet = [{ Ipv6CidrBlock: `fd00:0:0:${index}::/64` }];
      }
    });
    change('DescribeSecurityGroups', ({ SecurityGroups }: { SecurityGroups: SecurityGroup[] }) => {
      for (const one of SecurityGroups) {
        one.IpPermissions = [{ IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, Ipv6Ranges: [{ CidrIpv6 }] }];
      }
    });
    expect((await examine()).of('security groups')).toEqual([expect.objectContaining({ verdict })]);
  });

  test('quotas that the clones would break', async () => {
    await open({ settings: { elasticLoadBalancingV2: { applicationLoadBalancerLimit: 1, targetGroupLimit: 1 } } });
    const quotas = (await examine()).of('quotas');
    expect(quotas.map(({ verdict, code }) => ({ verdict, code }))).toEqual([
      { verdict: 'broken', code: '413' },
      { verdict: 'broken', code: '413' },
    ]);
    expect(quotas[0]?.commands.join()).toContain('request-service-quota-increase');
    expect(quotas[0]?.sentence).toMatch(/needs 1 more Application Load Balancer, 1 is there, .* allows 1 /);
  });

  test('quotas of Classic Load Balancers', async () => {
    await open({
      settings: { elasticLoadBalancing: { loadBalancerLimit: 1 } },
      fleet: { loadBalancers: [{ kind: 'classic', way: 'direct', isAcrossZones: true, targetGroups: [] }] },
    });
    expect((await examine()).of('quotas')).toEqual([
      expect.objectContaining({ verdict: 'broken', sentence: expect.stringContaining('classic-load-balancers') }),
    ]);
  });

  test('health checks that take longer than a step, which is lengthened for them', async () => {
    await open({ fleet: { healthCheckIntervalSeconds: 60 } });
    const checks = (await examine()).of('health checks');
    expect(checks[0]?.verdict).toBe('doubtful');
    expect(checks[0]?.sentence).toMatch(/2 checks of was-web-1 of was-web, one every 60 s, take 120 s.*has 180 s/);
    await runCommand(world, checks[0]?.commands[0] ?? '');
    expect((await examine()).of('health checks')[0]?.sentence).not.toContain('to boot');
  });

  test('health checks that leave little time to boot, and a grace that is shorter than they are', async () => {
    await open({ fleet: { healthCheckIntervalSeconds: 50 } });
    const checks = (await examine()).of('health checks');
    expect(checks.map(({ verdict }) => verdict)).toEqual(['doubtful', 'doubtful']);
    expect(checks[0]?.sentence).toContain('instances have 80 s to boot');
    expect(checks[1]?.sentence).toContain('was-green terminates instances');
    await runCommand(world, checks[1]?.commands[0] ?? '');
    expect((await examine()).of('health checks')).toHaveLength(1);
  });

  test.each([
    [0, 'cut when'],
    [1800, 'drains for 30 minutes'],
  ])('a deregistration delay of %i s', async (deregistrationDelaySeconds, says) => {
    await open({ fleet: { deregistrationDelaySeconds } });
    expect((await examine()).of('draining')).toEqual([
      expect.objectContaining({ verdict: 'doubtful', sentence: expect.stringContaining(says) }),
    ]);
    expect((await examine()).of('draining')[0]?.commands).toEqual([
      expect.stringMatching(
        /^aws elbv2 modify-target-group-attributes .*Key=deregistration_delay.timeout_seconds,Value=300$/,
      ),
    ]);
  });

  test('groups without room for more tags', async () => {
    await open();
    const operator = new Operator(world);
    for (let tags = 6; tags < 48; tags++) await operator.tag('was-green', `theirs${tags}`, 'x');
    expect((await examine()).of('tags')).toEqual([
      expect.objectContaining({
        verdict: 'doubtful',
        commands: [
          'aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names was-green',
          expect.stringMatching(/^aws autoscaling delete-tags .*ResourceId=was-green,Key=KEY$/),
        ],
      }),
    ]);
  });

  test('where nothing served before there is no way back yet', async () => {
    await open();
    const { code, of } = await examine();
    expect(of('way back')).toEqual([expect.objectContaining({ verdict: 'doubtful' })]);
    expect(code).toBe(0);
  });
});
