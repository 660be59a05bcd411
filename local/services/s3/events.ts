/** What S3 tells EventBridge: "EventBridge event message structure" of the S3 User Guide. */
import type { ObjectVersion } from './bucket';
import { unquoted } from './conditions';

export interface S3Event {
  version: '0';
  id: string;
  'detail-type': 'Object Created' | 'Object Deleted';
  source: 'aws.s3';
  account: string;
  /** ISO 8601, whole seconds. */
  time: string;
  region: string;
  resources: string[];
  detail: {
    version: '0';
    bucket: { name: string };
    /** The key is not URL-encoded. `version-id` is there only in a bucket with versioning. */
    object: { key: string; size?: number; etag?: string; 'version-id'?: string; sequencer: string };
    'request-id': string;
    requester: string;
    'source-ip-address': string;
    reason: 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload' | 'DeleteObject';
    'deletion-type'?: 'Permanently Deleted' | 'Delete Marker Created';
  };
}

/** When and where something happened; `order` counts what happens in this S3. */
export interface Occurrence {
  id: string;
  requestId: string;
  accountId: string;
  region: string;
  time: Date;
  bucket: string;
  order: number;
}

export function createdEvent(
  occurrence: Occurrence,
  version: ObjectVersion,
  reason: 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload',
): S3Event {
  const content = { size: version.bytes.length, etag: unquoted(version.etag) };
  return {
    ...envelopeOf(occurrence, 'Object Created'),
    detail: { ...detailOf(occurrence, version, content), reason },
  };
}

export function deletedEvent(
  occurrence: Occurrence,
  version: ObjectVersion,
  deletionType: 'Permanently Deleted' | 'Delete Marker Created',
): S3Event {
  return {
    ...envelopeOf(occurrence, 'Object Deleted'),
    detail: { ...detailOf(occurrence, version), reason: 'DeleteObject', 'deletion-type': deletionType },
  };
}

function envelopeOf<Type extends S3Event['detail-type']>(occurrence: Occurrence, detailType: Type) {
  return {
    version: '0' as const,
    id: occurrence.id,
    'detail-type': detailType,
    source: 'aws.s3' as const,
    account: occurrence.accountId,
    time: occurrence.time.toISOString().replace('.000Z', 'Z'),
    region: occurrence.region,
    resources: [`arn:aws:s3:::${occurrence.bucket}`],
  };
}

function detailOf(
  occurrence: Occurrence,
  { key, versionId }: ObjectVersion,
  content: { size?: number; etag?: string } = {},
) {
  return {
    version: '0' as const,
    bucket: { name: occurrence.bucket },
    object: {
      key,
      ...content,
      ...(versionId === 'null' ? {} : { 'version-id': versionId }),
      sequencer: sequencerOf(occurrence),
    },
    'request-id': occurrence.requestId,
    requester: occurrence.accountId,
    'source-ip-address': '127.0.0.1',
  };
}

/** Of two events of one key the later has the greater sequencer, compared as text. */
function sequencerOf({ time, order }: Occurrence): string {
  const digits = (value: number, length: number) => value.toString(16).toUpperCase().padStart(length, '0');
  return `00${digits(time.getTime() / 1000, 8)}${digits(order, 8)}`;
}
