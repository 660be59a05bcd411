/** What failed CodeDeploy deployments leave behind is deleted; what serves, or may serve, is not. */
import {
  AutoScalingClient,
  type AutoScalingGroup,
  CreateAutoScalingGroupCommand,
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateDeploymentCommand,
  DeleteApplicationCommand,
  DeleteDeploymentGroupCommand,
  type DeploymentInfo,
  StopDeploymentCommand,
  UpdateDeploymentGroupCommand,
} from '@aws-sdk/client-codedeploy';
import {
  DeregisterTargetsCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { FleetDescription } from '../local/example/fleet';
import { AwsError } from '../local/kernel/service';
import { CodeDeployFleet, type CodeDeployFleetOptions } from '../tests/harness/codedeploy-fleet';
import { guard } from '../tests/harness/guard';
import { World } from '../tests/harness/world';

const FUNCTION = 'codedeploy-clean-up';
const ROLE = 'CodeDeployCleanUpRole';
const HOURS = 3600;

interface Scene extends CodeDeployFleetOptions {
  fleet?: Partial<FleetDescription>;
  parameters?: Record<string, string>;
}

/** What the function has done that could make requests fail: a list for each world. */
const violations: string[][] = [];
afterEach(() => expect(violations.flat()).toEqual([]));

async function open({ fleet, parameters, ...options }: Scene = {}): Promise<CodeDeployFleet> {
  const world = await World.quick({
    fleet: { healthCheckIntervalSeconds: 60, ...fleet },
    parameters,
    settings: { codeDeploy: { limitSeconds: 24 * HOURS } },
  });
  violations.push(guard(world));
  return CodeDeployFleet.open(world, options);
}

describe('the copy of a failed deployment', () => {
  test('is deleted with its instances, and a mail tells all of it', async () => {
    const codeDeployFleet = await open();
    const id = await codeDeployFleet.fail();
    expect(await codeDeployFleet.groupNames()).toEqual([
      codeDeployFleet.world.fleet.activeGroup,
      codeDeployFleet.world.fleet.standByGroup,
    ]);
    expect(await codeDeployFleet.serving()).toEqual([codeDeployFleet.world.fleet.activeGroup]);
    expect(codeDeployFleet.mails).toHaveLength(1);
    expect(codeDeployFleet.mails[0]?.subject).toBe('[Success] CodeDeploy Clean(Group : shop-web)');
    for (const part of [
      codeDeployFleet.copyOf(id),
      'with 2 instances',
      id,
      'The deployment is Failed',
      'application shop',
      'deployment group shop-web',
      'HEALTH_CONSTRAINTS: The overall deployment failed',
    ]) {
      expect(codeDeployFleet.mails[0]?.body).toContain(part);
    }
    expect(codeDeployFleet.mails[0]?.body).toMatch(/\n {2}i-0\w+\n {2}i-0\w+\n/);
  });

  test('of a stopped one is deleted too', async () => {
    const codeDeployFleet = await open();
    const { deploymentId } = await codeDeployFleet.send(new CreateDeploymentCommand(codeDeployFleet.names));
    await codeDeployFleet.world.clock.advance(30);
    expect(await codeDeployFleet.groupNames()).toContain(codeDeployFleet.copyOf(deploymentId));
    await codeDeployFleet.send(new StopDeploymentCommand({ deploymentId }));
    await codeDeployFleet.world.clock.advance(60);
    expect(await codeDeployFleet.groupNames()).not.toContain(codeDeployFleet.copyOf(deploymentId));
    expect(codeDeployFleet.mails[0]?.body).toContain('it was stopped');
  });

  test('of a successful one is left alone, and nothing is said', async () => {
    const codeDeployFleet = await open();
    const { deploymentId } = await codeDeployFleet.send(new CreateDeploymentCommand(codeDeployFleet.names));
    await codeDeployFleet.world.clock.advance(3 * HOURS);
    expect(await codeDeployFleet.serving()).toEqual([codeDeployFleet.copyOf(deploymentId)]);
    expect(codeDeployFleet.mails).toEqual([]);
  });

  test('is kept where it serves although the deployment is marked Failed, and goes on serving', async () => {
    const codeDeployFleet = await open();
    const served = new Set<number>();
    const id = await codeDeployFleet.fail('deregistration');
    for (let hour = 0; hour < 2; hour++) {
      await codeDeployFleet.world.clock.advance(HOURS);
      expect(await codeDeployFleet.serving()).toContain(codeDeployFleet.copyOf(id));
      served.add(
        codeDeployFleet.world.aws.elasticLoadBalancingV2.routableTargets(
          codeDeployFleet.world.fleet.targetGroupArns[0] ?? '',
        ).length,
      );
    }
    expect([...served]).toEqual([3]); // both of the copy, and the one of the original that could not be deregistered
    expect(codeDeployFleet.mails.map(({ subject }) => subject)).toEqual(['[Error] CodeDeploy Clean(Group : shop-web)']);
    expect(codeDeployFleet.mails[0]?.body).toMatch(/it may serve: i-0\w+, i-0\w+ on was-web-1: healthy/);
    const copy = codeDeployFleet.copyOf(id);
    const { targetGroupArns } = codeDeployFleet.world.fleet;
    expect(codeDeployFleet.mails[0]?.body).toContain(
      'Users\n  The copy has 2 healthy instances on was-web-1, so it may serve some. Nothing was changed for them.\n',
    );
    expect(codeDeployFleet.mails[0]?.body).toMatch(
      /\nWhat to do\n {2}Do not delete it now: it is healthy on was-web-1, and may have users\./,
    );
    expect(codeDeployFleet.mails[0]?.body).toContain(
      [
        '  # See whether it serves:',
        `  aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names ${copy}`,
        `  aws elbv2 describe-target-health --target-group-arn ${targetGroupArns[0]}`,
        '  # Only when no load balancer lists any of its instances, delete it:',
        `  # aws autoscaling delete-auto-scaling-group --force-delete --auto-scaling-group-name ${copy}`,
        '',
        'Why',
      ].join('\n'),
    );
  });

  test('that served once is not deleted when its targets are deregistered for a while', async () => {
    const codeDeployFleet = await open();
    const id = await codeDeployFleet.fail('deregistration');
    const { clock, aws, fleet } = codeDeployFleet.world;
    const { Instances = [] } = await codeDeployFleet.world.group(codeDeployFleet.copyOf(id));
    const targets = {
      TargetGroupArn: fleet.targetGroupArns[0],
      Targets: Instances.map(({ InstanceId }) => ({ Id: InstanceId })),
    };
    const client = new ElasticLoadBalancingV2Client(aws.operator);
    await clock.run(client.send(new DeregisterTargetsCommand(targets)));
    await clock.advance(1.5 * HOURS);
    await clock.run(client.send(new RegisterTargetsCommand(targets)));
    await clock.advance(300);
    expect(await codeDeployFleet.serving()).toContain(codeDeployFleet.copyOf(id));
  });
});

describe('the copy is kept, alone for the reason that', () => {
  /** Fails a deployment that nobody hears of, makes the one reason, and lets the sweep look. */
  async function keptBecause(
    makeReason: (codeDeployFleet: CodeDeployFleet, deploymentId: string, copy: string) => unknown,
    options: Scene = {},
  ): Promise<CodeDeployFleet> {
    const codeDeployFleet = await open(options);
    codeDeployFleet.silence();
    const id = await codeDeployFleet.fail();
    await makeReason(codeDeployFleet, id, codeDeployFleet.copyOf(id));
    await codeDeployFleet.world.clock.advance(1.25 * HOURS);
    expect(codeDeployFleet.outcomes).toEqual(['succeeded']);
    expect(await codeDeployFleet.groupNames()).toContain(codeDeployFleet.copyOf(id));
    return codeDeployFleet;
  }

  function expectMail(codeDeployFleet: CodeDeployFleet, reason: string): void {
    expect(codeDeployFleet.mails).toMatchObject([
      { subject: '[Error] CodeDeploy Clean(Group : shop-web)', body: expect.stringContaining(reason) },
    ]);
  }

  const scaling = (codeDeployFleet: CodeDeployFleet) => new AutoScalingClient(codeDeployFleet.world.aws.operator);

  test('nothing: without a reason it is deleted', async () => {
    await expect(keptBecause(() => undefined)).rejects.toThrow('toContain');
  });

  test.each<[string, (deployment: DeploymentInfo) => void]>([
    ['the deployment is not for EC2', (deployment) => Object.assign(deployment, { computePlatform: 'Lambda' })],
    [
      'the deployment is in place',
      (deployment) => Object.assign(deployment, { deploymentStyle: { deploymentType: 'IN_PLACE' } }),
    ],
    [
      'the deployment copies no group',
      (deployment) =>
        Object.assign(deployment, {
          blueGreenDeploymentConfiguration: { greenFleetProvisioningOption: { action: 'DISCOVER_EXISTING' } },
        }),
    ],
    ['the deployment succeeded', (deployment) => Object.assign(deployment, { status: 'Succeeded' })],
    ['the deployment runs', (deployment) => Object.assign(deployment, { status: 'InProgress' })],
    ['the deployment is another’s', (deployment) => Object.assign(deployment, { deploymentGroupName: 'other' })],
  ])('%s', async (_, change) => {
    const codeDeployFleet = await keptBecause((codeDeployFleet) =>
      codeDeployFleet.amend<{ deploymentInfo: DeploymentInfo }>('GetDeployment', ({ deploymentInfo }) =>
        change(deploymentInfo),
      ),
    );
    expect(codeDeployFleet.mails).toEqual([]);
  });

  test('it is attached to a target group of its own, which sends to it', async () => {
    const codeDeployFleet = await keptBecause(async (codeDeployFleet, _, copy) => {
      const { Instances = [] } = await codeDeployFleet.world.group(copy);
      const [TargetGroupArn] = codeDeployFleet.world.fleet.targetGroupArns;
      const Targets = Instances.map(({ InstanceId }) => ({ Id: InstanceId }));
      const command = new RegisterTargetsCommand({ TargetGroupArn, Targets });
      await codeDeployFleet.world.clock.run(
        new ElasticLoadBalancingV2Client(codeDeployFleet.world.aws.operator).send(command),
      );
      for (const operation of ['GetDeployment', 'GetDeploymentGroup']) {
        codeDeployFleet.amend<Record<string, { loadBalancerInfo?: object }>>(operation, (answer) => {
          for (const info of Object.values(answer)) if (info.loadBalancerInfo) info.loadBalancerInfo = {};
        });
      }
      codeDeployFleet.amend<{ AutoScalingGroups: AutoScalingGroup[] }>(
        'DescribeAutoScalingGroups',
        ({ AutoScalingGroups }) => {
          for (const group of AutoScalingGroups) group.TrafficSources = [{ Identifier: TargetGroupArn, Type: 'elbv2' }];
        },
      );
    });
    expectMail(codeDeployFleet, 'it may serve');
  });

  test('no load balancer is known', async () => {
    const codeDeployFleet = await keptBecause(() => undefined, { loadBalancerInfo: {} });
    expectMail(codeDeployFleet, 'no load balancer is known');
  });

  test('the load balancers that are known do not exist', async () => {
    const codeDeployFleet = await keptBecause((codeDeployFleet) => {
      for (const operation of ['GetDeployment', 'GetDeploymentGroup']) {
        codeDeployFleet.amend<Record<string, { loadBalancerInfo?: object }>>(operation, (answer) => {
          for (const info of Object.values(answer)) {
            info.loadBalancerInfo = { targetGroupInfoList: [{ name: 'gone' }], elbInfoList: [{ name: 'gone' }] };
          }
        });
      }
    });
    expectMail(codeDeployFleet, 'no load balancer is known');
  });

  test('its deployment group does not exist any more', async () => {
    const codeDeployFleet = await keptBecause((codeDeployFleet) =>
      codeDeployFleet.send(new DeleteDeploymentGroupCommand(codeDeployFleet.names)),
    );
    expectMail(codeDeployFleet, 'its deployment group does not exist any more');
  });

  test('the application does not exist any more', async () => {
    const codeDeployFleet = await keptBecause((codeDeployFleet) =>
      codeDeployFleet.send(new DeleteApplicationCommand({ applicationName: codeDeployFleet.names.applicationName })),
    );
    expectMail(codeDeployFleet, 'its deployment group does not exist any more');
  });

  test('its deployment group names it', async () => {
    const codeDeployFleet = await keptBecause((codeDeployFleet, _, copy) =>
      codeDeployFleet.send(
        new UpdateDeploymentGroupCommand({
          applicationName: codeDeployFleet.names.applicationName,
          currentDeploymentGroupName: codeDeployFleet.deploymentGroup,
          autoScalingGroups: [copy],
        }),
      ),
    );
    expectMail(codeDeployFleet, 'the deployment group deploys to it');
  });

  test('another deployment of its deployment group runs; when that is over, it is deleted', async () => {
    let other = '';
    const codeDeployFleet = await keptBecause(async (codeDeployFleet) => {
      other = (await codeDeployFleet.send(new CreateDeploymentCommand(codeDeployFleet.names))).deploymentId;
      await codeDeployFleet.world.clock.advance(2.5); // its copy is there, and has no instances yet
      codeDeployFleet.world.aws.autoScaling.setLaunchFailure(codeDeployFleet.copyOf(other), 'no capacity');
    });
    expect(codeDeployFleet.mails).toEqual([]);
    await codeDeployFleet.send(new StopDeploymentCommand({ deploymentId: other }));
    await codeDeployFleet.world.clock.advance(2 * HOURS);
    expect((await codeDeployFleet.groupNames()).filter((name) => name.startsWith('CodeDeploy_'))).toEqual([]);
    expect(codeDeployFleet.mails).toHaveLength(2);
  });

  test('it has the tag that opts out, whatever its spelling', async () => {
    const codeDeployFleet = await keptBecause((codeDeployFleet, _, copy) => {
      const tag = { ResourceType: 'auto-scaling-group', ResourceId: copy, PropagateAtLaunch: false };
      const command = new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, Key: 'AutoCleanUp', Value: 'False' }] });
      return codeDeployFleet.world.clock.run(scaling(codeDeployFleet).send(command));
    });
    expectMail(codeDeployFleet, 'its tag autocleanup says so');
  });

  test.each(['prevent-force-deletion', 'prevent-all-deletion'] as const)(
    'its deletion protection is %s',
    async (DeletionProtection) => {
      const codeDeployFleet = await keptBecause((codeDeployFleet, _, copy) => {
        const command = new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: copy, DeletionProtection });
        return codeDeployFleet.world.clock.run(scaling(codeDeployFleet).send(command));
      });
      expectMail(codeDeployFleet, `its deletion protection is ${DeletionProtection}`);
    },
  );

  test('one of its instances is registered behind a Classic Load Balancer', async () => {
    const classic = { kind: 'classic' as const, way: 'direct' as const, isAcrossZones: true, targetGroups: [] };
    const codeDeployFleet = await open({
      fleet: { loadBalancers: [classic] },
      loadBalancerInfo: { elbInfoList: [{ name: 'was-web' }] },
    });
    const id = await codeDeployFleet.fail('deregistration');
    expect(await codeDeployFleet.groupNames()).toContain(codeDeployFleet.copyOf(id));
    expectMail(codeDeployFleet, 'on was-web: healthy');
  });
});

