import { readFileSync } from 'node:fs';
import { AutoScalingClient, CompleteLifecycleActionCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeLoadBalancersCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { clientDefaults } from '../../local/endpoint/client';
import { uploadWar } from '../../local/example/fleet';
import { buildWar } from '../../local/fleet/war';
import { CommandLine } from '../harness/command';
import { Shell } from '../harness/shell';
import { World } from '../harness/world';
import { SCRIPT, TEMPLATE, templateWithUserData } from '../tools/user-data';

const README = readFileSync('examples/fleet/README.md', 'utf8');

/** The commands under a comment of README. */
function documented(title: string): string {
  const [, commands] = new RegExp(`<!-- ${title} -->\n\n\`\`\`sh\n([^]*?)\`\`\``).exec(README) ?? [];
  if (commands === undefined) throw new Error(`README has no commands to ${title}`);
  return commands;
}

/** What deployments change of a group, and which instances it has. */
async function stateOf(world: World, name: string) {
  const group = await world.group(name);
  return {
    tags: group.Tags?.map(({ Key, Value, PropagateAtLaunch }) => [Key, Value, PropagateAtLaunch]).sort(),
    sizes: [group.MinSize, group.DesiredCapacity, group.MaxSize],
    attachments: [...(group.TargetGroupARNs ?? []), ...(group.LoadBalancerNames ?? [])].sort(),
    instances: group.Instances?.map(({ InstanceId, LaunchTemplate }) => [InstanceId, LaunchTemplate?.Version]).sort(),
    suspended: group.SuspendedProcesses,
  };
}

describe('the example fleet of CloudFormation', () => {
  let world: World;
  let shell: Shell;
  const states = async () => [await stateOf(world, 'shop-blue'), await stateOf(world, 'shop-green')];

  async function deployWar(version: string): Promise<string> {
    const bucket = shell.variables.get('BUCKET') ?? '';
    const after = world.events.length;
    const id = await world.clock.run(uploadWar(world.aws, bucket, 'shop.war', { version }));
    await world.until('Completed', { after });
    await world.clock.advance(60); // the last instances of the old group go
    return id;
  }

  async function changeImage(image: string): Promise<void> {
    shell.variables.set('IMAGE', image);
    const before = await states();
    await shell.run(documented('change the image'));
    await world.clock.advance(300);
    expect(await states()).toEqual(before);
  }

  beforeAll(async () => {
    world = await World.create({ stackName: 'bluegreen-dev', bootSeconds: 5, provisioningSeconds: 10 });
    const files = { 'shop.war': buildWar({ health: 'well' }), [TEMPLATE]: readFileSync(TEMPLATE, 'utf8') };
    shell = new Shell(world, files);
    shell.variables.set('IMAGE', 'ami-1');
    await shell.run(documented('make the fleet'));
    await shell.run(documented('give the first roles'));
    await world.clock.advance(600);
  });

  test('has nothing that would keep a deployment from going well', async () => {
    const commandLine = await CommandLine.open(world);
    const { output } = await commandLine.run(['doctor', 'SHOP']);
    commandLine.close();
    const noWayBack = '! There is no way back: no completed deployment is known to go back from.';
    expect(output.match(/^[✘!].*$/gm)).toEqual([noWayBack]); // nothing was deployed yet
  });

  test('is deployed to again and again, and its stack updated in between takes nothing back', async () => {
    const second = await deployWar('2');
    const [blue, green] = await states();
    expect(green).toMatchObject({ sizes: [2, 2, 4], attachments: { length: 2 } });
    expect(green?.tags).toEqual(
      expect.arrayContaining([
        ['type', 'Active', false],
        ['s3versionidapp1', second, true],
      ]),
    );
    expect(blue).toMatchObject({ sizes: [0, 0, 0], attachments: [], instances: [] });
    await changeImage('ami-2');

    const third = await deployWar('3');
    const [active] = await states();
    expect(active?.tags).toEqual(
      expect.arrayContaining([
        ['type', 'Active', false],
        ['s3versionidapp1', third, true],
      ]),
    );
    // What was launched since has the new image.
    expect(active?.instances?.map(([, version]) => version)).toEqual(['2', '2']);
    await changeImage('ami-3');
    expect(await world.dummies()).toEqual([]);
  });

  test('an instance may fetch the versions of its war and go on from a hook of its group, and nothing beside', async () => {
    const { aws } = world;
    const caller = { principal: 'InstanceRole', isAlive: () => true };
    const defaults = clientDefaults(aws.endpoint, world.clock, caller, aws.region, 'direct');
    const s3 = new S3Client(defaults);
    const autoScaling = new AutoScalingClient(defaults);
    const { BUCKET: Bucket = '', VERSION: VersionId } = Object.fromEntries(shell.variables);
    const other = await world.upload('other.war');
    const outcome = (call: Promise<unknown>) =>
      world.clock.run(
        call.then(
          () => 'done',
          (error: Error) => error.name,
        ),
      );
    const get = (Key: string, version?: string) =>
      outcome(s3.send(new GetObjectCommand({ Bucket, Key, VersionId: version })));
    const goOn = (AutoScalingGroupName: string) => {
      const hook = { AutoScalingGroupName, LifecycleHookName: 'launched', LifecycleActionResult: 'CONTINUE' };
      return outcome(autoScaling.send(new CompleteLifecycleActionCommand({ ...hook, InstanceId: 'i-1' })));
    };
    expect({
      ownVersion: await get('shop.war', VersionId),
      withoutVersion: await get('shop.war'),
      otherWar: await get('other.war', other),
      writing: await outcome(s3.send(new PutObjectCommand({ Bucket, Key: 'shop.war', Body: 'x' }))),
      ownHook: await goOn('shop-blue'), // which there is none of here
      hookOfOthers: await goOn(world.fleet.activeGroup),
    }).toEqual({
      ownVersion: 'done',
      withoutVersion: 'AccessDenied',
      otherWar: 'AccessDenied',
      writing: 'AccessDenied',
      ownHook: 'ValidationError',
      hookOfOthers: 'AccessDenied',
    });
  });

  test('stands in an existing network, with a Classic Load Balancer and hooks, too', async () => {
    const wanted = ['VpcId=vpc-1', 'SubnetIds=subnet-a,subnet-b', 'ClassicLoadBalancer=yes', 'LaunchHook=yes'].join(
      ' ',
    );
    const inIt = (text: string) => text.replace(/\bshop(?=\s|-)/g, 'till').replace(/ImageId=.*/, `$& ${wanted}`);
    await shell.run(inIt(documented('make the fleet')));
    await shell.run(inIt(documented('attach the Classic Load Balancer')));
    const { attachments } = await stateOf(world, 'till-blue');
    expect(attachments).toEqual([shell.variables.get('CLASSIC')]);
    expect((await world.group('till-green')).VPCZoneIdentifier).toBe('subnet-a,subnet-b');
  });

  test('goes, and leaves nothing', async () => {
    await shell.run(documented('remove the fleet'));
    await world.clock.advance(300);
    expect((await world.groupNames()).filter((name) => name.startsWith('shop-'))).toEqual([]);
    const { LoadBalancers = [] } = await world.clock.run(
      new ElasticLoadBalancingV2Client(world.aws.operator).send(new DescribeLoadBalancersCommand({})),
    );
    expect(LoadBalancers.filter(({ LoadBalancerName }) => LoadBalancerName?.startsWith('shop-'))).toEqual([]);
  });
});

test('the template has the user data script in it, and each is as long as AWS takes it', () => {
  const template = readFileSync(TEMPLATE, 'utf8');
  expect(template).toBe(templateWithUserData());
  // "User data is limited to 16 KB, in raw form, before it is base64-encoded": EC2 user guide.
  expect(readFileSync(SCRIPT).length).toBeLessThanOrEqual(16 * 1024);
  // TemplateBody, API reference of CreateChangeSet.
  expect(Buffer.byteLength(template)).toBeLessThanOrEqual(51_200);
});
