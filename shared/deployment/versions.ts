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
  /** By war key, the versions that rollbacks took away: only `heldVersionsOf` reads it. */
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
  const prove = provingOnce(wars, bucket);
  const named = versionsBySlot(
    versions,
    slots.map(({ key }) => key),
  );
  const chosen: ChosenVersions = { wars: [], notes: [] };
  const problems: string[] = [];
  for (const [index, { slot, key, versionId: current, path }] of slots.entries()) {
    const choice = await choose();
    if ('problem' in choice) problems.push(choice.problem);
    else chosen.wars.push({ slot, bucket, key, path, from: current, to: choice.versionId });

    async function choose(): Promise<ProvenWar> {
      if (versions === 'previous') {
        const before = past?.lastSuccess?.wars.filter((war) => war.key === key) ?? [];
        const own = before.find((war) => war.slot === slot) ?? before[0];
        return prove(key, own?.from ?? current);
      }
      if (versions !== undefined && versions !== 'latest') {
        return prove(key, named[index] || current);
      }
      const latest = await prove(key);
      const held = heldVersionsOf(past?.heldVersions ?? {}, key);
      if (versions === 'latest' || 'problem' in latest || !held.includes(latest.versionId)) return latest;
      chosen.notes.push(
        `${key} stays ${current}: its latest version ${latest.versionId} was rolled back. Upload a newer one, or request latest.`,
      );
      return prove(key, current);
    }
  }
  if (problems.length === 0) return { ...chosen, notes: [...new Set(chosen.notes)] };
  return { code: '402', message: [...new Set([...problems, ...chosen.wars.flatMap(heldUp)])].join('; ') };
}

/** Somebody may have uploaded it on its own, and waits for it. */
function heldUp({ key, from, to }: War): string[] {
  return from === to ? [] : [`key(${key}) versionId(${to}) is not deployed either, until that is mended`];
}

/** Two slots of one war get the same version, whatever is uploaded between the looks. */
function provingOnce(wars: Wars, bucket: string): (key: string, versionId?: string) => Promise<ProvenWar> {
  const proofs = new Map<string, Promise<ProvenWar>>();
  return (key, versionId) => {
    const asked = JSON.stringify([key, versionId]);
    const proof = proofs.get(asked) ?? wars.prove(bucket, key, versionId);
    proofs.set(asked, proof);
    return proof;
  };
}

/** Those of a war, which may be called as what every object has. */
export function heldVersionsOf(held: Past['heldVersions'], key: string): string[] {
  const name = heldNameOf(key);
  return (Object.hasOwn(held, name) ? held[name] : undefined) ?? [];
}

/** Where none is held any more, nothing is kept of the war. */
export function withHeldVersions(held: Past['heldVersions'], key: string, versions: string[]): Past['heldVersions'] {
  const others = Object.entries(held).filter(([name]) => name !== heldNameOf(key));
  return Object.fromEntries(versions.length === 0 ? others : [...others, [heldNameOf(key), versions]]);
}

/** No object can be given `__proto__`, and whoever reads a record drops it: one more underscore makes it a name. */
function heldNameOf(key: string): string {
  return key.replace(/^(?=_*__proto__$)/, '_');
}

/** The versions by war slot, in the order of the slots; undefined where nothing is said of the slot. */
export function requestedVersions(versions: string | undefined): string[] {
  return versions === undefined ? [] : versions.split(',').map((versionId) => versionId.trim());
}

/** What is asked for by slot, of which these are the war keys: nothing where no slot of the war is given any. */
export function versionsBySlot(versions: string | undefined, keys: readonly string[]): string[] {
  const named = requestedVersions(versions);
  const ofWar = (key: string) => named.find((versionId, slot) => versionId !== '' && keys[slot] === key);
  return keys.map((key, slot) => named[slot] || (ofWar(key) ?? ''));
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
