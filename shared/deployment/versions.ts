/** Which version of each war a request means, and which versions a rollback keeps from coming back by themselves. */
import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { plainLine } from '../../events/contract';
import { mapSome } from '../aws/calls';
import type { Capacity } from '../fleet/auto-scaling-groups';
import { type Tag, tagValue, type WarSlot, warSlots } from '../fleet/tags';
import { shownVersion } from '../fleet/war-name';
import type { ProvenWar, Wars } from '../fleet/wars';
import type { Asleep } from './night';
import type { Plan, War } from './plan';
import { isRefusal, type Refusal, type Remedy } from './refusal';

/** More than anybody goes back by. */
const SETS_KEPT = 10;

/** Of nine wars with long keys, or that come and go, fewer sets are kept: at least one to go back to. */
const SETS_BYTES = 3072;
const FEWEST_SETS = 2;

/** 36 bits: another version is taken for one of twenty that are held once in three thousand million times. */
const MARK_CHARACTERS = 6;

/**
 * Versions that served together, by war. It says nothing of a war that was none then, or whose tag had no version in it.
 * Sets that follow each other and tell of the same wars are kept as one, with the versions of a war side by side.
 */
export const servedSet = z.array(z.object({ slot: z.int(), key: z.string(), versionId: z.string() }));
export type ServedSet = z.infer<typeof servedSet>;

/** What is known of the deployments before. */
export interface Past {
  /** What the last one that completed changed, and the size that it left. */
  lastSuccess?: { wars: War[]; capacity: Capacity; asleep?: Asleep | undefined };
  /** The newest sets that served, newest first, each once: only `eachSet` reads it. Records of earlier versions have none. */
  servedSets?: ServedSet[];
  /** What the last one was about. */
  plan?: Pick<Plan, 'attachments'>;
  /** By war key, the marks of the versions that rollbacks took away: only `heldMarksOf` reads it. */
  heldVersions: Record<string, string[]>;
}

export interface ChosenVersions {
  wars: War[];
  /** Why a war does not get its latest version. */
  notes: string[];
  /** The latest versions that are not taken, because they were rolled back. */
  heldBack: NonNullable<Plan['heldBack']>;
  /** All that is known to have served, what serves now among it. */
  servedSets: ServedSet[];
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
  const sets = await knownSets(past, wars);
  const asked = namedVersions(versions, slots, sets, bucket);
  if (isRefusal(asked)) return asked;
  const { named } = asked;
  const prove = provingOnce(wars, bucket);
  const chosen: Omit<ChosenVersions, 'servedSets'> = { wars: [], notes: [], heldBack: [] };
  const problems: string[] = [];
  for (const [index, { slot, key, versionId: current, path }] of slots.entries()) {
    const choice = await choose();
    if ('problem' in choice) problems.push(choice.problem);
    else chosen.wars.push({ slot, bucket, key, path, from: current, to: choice.versionId, toName: choice.name });

    async function choose(): Promise<ProvenWar> {
      if (named) return prove(key, named[index] || current);
      const latest = await prove(key);
      if (versions === 'latest' || 'problem' in latest) return latest;
      if (!isHeld(past?.heldVersions ?? {}, key, latest.versionId)) return latest;
      const kept = await prove(key, current);
      const stays = shownVersion(current, 'name' in kept ? kept.name : undefined);
      const held = shownVersion(latest.versionId, latest.name);
      const note = `${key} stays ${stays}: its latest version ${held} was rolled back. Upload a newer one, or request latest.`;
      chosen.notes.push(plainLine(note));
      chosen.heldBack.push({ slot, versionId: latest.versionId, name: latest.name });
      return kept;
    }
  }
  if (problems.length > 0) {
    const message = [...new Set([...problems, ...chosen.wars.flatMap(heldUp)])].join('; ');
    const proven = new Set(chosen.wars.map(({ slot }) => slot));
    const missing = new Set(slots.filter(({ slot }) => !proven.has(slot)).map(({ key }) => key));
    return {
      code: '402',
      message,
      remedy: named
        ? {
            ...inPlaceOf((key, index) => (missing.has(key) ? undefined : (named[index] ?? '')), slots, bucket),
            kind: 'list-versions',
          }
        : { kind: 'upload', wars: [...missing].map((key) => ({ bucket, key })) },
    };
  }
  const servedSets = withServed(sets, await setBefore(chosen.wars, sets, wars));
  return {
    wars: await withFormerNames(chosen.wars, wars),
    notes: [...new Set(chosen.notes)],
    heldBack: chosen.heldBack,
    servedSets,
  };
}

