/** What the names of a template stand for before anything is made: parameters, and what AWS itself knows. */
import { validationError } from '../kernel/service';
import type { Template } from './template';

export interface Place {
  region: string;
  accountId: string;
  stackName: string;
  /** The availability zones of the region. */
  zones: readonly string[];
}

type Declared = NonNullable<Template['Parameters']>[string];

/** By name, as `Ref` gives them: lists are split. Throws as CloudFormation does on values that the template does not take. */
export function parameterValues({ Parameters = {} }: Template, given: Readonly<Record<string, string>>) {
  const unknown = Object.keys(given).filter((name) => !(name in Parameters));
  if (unknown.length > 0) throw validationError(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  const missing = Object.entries(Parameters).filter(([name, { Default }]) => (given[name] ?? Default) === undefined);
  if (missing.length > 0) {
    throw validationError(`Parameters: [${missing.map(([name]) => name).join(', ')}] must have values`);
  }
  return new Map(
    Object.entries(Parameters).map(([name, declared]) => [
      name,
      parameterValue(name, declared, given[name] ?? declared.Default),
    ]),
  );
}

function parameterValue(name: string, { Type, AllowedValues, AllowedPattern }: Declared, value: unknown): unknown {
  const text = String(value);
  if (AllowedValues && !AllowedValues.map(String).includes(text)) {
    throw validationError(`Parameter '${name}' must be one of AllowedValues`);
  }
  if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(text)) {
    throw validationError(`Parameter '${name}' must match pattern ${AllowedPattern}`);
  }
  return /^(CommaDelimitedList|List<)/.test(Type) ? text.split(',').map((item) => item.trim()) : value;
}

export function pseudoParameter(name: string, { region, accountId, stackName }: Place): string | undefined {
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
