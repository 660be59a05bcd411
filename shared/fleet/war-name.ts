/** What people call a version of a war: what its uploader or its build says, else when it was uploaded. */
import { isUtf8 } from 'node:buffer';
import { plainLine } from '../../events/contract';
import { shortened } from '../aws/findings';
import type { ZipEntry } from './zip';

export const MANIFEST = 'META-INF/MANIFEST.MF';

/** A record keeps two names of up to nine wars, at every look. */
export const NAME_BYTES = 48;

/** So much of the name of a commit tells it from others. */
const COMMIT_CHARACTERS = 12;

/** So much of an id is shown behind a name. */
export const VERSION_ID_CHARACTERS = 8;

/** What S3 says of an object: the metadata that its uploader gave it, and when it was uploaded. */
export interface Uploaded {
  metadata: Readonly<Record<string, string>>;
  uploadedAt: Date | undefined;
}

/** Undefined where nothing is known. `built` is what the manifest says. */
export function warName({ metadata, uploadedAt }: Uploaded, built: string | undefined): string | undefined {
  const [version, commit, build] = ['version', 'commit', 'build'].map((name) => oneLine(decoded(metadata[name])));
  const more = [commit && `commit ${commit.slice(0, COMMIT_CHARACTERS)}`, build && `build ${build}`];
  const name = [version || oneLine(built) || uploadTime(uploadedAt), ...more].filter(Boolean).join(', ');
  return oneLine(name) || undefined;
}

/** Of a version that is not called anything there is its id. */
export function shownVersion(versionId: string, name: string | undefined): string {
  return name === undefined ? versionId : `${name} (${versionId.slice(0, VERSION_ID_CHARACTERS)})`;
}

/** Whether a line has a version as it is shown; of one that was made before there were versions the id is `null`. */
export function namesVersion(line: string): boolean {
  return SHOWN.test(line);
}

const SHOWN = new RegExp(` \\((null|[\\w.-]{${VERSION_ID_CHARACTERS}})\\)`);

/** `Implementation-Version` of a manifest: https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html#jar-manifest */
export function implementationVersion({ content, isWhole }: ZipEntry): string | undefined {
  // A line that is longer than 72 bytes goes on in the next one, behind a space.
  const text = content.toString('utf8').replace(/\r\n?/g, '\n').replace(/\n /g, '');
  const [attributes = ''] = text.split(/\n\n/, 1);
  const lines = attributes.split('\n');
  // The last line may go on, where that is not all.
  const known = isWhole || attributes.length < text.length ? lines : lines.filter(Boolean).slice(0, -1);
  const line = known.find((one) => /^implementation-version:/i.test(one));
  return line?.slice(line.indexOf(':') + 1);
}

/**
 * S3 answers metadata that is not ASCII as encoded words of RFC 2047, "User-defined object metadata":
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
function decoded(text = ''): string {
  return text
    .replace(/\?=\s+(?==\?utf-8\?[bq]\?)/gi, '?=')
    .replace(/=\?utf-8\?([bq])\?([^?\s]*)\?=/gi, (_, encoding: string, word: string) => {
      const bytes = encoding.toLowerCase() === 'b' ? Buffer.from(word, 'base64') : quotedBytes(word);
      return ofBytes(bytes.toString());
    });
}

function quotedBytes(word: string): Buffer {
  const byte = (_: string, code: string) => String.fromCharCode(Number.parseInt(code, 16));
  return Buffer.from(word.replaceAll('_', ' ').replace(/=([\da-f]{2})/gi, byte), 'latin1');
}

/** A header has bytes: those of UTF-8 were encoded each as a character of its own. */
function ofBytes(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  return bytes.toString('latin1') === text && isUtf8(bytes) ? bytes.toString() : text;
}

/** Anybody who may upload says it: it must not become a line, a finding, or a direction of writing, of its own. */
function oneLine(text = ''): string {
  return shortened(plainLine(text.replace(/\p{Cf}/gu, ' ').replaceAll(';', ','), 256), NAME_BYTES);
}

/** A time that cannot be read is none. */
function uploadTime(at: Date | undefined): string | undefined {
  const time = new Date(at ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? undefined : `uploaded ${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
