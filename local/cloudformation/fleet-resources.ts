/** Launch templates, instance profiles, Auto Scaling groups with their hooks: and what an update of them does. */
import type { AutoScalingGroup, DescribeAutoScalingGroupsCommandOutput, Tag } from '@aws-sdk/client-auto-scaling';
import type { CreateLaunchTemplateCommandOutput, CreateLaunchTemplateVersionCommandOutput } from '@aws-sdk/client-ec2';
import { AwsError } from '../kernel/service';
import { type Aws, type Changing, type Maker, type Making, perform, refuseOtherChanges } from './maker';

const SIZES = ['MinSize', 'MaxSize', 'DesiredCapacity'] as const;

export const FLEET: Record<string, Maker> = {
  'AWS::EC2::LaunchTemplate': {
    properties: [
      ...['ImageId', 'InstanceType', 'KeyName', 'SecurityGroupIds', 'UserData', 'IamInstanceProfile.Arn'],
      ...['IamInstanceProfile.Name', 'BlockDeviceMappings.DeviceName', 'BlockDeviceMappings.Ebs.DeleteOnTermination'],
      ...[
        'BlockDeviceMappings.Ebs.Encrypted',
        'BlockDeviceMappings.Ebs.KmsKeyId',
        'BlockDeviceMappings.Ebs.VolumeSize',
      ],
      ...['BlockDeviceMappings.Ebs.VolumeType', 'MetadataOptions.HttpEndpoint', 'MetadataOptions.HttpTokens'],
      ...['MetadataOptions.HttpPutResponseHopLimit', 'MetadataOptions.InstanceMetadataTags'],
    ]
      .map((name) => `LaunchTemplateData.${name}`)
      .concat('LaunchTemplateName', 'VersionDescription'),
    required: ['LaunchTemplateData'],
    make: ({ properties, generatedName, aws }) => {
      const LaunchTemplateName = properties.LaunchTemplateName ?? generatedName;
      const input = { ...properties, LaunchTemplateName };
      const { LaunchTemplate } = perform<CreateLaunchTemplateCommandOutput>(aws.ec2, 'CreateLaunchTemplate', input);
      const LaunchTemplateId = LaunchTemplate?.LaunchTemplateId ?? '';
      return { physicalId: LaunchTemplateId, attributes: { LaunchTemplateId, ...versions('1') } };
    },
    /** "Update requires: No interruption": a new version, which does not become the default one. */
    change: (changing) => {
      refuseOtherChanges(changing, ['LaunchTemplateData', 'VersionDescription']);
      const { LaunchTemplateName: _, ...version } = changing.properties;
      const input = { ...version, LaunchTemplateId: changing.before.physicalId };
      const { ec2 } = changing.aws;
      const created = perform<CreateLaunchTemplateVersionCommandOutput>(ec2, 'CreateLaunchTemplateVersion', input);
      return versions(String(created.LaunchTemplateVersion?.VersionNumber));
    },
    remove: ({ physicalId: LaunchTemplateId }, { ec2 }) => perform(ec2, 'DeleteLaunchTemplate', { LaunchTemplateId }),
  },

  'AWS::IAM::InstanceProfile': {
    properties: ['InstanceProfileName', 'Path', 'Roles'],
    required: ['Roles'],
    make: ({ properties, generatedName, accountId }) => {
      const name = properties.InstanceProfileName ?? generatedName;
      return { physicalId: name, attributes: { Arn: `arn:aws:iam::${accountId}:instance-profile/${name}` } };
    },
    remove: () => {},
  },

  'AWS::AutoScaling::AutoScalingGroup': {
    properties: [
      ...['AutoScalingGroupName', 'Cooldown', 'DesiredCapacity', 'HealthCheckGracePeriod', 'HealthCheckType'],
      ...['LaunchTemplate.LaunchTemplateId', 'LaunchTemplate.LaunchTemplateName', 'LaunchTemplate.Version'],
      ...['LoadBalancerNames', 'MaxSize', 'MinSize', 'Tags.Key', 'Tags.PropagateAtLaunch', 'Tags.Value'],
      ...['NewInstancesProtectedFromScaleIn', 'TargetGroupARNs', 'TerminationPolicies', 'VPCZoneIdentifier'],
    ],
    required: ['MaxSize', 'MinSize'],
    make: (making) => {
      const { AutoScalingGroupName: name = making.generatedName } = making.properties;
      const { TargetGroupARNs, LoadBalancerNames } = making.properties;
      const Tags = tagsOf(name, making.properties);
      const input = { ...settingsOf(making), ...sizesOf(making), TargetGroupARNs, LoadBalancerNames, Tags };
      perform(making.aws.autoScaling, 'CreateAutoScalingGroup', { ...input, AutoScalingGroupName: name });
      const { AutoScalingGroupARN = '' } = groupOf(making.aws, name) ?? {};
      return { physicalId: name, attributes: { AutoScalingGroupARN } };
    },
    change: (changing) => {
      refuseOtherChanges(changing, [
        ...['Cooldown', 'HealthCheckGracePeriod', 'HealthCheckType', 'LaunchTemplate', 'LoadBalancerNames', 'Tags'],
        ...['NewInstancesProtectedFromScaleIn', 'TargetGroupARNs', 'TerminationPolicies', ...SIZES],
      ]);
      updateGroup(changing);
      updateTags(changing);
      updateAttachments(changing, 'TargetGroupARNs', 'LoadBalancerTargetGroups');
      updateAttachments(changing, 'LoadBalancerNames', 'LoadBalancers');
      return {};
    },
    /** With its instances, and it is waited for. */
    remove: ({ physicalId: AutoScalingGroupName }, aws) => {
      if (!groupOf(aws, AutoScalingGroupName)) return;
      perform(aws.autoScaling, 'DeleteAutoScalingGroup', { AutoScalingGroupName, ForceDelete: true });
      if (!groupOf(aws, AutoScalingGroupName)) return;
      throw new AwsError('ScalingActivityInProgress', `the group ${AutoScalingGroupName} still has instances`);
    },
  },

  'AWS::AutoScaling::LifecycleHook': {
    properties: [
      ...['AutoScalingGroupName', 'DefaultResult', 'HeartbeatTimeout', 'LifecycleHookName', 'LifecycleTransition'],
    ],
    required: ['AutoScalingGroupName', 'LifecycleTransition'],
    make: ({ properties, generatedName, aws }) => {
      const { LifecycleHookName = generatedName } = properties;
      perform(aws.autoScaling, 'PutLifecycleHook', { ...properties, LifecycleHookName });
      return { physicalId: LifecycleHookName };
    },
    remove: ({ physicalId: LifecycleHookName, properties: { AutoScalingGroupName } }, { autoScaling }) =>
      perform(autoScaling, 'DeleteLifecycleHook', { LifecycleHookName, AutoScalingGroupName }),
  },
};

