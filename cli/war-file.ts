/** A war on the disk of whoever uploads it: whether it is one, and what people will call it. */
import type { BigIntStats } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { implementationVersion, MANIFEST, warName } from '../shared/fleet/war-name';
import { entryAt, entryAtBeginning, FIRST_BYTES, rangeOfEntry, TAIL_BYTES, zipOf } from '../shared/fleet/zip';
import { nearest } from './nearest';
import { EXIT, Problem } from './problem';

export interface WarFile {
  path: string;
  bytes: number;
  /** What its manifest calls it. */
  built: string | undefined;
  /** Open since it was looked at: what is sent is what was looked at. Whoever reads it closes it. */
  handle: FileHandle;
  /** As it was then. */
  stats: BigIntStats;
}

const BEGINNING_BYTES = 16 * 1024;

/** Throws a `Problem` where a deployment of it would be refused, and says what is wrong with it. */
export async function readWarFile(path: string): Promise<WarFile> {
  // Before it is opened: that of a pipe waits until somebody writes into it.
  if (!(await existing(path, stat(path))).isFile()) throw new Problem(`${path} is not a file`, 'Give the war itself.');
  const file = await existing(path, open(path));
  try {
    const stats = await file.stat({ bigint: true });
    const size = Number(stats.size);
    const beginning = await bytesAt(file, 0, Math.min(size, BEGINNING_BYTES));
    const tail = await bytesAt(file, Math.max(0, size - TAIL_BYTES), Math.min(size, TAIL_BYTES));
    const kind = zipOf(tail, size);
    if (kind !== 'zip') throw new Problem(`${path} is not a war: ${faultOf(kind, beginning, size)}`, MENDING);
    return { path, bytes: size, built: await builtName(file, beginning, tail, size), handle: file, stats };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Throws where a build has written it, or put another one in its place, since it was looked at. */
export async function assertUnchanged({ path, handle, stats }: WarFile): Promise<void> {
  const [open, there] = [
    await handle.stat({ bigint: true }),
    await stat(path, { bigint: true }).catch(() => undefined),
  ];
  if ([open, there].every((now) => now && isSame(now, stats))) return;
  throw changed(path);
}

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return (['dev', 'ino', 'size', 'mtimeNs'] as const).every((name) => one[name] === other[name]);
}

export function changed(path: string): Problem {
  const message = `${path} was changed since it was looked at: nothing of it was uploaded`;
  return new Problem(message, 'Let the build end, then repeat the command.', EXIT.refused);
}

const MENDING = 'Build it again, and look at it with `unzip -t`. Nothing was uploaded.';

async function existing<Found>(path: string, found: Promise<Found>): Promise<Found> {
  try {
    return await found;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw new Problem(`${path} cannot be read: ${message}`, 'Nothing was uploaded.');
    const files = await readdir(dirname(path)).catch(() => []);
    const wars = files.filter((name) => name.endsWith('.war'));
    throw new Problem(`There is no file ${path}`, `${nearest(basename(path), wars)}Nothing was uploaded.`);
  }
}

/** Fewer where the file has become shorter meanwhile. */
export async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(buffer, read, length - read, position + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return buffer.subarray(0, read);
}

function faultOf(kind: 'empty' | undefined, beginning: Buffer, size: number): string {
  if (size === 0) return 'it is empty';
  if (kind === 'empty') return 'it is a zip without entries';
  const first = beginning.toString('latin1', 0, 64);
  if (first.startsWith(FIRST_BYTES))
    return `it begins as a zip, but its end is missing after ${size} bytes: it was cut off`;
  if (first.startsWith('\u001f\u008b')) return 'it is packed with gzip, and no zip';
  if (/^\s*</.test(first)) return 'it is a page of text, as an error of a download';
  return `it is not a zip (${size} bytes)`;
}

/** As it is read from S3 later: by its beginning, else by what its end says. */
async function builtName(file: FileHandle, beginning: Buffer, tail: Buffer, size: number): Promise<string | undefined> {
  try {
    const [from = 0, to = 0] = rangeOfEntry(tail, size, MANIFEST) ?? [];
    const entry = entryAtBeginning(beginning, MANIFEST) ?? entryAt(await bytesAt(file, from, to - from), 0);
    return entry && implementationVersion(entry);
  } catch {
    return undefined; // the manifest is broken: its name depends on it, nothing else
  }
}

/** Undefined where it will be called by the time of its upload. */
export function nameOf({ built }: WarFile, metadata: Record<string, string>): string | undefined {
  return warName({ metadata, uploadedAt: undefined }, built);
}