describe('waiting', () => {
  test('for instances that are drained takes as long as they drain', async () => {
    const codeDeployFleet = await open({ fleet: { deregistrationDelaySeconds: 900 } });
    codeDeployFleet.silence();
    const id = await codeDeployFleet.fail('deregistration');
    const { clock, aws, fleet } = codeDeployFleet.world;
    const { Instances = [] } = await codeDeployFleet.world.group(codeDeployFleet.copyOf(id));
    const Targets = Instances.map(({ InstanceId }) => ({ Id: InstanceId }));
    const command = new DeregisterTargetsCommand({ TargetGroupArn: fleet.targetGroupArns[0], Targets });
    await clock.run(new ElasticLoadBalancingV2Client(aws.operator).send(command));
    await publish(codeDeployFleet, messageOf(codeDeployFleet, id));
    await clock.advance(60);
    expect(codeDeployFleet.logs.at(-1)).toBe('waits');
    expect(codeDeployFleet.mails).toEqual([]);
    await clock.advance(1800); // the sweep looks again, well before the age of what no event told of
    expect(await codeDeployFleet.groupNames()).not.toContain(codeDeployFleet.copyOf(id));
    expect(codeDeployFleet.mails.map(({ subject }) => subject)).toEqual([
      '[Success] CodeDeploy Clean(Group : shop-web)',
    ]);
  });

  test('for lifecycle actions ends after an hour: the deletion ends them', async () => {
    const codeDeployFleet = await open();
    codeDeployFleet.amend<{ AutoScalingGroups: AutoScalingGroup[] }>(
      'DescribeAutoScalingGroups',
      ({ AutoScalingGroups }) => {
        for (const { Instances = [] } of AutoScalingGroups)
          for (const one of Instances) one.LifecycleState = 'Pending:Wait';
      },
    );
    const id = await codeDeployFleet.fail();
    await codeDeployFleet.world.clock.advance(2700);
    expect(await codeDeployFleet.groupNames()).toContain(codeDeployFleet.copyOf(id));
    expect(codeDeployFleet.mails).toEqual([]);
    await codeDeployFleet.world.clock.advance(1800);
    expect(await codeDeployFleet.groupNames()).not.toContain(codeDeployFleet.copyOf(id));
    expect(codeDeployFleet.mails).toHaveLength(1);
  });

  test('for lifecycle actions does not outrank a reason to keep it', async () => {
    const codeDeployFleet = await open();
    codeDeployFleet.amend<{ AutoScalingGroups: AutoScalingGroup[] }>(
      'DescribeAutoScalingGroups',
      ({ AutoScalingGroups }) => {
        for (const { Instances = [] } of AutoScalingGroups)
          for (const one of Instances) one.LifecycleState = 'Pending:Wait';
      },
    );
    const id = await codeDeployFleet.fail('deregistration');
    await codeDeployFleet.world.clock.advance(1.5 * HOURS);
    expect(await codeDeployFleet.groupNames()).toContain(codeDeployFleet.copyOf(id));
    expect(codeDeployFleet.mails[0]?.body).toContain('it may serve');
  });

  test('for a scaling activity is looked at again', async () => {
    const codeDeployFleet = await open();
    codeDeployFleet.refuse('DeleteAutoScalingGroup', 'ScalingActivityInProgress', 1);
    const id = await codeDeployFleet.fail();
    expect(await codeDeployFleet.groupNames()).toContain(codeDeployFleet.copyOf(id));
    await codeDeployFleet.world.clock.advance(900);
    expect(await codeDeployFleet.groupNames()).not.toContain(codeDeployFleet.copyOf(id));
    expect(codeDeployFleet.mails).toHaveLength(1);
  });

  test('has a limit of three days: then a mail says for what it waited', async () => {
    const codeDeployFleet = await open();
    codeDeployFleet.amend<{ deployments: string[] }>('ListDeployments', (answer) =>
      answer.deployments.push('d-OTHER0000'),
    );
    const id = await codeDeployFleet.fail();
    const waitedFor = async (hours: number) => {
      const waitingSince = new Date(codeDeployFleet.world.clock.now().getTime() - hours * HOURS * 1000).toISOString();
      const Key = `codedeploy/${id}.json`;
      const Bucket = codeDeployFleet.world.stack.outputs.StateBucketName;
      const put = new PutObjectCommand({ Bucket, Key, Body: JSON.stringify({ waitingSince }) });
      await codeDeployFleet.world.clock.run(new S3Client(codeDeployFleet.world.aws.operator).send(put));
      await codeDeployFleet.world.clock.advance(900);
    };
    await waitedFor(71);
    expect(codeDeployFleet.mails).toEqual([]);
    await waitedFor(72);
    expect(await codeDeployFleet.groupNames()).toContain(codeDeployFleet.copyOf(id));
    expect(codeDeployFleet.mails).toMatchObject([
      { body: expect.stringContaining('d-OTHER0000 is not over, for 72 hours') },
    ]);
  });
});