function versions(latest: string): Record<string, string> {
  return { DefaultVersionNumber: '1', LatestVersionNumber: latest };
}

/**
 * "CloudFormation always sets the group size property values … to the values that are defined in the … template", unless
 * IgnoreUnmodifiedGroupSizeProperties is true: then "unless you have modified these values in your stack template"
 * (UpdatePolicy attribute, CloudFormation user guide). What the template does not name, it does not set (aws-cdk#5215).
 * Without AutoScalingRollingUpdate or AutoScalingReplacingUpdate no instance is replaced; with one, nothing is deployed here.
 */
function updateGroup(changing: Changing): void {
  const { logicalId, updatePolicy, changed, before, aws } = changing;
  const other = Object.keys(updatePolicy).find((name) => name !== 'AutoScalingScheduledAction');
  if (other !== undefined) throw new Error(`${logicalId}: the update policy ${other} is not supported here`);
  const { IgnoreUnmodifiedGroupSizeProperties = false } = (updatePolicy.AutoScalingScheduledAction ?? {}) as {
    IgnoreUnmodifiedGroupSizeProperties?: boolean | string;
  };
  const keeps = String(IgnoreUnmodifiedGroupSizeProperties) === 'true';
  const sizes = Object.entries(sizesOf(changing)).filter(([name]) => !keeps || changed.has(name));
  const input = { ...settingsOf(changing), ...Object.fromEntries(sizes), AutoScalingGroupName: before.physicalId };
  perform(aws.autoScaling, 'UpdateAutoScalingGroup', input);
}

