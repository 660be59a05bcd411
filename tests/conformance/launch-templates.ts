/** Launch templates, as far as groups launch by them. */
import { deepEqual, ok } from 'node:assert/strict';
import { DescribeScalingActivitiesCommand, SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateCommand,
  DeleteLaunchTemplateVersionsCommand,
  DescribeLaunchTemplateVersionsCommand,
  type RequestLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import type { ConformanceCase } from './case';
import type { Context } from './context';
import { createGroup, describeGroup, LAUNCH_LIMIT_SECONDS, untilInService } from './fleet';
import { refusalOf } from './refusal';

export const LAUNCH_TEMPLATES: readonly ConformanceCase[] = [
  {
    name: 'A group is refused whose launch template or version does not exist',
    source: 'terraform-aws-modules/terraform-aws-autoscaling#182; EC2 User Guide, error codes; observed',
    needs: ['network', 'launch template'],
    async run(context) {
      const { launchTemplateName: LaunchTemplateName } = context.given;
      const create = (LaunchTemplate: object) =>
        createGroup(context, { LaunchTemplate: { LaunchTemplateName, ...LaunchTemplate } });
      const missing = await refusalOf(create({ LaunchTemplateName: context.name() }), 'ValidationError');
      ok(/does not exist/.test(missing.message), `it says "${missing.message}"`);
      const version = await refusalOf(create({ Version: '99999' }), 'ValidationError');
      ok(/99999/.test(version.message), `it says "${version.message}"`);
      await refusalOf(create({ Version: 'newest' }), 'ValidationError');
    },
  },
  {
    name: 'A group tells id and name of its template, and an instance the version',
    source: 'Amazon EC2 Auto Scaling API Reference, LaunchTemplateSpecification; Instance; observed',
    needs: ['network', 'launch template', 'instances'],
    async run(context) {
      const template = await createTemplate(context);
      const LaunchTemplate = { LaunchTemplateName: template.name, Version: '$Latest' };
      const group = await createGroup(context, { LaunchTemplate, DesiredCapacity: 1, MaxSize: 1 });
      await untilInService(context, group, 1);
      const described = await describeGroup(context, group);
      deepEqual(described?.LaunchTemplate, { LaunchTemplateId: template.id, ...LaunchTemplate });
      deepEqual(
        described?.Instances?.map(({ LaunchTemplate: used }) => used?.Version),
        ['2'],
      );
    },
  },
  {
    name: 'Of a version that was deleted nothing is launched, and told why',
    source: 'aws-samples/aws-refarch-moodle#52; EC2 User Guide, error codes; observed',
    needs: ['network', 'launch template', 'instances'],
    async run(context) {
      const { autoScaling, ec2 } = context.clients;
      const template = await createTemplate(context);
      const LaunchTemplate = { LaunchTemplateName: template.name, Version: '2' };
      const group = await createGroup(context, { LaunchTemplate, MaxSize: 1 });
      const named = { AutoScalingGroupName: group };
      const version = { LaunchTemplateName: template.name, Versions: ['2'] };
      await ec2.send(new DeleteLaunchTemplateVersionsCommand(version));
      await autoScaling.send(new SetDesiredCapacityCommand({ ...named, DesiredCapacity: 1 }));
      const failed = await context.until('a launch has failed', LAUNCH_LIMIT_SECONDS, async () => {
        const { Activities = [] } = await autoScaling.send(new DescribeScalingActivitiesCommand(named));
        return Activities.find(({ StatusCode }) => StatusCode === 'Failed');
      });
      ok(/version|template/i.test(failed.StatusMessage ?? ''), `it says "${failed.StatusMessage}"`);
      deepEqual((await describeGroup(context, group))?.Instances, []);
    },
  },
];

/** One of two versions, of what the given one has to have for instances to be launched. */
async function createTemplate(context: Context): Promise<{ id: string; name: string }> {
  const { ec2 } = context.clients;
  const { launchTemplateName, instanceType } = context.given;
  const given = { LaunchTemplateName: launchTemplateName, Versions: ['$Latest'] };
  const [latest] = (await ec2.send(new DescribeLaunchTemplateVersionsCommand(given))).LaunchTemplateVersions ?? [];
  const { ImageId, SecurityGroupIds } = latest?.LaunchTemplateData ?? {};
  const data = {
    InstanceType: instanceType as RequestLaunchTemplateData['InstanceType'],
    ...(ImageId !== undefined && { ImageId }),
    ...(SecurityGroupIds?.length && { SecurityGroupIds }),
  };
  const named = { LaunchTemplateName: context.name() };
  const created = await ec2.send(new CreateLaunchTemplateCommand({ ...named, LaunchTemplateData: data }));
  context.afterwards(() => ec2.send(new DeleteLaunchTemplateCommand(named)));
  await ec2.send(new CreateLaunchTemplateVersionCommand({ ...named, LaunchTemplateData: data }));
  return { id: created.LaunchTemplate?.LaunchTemplateId ?? '', name: named.LaunchTemplateName };
}
