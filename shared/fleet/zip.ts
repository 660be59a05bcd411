/** What tells a zip from other files, and where an entry is in it: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
import { constants, inflateRawSync } from 'node:zlib';

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
  return endOf(tail, size)?.kind;
}

function endOf(tail: Buffer, size: number): { kind: 'zip' | 'empty'; at: number } | undefined {
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    const kind = has(tail, at, END_SIGNATURE) ? zipByEnd(tail, at, size) : undefined;
    if (kind) return { kind, at };
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

const LOCAL_HEADER_BYTES = 30;
const ENCRYPTED = 1;
/** The local header of such an entry does not say how long it is: that stands behind it (4.3.9). */
const SIZE_FOLLOWS = 8;
const STORED = 0;
const DEFLATED = 8;

/** Local headers may have more fields than the directory says. */
const EXTRA_BYTES = 1024;

/** More of an entry is not looked at; and it may become a thousand times its size. */
const ENTRY_BYTES = 64 * 1024;
const INFLATED_BYTES = 1024 ** 2;

/** As much of an entry as there is, and whether that is all of it. */
export interface ZipEntry {
  content: Buffer;
  isWhole: boolean;
}

/** An entry among the first ones of a zip, by the beginning of the file. Undefined where it is not to be found there. */
export function entryAtBeginning(beginning: Buffer, name: string): ZipEntry | undefined {
  let at = 0;
  while (has(beginning, at, FIRST_BYTES) && at + LOCAL_HEADER_BYTES <= beginning.length) {
    const { flags, bytes, dataAt, called } = localHeader(beginning, at);
    if (called === name) return entryAt(beginning, at);
    if (flags & SIZE_FOLLOWS) return undefined;
    at = dataAt + bytes;
  }
  return undefined;
}

/** Where in the file the local header of an entry is, by the end of the file: from this byte, up to that one. */
export function rangeOfEntry(tail: Buffer, size: number, name: string): [number, number] | undefined {
  const end = endOf(tail, size);
  if (end?.kind !== 'zip') return undefined;
  const directoryBytes = tail.readUInt32LE(end.at + 12);
  let at = end.at - directoryBytes;
  // What stands in front of a zip its offsets may leave out of account.
  const shift = size - tail.length + at - tail.readUInt32LE(end.at + 16);
  while (has(tail, at, DIRECTORY_SIGNATURE) && at + DIRECTORY_HEADER_BYTES <= end.at) {
    const [nameBytes = 0, extraBytes = 0, commentBytes = 0] = [28, 30, 32].map((offset) =>
      tail.readUInt16LE(at + offset),
    );
    const nameAt = at + DIRECTORY_HEADER_BYTES;
    if (tail.toString('utf8', nameAt, nameAt + nameBytes) === name) {
      const from = tail.readUInt32LE(at + 42) + shift;
      const bytes = Math.min(tail.readUInt32LE(at + 20), ENTRY_BYTES);
      return [from, Math.min(from + LOCAL_HEADER_BYTES + nameBytes + EXTRA_BYTES + bytes, size)];
    }
    at = nameAt + nameBytes + extraBytes + commentBytes;
  }
  return undefined;
}

/** The entry whose local header begins at that place. Undefined where none does, or where it cannot be read. */
export function entryAt(bytes: Buffer, at: number): ZipEntry | undefined {
  if (!has(bytes, at, FIRST_BYTES) || at + LOCAL_HEADER_BYTES > bytes.length) return undefined;
  const header = localHeader(bytes, at);
  const isSizeKnown = (header.flags & SIZE_FOLLOWS) === 0;
  if (header.flags & ENCRYPTED || header.dataAt > bytes.length) return undefined;
  const data = bytes.subarray(header.dataAt, isSizeKnown ? header.dataAt + header.bytes : undefined);
  const isThere = isSizeKnown && data.length === header.bytes;
  if (header.method === STORED) return isSizeKnown ? { content: data, isWhole: isThere } : undefined;
  if (header.method !== DEFLATED) return undefined;
  const { buffer, engine } = inflated(data);
  return { content: buffer, isWhole: isThere || engine.bytesWritten < data.length };
}

/** What of it is missing, or stands behind it, does not matter. Throws where it is none. */
function inflated(data: Buffer): Inflated {
  const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: INFLATED_BYTES, info: true } as const;
  return inflateRawSync(data, options) as unknown as Inflated;
}

/** What zlib answers where it is asked for `info`. */
interface Inflated {
  buffer: Buffer;
  engine: { bytesWritten: number };
}

function localHeader(bytes: Buffer, at: number) {
  const [flags = 0, method = 0, nameBytes = 0, extraBytes = 0] = [6, 8, 26, 28].map((offset) =>
    bytes.readUInt16LE(at + offset),
  );
  const nameAt = at + LOCAL_HEADER_BYTES;
  const called = bytes.toString('utf8', nameAt, nameAt + nameBytes);
  return { flags, method, called, bytes: bytes.readUInt32LE(at + 18), dataAt: nameAt + nameBytes + extraBytes };
}
