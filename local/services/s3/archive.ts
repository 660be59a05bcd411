/** Storage classes: what is archived has to be restored before it can be read, and is archived again after some days. */
import type { RestoreObjectCommandInput } from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/service';
import type { ObjectVersion } from './bucket';
import { notImplemented } from './parameters';

/** The longest that the tier Standard takes, in hours: "Archive retrieval options" of the S3 User Guide. */
const RESTORATION_HOURS = new Map([
  ['GLACIER', 5],
  ['DEEP_ARCHIVE', 12],
]);

const HOUR_MILLISECONDS = 3_600_000;

/** Throws InvalidObjectState, as GetObject does, for what is not readable. */
export function checkReadable(version: ObjectVersion, now: Date): void {
  if (!isReadable(version, now))
    throw new AwsError('InvalidObjectState', "The operation is not valid for the object's storage class", 403);
}

/** It is not archived, or has a copy that can be read now. */
export function isReadable({ storageClass, restoration }: ObjectVersion, now: Date): boolean {
  if (!RESTORATION_HOURS.has(storageClass)) return true;
  return restoration !== undefined && restoration.readyAt <= now && now < restoration.expiresAt;
}

/** What HeadObject and GetObject say of it; of the class STANDARD, nothing. */
export function storageHeaders({ storageClass, restoration }: ObjectVersion, now: Date) {
  const isReady = restoration !== undefined && restoration.readyAt <= now;
  const copy = isReady ? `ongoing-request="false", expiry-date="${restoration.expiresAt.toUTCString()}"` : undefined;
  const isGone = restoration !== undefined && restoration.expiresAt <= now;
  return {
    StorageClass: storageClass === 'STANDARD' ? undefined : storageClass,
    Restore: restoration === undefined || isGone ? undefined : (copy ?? 'ongoing-request="true"'),
  };
}

/** Begins to restore it, or lets a copy that is there live longer. */
export function restore(version: ObjectVersion, request: RestoreObjectCommandInput['RestoreRequest'], now: Date): void {
  const hours = RESTORATION_HOURS.get(version.storageClass);
  const { Days, GlacierJobParameters, ...others } = request ?? {};
  const [unsupported] = Object.keys(others);
  if (unsupported) throw notImplemented(unsupported);
  if ((GlacierJobParameters?.Tier ?? 'Standard') !== 'Standard') throw notImplemented('Tier');
  if (hours === undefined) {
    throw new AwsError('InvalidObjectState', "Restore is not allowed for the object's current storage class", 403);
  }
  if (Days === undefined || Days < 1) throw new AwsError('MalformedXML', 'Days must be a positive number');
  const { restoration } = version;
  if (restoration && restoration.readyAt > now) {
    throw new AwsError('RestoreAlreadyInProgress', 'Object restore is already in progress', 409);
  }
  const isThere = restoration !== undefined && now < restoration.expiresAt;
  const readyAt = isThere ? restoration.readyAt : new Date(now.getTime() + hours * HOUR_MILLISECONDS);
  const from = Math.max(now.getTime(), readyAt.getTime());
  version.restoration = { readyAt, expiresAt: new Date(from + Days * 24 * HOUR_MILLISECONDS) };
}
