/** Deleting stacks, with what they have made. */
import type * as sdk from '@aws-sdk/client-cloudformation';
import { refuseUnsupported } from '../../kernel/refusal';
import { AwsError, type Operations } from '../../kernel/service';
import type { CloudFormationOptions, Stack, Stacks } from './stacks';

/** What is in use is tried again. */
const PAUSE_SECONDS = 5;
const ATTEMPTS = 360;
const PASSING = ['ResourceInUse', 'ScalingActivityInProgress'];

export function removalOperations(options: CloudFormationOptions, stacks: Stacks): Operations {
  return {
    /** One that is not there is no error, as observed. */
    DeleteStack: (input: sdk.DeleteStackInput) => {
      refuseUnsupported(input, ['ClientRequestToken', 'StackName']);
      const stack = stacks.find(input.StackName ?? '');
      if (!stack || ['DELETE_IN_PROGRESS', 'DELETE_COMPLETE'].includes(stack.status)) return;
      stack.status = 'DELETE_IN_PROGRESS';
      stack.reason = undefined;
      options.clock.after(PAUSE_SECONDS, () => goOn(options, stack, 1));
    },
  };
}

function goOn(options: CloudFormationOptions, stack: Stack, attempt: number): void {
  try {
    while (!options.deployer.removeNext(stack.name));
    stack.status = 'DELETE_COMPLETE';
  } catch (error) {
    if (error instanceof AwsError && PASSING.includes(error.code) && attempt < ATTEMPTS) {
      options.clock.after(PAUSE_SECONDS, () => goOn(options, stack, attempt + 1));
      return;
    }
    stack.status = 'DELETE_FAILED';
    stack.reason = (error as Error).message;
  }
}
