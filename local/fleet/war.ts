/** Wars as the embedded AWS takes them: any zip is one, and its entry `health` tells whether it is well. */
import { unzipSync, type Zippable, zipSync } from 'fflate';

/** Zips hold local time without a zone: a fixed one, so that the same entries always make the same bytes. */
const MODIFIED = new Date(2000, 0, 1);

/** A zip may become a thousand times its size. Wars are asked for small entries, as `health` and `version`. */
const MAXIMUM_ENTRY_BYTES = 1024 ** 2;
const MAXIMUM_BYTES = 256 * 1024 ** 2;

/** A war of text entries, by their names. The same entries in the same order give the same bytes. */
export function buildWar(entries: Record<string, string>): Uint8Array {
  const files: Zippable = {};
  for (const [name, text] of Object.entries(entries)) files[name] = Buffer.from(text, 'utf8');
  return zipSync(files, { mtime: MODIFIED });
}

/** The small entries of a war as text, by their names. Throws an error that says so where the bytes are not a zip. */
export function readWar(bytes: Uint8Array): Map<string, string> {
  const files = unzip(bytes);
  return new Map(Object.entries(files).map(([name, content]) => [name, Buffer.from(content).toString('utf8')]));
}

function unzip(bytes: Uint8Array): Record<string, Uint8Array> {
  let left = MAXIMUM_BYTES;
  try {
    // Offsets count from the first entry: what is in front of it makes the file executable.
    const first = Buffer.from(bytes).indexOf('PK\u0003\u0004', 'latin1');
    return unzipSync(bytes.subarray(Math.max(0, first)), {
      filter({ originalSize }) {
        if (originalSize > Math.min(MAXIMUM_ENTRY_BYTES, left)) return false;
        left -= originalSize;
        return true;
      },
    });
  } catch (cause) {
    throw new Error(`the war is not a zip: ${(cause as Error).message} (${bytes.length} bytes)`, { cause });
  }
}

/**
 * The HTTP status that the application answers health checks with: 404 without an entry `health`; the status that the
 * entry starts with, three digits; else 200.
 */
export function healthOfWar(entries: ReadonlyMap<string, string>): number {
  const health = entries.get('health');
  if (health === undefined) return 404;
  const status = health.match(/^\d{3}/)?.[0];
  return status === undefined ? 200 : Number(status);
}
