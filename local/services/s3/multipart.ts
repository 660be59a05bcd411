/** Multipart uploads of S3: parts that become one object. */
import { createHash } from 'node:crypto';
import type { CompletedPart } from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/service';
import type { ObjectHeaders } from './bucket';
import { etagOf } from './checksums';
import { unquoted } from './conditions';
import { malformedXml } from './parameters';

/** "Amazon S3 multipart upload limits": every part but the last has at least 5 MiB; parts are numbered 1 to 10000. */
const MIN_PART_BYTES = 5 * 1024 * 1024;
const MAX_PARTS = 10_000;

interface Upload {
  bucket: string;
  key: string;
  headers: ObjectHeaders;
  storageClass: string;
  parts: Map<number, { bytes: Uint8Array; etag: string }>;
}

export class MultipartUploads {
  private readonly uploads = new Map<string, Upload>();

  begin(uploadId: string, upload: Omit<Upload, 'parts'>): void {
    this.uploads.set(uploadId, { ...upload, parts: new Map() });
  }

  /** Throws NoSuchUpload also where the upload is of another object. */
  find(uploadId: string, bucket: string, key: string): Upload {
    const upload = this.uploads.get(uploadId);
    if (upload?.bucket === bucket && upload.key === key) return upload;
    const message =
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.';
    throw new AwsError('NoSuchUpload', message, 404);
  }

  /** Returns the part's entity tag. */
  addPart(upload: Upload, partNumber: number, bytes: Uint8Array): string {
    if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > MAX_PARTS) {
      throw new AwsError('InvalidArgument', `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`);
    }
    const etag = etagOf(bytes);
    upload.parts.set(partNumber, { bytes, etag });
    return etag;
  }

  /** The content that the named parts make, and its entity tag: the digest of the parts' digests, and their number. */
  assemble(upload: Upload, completed: CompletedPart[] | undefined): { bytes: Uint8Array; etag: string } {
    if (!completed?.length) {
      throw malformedXml();
    }
    const parts = completed.map((part, index) => {
      if (index > 0 && Number(part.PartNumber) <= Number(completed[index - 1]?.PartNumber)) {
        const message = 'The list of parts was not in ascending order. Parts must be ordered by part number.';
        throw new AwsError('InvalidPartOrder', message);
      }
      const known = upload.parts.get(Number(part.PartNumber));
      if (!known || unquoted(part.ETag ?? '') !== unquoted(known.etag)) {
        const message = 'One or more of the specified parts could not be found, or its entity tag does not match.';
        throw new AwsError('InvalidPart', message);
      }
      return known;
    });
    if (parts.slice(0, -1).some((part) => part.bytes.length < MIN_PART_BYTES)) {
      throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
    }
    const digests = createHash('md5');
    for (const part of parts) digests.update(Buffer.from(unquoted(part.etag), 'hex'));
    return {
      bytes: Buffer.concat(parts.map((part) => part.bytes)),
      etag: `"${digests.digest('hex')}-${parts.length}"`,
    };
  }

  end(uploadId: string): void {
    this.uploads.delete(uploadId);
  }
}