/** After so many seconds: at once, while another invocation is anywhere in its work, and afterwards. */
const MANY_TIMES = [0, 0, 0.2, 0.4, 0.6, 0.8, 30, 900];

describe('triggers', () => {
  test('event, message, their duplicates and the sweep make one deletion and one mail', async () => {
    const codeDeployFleet = await open({ hasTrigger: true });
    codeDeployFleet.world.aws.eventBridge.deliveryPolicy = () => MANY_TIMES;
    codeDeployFleet.slow('Publish', 1);
    const counter = codeDeployFleet.count('DeleteAutoScalingGroup');
    await codeDeployFleet.fail();
    await codeDeployFleet.world.clock.advance(3 * HOURS);
    expect(counter.calls).toHaveLength(1);
    expect(codeDeployFleet.mails).toHaveLength(1);
    expect(
      codeDeployFleet.world.aws.lambda.invocations.filter((one) => one.function === FUNCTION).length,
    ).toBeGreaterThan(5);
  });

  test('duplicates make one mail where it is kept, too', async () => {
    const codeDeployFleet = await open({ hasTrigger: true });
    codeDeployFleet.world.aws.eventBridge.deliveryPolicy = () => MANY_TIMES;
    codeDeployFleet.slow('Publish', 1);
    await codeDeployFleet.fail('deregistration');
    await codeDeployFleet.world.clock.advance(3 * HOURS);
    expect(codeDeployFleet.mails).toHaveLength(1);
  });

  test('the message alone is enough', async () => {
    const codeDeployFleet = await open({ hasTrigger: true });
    codeDeployFleet.silence();
    const id = await codeDeployFleet.fail();
    expect(await codeDeployFleet.groupNames()).not.toContain(codeDeployFleet.copyOf(id));
    expect(codeDeployFleet.mails).toHaveLength(1);
  });

  test('the message may have the shape of the documentation', async () => {
    const codeDeployFleet = await open();
    codeDeployFleet.silence();
    const id = await codeDeployFleet.fail();
    const objects = { deploymentOverview: { Failed: '1' }, errorInformation: { ErrorCode: 'X', ErrorMessage: 'y' } };
    await publish(
      codeDeployFleet,
      JSON.stringify({ ...JSON.parse(messageOf(codeDeployFleet, id)), status: 'Failed', ...objects }),
    );
    await codeDeployFleet.world.clock.advance(30);
    expect(await codeDeployFleet.groupNames()).not.toContain(codeDeployFleet.copyOf(id));
  });

  test.each([
    ['text', 'You have chosen to subscribe', 'refused: the message is not JSON'],
    ['JSON of somebody else', '{"hello": 1}', 'refused: not a failed or stopped deployment of CodeDeploy'],
    ['JSON that is no object', '"x"', 'refused: not a failed or stopped deployment of CodeDeploy'],
    [
      'a deployment that began',
      '{"deploymentId":"d-ABC123DEF","deploymentGroupName":"x","status":"CREATED"}',
      'refused: not a failed or stopped deployment of CodeDeploy',
    ],
    [
      'an id that is none',
      '{"deploymentId":"../x","deploymentGroupName":"x","status":"FAILED"}',
      'refused: not a failed or stopped deployment of CodeDeploy',
    ],
  ])('%s is refused with one log line, and not tried again', async (_, text, line) => {
    const { world } = shared;
    const before = world.aws.lambda.invocations.filter((one) => one.function === FUNCTION).length;
    await publish(shared, text);
    await world.clock.advance(300);
    const invocations = world.aws.lambda.invocations.filter((one) => one.function === FUNCTION).slice(before);
    expect(invocations.map(({ outcome }) => outcome)).toEqual(['succeeded']);
    expect(shared.logs.at(-1)).toBe(line);
  });

  let shared: CodeDeployFleet;
  beforeAll(async () => {
    shared = await open({ parameters: { CodeDeployMinimumAgeSeconds: '86400' } });
    shared.world.aws.eventBridge.deliveryPolicy = ({ rule }) => (rule.schedule ? [] : [0.5]);
    await shared.world.clock.advance(5);
  });

  test('a deployment that left no copy costs two calls, and nothing is remembered', async () => {
    const counter = shared.count('GetDeployment', 'DescribeAutoScalingGroups', 'PutObject', 'DescribeTargetHealth');
    await publish(shared, '{"deploymentId":"d-ABC123DEF","deploymentGroupName":"x","status":"FAILED"}');
    await shared.world.clock.advance(30);
    expect(counter.calls).toEqual(['GetDeployment', 'DescribeAutoScalingGroups']);
    expect(shared.logs.at(-1)).toBe('done: there is no copy');
  });

  test('a copy whose deployment nobody knows is kept, and mailed', async () => {
    const { clock, aws } = shared.world;
    const AutoScalingGroupName = 'CodeDeploy_x_d-ABC123XYZ';
    const command = new CreateAutoScalingGroupCommand({
      AutoScalingGroupName,
      LaunchTemplate: { LaunchTemplateName: 'tomcat' },
      MinSize: 0,
      MaxSize: 0,
      VPCZoneIdentifier: [...aws.network.zoneOfSubnet.keys()][0],
    });
    await clock.run(new AutoScalingClient(aws.operator).send(command));
    await publish(shared, '{"deploymentId":"d-ABC123XYZ","deploymentGroupName":"x","status":"FAILED"}');
    await clock.advance(30);
    expect(await shared.groupNames()).toContain(AutoScalingGroupName);
    expect(shared.mails.at(-1)?.body).toContain('CodeDeploy does not know its deployment any more');
  });
});

