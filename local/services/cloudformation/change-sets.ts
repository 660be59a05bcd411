/** Change sets, by which stacks are made and changed: `aws cloudformation deploy` does it so. */
import type * as sdk from '@aws-sdk/client-cloudformation';
import { refuseUnsupported } from '../../kernel/refusal';
import { AwsError, type Operations, validationError } from '../../kernel/service';
import type { CloudFormationOptions, Plan, Stack, Stacks } from './stacks';

/** From the execution of a change set until it has happened. What takes minutes in AWS, as load balancers do, goes on after it. */
const EXECUTION_SECONDS = 5;

/** Whoever deploys looks for these words, which the reference does not have: aws-cli, `cloudformation deploy`. */
const NO_CHANGES =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

interface ChangeSet {
  id: string;
  name: string;
  stack: Stack;
  createdAt: Date;
  description: string | undefined;
  plan: Plan;
  isExecuted: boolean;
}

export class ChangeSets {
  private readonly all: ChangeSet[] = [];

  constructor(
    private readonly options: CloudFormationOptions,
    private readonly stacks: Stacks,
  ) {}

  readonly operations: Operations = {
    CreateChangeSet: (input: sdk.CreateChangeSetInput) => {
      refuseUnsupported(given(input), [
        ...['Capabilities', 'ChangeSetName', 'ChangeSetType', 'ClientToken', 'Description', 'IncludeNestedStacks'],
        ...['Parameters', 'StackName', 'TemplateBody', 'UsePreviousTemplate'],
      ]);
      const { id, stack } = this.create(input);
      return { Id: id, StackId: stack.id };
    },
    GetTemplateSummary: (input: sdk.GetTemplateSummaryInput) => {
      refuseUnsupported(input, ['StackName', 'TemplateBody']);
      const { StackName = '', TemplateBody } = input;
      if ((input.StackName === undefined) === (TemplateBody === undefined)) {
        throw validationError('Exactly one of StackName and TemplateBody must be specified');
      }
      const name = TemplateBody === undefined ? this.stacks.existing(StackName).name : '';
      return this.options.deployer.summary(name, TemplateBody);
    },
    DescribeChangeSet: (input: sdk.DescribeChangeSetInput) => described(this.existing(input)),
    ExecuteChangeSet: (input: sdk.ExecuteChangeSetInput) => {
      refuseUnsupported(input, ['ChangeSetName', 'ClientRequestToken', 'DisableRollback', 'StackName']);
      this.execute(this.existing(input), input.DisableRollback ?? false);
      return {};
    },
  };

  private create(input: sdk.CreateChangeSetInput): ChangeSet {
    const { StackName = '', ChangeSetName: name = '', ChangeSetType = 'UPDATE', Description: description } = input;
    const known = this.stacks.find(StackName);
    if (ChangeSetType === 'UPDATE' && (!known || known.status === 'REVIEW_IN_PROGRESS')) {
      throw validationError(`Stack [${StackName}] does not exist`);
    }
    if (ChangeSetType === 'CREATE' && known && known.status !== 'REVIEW_IN_PROGRESS') {
      throw validationError(
        `Stack [${StackName}] already exists and cannot be created again with the changeSet [${name}]`,
      );
    }
    assertAtRest(known);
    if (!input.TemplateBody && !input.UsePreviousTemplate) {
      throw validationError('Either Template URL or Template Body must be specified.');
    }
    const plan = this.options.deployer.plan(StackName, input.TemplateBody, input.Parameters ?? []);
    assertAcknowledged(plan, input.Capabilities ?? []);
    const empty = {
      name: StackName,
      parameters: {},
      outputs: [],
      resources: [],
      status: 'REVIEW_IN_PROGRESS' as const,
    };
    const stack = known ?? this.stacks.open(empty);
    if (this.all.some((other) => other.name === name && other.stack === stack)) {
      throw new AwsError(
        'AlreadyExistsException',
        `ChangeSet ${name} cannot be created due to a mismatch with existing attribute`,
      );
    }
    const id = stack.id.replace(/:stack\/[^/]*/, `:changeSet/${name}`);
    const createdAt = this.options.clock.now();
    const changeSet: ChangeSet = { id, name, stack, createdAt, description, plan, isExecuted: false };
    this.all.push(changeSet);
    return changeSet;
  }

