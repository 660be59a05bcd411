/** The stacks of this account, as CloudFormation tells of them. */
import type * as sdk from '@aws-sdk/client-cloudformation';
import type { Clock } from '../../kernel/clock';
import { Random } from '../../kernel/random';
import { validationError } from '../../kernel/service';

export interface CloudFormationOptions {
  clock: Clock;
  region: string;
  accountId: string;
  /** Makes and changes stacks from templates. */
  deployer: Deployer;
}

/** What a change set would do, and does. */
export interface Plan {
  /** None: nothing differs from what the stack was told before. */
  changes: readonly sdk.ResourceChange[];
  description: string | undefined;
  parameters: Readonly<Record<string, string>>;
  /** What it makes of IAM, each of which whoever deploys has to acknowledge. */
  capabilities: readonly sdk.Capability[];
  /** Throws an Error where something cannot be made. */
  execute(): void;
}

export interface Deployer {
  /** `text`: none for that which the stack has. Throws a ValidationError, as CloudFormation does, on what is no template. */
  plan(stackName: string, text: string | undefined, parameters: readonly sdk.Parameter[]): Plan;
  /** What a template asks for; of a stack, if no text is given. Undefined where there is neither. */
  summary(stackName: string, text: string | undefined): sdk.GetTemplateSummaryOutput | undefined;
  /** Removes one more resource of the stack, and answers whether all are gone. Throws what its service throws. */
  removeNext(stackName: string): boolean;
}

/** A stack as it was deployed. */
export interface StackDescription {
  name: string;
  description?: string;
  parameters: Readonly<Record<string, string>>;
  outputs: readonly { name: string; value: string; description?: string }[];
  resources: readonly { logicalId: string; physicalId: string; type: string }[];
}

export interface Stack extends StackDescription {
  id: string;
  createdAt: Date;
  updatedAt?: Date;
  status: sdk.StackStatus;
  reason?: string;
}

export class Stacks {
  /** Those that were deployed last come first, as DescribeStacks has them. */
  readonly all: Stack[] = [];

  constructor(private readonly options: CloudFormationOptions) {}

  /** Answers the id of the stack; one of that name makes way, unless this is what it was being made or changed to. */
  add(description: StackDescription): string {
    const known = this.all.find(({ name, status }) => name === description.name && status.endsWith('_IN_PROGRESS'));
    if (known) {
      const status = known.status.startsWith('UPDATE') ? 'UPDATE_COMPLETE' : 'CREATE_COMPLETE';
      Object.assign(known, description, { status });
      return known.id;
    }
    return this.open({ ...description, status: 'CREATE_COMPLETE' }).id;
  }

  open(stack: Omit<Stack, 'id' | 'createdAt'>): Stack {
    const { clock, region, accountId } = this.options;
    const { name } = stack;
    const random = new Random([...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), this.all.length));
    const id = `arn:aws:cloudformation:${region}:${accountId}:stack/${name}/${random.uuid()}`;
    const known = this.all.findIndex((other) => other.name === name && other.status !== 'DELETE_COMPLETE');
    if (known >= 0) this.all.splice(known, 1);
    const opened = { ...stack, id, createdAt: clock.now() };
    this.all.unshift(opened);
    return opened;
  }

  /** "You can't use a stack name" of one that was deleted, but its id (API reference, DescribeStacks). */
  find(nameOrId: string): Stack | undefined {
    return this.present.find(({ name }) => name === nameOrId) ?? this.all.find(({ id }) => id === nameOrId);
  }

  get present(): Stack[] {
    return this.all.filter(({ status }) => status !== 'DELETE_COMPLETE');
  }

  /** By name or id. The words are those of the service, which the reference does not have: what deploys stacks looks for them. */
  existing(nameOrId: string): Stack {
    const found = this.find(nameOrId);
    if (!found) throw validationError(`Stack with id ${nameOrId} does not exist`);
    return found;
  }
}
