/** CloudFormation: the stacks that were deployed into this account, with what they are made of, and change sets of them. */
import type * as sdk from '@aws-sdk/client-cloudformation';
import { pageOf } from '../../kernel/paging';
import { type Operations, type Service, validationError } from '../../kernel/service';
import { cloudFormationAccess } from './access';
import { ChangeSets, parametersOf } from './change-sets';
import { removalOperations } from './removal';
import { type CloudFormationOptions, type Stack, type StackDescription, Stacks } from './stacks';

/** DescribeStacks answers up to 1 MB, ListStackResources too (API reference): nobody says how many that are. */
const PAGE_SIZE = 100;

/** DescribeStackResources, API reference: "Only the first 100 resources will be returned." */
const DESCRIBED_RESOURCES = 100;

export class CloudFormation implements Service {
  readonly requiredAccess = cloudFormationAccess;
  readonly operations: Operations;
  private readonly stacks: Stacks;

  constructor(options: CloudFormationOptions) {
    this.stacks = new Stacks(options);
    this.operations = {
      ...this.reading,
      ...new ChangeSets(options, this.stacks).operations,
      ...removalOperations(options, this.stacks),
    };
  }

  /** Answers the id of the stack; one of that name that is there already makes way. */
  addStack(description: StackDescription): string {
    return this.stacks.add(description);
  }

  private readonly reading: Operations = {
    DescribeStacks: ({ StackName, NextToken }: sdk.DescribeStacksCommandInput) => {
      const wanted = StackName === undefined ? this.stacks.present : [this.stacks.existing(StackName)];
      const page = pageOf(wanted, NextToken, PAGE_SIZE, 'ValidationError');
      return { Stacks: page.items.map(described), NextToken: page.next };
    },

    ListStackResources: ({ StackName = '', NextToken }: sdk.ListStackResourcesCommandInput) => {
      const { resources, createdAt } = this.stacks.existing(StackName);
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

  /** "You must specify either StackName or PhysicalResourceId, but not both": API reference; the words are not documented. */
  private stackOf({ StackName, PhysicalResourceId }: sdk.DescribeStackResourcesCommandInput): Stack {
    if ((StackName === undefined) === (PhysicalResourceId === undefined)) {
      throw validationError('Exactly one of StackName and PhysicalResourceId must be specified');
    }
    if (StackName !== undefined) return this.stacks.existing(StackName);
    const owns = ({ resources }: Stack) => resources.some(({ physicalId }) => physicalId === PhysicalResourceId);
    const found = this.stacks.present.find(owns);
    if (!found) throw validationError(`Stack for ${PhysicalResourceId} does not exist`);
    return found;
  }
}

function described(stack: Stack): sdk.Stack {
  const { id, name, description, createdAt, updatedAt, status, reason, parameters, outputs } = stack;
  return {
    ...{ StackId: id, StackName: name, Description: description, CreationTime: createdAt },
    ...{ LastUpdatedTime: updatedAt, StackStatus: status, StackStatusReason: reason },
    ...{ DisableRollback: false, RollbackConfiguration: {}, NotificationARNs: [], Tags: [] },
    EnableTerminationProtection: false,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
    Parameters: parametersOf(parameters),
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
