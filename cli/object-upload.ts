/** Uploads one file to S3: at once, or in parts where it is large; interrupted, it leaves nothing. */
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { errorCode, errorMessage } from '../shared/aws/errors';
import { abortUploadCommand } from '../shared/codes/commands';
import { EXIT, Problem, passesByItself } from './problem';
import { assertUnchanged, bytesAt, changed, type WarFile } from './war-file';

export interface Upload {
  file: WarFile;
  bucket: string;
  key: string;
  /** As headers carry it. */
  metadata: Record<string, string>;
}

/** Told after each part: of so many bytes, so many are there. */
export type OnProgress = (sentBytes: number, allBytes: number) => void;

const MEBIBYTE = 1024 ** 2;
/** "Amazon S3 multipart upload limits": https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MOST_PARTS = 10_000;
const PART_BYTES = 8 * MEBIBYTE;
const IN_PARTS_FROM_BYTES = 16 * MEBIBYTE;
/** So many parts are in memory. */
const PARTS_AT_ONCE = 4;
const CONTENT_TYPE = 'application/java-archive';
const CHECKSUM = 'CRC32';

/** Answers the version id. The SDK sends a checksum with the body, or with each part, which S3 compares. */
export async function uploadObject(
  client: S3Client,
  upload: Upload,
  interrupted: AbortSignal,
  onProgress: OnProgress,
): Promise<string | undefined> {
  await assertUnchanged(upload.file);
  const isLarge = upload.file.bytes >= IN_PARTS_FROM_BYTES;
  return isLarge ? inParts(client, upload, interrupted, onProgress) : atOnce(client, upload, onProgress);
}

/** Takes seconds: it is not interrupted, because then nobody would know whether it is there. */
async function atOnce(client: S3Client, upload: Upload, onProgress: OnProgress) {
  const { bytes } = upload.file;
  const Body = await partAt(upload, 0, bytes);
  await assertUnchanged(upload.file);
  const { VersionId } = await client.send(new PutObjectCommand({ ...headersOf(upload), Body, ContentLength: bytes }));
  onProgress(bytes, bytes);
  return VersionId;
}

async function inParts(client: S3Client, upload: Upload, interrupted: AbortSignal, onProgress: OnProgress) {
  const { bucket: Bucket, key: Key, file } = upload;
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(headersOf(upload)));
  const identity = { Bucket, Key, UploadId };
  // What fails ends the others, too: their parts would come after the upload is gone.
  const failed = new AbortController();
  const abortSignal = AbortSignal.any([interrupted, failed.signal]);
  const sendPart = async (PartNumber: number, from: number, length: number) => {
    const Body = await partAt(upload, from, length);
    const part = { ...identity, PartNumber, Body, ContentLength: length, ChecksumAlgorithm: CHECKSUM } as const;
    return client.send(new UploadPartCommand(part), { abortSignal });
  };
  try {
    const parts = await sendParts(upload, onProgress, async (PartNumber, from, length) => {
      abortSignal.throwIfAborted();
      const { ETag, ChecksumCRC32 } = await sendPart(PartNumber, from, length).catch((error: unknown) => {
        failed.abort(error);
        throw error;
      });
      return { PartNumber, ETag, ChecksumCRC32 };
    });
    interrupted.throwIfAborted();
    await assertUnchanged(file);
    return await completed(client, identity, parts, file.bytes);
  } catch (error) {
    await takeAway(client, identity);
    // The others end as aborted: the one that failed knows why.
    if (!interrupted.aborted) throw failed.signal.aborted ? failed.signal.reason : error;
    throw new Problem(`The upload of ${file.path} was interrupted`, 'Nothing of it is left in S3.', EXIT.failed);
  }
}

interface Identity {
  Bucket: string;
  Key: string;
  UploadId: string | undefined;
}

/** Where its answer is lost, what is there says whether it was completed: a new version, in as many parts. */
async function completed(client: S3Client, identity: Identity, Parts: CompletedPart[], bytes: number) {
  const { Bucket, Key } = identity;
  const look = (): Promise<Partial<HeadObjectCommandOutput> | undefined> =>
    client.send(new HeadObjectCommand({ Bucket, Key })).catch((error: unknown) => {
      return errorCode(error) === 'NotFound' ? {} : undefined;
    });
  const before = await look();
  try {
    const MultipartUpload = { Parts };
    const command = new CompleteMultipartUploadCommand({ ...identity, MultipartUpload, MpuObjectSize: bytes });
    return (await client.send(command)).VersionId;
  } catch (error) {
    // The second try of one that was completed does not find the upload any more.
    const mayBeThere = passesByItself(error) || errorCode(error) === 'NoSuchUpload';
    const after = mayBeThere ? await look() : undefined;
    const isNew = before && after?.VersionId !== undefined && after.VersionId !== before.VersionId;
    const isThis = after?.ContentLength === bytes && after.ETag?.endsWith(`-${Parts.length}"`);
    if (isNew && isThis) return after.VersionId;
    throw error;
  }
}

/** A few at once. Ends only when none is under way any more: else S3 would keep it. */
async function sendParts(
  { file: { bytes } }: Upload,
  onProgress: OnProgress,
  send: (partNumber: number, from: number, length: number) => Promise<CompletedPart>,
): Promise<CompletedPart[]> {
  const partBytes = Math.max(PART_BYTES, Math.ceil(bytes / MOST_PARTS / MEBIBYTE) * MEBIBYTE);
  const parts: CompletedPart[] = [];
  let [next, sent] = [0, 0];
  const sendNext = async (): Promise<void> => {
    while (next * partBytes < bytes) {
      const index = next++;
      const length = Math.min(partBytes, bytes - index * partBytes);
      parts[index] = await send(index + 1, index * partBytes, length);
      sent += length;
      onProgress(sent, bytes);
    }
  };
  const senders = await Promise.allSettled(Array.from({ length: PARTS_AT_ONCE }, sendNext));
  const failure = senders.find((one) => one.status === 'rejected');
  if (failure) throw failure.reason;
  return parts;
}

/** Its parts cost as much as an object, and nobody sees them. */
async function takeAway(client: S3Client, identity: Identity) {
  try {
    await client.send(new AbortMultipartUploadCommand(identity));
  } catch (error) {
    if (errorCode(error) === 'NoSuchUpload') return;
    const { Bucket: bucket, Key: key, UploadId: uploadId = '' } = identity;
    throw new Problem(
      `Parts of ${key} are left in ${bucket}: ${errorMessage(error)}`,
      `Take them away:\n  ${abortUploadCommand({ bucket, key, uploadId })}`,
      EXIT.failed,
    );
  }
}

async function partAt({ file }: Upload, from: number, length: number): Promise<Buffer> {
  const part = await bytesAt(file.handle, from, length);
  if (part.length === length) return part;
  throw changed(file.path);
}

function headersOf({ bucket, key, metadata }: Upload) {
  return {
    Bucket: bucket,
    Key: key,
    Metadata: metadata,
    ContentType: CONTENT_TYPE,
    ChecksumAlgorithm: CHECKSUM,
  } as const;
}

const WORD_BYTES = 45;

/**
 * Headers are ASCII: anything else goes as encoded words of RFC 2047, as S3 answers it, too. A word has up to 75
 * characters, and whole characters alone.
 */
export function headerText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text) && !text.includes('=?')) return text;
  const words = [''];
  for (const character of text) {
    const word = (words.at(-1) ?? '') + character;
    if (Buffer.byteLength(word) > WORD_BYTES) words.push(character);
    else words[words.length - 1] = word;
  }
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join(' ');
}