describe('the sweep', () => {
  test('finds what no event told of, on any page, when it is old enough', async () => {
    const codeDeployFleet = await open();
    const { clock, aws } = codeDeployFleet.world;
    const client = new AutoScalingClient(aws.operator);
    for (let index = 0; index < 120; index++) {
      const command = new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: index % 2 ? `other-${index}` : `CodeDeploy_by-hand-${index}`,
        LaunchTemplate: { LaunchTemplateName: 'tomcat' },
        MinSize: 0,
        MaxSize: 0,
        VPCZoneIdentifier: [...aws.network.zoneOfSubnet.keys()][0],
      });
      await clock.run(client.send(command));
    }
    codeDeployFleet.silence();
    const id = await codeDeployFleet.fail();
    await clock.advance(3000);
    expect(await codeDeployFleet.groupNames()).toContain(codeDeployFleet.copyOf(id));
    await clock.advance(1300);
    expect(await codeDeployFleet.groupNames()).not.toContain(codeDeployFleet.copyOf(id));
    expect(await codeDeployFleet.groupNames()).toHaveLength(122);
    expect(codeDeployFleet.mails).toHaveLength(1);
  });

  test('goes on with the others where one cannot be looked at', async () => {
    const codeDeployFleet = await open();
    codeDeployFleet.silence();
    const first = await codeDeployFleet.fail();
    const second = await codeDeployFleet.fail();
    codeDeployFleet.world.aws.endpoint.intercept(async (call, proceed) => {
      if (call.operation === 'GetDeployment' && call.caller.principal === ROLE && call.input.deploymentId === first) {
        throw new AwsError('InternalFailure', 'out of order', 400);
      }
      return proceed();
    });
    await codeDeployFleet.world.clock.advance(2 * HOURS);
    expect(await codeDeployFleet.groupNames()).toContain(codeDeployFleet.copyOf(first));
    expect(await codeDeployFleet.groupNames()).not.toContain(codeDeployFleet.copyOf(second));
  });
});

