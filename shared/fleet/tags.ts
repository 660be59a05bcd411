/** What the tags of a group say. Keys match without regard to case. */

/** Unicode characters, in Auto Scaling and in Elastic Load Balancing alike. */
export const TAG_VALUE_CHARACTERS = 256;

export interface Tag {
  key: string;
  value: string;
  propagateAtLaunch: boolean;
}

/** A war as the tags of a group describe it. */
export interface WarSlot {
  slot: number;
  key: string;
  versionId: string;
  path: string;
}

export const TASK_KEY = 'taskfordeploy';
export const TYPE_KEY = 'type';

/** In lower case; what each means to people is in `shared/deployment/tag-descriptions.ts`. */
export const FIXED_KEYS = [
  TASK_KEY,
  TYPE_KEY,
  'bucket',
  'repetitions',
  'autodeploy',
  'settleseconds',
  'pairdiffers',
] as const;
/** Of each war; the number of its slot stands behind. */
export const SLOT_KEYS = ['apps3key', 's3versionidapp', 'apppath'] as const;
export const SLOTS = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

export function versionKeyOf(slot: number): string {
  return `s3versionidapp${slot}`;
}

/** The tag with this key, spelled however it is. */
export function findTag(tags: readonly Tag[], key: string): Tag | undefined {
  return tags.find((tag) => tag.key.toLowerCase() === key);
}

export function tagValue(tags: readonly Tag[], key: string): string | undefined {
  return findTag(tags, key)?.value;
}

/** The keys of ours that stand on a group in two spellings: then nobody can say which one counts. */
export function ambiguousKeys(tags: readonly Tag[]): string[] {
  const ours = [...FIXED_KEYS, ...SLOTS.flatMap((slot) => SLOT_KEYS.map((key) => `${key}${slot}`))];
  return ours.filter((key) => tags.filter((tag) => tag.key.toLowerCase() === key).length > 1);
}

/** The war slots of a group: only those of which key, version and path are all there. */
export function warSlots(tags: readonly Tag[]): WarSlot[] {
  return SLOTS.flatMap((slot) => {
    const key = tagValue(tags, `apps3key${slot}`);
    const versionId = tagValue(tags, versionKeyOf(slot));
    const path = tagValue(tags, `apppath${slot}`);
    return key && versionId && path ? [{ slot, key, versionId, path }] : [];
  });
}

/** How a group spells the tag of its role, and whether its instances get it. */
export function typeTagOf(tags: readonly Tag[]): { key: string; propagateAtLaunch: boolean } {
  const { key, propagateAtLaunch } = findTag(tags, TYPE_KEY) ?? { key: TYPE_KEY, propagateAtLaunch: false };
  return { key, propagateAtLaunch };
}
