/** What tells a zip from other files: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */

/** The first bytes of every zip with content that nothing stands in front of: 4.3.7. */
export const FIRST_BYTES = 'PK\u0003\u0004';

const DIRECTORY_SIGNATURE = 'PK\u0001\u0002';
const END_SIGNATURE = 'PK\u0005\u0006';
const ZIP64_LOCATOR_SIGNATURE = 'PK\u0006\u0007';
const DIRECTORY_HEADER_BYTES = 46;
const END_BYTES = 22;
const ZIP64_LOCATOR_BYTES = 20;

/** So much of the end of a file holds the end record, whatever its comment (4.3.16), and the locator before it (4.3.15). */
export const TAIL_BYTES = ZIP64_LOCATOR_BYTES + END_BYTES + 0xffff;

/**
 * What the end of a file says. Whatever reads zips reads them from there, so that anything may stand in front: a script
 * that makes the file executable, say. Offsets may count from the beginning of the file, or of the zip in it.
 *
 * `tail` are the last bytes of the file, at most `TAIL_BYTES`, and `size` is that of the whole file.
 */
export function zipOf(tail: Buffer, size: number): 'zip' | 'empty' | undefined {
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    const found = has(tail, at, END_SIGNATURE) ? zipByEnd(tail, at, size) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** Undefined where the record at that place does not fit: some of the comment, say, looks like one. */
function zipByEnd(tail: Buffer, at: number, size: number): 'zip' | 'empty' | undefined {
  const isLast = at + END_BYTES + tail.readUInt16LE(at + 20) === tail.length;
  if (!isLast) return undefined;
  const [disk, firstDisk, entriesHere, entries] = [4, 6, 8, 10].map((offset) => tail.readUInt16LE(at + offset));
  const [directoryBytes = 0, directoryOffset = 0] = [12, 16].map((offset) => tail.readUInt32LE(at + offset));
  const isZip64 = entries === 0xffff || directoryBytes === 0xffffffff || directoryOffset === 0xffffffff;
  if (isZip64 && has(tail, at - ZIP64_LOCATOR_BYTES, ZIP64_LOCATOR_SIGNATURE)) return 'zip';
  if (disk !== 0 || firstDisk !== 0 || entriesHere !== entries || entries === undefined) return undefined;
  if (entries === 0) return directoryBytes === 0 ? 'empty' : undefined;
  const hasRoom = directoryOffset + directoryBytes <= size - tail.length + at;
  if (!hasRoom || directoryBytes < entries * DIRECTORY_HEADER_BYTES) return undefined;
  const directoryAt = at - directoryBytes;
  return directoryAt < 0 || has(tail, directoryAt, DIRECTORY_SIGNATURE) ? 'zip' : undefined;
}

function has(bytes: Buffer, at: number, signature: string): boolean {
  return at >= 0 && bytes.toString('latin1', at, at + signature.length) === signature;
}
