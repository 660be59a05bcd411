/** What goes wrong, as a person reads it: one sentence, and the next step. */
import { errorCode, errorMessage, isDenied, isThrottling } from '../shared/aws/errors';
import { DamagedRecord } from '../shared/pipeline/record-store';

/** So that a script knows what has become of what it asked for. */
export const EXIT = {
  completed: 0,
  /** It failed, or was taken back: the version before serves. */
  failed: 1,
  usage: 2,
  /** Nothing was changed. */
  refused: 3,
  operatorNeeded: 4,
  /** `--timeout` is over, or Ctrl-C was pressed: it goes on by itself. */
  stillRunning: 5,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export class Problem extends Error {
  constructor(
    message: string,
    readonly nextStep: string,
    readonly exitCode: ExitCode = EXIT.usage,
    /** Of the product's codes, where it has one. */
    readonly code?: string,
  ) {
    super(message);
    this.name = 'Problem';
  }
}

/** Undefined where it is a defect of the command: then its stack is worth more than a sentence. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  const [code, message] = [errorCode(error), errorMessage(error)];
  if (error instanceof DamagedRecord) {
    return new Problem(
      message,
      'Run bluegreen clean with the task: it goes on from the newest version of the record that can be read.',
      EXIT.operatorNeeded,
    );
  }
  if (code === 'CredentialsProviderError' || code === 'TokenProviderError') {
    return new Problem(
      `no AWS credentials were found (${message})`,
      'Give --profile NAME, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Against `npm run local` any values do.',
    );
  }
  if (/Region is missing/.test(message)) {
    return new Problem('no AWS region is given', 'Give --region eu-central-1, say, or export AWS_REGION.');
  }
  if (EXPIRED.test(code)) {
    return new Problem(`AWS does not take these credentials: ${message}`, 'Log in again, then repeat the command.');
  }
  if (isDenied(error)) {
    return new Problem(
      `AWS does not let you do this: ${message}`,
      'Have one of the policies that the stack’s outputs name attached to your role: `bluegreen doctor` says what lacks.',
      EXIT.failed,
    );
  }
  if (isThrottling(error)) {
    return new Problem(
      `AWS throttles this account: ${message}`,
      'Nothing is lost: repeat the command in a minute.',
      EXIT.failed,
    );
  }
  if (isUnreachable(error)) {
    return new Problem(
      `AWS cannot be reached (${message || code})`,
      'Look at the network and at AWS_ENDPOINT_URL. Against `npm run local`: is it running?',
      EXIT.failed,
    );
  }
  if ((error as { $fault?: string }).$fault !== undefined) {
    return new Problem(
      `AWS answered ${code}: ${message}`,
      'Look at what it says, then repeat the command.',
      EXIT.failed,
    );
  }
  return undefined;
}

const EXPIRED =
  /^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredTokenException|AuthFailure)/;

/** The same call succeeds a little later: whoever follows something waits for that. */
export function passesByItself(error: unknown): boolean {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return isThrottling(error) || isUnreachable(error) || ($metadata?.httpStatusCode ?? 0) >= 500;
}

function isUnreachable(error: unknown): boolean {
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  return /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/.test(code);
}
