/** Making, changing and describing launch templates. What they are used for is in Auto Scaling. */
import type * as sdk from '@aws-sdk/client-ec2';
import type { LaunchTemplate, LaunchTemplates, LaunchTemplateVersion } from '../../fleet/launch-templates';
import type { Clock } from '../../kernel/clock';
import type { Random } from '../../kernel/random';
import { AwsError, type Operations } from '../../kernel/service';

/** Kept and told; nothing is launched otherwise for them but for the type, and instances tell their security groups. */
const DATA = [
  ...['BlockDeviceMappings', 'IamInstanceProfile', 'ImageId', 'InstanceType', 'KeyName', 'MetadataOptions'],
  ...['SecurityGroupIds', 'UserData'],
];
const NAMED = ['LaunchTemplateId', 'LaunchTemplateName'];

export interface LaunchTemplateOptions {
  clock: Clock;
  random: Random;
  launchTemplates: LaunchTemplates;
}

export function launchTemplateOperations({ clock, random, launchTemplates }: LaunchTemplateOptions): Operations {
  return {
    CreateLaunchTemplate: (input: sdk.CreateLaunchTemplateRequest) => {
      refuseOther(input, ['LaunchTemplateName', 'VersionDescription', 'LaunchTemplateData', 'ClientToken']);
      const { LaunchTemplateName: name = '', VersionDescription: description } = input;
      if ([...launchTemplates.all.values()].some((one) => one.name === name)) {
        const message = 'Launch template name already in use.';
        throw new AwsError('InvalidLaunchTemplateName.AlreadyExistsException', message);
      }
      const created = { id: `lt-0${random.text(16)}`, name, createTime: clock.now() };
      return { LaunchTemplate: describe(launchTemplates.add(created, { description, data: dataOf(input) })) };
    },

    /** Of a source version, what is not given is taken over. */
    CreateLaunchTemplateVersion: (input: sdk.CreateLaunchTemplateVersionRequest) => {
      refuseOther(input, [...NAMED, 'SourceVersion', 'VersionDescription', 'LaunchTemplateData', 'ClientToken']);
      const template = launchTemplates.template(input);
      const source = input.SourceVersion && launchTemplates.version({ ...input, Version: input.SourceVersion });
      const number = template.latestVersion + 1;
      const data = { ...(source ? source.version.data : {}), ...dataOf(input) };
      const version = { number, createTime: clock.now(), description: input.VersionDescription, data };
      template.versions.set(number, version);
      template.latestVersion = number;
      return { LaunchTemplateVersion: describeVersion(template, version) };
    },

    ModifyLaunchTemplate: (input: sdk.ModifyLaunchTemplateRequest) => {
      refuseOther(input, [...NAMED, 'DefaultVersion', 'ClientToken']);
      const { template, version } = launchTemplates.version({ ...input, Version: input.DefaultVersion });
      template.defaultVersion = version.number;
      return { LaunchTemplate: describe(template) };
    },

    DeleteLaunchTemplate: (input: sdk.DeleteLaunchTemplateRequest) => {
      refuseOther(input, NAMED);
      const template = launchTemplates.template(input);
      launchTemplates.all.delete(template.id);
      return { LaunchTemplate: describe(template) };
    },

    /** Of each is told whether it is gone; the default one cannot go. */
    DeleteLaunchTemplateVersions: (input: sdk.DeleteLaunchTemplateVersionsRequest) => {
      refuseOther(input, [...NAMED, 'Versions']);
      const template = launchTemplates.template(input);
      const numbers = (input.Versions ?? []).map(Number);
      const deletable = (number: number) => template.versions.has(number) && number !== template.defaultVersion;
      const gone = numbers.filter((number) => deletable(number));
      const kept = numbers.filter((number) => !deletable(number));
      for (const number of gone) template.versions.delete(number);
      const named = { LaunchTemplateId: template.id, LaunchTemplateName: template.name };
      return {
        SuccessfullyDeletedLaunchTemplateVersions: gone.map((VersionNumber) => ({ ...named, VersionNumber })),
        UnsuccessfullyDeletedLaunchTemplateVersions: kept.map((VersionNumber) => {
          const Code = template.versions.has(VersionNumber) ? 'unexpectedError' : 'launchTemplateVersionDoesNotExist';
          return { ...named, VersionNumber, ResponseError: { Code, Message: 'The version cannot be deleted' } };
        }),
      };
    },

    DescribeLaunchTemplates: (input: sdk.DescribeLaunchTemplatesRequest) => {
      refuseOther(input, ['LaunchTemplateIds', 'LaunchTemplateNames']);
      const { LaunchTemplateIds: ids = [], LaunchTemplateNames: names = [] } = input;
      const chosen = [
        ...ids.map((LaunchTemplateId) => launchTemplates.template({ LaunchTemplateId })),
        ...names.map((LaunchTemplateName) => launchTemplates.template({ LaunchTemplateName })),
      ];
      const found = ids.length + names.length > 0 ? chosen : [...launchTemplates.all.values()];
      return { LaunchTemplates: found.map(describe) };
    },

    DescribeLaunchTemplateVersions: (input: sdk.DescribeLaunchTemplateVersionsRequest) => {
      refuseOther(input, [...NAMED, 'Versions']);
      const template = launchTemplates.template(input);
      const asked = (input.Versions ?? []).map((Version) => launchTemplates.version({ ...input, Version }).version);
      const found = input.Versions?.length ? asked : [...template.versions.values()].reverse();
      return { LaunchTemplateVersions: found.map((version) => describeVersion(template, version)) };
    },
  };
}

function dataOf({ LaunchTemplateData: data = {} }: { LaunchTemplateData?: sdk.RequestLaunchTemplateData | undefined }) {
  refuseOther(data, DATA);
  return data;
}

function describe({ id, name, createTime, defaultVersion, latestVersion }: LaunchTemplate): sdk.LaunchTemplate {
  return {
    ...{ LaunchTemplateId: id, LaunchTemplateName: name, CreateTime: createTime },
    ...{ DefaultVersionNumber: defaultVersion, LatestVersionNumber: latestVersion },
  };
}

function describeVersion(
  { id, name, defaultVersion }: LaunchTemplate,
  { number, createTime, description, data }: LaunchTemplateVersion,
): sdk.LaunchTemplateVersion {
  return {
    ...{ LaunchTemplateId: id, LaunchTemplateName: name, VersionNumber: number, CreateTime: createTime },
    VersionDescription: description,
    DefaultVersion: number === defaultVersion,
    LaunchTemplateData: data as sdk.ResponseLaunchTemplateData,
  };
}

function refuseOther(input: object, supported: readonly string[]): void {
  const other = Object.entries(input).find(([name, value]) => value !== undefined && !supported.includes(name));
  if (other) throw new AwsError('UnknownParameter', `The parameter ${other[0]} is not supported by this embedded AWS`);
}
