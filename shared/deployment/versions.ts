/** Which version of each war a request means, and which versions a rollback keeps from coming back by themselves. */
import type { Capacity } from '../fleet/auto-scaling-groups';
import { type Tag, tagValue, type WarSlot, warSlots } from '../fleet/tags';
import type { ProvenWar, Wars } from '../fleet/wars';
import type { War } from './plan';
import type { Refusal } from './refusal';

/** What is known of the deployments before. */
export interface Past {
  /** What the last one that completed changed, and the size that it left. */
  lastSuccess?: { wars: War[]; capacity: Capacity };
  /** By war key, the versions that rollbacks took away. */
  heldVersions: Record<string, string[]>;
}

export interface ChosenVersions {
  wars: War[];
  /** Why a war does not get its latest version. */
  notes: string[];
}

/** Every version is proven to be there. "The current version" is Active's: StandBy may still name one that failed. */
export async function chooseVersions(
  versions: string | undefined,
  activeTags: readonly Tag[],
  past: Past | undefined,
  wars: Wars,
): Promise<ChosenVersions | Refusal> {
  const bucket = tagValue(activeTags, 'bucket') ?? '';
  const slots = warSlots(activeTags);
  const refusal = refusalOfVersions(versions, slots, past);
  if (refusal) return refusal;
  const chosen: ChosenVersions = { wars: [], notes: [] };
  const problems: string[] = [];
  for (const [index, { slot, key, versionId: current, path }] of slots.entries()) {
    const choice = await choose();
    if ('problem' in choice) problems.push(choice.problem);
    else chosen.wars.push({ slot, bucket, key, path, from: current, to: choice.versionId });

    async function choose(): Promise<ProvenWar> {
      if (versions === 'previous') {
        const before = past?.lastSuccess?.wars.find((war) => war.key === key);
        return wars.prove(bucket, key, before?.from ?? current);
      }
      if (versions !== undefined && versions !== 'latest') {
        return wars.prove(bucket, key, requestedVersions(versions)[index] || current);
      }
      const latest = await wars.prove(bucket, key);
      const held = past?.heldVersions[key] ?? [];
      if (versions === 'latest' || 'problem' in latest || !held.includes(latest.versionId)) return latest;
      chosen.notes.push(
        `${key} stays ${current}: its latest version ${latest.versionId} was rolled back. Upload a newer one, or request latest.`,
      );
      return wars.prove(bucket, key, current);
    }
  }
  if (problems.length === 0) return chosen;
  return { code: '402', message: [...problems, ...chosen.wars.flatMap(heldUp)].join('; ') };
}

/** Somebody may have uploaded it on its own, and waits for it. */
function heldUp({ key, from, to }: War): string[] {
  return from === to ? [] : [`key(${key}) versionId(${to}) is not deployed either, until that is mended`];
}

/** The versions by war slot, in the order of the slots; undefined where nothing is said of the slot. */
export function requestedVersions(versions: string | undefined): string[] {
  return versions === undefined ? [] : versions.split(',').map((versionId) => versionId.trim());
}

function refusalOfVersions(
  versions: string | undefined,
  slots: WarSlot[],
  past: Past | undefined,
): Refusal | undefined {
  if (versions === 'previous' && !past?.lastSuccess) {
    return { code: '414', message: 'the request is not valid: no completed deployment is known to go back from' };
  }
  const count = requestedVersions(versions).length;
  if (count <= slots.length) return undefined;
  return {
    code: '414',
    message: `the request is not valid: ${count} versions for ${slots.length} war slot${slots.length === 1 ? '' : 's'}`,
  };
}
