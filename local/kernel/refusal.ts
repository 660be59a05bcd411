/** What the embedded AWS does not do is refused, never accepted as if it worked. */
import { validationError } from './service';

/** Throws when `input` gives a parameter that is not in `supported`. */
export function refuseUnsupported(input: object, supported: readonly string[]): void {
  for (const [name, value] of Object.entries(input)) {
    if (value !== undefined && !supported.includes(name)) {
      throw validationError(`The parameter ${name} is not supported by this embedded AWS`);
    }
  }
}

/** What a template could not have either is an Error there; a client that asks for it is refused. */
export function refused<Result>(action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    const isPlain = error instanceof Error && error.constructor === Error;
    throw isPlain ? validationError(error.message) : error; // other classes: AwsError, or a defect
  }
}
