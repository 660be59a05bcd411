import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  SetDesiredCapacityCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateCommand,
  DeleteLaunchTemplateVersionsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
  ModifyLaunchTemplateCommand,
} from '@aws-sdk/client-ec2';
import { EmbeddedAws } from '../../embedded-aws';
import { VirtualInstances } from '../../fleet/virtual-instances';
import { VirtualClock } from '../../kernel/clock';

const NAMED = { LaunchTemplateName: 'web' };
const KEY = { LaunchTemplateData: { KeyName: 'key' } };
const GROUP = { AutoScalingGroupName: 'was' };

/** A template of three versions with types of their own; of them, the second is the default one. */
async function setUp() {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 5, application: () => 200 });
  const aws = new EmbeddedAws({ clock, instances, latencySeconds: 0 });
  const [ec2, client] = [new EC2Client(aws.operator), new AutoScalingClient(aws.operator)];
  const of = (InstanceType: 't3.micro' | 't3.small' | 't3.large') => ({
    ...NAMED,
    LaunchTemplateData: { InstanceType },
  });
  const created = await ec2.send(new CreateLaunchTemplateCommand(of('t3.micro')));
  for (const type of ['t3.small', 't3.large'] as const)
    await ec2.send(new CreateLaunchTemplateVersionCommand({ ...of(type), SourceVersion: '1' }));
  await ec2.send(new ModifyLaunchTemplateCommand({ ...NAMED, DefaultVersion: '2' }));
  const create = (LaunchTemplate: object, DesiredCapacity = 1) =>
    client.send(
      new CreateAutoScalingGroupCommand({
        ...{ ...GROUP, LaunchTemplate, MinSize: 0, MaxSize: 4, DesiredCapacity },
        VPCZoneIdentifier: 'subnet-a',
      }),
    );
  const group = async () => (await client.send(new DescribeAutoScalingGroupsCommand({}))).AutoScalingGroups?.[0];
  const failure = async () => {
    const { Activities = [] } = await client.send(new DescribeScalingActivitiesCommand(GROUP));
    return Activities.find(({ StatusCode }) => StatusCode === 'Failed')?.StatusMessage;
  };
  const id = created.LaunchTemplate?.LaunchTemplateId ?? '';
  return { clock, ec2, client, create, group, failure, id };
}

test.each([
  ['$Latest', '3', 't3.large'],
  ['$Default', '2', 't3.small'],
  [undefined, '2', 't3.small'],
  ['1', '1', 't3.micro'],
])('a group of version %p launches by version %s, which its instances tell', async (Version, number, type) => {
  const { clock, create, group, id } = await setUp();
  await create({ ...NAMED, Version });
  await clock.advance(30);
  const found = await group();
  expect(found?.LaunchTemplate).toEqual({ LaunchTemplateId: id, LaunchTemplateName: 'web', Version });
  expect(found?.Instances?.map(({ LaunchTemplate, InstanceType }) => [LaunchTemplate?.Version, InstanceType])).toEqual([
    [number, type],
  ]);
});

test('instances keep the version that they were launched by, and the next come by what is the latest then', async () => {
  const { clock, ec2, client, create, group } = await setUp();
  await create({ ...NAMED, Version: '$Latest' });
  await clock.advance(30);
  await ec2.send(new CreateLaunchTemplateVersionCommand({ ...NAMED, SourceVersion: '1', ...KEY }));
  await client.send(new SetDesiredCapacityCommand({ ...GROUP, DesiredCapacity: 2 }));
  await clock.advance(30);
  const instances = (await group())?.Instances ?? [];
  expect(instances.map(({ LaunchTemplate, InstanceType }) => [LaunchTemplate?.Version, InstanceType])).toEqual([
    ['3', 't3.large'],
    ['4', 't3.micro'],
  ]);
});

test.each([
  [{ LaunchTemplateName: 'none' }, /with template name none, does not exist/],
  [{ LaunchTemplateId: 'lt-0' }, /with template ID lt-0, does not exist/],
  [{ ...NAMED, Version: '9' }, /Could not find the specified version 9/],
  [{ ...NAMED, Version: 'newest' }, /Invalid launch template version/],
  [{ ...NAMED, LaunchTemplateId: 'lt-0' }, /either launchTemplateId or LaunchTemplateName/],
  [{ Version: '1' }, /either launchTemplateId or LaunchTemplateName/],
])('a group is refused that asks for %j', async (template, message) => {
  const { client, create } = await setUp();
  const refusal = { name: 'ValidationError', message: expect.stringMatching(message) };
  await expect(create(template)).rejects.toMatchObject(refusal);
  await create(NAMED, 0);
  const changed = client.send(new UpdateAutoScalingGroupCommand({ ...GROUP, LaunchTemplate: template }));
  await expect(changed).rejects.toMatchObject(refusal);
});

test('what was deleted since launches nothing, and the group tells why', async () => {
  const { clock, ec2, client, create, group, failure, id } = await setUp();
  await create({ ...NAMED, Version: '3' });
  await clock.advance(30);
  const deleted = await ec2.send(new DeleteLaunchTemplateVersionsCommand({ ...NAMED, Versions: ['2', '3', '9'] }));
  const numbers = (list: { VersionNumber?: number }[] = []) => list.map(({ VersionNumber }) => VersionNumber);
  expect(numbers(deleted.SuccessfullyDeletedLaunchTemplateVersions)).toEqual([3]);
  expect(numbers(deleted.UnsuccessfullyDeletedLaunchTemplateVersions)).toEqual([2, 9]);
  await client.send(new SetDesiredCapacityCommand({ ...GROUP, DesiredCapacity: 2 }));
  await clock.advance(10);
  expect(await failure()).toBe(
    `Could not find the specified version 3 for the launch template with ID ${id}. Launching EC2 instance failed.`,
  );
  await ec2.send(new DeleteLaunchTemplateCommand(NAMED));
  await clock.advance(60);
  expect((await group())?.Instances).toHaveLength(1);
  expect(await failure()).toBe(
    `The specified launch template, with template ID ${id}, does not exist. Launching EC2 instance failed.`,
  );
});

test('templates and versions are described, and those that are not there refused', async () => {
  const { ec2, id } = await setUp();
  const { LaunchTemplates } = await ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: ['web'] }));
  expect(LaunchTemplates).toMatchObject([
    { LaunchTemplateId: id, LaunchTemplateName: 'web', DefaultVersionNumber: 2, LatestVersionNumber: 3 },
  ]);
  const versions = async (...Versions: string[]) => {
    const command = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions });
    return (await ec2.send(command)).LaunchTemplateVersions?.map(({ VersionNumber }) => VersionNumber);
  };
  expect(await versions()).toEqual([3, 2, 1]);
  expect(await versions('$Latest', '$Default', '1')).toEqual([3, 2, 1]);
  await expect(versions('9')).rejects.toMatchObject({ name: 'InvalidLaunchTemplateId.VersionNotFound' });
  const unknown = ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: ['none'] }));
  await expect(unknown).rejects.toMatchObject({ name: 'InvalidLaunchTemplateName.NotFoundException' });
  await expect(ec2.send(new CreateLaunchTemplateCommand({ ...NAMED, ...KEY }))).rejects.toMatchObject({
    name: 'InvalidLaunchTemplateName.AlreadyExistsException',
  });
});