  private execute(changeSet: ChangeSet, keepsWhatWasMade: boolean): void {
    const { stack, plan, id } = changeSet;
    if (changeSet.isExecuted || plan.changes.length === 0) {
      const status = plan.changes.length === 0 ? 'FAILED' : 'EXECUTE_COMPLETE';
      throw new AwsError(
        'InvalidChangeSetStatus',
        `ChangeSet [${id}] cannot be executed in its current status of [${status}]`,
      );
    }
    assertAtRest(stack);
    changeSet.isExecuted = true;
    const isNew = stack.status === 'REVIEW_IN_PROGRESS';
    stack.status = isNew ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS';
    if (!isNew) stack.updatedAt = this.options.clock.now();
    this.options.clock.after(EXECUTION_SECONDS, () => {
      try {
        plan.execute();
      } catch (error) {
        // What was made so far stays: taking it back, as AWS does, is not known here, and AWS has a word for that, too.
        const [ofNew, ofOld] = keepsWhatWasMade
          ? (['CREATE_FAILED', 'UPDATE_FAILED'] as const)
          : (['ROLLBACK_FAILED', 'UPDATE_ROLLBACK_FAILED'] as const);
        stack.status = isNew ? ofNew : ofOld;
        const note = keepsWhatWasMade ? '' : ' (Nothing is rolled back by this embedded AWS.)';
        stack.reason = `${(error as Error).message}${note}`;
      }
    });
  }

  private existing({ ChangeSetName = '', StackName }: sdk.DescribeChangeSetInput): ChangeSet {
    const ofStack = ({ stack }: ChangeSet) => StackName === undefined || stack === this.stacks.find(StackName);
    const found = this.all.find((one) => one.id === ChangeSetName || (one.name === ChangeSetName && ofStack(one)));
    if (!found) throw new AwsError('ChangeSetNotFound', `ChangeSet [${ChangeSetName}] does not exist`, 404);
    return found;
  }
}

/** The command sends lists that are empty, too. */
function given(input: object): object {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => !Array.isArray(value) || value.length > 0));
}

function assertAtRest(stack: Stack | undefined): void {
  if (!stack || stack.status === 'REVIEW_IN_PROGRESS' || /(CREATE|UPDATE)_COMPLETE$/.test(stack.status)) return;
  throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
}

function assertAcknowledged({ capabilities }: Plan, acknowledged: readonly sdk.Capability[]): void {
  const isNamed = acknowledged.includes('CAPABILITY_NAMED_IAM');
  const missing = capabilities.filter((one) => !acknowledged.includes(one) && !isNamed);
  if (missing.length === 0) return;
  throw new AwsError('InsufficientCapabilitiesException', `Requires capabilities : [${missing.join(', ')}]`);
}

function described(changeSet: ChangeSet): sdk.DescribeChangeSetOutput {
  const { id, name, stack, createdAt, description, plan, isExecuted } = changeSet;
  const isEmpty = plan.changes.length === 0;
  return {
    ...{ ChangeSetName: name, ChangeSetId: id, StackId: stack.id, StackName: stack.name, CreationTime: createdAt },
    Description: description,
    Parameters: parametersOf(plan.parameters),
    Status: isEmpty ? 'FAILED' : 'CREATE_COMPLETE',
    StatusReason: isEmpty ? NO_CHANGES : undefined,
    ExecutionStatus: isEmpty ? 'UNAVAILABLE' : isExecuted ? 'EXECUTE_COMPLETE' : 'AVAILABLE',
    Changes: plan.changes.map((ResourceChange) => ({ Type: 'Resource', ResourceChange })),
    ...{ Capabilities: [...plan.capabilities], NotificationARNs: [], RollbackConfiguration: {}, Tags: [] },
    IncludeNestedStacks: false,
  };
}

export function parametersOf(parameters: Readonly<Record<string, string>>): sdk.Parameter[] {
  return Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));
}
