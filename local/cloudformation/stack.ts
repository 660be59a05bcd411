/** Deploys a CloudFormation template into the embedded AWS. What it cannot make, it refuses to deploy. */
import { Random } from '../kernel/random';
import { Intrinsics } from './intrinsics';
import { type Aws, type DeployedResource, makers } from './resources';
import type { Template } from './template';

export interface DeployOptions {
  region: string;
  accountId: string;
  stackName?: string;
  /** Values of the template's parameters; those that are missing take their defaults. */
  parameters?: Readonly<Record<string, string>>;
  /** Generated names are made of it, and of nothing else: the same stack has the same names in every world. */
  nameSeed?: number;
}

export interface DeployedStack {
  name: string;
  /** The template's parameters, with the values that they have; of a secret one (`NoEcho`), asterisks. */
  parameters: Readonly<Record<string, string>>;
  outputs: Readonly<Record<string, string>>;
  /** By logical id. */
  resources: ReadonlyMap<string, DeployedResource>;
}

/**
 * Makes every resource, each after those that it refers to. Throws an Error that names what is not supported: a type of
 * resource, one of its properties, an intrinsic function, a parameter without a value.
 */
export function deploy(template: Template, aws: Aws, options: DeployOptions): DeployedStack {
  const { region, accountId, stackName = 'stack', parameters = {}, nameSeed = 0 } = options;
  const random = new Random(nameSeed);
  const resources = new Map<string, DeployedResource>();
  const inProgress = new Set<string>();
  const intrinsics = new Intrinsics(template.Conditions, {
    ref: (name) => pseudoParameter(name) ?? parameter(name) ?? resource(name).physicalId,
    attribute: (logicalId, name) => {
      const value = resource(logicalId).attributes[name];
      if (value === undefined) throw new Error(`${logicalId} has no attribute ${name} here`);
      return value;
    },
  });

  function resource(logicalId: string): DeployedResource {
    const existing = resources.get(logicalId);
    if (existing) return existing;
    const described = template.Resources[logicalId];
    if (!described) throw new Error(`the template has no resource or parameter ${logicalId}`);
    if (inProgress.has(logicalId)) throw new Error(`circular dependency: ${[...inProgress, logicalId].join(' → ')}`);
    const maker = makers[described.Type];
    if (!maker) throw new Error(`${logicalId}: resources of type ${described.Type} are not supported here`);
    inProgress.add(logicalId);
    const properties = intrinsics.resolve(described.Properties ?? {}) as Record<string, unknown>;
    for (const name of Object.keys(properties)) {
      if (!maker.properties.includes(name)) throw new Error(`${logicalId}: the property ${name} is not supported here`);
    }
    const suffix = random.text(12, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789');
    const generatedName = `${stackName}-${logicalId}-${suffix}`;
    const made = maker.make({ logicalId, properties, generatedName, region, accountId, aws, resources });
    const deployed = { type: described.Type, attributes: {}, properties, ...made };
    resources.set(logicalId, deployed);
    inProgress.delete(logicalId);
    return deployed;
  }

  function parameter(name: string): unknown {
    const declared = template.Parameters?.[name];
    if (!declared) return undefined;
    const value = parameters[name] ?? declared.Default;
    if (value === undefined) throw new Error(`the parameter ${name} has no value`);
    return /^(CommaDelimitedList|List<)/.test(declared.Type) ? String(value).split(',') : value;
  }

  function pseudoParameter(name: string): string | undefined {
    switch (name) {
      case 'AWS::Region':
        return region;
      case 'AWS::AccountId':
        return accountId;
      case 'AWS::Partition':
        return 'aws';
      case 'AWS::StackName':
        return stackName;
      case 'AWS::URLSuffix':
        return 'amazonaws.com';
      default:
        return undefined;
    }
  }

  const isWanted = ({ Condition }: { Condition?: string }) => Condition === undefined || intrinsics.holds(Condition);
  for (const [logicalId, described] of Object.entries(template.Resources)) {
    if (isWanted(described)) resource(logicalId);
  }
  const wantedOutputs = Object.entries(template.Outputs ?? {}).filter(([, output]) => isWanted(output));
  const outputs = wantedOutputs.map(([name, { Value }]) => [name, String(intrinsics.resolve(Value))]);
  const values = Object.entries(template.Parameters ?? {}).map(([name, { NoEcho = false }]) => [
    ...[name, String(NoEcho) === 'true' ? '****' : String(parameter(name))],
  ]);
  return { name: stackName, parameters: Object.fromEntries(values), outputs: Object.fromEntries(outputs), resources };
}
