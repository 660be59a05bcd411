/** The digests that clients send with a body: those that Node can compute are checked, all are kept. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsError } from '../../kernel/service';

const COMPUTE: Record<string, (bytes: Uint8Array) => string> = {
  ChecksumCRC32: (bytes) => {
    const digest = Buffer.alloc(4);
    digest.writeUInt32BE(crc32(bytes));
    return digest.toString('base64');
  },
  ChecksumSHA1: (bytes) => createHash('sha1').update(bytes).digest('base64'),
  ChecksumSHA256: (bytes) => createHash('sha256').update(bytes).digest('base64'),
  ChecksumSHA512: (bytes) => createHash('sha512').update(bytes).digest('base64'),
  ChecksumMD5: (bytes) => createHash('md5').update(bytes).digest('base64'),
};

/** Input members that hold the checksum of the body. */
export const CHECKSUMS = [
  ...Object.keys(COMPUTE),
  'ChecksumCRC32C',
  'ChecksumCRC64NVME',
  'ChecksumXXHASH64',
  'ChecksumXXHASH3',
  'ChecksumXXHASH128',
];

/** The checksums of an input, by their names. Throws BadDigest where the body is not what the client sent. */
export function verifiedChecksums(input: object, bytes: Uint8Array): Record<string, string> {
  const sent = input as Record<string, string | undefined>;
  if (sent.ContentMD5 !== undefined && sent.ContentMD5 !== COMPUTE.ChecksumMD5?.(bytes)) {
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  const checksums: Record<string, string> = {};
  for (const name of CHECKSUMS) {
    const value = sent[name];
    if (value === undefined) continue;
    const compute = COMPUTE[name];
    if (compute && compute(bytes) !== value) {
      const algorithm = name.replace('Checksum', '');
      throw new AwsError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
    }
    checksums[name] = value;
  }
  return checksums;
}

export function etagOf(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}