/**
 * Nothing says whether tags that have not changed in the template are written again when something else has: here they are,
 * which is the harsher way. Those that the template does not know stay, as nobody looks at them.
 */
function updateTags({ properties, before, aws }: Changing): void {
  const name = before.physicalId;
  const Tags = tagsOf(name, properties);
  const keys = new Set(Tags.map(({ Key }) => Key));
  const gone = tagsOf(name, before.properties).filter(({ Key }) => !keys.has(Key));
  if (Tags.length > 0) perform(aws.autoScaling, 'CreateOrUpdateTags', { Tags });
  if (gone.length > 0) perform(aws.autoScaling, 'DeleteTags', { Tags: gone });
}

/** As with tags: what the template names is attached again, and what it has named is detached. */
function updateAttachments({ properties, before, aws }: Changing, parameter: string, operations: string): void {
  const AutoScalingGroupName = before.physicalId;
  const wanted: string[] = properties[parameter] ?? [];
  const listed = groupOf(aws, AutoScalingGroupName)?.[parameter as 'TargetGroupARNs' | 'LoadBalancerNames'] ?? [];
  const had = (before.properties[parameter] ?? []) as string[];
  const missing = wanted.filter((one) => !listed.includes(one));
  const gone = had.filter((one) => !wanted.includes(one) && listed.includes(one));
  for (const [verb, identifiers] of [
    ['Attach', missing],
    ['Detach', gone],
  ] as const) {
    if (identifiers.length === 0) continue;
    perform(aws.autoScaling, `${verb}${operations}`, { AutoScalingGroupName, [parameter]: identifiers });
  }
}

/** What creating and updating a group both take; a list of subnets is one text to the service. */
function settingsOf({ logicalId, properties }: Making): object {
  const { Cooldown, HealthCheckGracePeriod, VPCZoneIdentifier, LaunchTemplate } = properties;
  const { HealthCheckType, NewInstancesProtectedFromScaleIn, TerminationPolicies } = properties;
  // "CloudFormation does not support specifying $Latest, or $Default for the template version number": its reference.
  if (/^\$/.test(LaunchTemplate?.Version ?? '$Default')) {
    throw new Error(`${logicalId}: the version of the launch template has to be a number`);
  }
  return {
    ...{ LaunchTemplate, HealthCheckType, NewInstancesProtectedFromScaleIn, TerminationPolicies },
    DefaultCooldown: Cooldown === undefined ? undefined : Number(Cooldown),
    HealthCheckGracePeriod: HealthCheckGracePeriod === undefined ? undefined : Number(HealthCheckGracePeriod),
    VPCZoneIdentifier: VPCZoneIdentifier?.join(','),
  };
}

function sizesOf({ properties }: Making): Record<string, number> {
  const given = SIZES.filter((name) => properties[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, Number(properties[name])]));
}

function tagsOf(ResourceId: string, { Tags = [] }: { Tags?: Tag[] }): Tag[] {
  return Tags.map(({ Key, Value, PropagateAtLaunch }) => ({
    ...{ ResourceId, ResourceType: 'auto-scaling-group', Key, Value },
    PropagateAtLaunch: String(PropagateAtLaunch) === 'true',
  }));
}

function groupOf({ autoScaling }: Aws, name: string): AutoScalingGroup | undefined {
  const input = { AutoScalingGroupNames: [name] };
  const answer = perform<DescribeAutoScalingGroupsCommandOutput>(autoScaling, 'DescribeAutoScalingGroups', input);
  return answer.AutoScalingGroups?.[0];
}
