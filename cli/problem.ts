/** What goes wrong, as a person reads it: one sentence, and the next step. */
import * as z from 'zod/mini';
import { errorCode, errorMessage, isDenied, isThrottling } from '../shared/aws/errors';
import { DEFAULT_STAGE } from '../shared/codes/request-lines';
import { DamagedRecord } from '../shared/pipeline/record-store';
import { nearest } from './nearest';
import { nextCommandAt } from './next-command';
import { REGIONS } from './regions';

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
  /** AWS did not answer, or did not allow it: nothing is known of what was asked for. */
  unavailable: 6,
  /** By Ctrl-C, before anything was asked for: as shells say it. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** As the help lists them. */
export const EXIT_IN_WORDS: Readonly<Record<ExitCode, string>> = {
  [EXIT.completed]: 'it is done',
  [EXIT.failed]: 'the deployment failed or was taken back, or something is to be mended',
  [EXIT.usage]: 'what was typed is wrong; nothing was changed',
  [EXIT.refused]: 'it was refused; nothing was changed',
  [EXIT.operatorNeeded]: 'somebody has to act: see bluegreen status TASK',
  [EXIT.stillRunning]: 'it goes on by itself: the time was over, or Ctrl-C was pressed',
  [EXIT.unavailable]: 'AWS did not answer or did not allow it: nothing is known of it',
  [EXIT.interrupted]: 'Ctrl-C was pressed before anything was asked for',
};

/** What `--json` prints where it cannot be done, in place of a result: a published interface. */
export const problemSchema = z.object({
  error: z.object({
    message: z.string(),
    nextStep: z.string(),
    exitCode: z.union(Object.values(EXIT).map((code) => z.literal(code))),
    /** Of the product's codes, where it has one. */
    code: z.optional(z.string()),
  }),
});

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

/** Somebody was asked, and said no: that is no error. */
export class Declined extends Problem {
  constructor() {
    super('Nothing was changed', 'Repeat the command when you mean it.', EXIT.refused);
  }
}

/** What begins with a word of ours begins a sentence; a name stays as it is written. */
export function asSentence(text: string): string {
  return text.replace(/^(the|there|nothing|no|what) /, (word) => word.charAt(0).toUpperCase() + word.slice(1));
}

export function refusalInWords({ code, message }: { code?: string | undefined; message: string }): string {
  return `Refused with ${code}: ${asSentence(message).replace(/[.!?]?$/, '.')} Nothing was changed.`;
}