/** What is replaced need not be there any more. */
function withFormerNames(chosen: readonly War[], wars: Wars): Promise<War[]> {
  return mapSome(chosen, async (war) => {
    const { bucket, key, from, to, toName } = war;
    return { ...war, fromName: from === to ? toName : await wars.nameOf(bucket, key, from) };
  });
}

/**
 * The set that is previous: the newest that differs from what Active's tags say now. In the form of a request, by war: an
 * empty item keeps what serves, of which the set says nothing. Undefined where none is known.
 */
export function previousVersions(current: ServedSet, sets: readonly ServedSet[]): string[] | undefined {
  const versionIn = (set: ServedSet, { slot, key }: ServedSet[0]) => {
    const ofKey = set.filter((war) => war.key === key);
    return (ofKey.find((war) => war.slot === slot) ?? ofKey[0])?.versionId ?? '';
  };
  return eachSet(sets)
    .map((set) => current.map((war) => versionIn(set, war)))
    .find((versions) => versions.some((versionId, index) => versionId && versionId !== current[index]?.versionId));
}

/** The sets with the one that serves now: newest first, each once, as many as are kept. */
export function withServed(sets: readonly ServedSet[], served: ServedSet): ServedSet[] {
  const before = eachSet(sets);
  if (served.length === 0) return sideBySide(before);
  return withinBytes([served, ...before.filter((set) => !isSame(set, served))].slice(0, SETS_KEPT));
}

function withinBytes(sets: readonly ServedSet[]): ServedSet[] {
  const kept = sideBySide(sets);
  const isSmall = Buffer.byteLength(JSON.stringify(kept)) <= SETS_BYTES;
  return isSmall || sets.length <= FEWEST_SETS ? kept : withinBytes(sets.slice(0, -1));
}

/** As they served, one by one: earlier versions kept them so, too. */
export function eachSet(sets: readonly ServedSet[]): ServedSet[] {
  return sets.flatMap((kept) => {
    const columns = kept.map(({ versionId }) => versionId.split(BETWEEN_VERSIONS));
    const rows = columns[0] ?? [];
    return rows.map((_, row) => kept.map((war, index) => ({ ...war, versionId: columns[index]?.[row] ?? '' })));
  });
}

/** No version id has one in it: they can stand in a URL. */
const BETWEEN_VERSIONS = ' ';

/** Keys are long: of nine wars they would be most of what the record keeps. */
function sideBySide(sets: readonly ServedSet[]): ServedSet[] {
  const warsOf = (set: ServedSet) => JSON.stringify(set.map(({ slot, key }) => [slot, key]));
  const kept: ServedSet[] = [];
  for (const set of sets) {
    const last = kept.at(-1);
    if (!last || warsOf(last) !== warsOf(set)) kept.push(set);
    else kept[kept.length - 1] = last.map((war, index) => beside(war, set[index]));
  }
  return kept;
}

function beside(war: ServedSet[0], next: ServedSet[0] | undefined): ServedSet[0] {
  return { ...war, versionId: [war.versionId, next?.versionId].join(BETWEEN_VERSIONS) };
}

/** What serves after a deployment. */
export function setAfter(wars: readonly War[]): ServedSet {
  return wars.map(({ slot, key, to }) => ({ slot, key, versionId: to }));
}

/**
 * What served before a deployment. The tags of a new fleet may hold words in place of versions (`none`, `-`), which nobody
 * can go back to; what they look like only S3 can tell. So each version is proven before it is remembered: once, because
 * what is in a set, and what is deployed again, has been.
 */
async function setBefore(changed: readonly War[], sets: readonly ServedSet[], wars: Wars): Promise<ServedSet> {
  const known = eachSet(sets).flat();
  const before: ServedSet = [];
  for (const { slot, bucket, key, from, to } of changed) {
    const isKnown = from === to || known.some((war) => war.key === key && war.versionId === from);
    if (isKnown || 'versionId' in (await wars.prove(bucket, key, from))) before.push({ slot, key, versionId: from });
  }
  return before;
}

