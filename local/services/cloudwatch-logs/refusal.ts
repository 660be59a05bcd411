/** How CloudWatch Logs refuses what it is asked. */
import { AwsError } from '../../kernel/service';

export function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

/** Of a pattern that AWS knows, and the embedded AWS does not. */
export function unsupported(what: string): AwsError {
  return invalid(`Invalid filter pattern: ${what} is not supported by this embedded AWS`);
}
