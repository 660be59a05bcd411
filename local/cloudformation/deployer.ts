/** Deploys templates, knows the stacks that it has made, and plans changes of them. */
import type * as sdk from '@aws-sdk/client-cloudformation';
import { validationError } from '../kernel/service';
import type { Plan, Deployer as StackDeployer, StackDescription } from '../services/cloudformation/stacks';
import { changesBetween, type Version } from './changes';
import type { Aws, DeployedResource } from './maker';
import { makers } from './resources';
import { type DeployedStack, type DeployOptions, deploy, type Previous } from './stack';
import type { Template } from './template';
import { readTemplate } from './template-text';

type Surroundings = Aws & { region: string; accountId: string };

export class Deployer implements StackDeployer {
  private readonly stacks = new Map<string, Previous>();

  constructor(
    private readonly aws: Surroundings,
    /** Hears of every stack that was made or changed. */
    private readonly onDeployed: (stack: DeployedStack, description: StackDescription) => void,
  ) {}

  /** As a stack that is new: one of that name is forgotten, though not what it has made. */
  deploy(template: Template, options: Omit<DeployOptions, 'region' | 'accountId'>): DeployedStack {
    return this.settle({ template, parameters: options.parameters ?? {} }, options, undefined);
  }

  plan(stackName: string, text: string | undefined, given: readonly sdk.Parameter[]): Plan {
    const previous = this.stacks.get(stackName);
    const template = text === undefined ? previous?.template : readTemplate(text);
    if (!template) throw validationError(`Stack [${stackName}] does not exist`);
    const version = { template, parameters: parametersOf(given, previous) };
    const { region, accountId, network } = this.aws;
    const place = { region, accountId, stackName, zones: [...new Set(network.zoneOfSubnet.values())] };
    const changes = [...changesBetween(previous, version, place)].map(([id, Action]) => {
      const { Type } = (Action === 'Remove' ? previous?.template : template)?.Resources[id] ?? {};
      const PhysicalResourceId = previous?.stack.resources.get(id)?.physicalId;
      const Replacement = Action === 'Modify' ? ('False' as const) : undefined;
      return { Action, LogicalResourceId: id, PhysicalResourceId, ResourceType: Type, Replacement };
    });
    return {
      ...{ changes, description: template.Description, parameters: version.parameters },
      capabilities: capabilitiesOf(template),
      execute: () => void this.settle(version, { stackName, parameters: version.parameters }, previous),
    };
  }

  summary(stackName: string, text: string | undefined): sdk.GetTemplateSummaryOutput | undefined {
    const template = text === undefined ? this.stacks.get(stackName)?.template : readTemplate(text);
    if (!template) return undefined;
    const Parameters = Object.entries(template.Parameters ?? {}).map(([ParameterKey, declared]) => ({
      ...{ ParameterKey, ParameterType: declared.Type, NoEcho: String(declared.NoEcho) === 'true' },
      DefaultValue: declared.Default === undefined ? undefined : String(declared.Default),
      Description: declared.Description,
      ParameterConstraints: { AllowedValues: declared.AllowedValues?.map(String) ?? [] },
    }));
    const ResourceTypes = [...new Set(Object.values(template.Resources).map(({ Type }) => Type))];
    const { Description } = template;
    return { Parameters, ResourceTypes, Description, Capabilities: capabilitiesOf(template) };
  }

  /** The last that was made first, and what refers to others before them. Answers whether that was all. */
  removeNext(stackName: string): boolean {
    const previous = this.stacks.get(stackName);
    const left = previous ? [...previous.stack.resources] : [];
    const [id, resource] = left.at(-1) ?? [];
    if (!previous || id === undefined || !resource) {
      this.stacks.delete(stackName);
      return true;
    }
    const { remove } = makers[resource.type] ?? {};
    if (!remove) throw new Error(`${id}: removing resources of type ${resource.type} is not supported here`);
    remove(resource, this.aws);
    const stack = { ...previous.stack, resources: new Map(left.slice(0, -1)) };
    this.stacks.set(stackName, { ...previous, stack });
    return false;
  }

  private settle(
    version: Version,
    options: Omit<DeployOptions, 'region' | 'accountId'>,
    previous: Previous | undefined,
  ): DeployedStack {
    const { region, accountId } = this.aws;
    const made = new Map<string, DeployedResource>();
    try {
      const stack = deploy(version.template, this.aws, { ...options, region, accountId }, previous, made);
      this.stacks.set(stack.name, { ...version, stack });
      this.onDeployed(stack, descriptionOf(stack, version.template));
      return stack;
    } catch (error) {
      const { stackName: name = 'stack' } = options;
      const resources = new Map([...(previous?.stack.resources ?? []), ...made]);
      const stack = { ...(previous?.stack ?? { name, parameters: {}, outputs: {} }), resources };
      this.stacks.set(name, { ...(previous ?? version), stack });
      throw error;
    }
  }
}

/** What a change set does not give takes its default, and `UsePreviousValue` what it has by now (API reference, Parameter). */
function parametersOf(given: readonly sdk.Parameter[], previous: Previous | undefined): Record<string, string> {
  const pairs = given.map(({ ParameterKey = '', ParameterValue, UsePreviousValue }) => {
    const value = UsePreviousValue ? valueBefore(previous, ParameterKey) : ParameterValue;
    if (value === undefined) throw validationError(`Invalid input for parameter key ${ParameterKey}.`);
    return [ParameterKey, value] as const;
  });
  return Object.fromEntries(pairs);
}

function valueBefore(previous: Previous | undefined, name: string): string | undefined {
  const value = previous?.parameters[name] ?? previous?.template.Parameters?.[name]?.Default;
  return value === undefined ? undefined : String(value);
}

/** "If you have IAM resources with custom names, you must specify CAPABILITY_NAMED_IAM": API reference, CreateChangeSet. */
function capabilitiesOf({ Resources }: Template): sdk.Capability[] {
  const ofIam = Object.values(Resources).filter(({ Type }) => Type.startsWith('AWS::IAM::'));
  const names = ['RoleName', 'ManagedPolicyName', 'InstanceProfileName'];
  if (ofIam.some(({ Properties = {} }) => names.some((name) => name in Properties))) return ['CAPABILITY_NAMED_IAM'];
  return ofIam.length > 0 ? ['CAPABILITY_IAM'] : [];
}

/** As CloudFormation tells of it. */
function descriptionOf({ name, parameters, outputs, resources }: DeployedStack, template: Template): StackDescription {
  const resourcesOf = [...resources].map(([logicalId, { physicalId, type }]) => ({ logicalId, physicalId, type }));
  const told = Object.entries(outputs).map(([output, value]) => ({
    ...{ name: output, value, description: template.Outputs?.[output]?.Description },
  }));
  return { name, description: template.Description, parameters, outputs: told, resources: resourcesOf };
}