/** A record of an earlier version knows what its last deployment left, and what was there before that. */
async function knownSets({ servedSets, lastSuccess }: Partial<Past> = {}, wars: Wars): Promise<ServedSet[]> {
  if (servedSets || !lastSuccess) return servedSets ?? [];
  const after = setAfter(lastSuccess.wars);
  const before = await setBefore(lastSuccess.wars, [after], wars);
  return withServed(withServed([], before), after);
}

function isSame(one: ServedSet, other: ServedSet): boolean {
  const has = ({ slot, key, versionId }: ServedSet[0]) =>
    other.some((war) => war.slot === slot && war.key === key && war.versionId === versionId);
  return one.length === other.length && one.every(has);
}

/** Somebody may have uploaded it on its own, and waits for it. */
function heldUp({ key, from, to, toName }: War): string[] {
  if (from === to) return [];
  const called = toName === undefined ? '' : `, ${toName},`;
  return [`key(${key}) versionId(${to})${called} is not deployed either, until that is mended`];
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

export function isHeld(held: Past['heldVersions'], key: string, versionId: string): boolean {
  return heldMarksOf(held, key).includes(heldMarkOf(versionId));
}

/** Those of a war, which may be called as what every object has. Earlier versions noted the whole ids. */
export function heldMarksOf(held: Past['heldVersions'], key: string): string[] {
  const name = heldNameOf(key);
  return ((Object.hasOwn(held, name) ? held[name] : undefined) ?? []).map(heldMarkOf);
}

/** Where none is held any more, nothing is kept of the war. */
export function withHeldMarks(held: Past['heldVersions'], key: string, marks: string[]): Past['heldVersions'] {
  const others = Object.entries(held).filter(([name]) => name !== heldNameOf(key));
  return Object.fromEntries(marks.length === 0 ? others : [...others, [heldNameOf(key), marks]]);
}

/** What stands for a version that is held. What is as short stands for itself, a mark too. */
export function heldMarkOf(versionId: string): string {
  if (versionId.length <= MARK_CHARACTERS) return versionId;
  return createHash('sha256').update(versionId).digest('base64url').slice(0, MARK_CHARACTERS);
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

/** Those that the request names, by war; none where it asks for the latest. */
function namedVersions(
  versions: string | undefined,
  slots: WarSlot[],
  sets: readonly ServedSet[],
  bucket: string,
): { named?: string[] } | Refusal {
  if (versions === undefined || versions === 'latest') return {};
  const invalid = (problem: string, remedy: Remedy): Refusal => {
    return { code: '414', message: `the request is not valid: ${problem}`, remedy };
  };
  if (versions === 'previous') {
    const named = previousVersions(slots, sets);
    if (named) return { named };
    return invalid(
      sets.length === 0
        ? 'no completed deployment is known to go back from'
        : 'nothing is known to have served before that differs from what serves: name the versions',
      { ...inPlaceOf(() => undefined, slots, bucket), kind: 'nothing-before' },
    );
  }
  const count = requestedVersions(versions).length;
  if (count > slots.length) {
    const problem = `${count} versions for ${slots.length} war slot${slots.length === 1 ? '' : 's'}`;
    return invalid(problem, { ...inPlaceOf(() => undefined, slots, bucket), kind: 'too-many' });
  }
  const keys = slots.map(({ key }) => key);
  return { named: versionsBySlot(versions, keys) };
}

/** What a request may name, with VERSION for each war of which nothing is `kept`; an empty item keeps what serves. */
function inPlaceOf(
  kept: (key: string, index: number) => string | undefined,
  slots: readonly WarSlot[],
  bucket: string,
): { wars: { bucket: string; key: string }[]; versions: string } {
  const versions = slots.map(({ key }, index) => kept(key, index) ?? 'VERSION');
  const keys = slots.flatMap(({ key }, index) => (versions[index] === 'VERSION' ? [key] : []));
  return { wars: [...new Set(keys)].map((key) => ({ bucket, key })), versions: versions.join(',') };
}
