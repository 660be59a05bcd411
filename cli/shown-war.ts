/** A war and its versions, for programs in fields and for people in words. */
import * as z from 'zod/mini';
import type { warChange } from '../events/contract';
import { shownVersion } from '../shared/fleet/war-name';

/** What of its name there is; where nobody named it, there is when it was uploaded. */
export const version = z.object({
  versionId: z.string(),
  name: z.optional(z.string()),
  commit: z.optional(z.string()),
  build: z.optional(z.string()),
  uploadedAt: z.optional(z.string()),
});
export type Version = z.infer<typeof version>;

export const war = z.object({ slot: z.int(), key: z.string(), from: version, to: version });
export type ShownWar = z.infer<typeof war>;

/** As `warName` makes it. */
const NAME = /^(.*?)(?:(?:^|, )commit ([^,]+))?(?:(?:^|, )build ([^,]+))?$/s;
const UPLOADED = /^uploaded (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/;

export function versionOf(versionId: string, called: string | undefined): Version {
  if (called === undefined) return { versionId };
  const [, name = '', commit, build] = NAME.exec(called) ?? [];
  const [, day, time] = UPLOADED.exec(name) ?? [];
  return {
    versionId,
    ...(day === undefined ? name && { name } : { uploadedAt: `${day}T${time}Z` }),
    ...(commit !== undefined && { commit }),
    ...(build !== undefined && { build }),
  };
}

export function warOf({ slot, key, from, to, fromName, toName }: z.infer<typeof warChange>): ShownWar {
  return { slot, key, from: versionOf(from, fromName), to: versionOf(to, toName) };
}

/** `2.4.1, commit a1b2c3d (75qCrd9j)`. */
export function shown({ versionId, name, commit, build, uploadedAt }: Version): string {
  const uploaded = uploadedAt && `uploaded ${uploadedAt.replace('T', ' ').replace('Z', ' UTC')}`;
  const words = [name ?? uploaded, commit && `commit ${commit}`, build && `build ${build}`].filter(Boolean).join(', ');
  return shownVersion(versionId, words || undefined);
}
