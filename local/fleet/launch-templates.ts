/** Launch templates with their versions, as EC2 keeps them and Auto Scaling launches by them. */
import type { LaunchTemplateSpecification } from '@aws-sdk/client-auto-scaling';
import type { RequestLaunchTemplateData } from '@aws-sdk/client-ec2';
import { AwsError } from '../kernel/service';

export interface LaunchTemplate {
  id: string;
  name: string;
  createTime: Date;
  defaultVersion: number;
  latestVersion: number;
  versions: Map<number, LaunchTemplateVersion>;
}

export interface LaunchTemplateVersion {
  number: number;
  createTime: Date;
  description: string | undefined;
  data: RequestLaunchTemplateData;
}

export class LaunchTemplates {
  readonly all = new Map<string, LaunchTemplate>();

  /** Makes one of a first version. Its id is known by whoever makes it. */
  add(
    { id, name, createTime }: Pick<LaunchTemplate, 'id' | 'name' | 'createTime'>,
    { description, data }: Pick<LaunchTemplateVersion, 'description' | 'data'> = { description: undefined, data: {} },
  ): LaunchTemplate {
    const versions = new Map([[1, { number: 1, createTime, description, data }]]);
    const template = { id, name, createTime, defaultVersion: 1, latestVersion: 1, versions };
    this.all.set(id, template);
    return template;
  }

  /** Throws as EC2 does ("Error codes for the Amazon EC2 API") where there is none. */
  template({ LaunchTemplateId: id, LaunchTemplateName: name }: LaunchTemplateSpecification): LaunchTemplate {
    const found = [...this.all.values()].find((one) => (id === undefined ? one.name === name : one.id === id));
    if (found) return found;
    const [code, named] =
      id === undefined
        ? ['InvalidLaunchTemplateName.NotFoundException', `template name ${name}`]
        : ['InvalidLaunchTemplateId.NotFound', `template ID ${id}`];
    throw new AwsError(code, `The specified launch template, with ${named}, does not exist.`);
  }

  /** The version that a group or whoever describes means by a number, $Latest or $Default; by none, the default one. */
  version(specification: LaunchTemplateSpecification): { template: LaunchTemplate; version: LaunchTemplateVersion } {
    const template = this.template(specification);
    const { Version: wanted = '$Default' } = specification;
    const number =
      wanted === '$Latest' ? template.latestVersion : wanted === '$Default' ? template.defaultVersion : Number(wanted);
    const version = template.versions.get(number);
    if (version) return { template, version };
    const message = `Could not find the specified version ${wanted} for the launch template with ID ${template.id}.`;
    throw new AwsError('InvalidLaunchTemplateId.VersionNotFound', message);
  }
}
