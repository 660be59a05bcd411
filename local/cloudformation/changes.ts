/**
 * What an update of a stack changes: by what its template and parameters said and say. "AWS CloudFormation compares the
 * changes you submit with the current state of your stack and updates only the changed resources" (stack updates, user
 * guide); that state is what it was told, not what others have made of the resources since, which only drift detection sees.
 */
import { isDeepStrictEqual } from 'node:util';
import { Intrinsics } from './intrinsics';
import { makers } from './resources';
import { type Place, parameterValues, pseudoParameter } from './scope';
import type { Template, TemplateResource } from './template';
import { formatError } from './template-text';

export type Action = 'Add' | 'Modify' | 'Remove';

export interface Version {
  template: Template;
  parameters: Readonly<Record<string, string>>;
}

interface Outline {
  type: string;
  /** Resolved as far as it can be before anything is made. */
  properties: unknown;
  /** Of these resources it asks for attributes, which may be others once they are changed. */
  asks: ReadonlySet<string>;
}

/** Throws as CloudFormation does where `after` is no template, or refers to what is not there. */
export function changesBetween(before: Version | undefined, after: Version, place: Place): Map<string, Action> {
  checkResources(after.template);
  const [had, wanted] = [before ? outline(before, place) : new Map<string, Outline>(), outline(after, place)];
  const changes = new Map<string, Action>();
  for (const [id, one] of wanted) {
    const other = had.get(id);
    if (!other) changes.set(id, 'Add');
    else if (!isDeepStrictEqual([one.type, one.properties], [other.type, other.properties])) changes.set(id, 'Modify');
  }
  for (const id of had.keys()) if (!wanted.has(id)) changes.set(id, 'Remove');
  for (let size = -1; size !== changes.size; ) {
    size = changes.size;
    for (const [id, { asks }] of wanted) {
      if (!changes.has(id) && [...asks].some((asked) => changes.has(asked))) changes.set(id, 'Modify');
    }
  }
  return changes;
}

const RESOURCE_MEMBERS = [
  ...['Type', 'Condition', 'DependsOn', 'Properties', 'UpdatePolicy', 'DeletionPolicy', 'UpdateReplacePolicy'],
  ...['CreationPolicy', 'Metadata'],
];

function checkResources({ Resources }: Template): void {
  const all = Object.entries(Resources);
  const types = all.map(([, { Type }]) => Type).filter((type) => !(type in makers));
  if (types.length > 0) throw formatError(`Unrecognized resource types: [${[...new Set(types)].join(', ')}]`);
  for (const [id, described] of all) {
    const other = Object.keys(described).find((member) => !RESOURCE_MEMBERS.includes(member));
    if (other !== undefined) throw formatError(`Invalid template resource property '${other}' of ${id}`);
  }
}

function outline({ template, parameters }: Version, place: Place): Map<string, Outline> {
  const values = parameterValues(template, parameters);
  const isThere = (id: string) => {
    if (id in template.Resources) return;
    throw formatError(`Unresolved resource dependencies [${id}] in the Resources block of the template`);
  };
  let asks = new Set<string>();
  const intrinsics = new Intrinsics(template.Conditions, {
    zones: place.zones,
    ref: (name) => {
      const known = pseudoParameter(name, place) ?? values.get(name);
      if (known === undefined) isThere(name);
      return known ?? `(${name})`;
    },
    attribute: (id, name) => {
      isThere(id);
      asks.add(id);
      return `(${id}.${name})`;
    },
  });
  const isWanted = ({ Condition }: TemplateResource) => Condition === undefined || intrinsics.holds(Condition);
  const wanted = Object.entries(template.Resources).filter(([, described]) => isWanted(described));
  return new Map(
    wanted.map(([id, { Type: type, Properties = {} }]) => {
      asks = new Set();
      const properties = intrinsics.resolve(Properties);
      return [id, { type, properties, asks }];
    }),
  );
}
