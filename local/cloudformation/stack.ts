/** Deploys a CloudFormation template into the embedded AWS. What it cannot make or change, it refuses to deploy. */
import { isDeepStrictEqual } from 'node:util';
import { Random } from '../kernel/random';
import { changesBetween, type Version } from './changes';
import { Intrinsics } from './intrinsics';
import { type Aws, checkProperties, type DeployedResource } from './maker';
import { makers } from './resources';
import { type Place, parameterValues, pseudoParameter } from './scope';
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

/** A stack, and what it was made of. */
export interface Previous extends Version {
  stack: DeployedStack;
}

/**
 * Makes every resource, each after those that it refers to. Of a stack that is there already it changes what `template` and
 * `parameters` say otherwise than before, and nothing else. Throws an Error that names what is not supported: a type of
 * resource, one of its properties, an intrinsic function; and where a parameter has no value.
 */
export function deploy(
  template: Template,
  aws: Aws,
  options: DeployOptions,
  previous?: Previous,
  /** Gets each resource as soon as it is there: also where a later one cannot be made. */
  resources = new Map<string, DeployedResource>(),
): DeployedStack {
  const { stackName = 'stack', parameters = {}, nameSeed = 0 } = options;
  const place = { ...options, stackName, zones: [...new Set(aws.network.zoneOfSubnet.values())] };
  const assembly = new Assembly(template, { aws, place, parameters, nameSeed }, previous, resources);
  return assembly.run();
}

interface Surroundings {
  aws: Aws;
  place: Place;
  parameters: Readonly<Record<string, string>>;
  nameSeed: number;
}

class Assembly {
  private readonly inProgress = new Set<string>();
  private readonly intrinsics: Intrinsics;
  private readonly values: ReadonlyMap<string, unknown>;
  private readonly random: Random;

  constructor(
    private readonly template: Template,
    private readonly surroundings: Surroundings,
    private readonly previous: Previous | undefined,
    private readonly resources: Map<string, DeployedResource>,
  ) {
    const { place, parameters, nameSeed } = surroundings;
    this.random = new Random(nameSeed);
    this.values = parameterValues(template, parameters);
    this.intrinsics = new Intrinsics(template.Conditions, {
      zones: place.zones,
      ref: (name) => pseudoParameter(name, place) ?? this.values.get(name) ?? this.resource(name).physicalId,
      attribute: (logicalId, name) => {
        const value = this.resource(logicalId).attributes[name];
        if (value === undefined) throw new Error(`${logicalId} has no attribute ${name} here`);
        return value;
      },
    });
  }

  run(): DeployedStack {
    const { template, previous, surroundings } = this;
    this.refuseRemoval();
    for (const [logicalId, described] of Object.entries(template.Resources)) {
      if (this.isWanted(described)) this.resource(logicalId);
    }
    const wantedOutputs = Object.entries(template.Outputs ?? {}).filter(([, output]) => this.isWanted(output));
    const outputs = wantedOutputs.map(([name, { Value }]) => [name, String(this.intrinsics.resolve(Value))]);
    const values = Object.entries(template.Parameters ?? {}).map(([name, { NoEcho = false }]) => [
      ...[name, String(NoEcho) === 'true' ? '****' : String(this.values.get(name))],
    ]);
    return {
      name: previous?.stack.name ?? surroundings.place.stackName,
      parameters: Object.fromEntries(values),
      outputs: Object.fromEntries(outputs),
      resources: this.resources,
    };
  }

  private refuseRemoval(): void {
    const { previous, template, surroundings } = this;
    if (!previous) return;
    const { parameters, place } = surroundings;
    const changes = changesBetween(previous, { template, parameters }, place);
    const gone = [...changes].find(([, action]) => action === 'Remove');
    if (gone) throw new Error(`removing the resource ${gone[0]} is not supported here`);
  }

  private isWanted({ Condition }: { Condition?: string }): boolean {
    return Condition === undefined || this.intrinsics.holds(Condition);
  }

  private resource(logicalId: string): DeployedResource {
    const existing = this.resources.get(logicalId);
    if (existing) return existing;
    if (!this.template.Resources[logicalId]) throw new Error(`the template has no resource or parameter ${logicalId}`);
    if (this.inProgress.has(logicalId)) {
      throw new Error(`circular dependency: ${[...this.inProgress, logicalId].join(' → ')}`);
    }
    this.inProgress.add(logicalId);
    const settled = this.settle(logicalId);
    this.resources.set(logicalId, settled);
    this.inProgress.delete(logicalId);
    return settled;
  }

  /** Makes it, changes it, or leaves it as it is: also where what it refers to was changed, and is called the same. */
  private settle(logicalId: string): DeployedResource {
    const { Type: type, Properties = {}, UpdatePolicy = {} } = this.template.Resources[logicalId] ?? { Type: '' };
    const { aws, place } = this.surroundings;
    const maker = makers[type];
    if (!maker) throw new Error(`${logicalId}: resources of type ${type} are not supported here`);
    const properties = this.intrinsics.resolve(Properties) as Record<string, unknown>;
    checkProperties(logicalId, maker, properties);
    const suffix = this.random.text(12, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789');
    const generatedName = `${place.stackName}-${logicalId}-${suffix}`;
    const making = { ...place, logicalId, properties, generatedName, aws, resources: this.resources };
    const before = this.previous?.stack.resources.get(logicalId);
    if (!before) return { type, attributes: {}, properties, ...maker.make(making) };
    const names = [...new Set([...Object.keys(properties), ...Object.keys(before.properties)])];
    const changed = new Set(names.filter((name) => !isDeepStrictEqual(properties[name], before.properties[name])));
    if (before.type !== type)
      throw new Error(`${logicalId}: replacing it by one of type ${type} is not supported here`);
    if (changed.size === 0) return before;
    if (!maker.change) throw new Error(`${logicalId}: changing resources of type ${type} is not supported here`);
    const updatePolicy = this.intrinsics.resolve(UpdatePolicy) as Record<string, unknown>;
    const attributes = maker.change({ ...making, before, changed, updatePolicy });
    return { ...before, properties, attributes: { ...before.attributes, ...attributes } };
  }
}
