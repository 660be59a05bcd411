/** What S3 means by not giving a war: it passes by itself, or somebody has to do something, and what. */
import { plainLine } from '../../events/contract';
import { errorCode, errorMessage, isBusy, isThrottling } from '../aws/errors';

const MESSAGE_CHARACTERS = 300;

/** There is nothing to read: of these S3's own words say no more. */
const ABSENT = new Map([
  ['NoSuchBucket', 'does not exist: there is no such bucket'],
  ['NoSuchKey', 'does not exist'],
  ['NoSuchVersion', 'does not exist: the key has no such version'],
  ['MethodNotAllowed', 'is a delete marker: that version was deleted'],
  ['InvalidRange', 'is empty'],
]);

/** Of S3 and of KMS, which S3 passes on with its own name in front: the same request may be granted a little later. */
const PASSING =
  /Timeout|TooSkewed|Expired|TokenRefresh|TemporaryRedirect|OperationAborted|Conflict|Internal|Unavailable/i;

/** Why there is no war to be read, where nothing is there; undefined where something is, or may be. */
export function absence(error: unknown, versionId: string | undefined): string | undefined {
  const code = errorCode(error);
  if (code === 'InvalidArgument' && versionId !== undefined) return 'does not exist: that is not a version id';
  return ABSENT.get(code);
}

/**
 * Whether the same request will be refused however often it is made: every redirection and client error, but for those
 * that tell of the moment. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export function isForGood(error: unknown): boolean {
  const status = statusOf(error);
  if (status < 300 || status >= 500 || [307, 408, 409, 425, 429].includes(status)) return false;
  return !isThrottling(error) && !isBusy(error) && !PASSING.test(errorCode(error));
}

/** Why a war that is there cannot be read, what to do, and what S3 said, on one line. */
export function unreadable(error: unknown): string {
  const message = plainLine(errorMessage(error), MESSAGE_CHARACTERS).replaceAll(';', ',');
  const code = plainLine(errorCode(error));
  const answer = message === '' || message === code ? code : `${code}, ${message}`;
  return `${reasonOf(code, message, statusOf(error))} (S3 answers ${answer})`;
}

/** 0 where S3 did not answer at all. */
function statusOf(error: unknown): number {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode ?? 0;
}

function reasonOf(code: string, message: string, status: number): string {
  if (code === 'InvalidObjectState') {
    return (
      'is archived and cannot be read: restore that version (aws s3api restore-object) and wait until it is restored, ' +
      'or upload the war again. Instances read it at every launch: for good it needs a storage class that is not archived'
    );
  }
  if (/^kms\b/i.test(code) || /\bkms:|\bkms key|ciphertext|customer master key/i.test(message)) {
    return (
      'cannot be read: the KMS key that it is encrypted with cannot be used. Upload the war again with SSE-S3, ' +
      'or mend the key, and let the roles of start and of the instances decrypt with it'
    );
  }
  if (/server side encryption|customer.provided|SSECustomer/i.test(message)) {
    return 'cannot be read: it is encrypted with a key that only its uploader has. Upload the war again with SSE-S3';
  }
  if (status === 301 || /Redirect|AuthorizationHeaderMalformed|IllegalLocationConstraint/.test(code)) {
    return 'cannot be read: its bucket is in another region than the stack. Use a bucket of the region of the stack';
  }
  if (/Denied|Forbidden|Disabled|Unauthorized/i.test(code)) {
    return (
      'cannot be read: access denied. Let the role of start read it (s3:GetObject, s3:GetObjectVersion) in the policy of ' +
      'the bucket, which must not be one where the requester pays'
    );
  }
  return 'cannot be read: remove the cause that S3 names, or upload the war again';
}