/** Undefined where it is a defect of the command: then its stack is worth more than a sentence. */
export function problemOf(
  error: unknown,
  command = nextCommandAt({ stage: DEFAULT_STAGE }),
  task = 'TASK',
): Problem | undefined {
  if (error instanceof Problem) return error;
  const [code, message] = [errorCode(error), errorMessage(error)];
  if (error instanceof DamagedRecord) {
    return new Problem(
      asSentence(message),
      `Clean-up goes on from the newest version of the record that can be read:\n  ${command('clean', task)}`,
      EXIT.operatorNeeded,
    );
  }
  if (code === 'CredentialsProviderError' || code === 'TokenProviderError') {
    return new Problem(
      `No AWS credentials were found (${message})`,
      'Give --profile NAME, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Against `npm run local` any values do.',
    );
  }
  if (/Region is missing/.test(message)) {
    return new Problem('No AWS region is given', 'Give --region eu-central-1, say, or export AWS_REGION.');
  }
  if (isClockSkew(code, message)) {
    return new Problem(
      `AWS does not take the signature of this machine: ${message}`,
      'Set the clock of this machine (AWS allows it to be 5 minutes off). Where it is right, look at the secret key.',
      EXIT.unavailable,
    );
  }
  if (REJECTED.test(code)) {
    return new Problem(
      `AWS does not take these credentials: ${message}`,
      'Log in again, then repeat the command.',
      EXIT.unavailable,
    );
  }
  if (isDenied(error)) {
    return new Problem(
      `AWS does not let you do this: ${message}`,
      `${whatAllows(message)} What lacks:\n  ${command('doctor')}`,
      EXIT.unavailable,
    );
  }
  if (isThrottling(error)) {
    return new Problem(
      `AWS throttles this account: ${message}`,
      'Nothing is lost: repeat the command in a minute.',
      EXIT.unavailable,
    );
  }
  if (isDistrusted(error)) {
    return new Problem(
      `The certificate of AWS is not trusted: ${message}`,
      'Look at the clock of this machine, and at who stands in between: NODE_EXTRA_CA_CERTS names the certificate of a proxy.',
      EXIT.unavailable,
    );
  }
  if ((error as NodeJS.ErrnoException).code === 'ERR_INVALID_URL') {
    return new Problem(`An address is not valid: ${message}`, 'Look at AWS_ENDPOINT_URL and at your AWS settings.');
  }
  if (/^Region not accepted/.test(message)) {
    return new Problem(message, 'Give --region eu-central-1, say, or export AWS_REGION.');
  }
  if (isUnreachable(error)) {
    const region = unknownRegionIn(message);
    const doubt = region === undefined ? '' : `, or there is no region ${region}`;
    const meant = region === undefined ? '' : nearest(region, REGIONS);
    return new Problem(
      `AWS cannot be reached (${timeoutIn(message) ?? (message || code)})${doubt}`,
      `${meant}Look at the network and at AWS_ENDPOINT_URL. Against \`npm run local\`: is it running?`,
      EXIT.unavailable,
    );
  }
  if ((error as { $fault?: string }).$fault !== undefined) {
    return new Problem(
      `AWS answered ${code}: ${message}`,
      'Look at what it says, then repeat the command.',
      EXIT.unavailable,
    );
  }
  return undefined;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html: an explicit deny overrides all that is allowed. */
function whatAllows(message: string): string {
  if (/with an explicit deny/.test(message))
    return 'No policy that is attached helps against an explicit deny: have it lifted by who has written it.';
  return 'Have one of the policies that the stack’s outputs name attached to your role.';
}

/** Services differ in the suffix. */
const REJECTED =
  /^(ExpiredToken|InvalidToken|TokenRefreshRequired|InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|IncompleteSignature|MissingAuthenticationToken|AuthFailure)(Fault|Exception)?$/;

/** A signature is made of the time and of the secret key: services differ in whether they say which one is wrong. */
const SIGNATURE =
  /^(RequestTimeTooSkewed|RequestExpired|RequestInTheFuture|SignatureDoesNotMatch|InvalidSignature)(Fault|Exception)?$/;

function isClockSkew(code: string, message: string): boolean {
  return SIGNATURE.test(code) || /Signature (expired|not yet current)/.test(message);
}

/** The same call succeeds a little later: whoever follows something waits for that. */
export function passesByItself(error: unknown): boolean {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return isThrottling(error) || isUnreachable(error) || ($metadata?.httpStatusCode ?? 0) >= 500;
}

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes */
function isDistrusted(error: unknown): boolean {
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  return /^(CERT_|ERR_TLS_CERT_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY))/.test(code);
}

function isUnreachable(error: unknown): boolean {
  const { code: given, name } = error as NodeJS.ErrnoException;
  if (name === 'TimeoutError') return true;
  const code = String(given ?? '');
  return /^(EPIPE|EPROTO|ECONNABORTED|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/.test(
    code,
  );
}

/** As the SDK says it of a connection that was not made, or on which nothing came. */
function timeoutIn(message: string): string | undefined {
  const [, silent_ms] = /timed out after (\d+) ms of inactivity/.exec(message) ?? [];
  if (silent_ms !== undefined) return `nothing was answered within ${Number(silent_ms) / 1000} s`;
  const [, connecting_ms] = /did not establish a connection .* timeout of (\d+) ms/.exec(message) ?? [];
  return connecting_ms === undefined ? undefined : `no connection within ${Number(connecting_ms) / 1000} s`;
}

/** A host that is not found is that of a region that does not exist, or one is without a network. */
function unknownRegionIn(message: string): string | undefined {
  const [, region] = /\bENOTFOUND \S+\.([a-z0-9-]+)\.amazonaws\.com/.exec(message) ?? [];
  return region !== undefined && REGIONS.includes(region) ? undefined : region;
}
