/** Which parameters of S3's operations the embedded AWS understands, and how it reads them. */
import { isAscii } from 'node:buffer';
import { AwsError } from '../../kernel/service';
import type { ObjectHeaders } from './bucket';
import { CHECKSUMS } from './checksums';

/** Where it is, who pays, and the digest of a request's body, which says nothing about what the request means. */
const EVERYWHERE = ['Bucket', 'Key', 'RequestPayer', 'ChecksumAlgorithm', 'ContentMD5'];

/** What an object is written with: GetObject gives it back. */
export const HEADERS = [
  'CacheControl',
  'ContentDisposition',
  'ContentEncoding',
  'ContentLanguage',
  'ContentType',
  'Metadata',
  'ServerSideEncryption',
  'SSEKMSKeyId',
] as const;
/** Those that objects can be written with; INTELLIGENT_TIERING archives nothing here. */
const STORAGE_CLASSES = [
  ...['STANDARD', 'STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE'],
];
export const WRITE = ['IfMatch', 'IfNoneMatch', 'StorageClass'];
export const BODY = ['Body', 'ContentLength', ...CHECKSUMS];
export const READ = [
  'VersionId',
  'Range',
  'ChecksumMode',
  'IfMatch',
  'IfNoneMatch',
  'IfModifiedSince',
  'IfUnmodifiedSince',
];
/** Headers of the answer that a reader may choose: `ResponseContentType`, … */
export const OVERRIDES = HEADERS.slice(0, 5).map((name) => `Response${name}`);

/** An operation that refuses what it does not know, so that nothing is ignored as if it had worked. */
export function understood<Input extends object>(names: readonly string[], operation: (input: Input) => unknown) {
  const known = new Set([...EVERYWHERE, ...names]);
  return (input: Input) => {
    for (const name of Object.keys(input)) {
      const value = (input as Record<string, unknown>)[name];
      const isEmptyMetadata = name === 'Metadata' && Object.keys(value as object).length === 0;
      if (!known.has(name) && !isEmptyMetadata) throw notImplemented(name);
      if (name === 'StorageClass' && !STORAGE_CLASSES.includes(String(value))) {
        throw new AwsError('InvalidStorageClass', 'The storage class you specified is not valid');
      }
    }
    return operation(input);
  };
}

export function notImplemented(what: string): AwsError {
  return new AwsError(
    'NotImplemented',
    `A header you provided implies functionality that is not implemented: ${what}`,
    501,
  );
}

export function malformedXml(): AwsError {
  const message = 'The XML you provided was not well-formed or did not validate against our published schema';
  return new AwsError('MalformedXML', message);
}

export function headersOf(input: ObjectHeaders): ObjectHeaders {
  const sent = HEADERS.filter((name) => input[name] !== undefined).map((name) => [name, input[name]]);
  return { ContentType: 'application/octet-stream', ...Object.fromEntries(sent) };
}

/**
 * Metadata comes in headers, as bytes. What is not ASCII is answered as an encoded word of RFC 2047, with each byte as a
 * character: "User-defined object metadata" of the S3 User Guide.
 */
export function answeredHeaders({ Metadata, ...headers }: ObjectHeaders): ObjectHeaders {
  if (!Metadata) return headers;
  const answered = Object.entries(Metadata).map(([name, value]) => [
    name,
    isAscii(Buffer.from(value)) ? value : encodedWord(value),
  ]);
  return { ...headers, Metadata: Object.fromEntries(answered) };
}

function encodedWord(text: string): string {
  const characters = Buffer.from(text).toString('latin1');
  return `=?UTF-8?B?${Buffer.from(characters).toString('base64')}?=`;
}

export function overrides(input: object): Record<string, unknown> {
  const sent = Object.entries(input).filter(([name]) => OVERRIDES.includes(name));
  return Object.fromEntries(sent.map(([name, value]) => [name.replace('Response', ''), value]));
}

/** "Object key names" of the S3 User Guide: at most 1024 bytes of UTF-8. */
export function checkedKey(key = ''): string {
  if (Buffer.byteLength(key) > 1024) throw new AwsError('KeyTooLongError', 'Your key is too long');
  return key;
}

/** `bucket/key?versionId=…`, percent-encoded, with or without a leading slash. */
export function copySourceOf(source = ''): { bucket: string; key: string; versionId: string | undefined } {
  const [, bucket, key, versionId] = source.match(/^\/?([^/]+)\/(.+?)(?:\?versionId=(.*))?$/s) ?? [];
  if (bucket === undefined || key === undefined) {
    throw new AwsError('InvalidArgument', 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey');
  }
  try {
    return { bucket: decodeURIComponent(bucket), key: decodeURIComponent(key), versionId };
  } catch {
    throw new AwsError('InvalidArgument', 'Invalid copy source encoding');
  }
}
