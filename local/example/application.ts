/** What a Tomcat of the example fleet does: install the wars that its tags name, and tell whether all of them are well. */
import type { LaunchedInstance } from '../fleet/instances';
import { healthOfWar, readWar } from '../fleet/war';
import type { S3 } from '../services/s3/s3';

export interface InstalledWar {
  slot: number;
  path: string;
  versionId: string;
  /** File names and contents; undefined where the war was not there at the launch, or is no zip. */
  entries: ReadonlyMap<string, string> | undefined;
}

/** Fetches every war of an instance by its version tag, as the user data of a real instance does at its launch. */
export function installWars(s3: S3, instance: LaunchedInstance): InstalledWar[] {
  const tags = new Map([...instance.tags].map(([key, value]) => [key.toLowerCase(), value]));
  const bucket = tags.get('bucket') ?? '';
  return [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((slot) => {
    const key = tags.get(`apps3key${slot}`);
    const versionId = tags.get(`s3versionidapp${slot}`);
    const path = tags.get(`apppath${slot}`);
    if (!key || !versionId || !path) return [];
    const object = s3.readObject(bucket, key, versionId);
    return [{ slot, path, versionId, entries: object && entriesOf(object.bytes) }];
  });
}

/** The status with which `/health` answers: 200 only if all wars are well. */
export function healthOfWars(wars: readonly InstalledWar[]): number {
  if (wars.length === 0) return 404;
  const statuses = wars.map(({ entries }) => (entries ? healthOfWar(entries) : 404));
  return statuses.find((status) => status < 200 || status > 299) ?? 200;
}

function entriesOf(bytes: Uint8Array): ReadonlyMap<string, string> | undefined {
  try {
    return readWar(bytes);
  } catch {
    return undefined; // Tomcat does not deploy what is no zip; the instance runs on, and its health tells
  }
}
