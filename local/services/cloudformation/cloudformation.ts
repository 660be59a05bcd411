/** CloudFormation, to be read: the stacks that were deployed into this account, with what they are made of. */
import type * as sdk from '@aws-sdk/client-cloudformation';
import type { Clock } from '../../kernel/clock';
import { pageOf } from '../../kernel/paging';
import { Random } from '../../kernel/random';
import { type Operations, type Service, validationError } from '../../kernel/service';
import { cloudFormationAccess } from './access';

export interface CloudFormationOptions {
  clock: Clock;
  region: string;
  accountId: string;
}

/** A stack as it was deployed. */
export interface StackDescription {
  name: string;
  description?: string;
  parameters: Readonly<Record<string, string>>;
  outputs: readonly { name: string; value: string; description?: string }[];
  resources: readonly { logicalId: string; physicalId: string; type: string }[];
}

interface Stack extends StackDescription {
  id: string;
  createdAt: Date;
}

/** DescribeStacks answers up to 1 MB, ListStackResources too (API reference): nobody says how many that are. */
const PAGE_SIZE = 100;

/** DescribeStackResources, API reference: "Only the first 100 resources will be returned." */
const DESCRIBED_RESOURCES = 100;

export class CloudFormation implements Service {
  readonly requiredAccess = cloudFormationAccess;
  /** Those that were deployed last come first, as DescribeStacks has them. */
  private readonly stacks: Stack[] = [];

  constructor(private readonly options: CloudFormationOptions) {}

  /** Answers the id of the stack; one of that name that is there already makes way. */
  addStack(description: StackDescription): string {
    const { clock, region, accountId } = this.options;
    const { name } = description;
    const random = new Random([...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), this.stacks.length));
    const id = `arn:aws:cloudformation:${region}:${accountId}:stack/${name}/${random.uuid()}`;
    const known = this.stacks.findIndex((stack) => stack.name === name);
    if (known >= 0) this.stacks.splice(known, 1);
    this.stacks.unshift({ ...description, id, createdAt: clock.now() });
    return id;
  }

  readonly operations: Operations = {
    DescribeStacks: ({ StackName, NextToken }: sdk.DescribeStacksCommandInput) => {
      const wanted = StackName === undefined ? this.stacks : [this.stack(StackName)];
      const page = pageOf(wanted, NextToken, PAGE_SIZE, 'ValidationError');
      return { Stacks: page.items.map(described), NextToken: page.next };
    },

    ListStackResources: ({ StackName = '', NextToken }: sdk.ListStackResourcesCommandInput) => {
      const { resources, createdAt } = this.stack(StackName);
      const page = pageOf([...resources], NextToken, PAGE_SIZE, 'ValidationError');
      const StackResourceSummaries = page.items.map((resource) => ({
        ...resourceOf(resource),
        LastUpdatedTimestamp: createdAt,
      }));
      return { StackResourceSummaries, NextToken: page.next };
    },

    DescribeStackResources: (input: sdk.DescribeStackResourcesCommandInput) => {
      const { LogicalResourceId, PhysicalResourceId } = input;
      const { id, name, resources, createdAt } = this.stackOf(input);
      const wanted = resources.filter(({ logicalId }) => [logicalId, undefined].includes(LogicalResourceId));
      if (LogicalResourceId !== undefined && wanted.length === 0 && PhysicalResourceId === undefined) {
        throw validationError(`Resource ${LogicalResourceId} does not exist for stack ${name}`);
      }
      const StackResources = wanted.slice(0, DESCRIBED_RESOURCES).map((resource) => ({
        ...{ StackName: name, StackId: id, ...resourceOf(resource), Timestamp: createdAt },
      }));
      return { StackResources };
    },
  };

  /** By name or id. The words are those of the service, which the reference does not have: what deploys stacks looks for them. */
  private stack(nameOrId: string): Stack {
    const found = this.stacks.find(({ name, id }) => name === nameOrId || id === nameOrId);
    if (!found) throw validationError(`Stack with id ${nameOrId} does not exist`);
    return found;
  }

  /** "You must specify either StackName or PhysicalResourceId, but not both": API reference; the words are not documented. */
  private stackOf({ StackName, PhysicalResourceId }: sdk.DescribeStackResourcesCommandInput): Stack {
    if ((StackName === undefined) === (PhysicalResourceId === undefined)) {
      throw validationError('Exactly one of StackName and PhysicalResourceId must be specified');
    }
    if (StackName !== undefined) return this.stack(StackName);
    const owns = ({ resources }: Stack) => resources.some(({ physicalId }) => physicalId === PhysicalResourceId);
    const found = this.stacks.find(owns);
    if (!found) throw validationError(`Stack for ${PhysicalResourceId} does not exist`);
    return found;
  }
}

function described({ id, name, description, createdAt, parameters, outputs }: Stack): sdk.Stack {
  return {
    StackId: id,
    StackName: name,
    Description: description,
    CreationTime: createdAt,
    StackStatus: 'CREATE_COMPLETE',
    DisableRollback: false,
    RollbackConfiguration: {},
    NotificationARNs: [],
    Tags: [],
    EnableTerminationProtection: false,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
    Outputs: outputs.map((output) => ({
      OutputKey: output.name,
      OutputValue: output.value,
      Description: output.description,
    })),
  };
}

function resourceOf({ logicalId, physicalId, type }: StackDescription['resources'][number]) {
  return {
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    ResourceStatus: 'CREATE_COMPLETE' as const,
    DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' as const },
  };
}