describe('whatever happens', () => {
  test.each([
    'GetDeployment',
    'DescribeAutoScalingGroups',
    'DescribeTargetHealth',
    'DeleteAutoScalingGroup',
    'Publish',
  ])('throttling of %s delays the one mail, and no more', async (operation) => {
    const codeDeployFleet = await open();
    codeDeployFleet.refuse(operation, 'ThrottlingException', 4); // more than the client itself tries
    const id = await codeDeployFleet.fail();
    await codeDeployFleet.world.clock.advance(300);
    expect(await codeDeployFleet.groupNames()).not.toContain(codeDeployFleet.copyOf(id));
    expect(codeDeployFleet.mails).toHaveLength(1);
  });

  test.each(['PutObject', 'DeleteAutoScalingGroup', 'Publish'])(
    'a crash right after %s loses nothing',
    async (operation) => {
      const codeDeployFleet = await open();
      const { aws } = codeDeployFleet.world;
      let crashes = 1;
      aws.endpoint.intercept(async (call, proceed) => {
        const answer = await proceed();
        if (call.operation === operation && call.caller.principal === ROLE && crashes-- > 0) {
          const running = aws.lambda.invocations.find((one) => one.function === FUNCTION && one.outcome === 'running');
          if (running) aws.lambda.kill(running);
        }
        return answer;
      });
      const id = await codeDeployFleet.fail();
      await codeDeployFleet.world.clock.advance(300);
      expect(await codeDeployFleet.groupNames()).not.toContain(codeDeployFleet.copyOf(id));
      // A mail that was sent before the crash may come twice, as every mail may; none is lost.
      expect(codeDeployFleet.mails.length).toBe(operation === 'Publish' ? 2 : 1);
    },
  );

  test('a group that is gone already is a success without a mail', async () => {
    const codeDeployFleet = await open();
    codeDeployFleet.silence();
    const id = await codeDeployFleet.fail();
    const command = new DeleteAutoScalingGroupCommand({
      AutoScalingGroupName: codeDeployFleet.copyOf(id),
      ForceDelete: true,
    });
    await codeDeployFleet.world.clock.run(new AutoScalingClient(codeDeployFleet.world.aws.operator).send(command));
    for (const seconds of [1, 120]) {
      await publish(codeDeployFleet, messageOf(codeDeployFleet, id));
      await codeDeployFleet.world.clock.advance(seconds);
    }
    expect(codeDeployFleet.logs.slice(-2)).toEqual(['done: there is no copy', 'done: there is no copy']);
    expect(codeDeployFleet.mails).toEqual([]);
  });

  test.each(['웹 그룹', `it's_a "group" & <more> $(x) 'y'_d-ABC123DEF`, 'a_b_d-XYZ', 'x'.repeat(100)])(
    'the deployment group may be called %s',
    async (deploymentGroup) => {
      const codeDeployFleet = await open({ deploymentGroup });
      const id = await codeDeployFleet.fail();
      expect(await codeDeployFleet.groupNames()).not.toContain(codeDeployFleet.copyOf(id));
      expect(codeDeployFleet.mails[0]?.body).toContain(codeDeployFleet.copyOf(id));
      expect(codeDeployFleet.mails[0]?.subject).toMatch(/^[\x20-\x7e]{1,99}$/);
      const kept = await codeDeployFleet.fail('deregistration');
      const isPlain = /^[\w-]+$/.test(deploymentGroup);
      const quoted = isPlain
        ? codeDeployFleet.copyOf(kept)
        : `'${codeDeployFleet.copyOf(kept).replaceAll("'", `'\\''`)}'`;
      expect(codeDeployFleet.mails[1]?.body).toContain(`--auto-scaling-group-name ${quoted}\n`);
    },
  );
});

/** What a trigger publishes. */
function messageOf(codeDeployFleet: CodeDeployFleet, deploymentId: string): string {
  return JSON.stringify({
    ...codeDeployFleet.names,
    deploymentId,
    status: 'FAILED',
    errorInformation: '{"ErrorCode":"X"}',
  });
}

async function publish({ world }: CodeDeployFleet, Message: string): Promise<void> {
  const command = new PublishCommand({ TopicArn: world.stack.outputs.CodeDeployTopicArn, Message });
  await world.clock.run(new SNSClient(world.aws.operator).send(command));
}
