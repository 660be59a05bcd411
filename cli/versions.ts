/** Which version of a war is meant by what somebody typed: its name, its id, or the beginning of that. */
import { mapSome } from '../shared/aws/calls';
import { isDenied } from '../shared/aws/errors';
import type { WarSlot } from '../shared/fleet/tags';
import { VERSION_ID_CHARACTERS } from '../shared/fleet/war-name';
import { inWords, type KnownVersion, listedVersions, withNames } from './listed-versions';
import { nearest } from './nearest';
import { Problem } from './problem';
import type { Stack } from './stack';
import type { TaskNow } from './task';

/** A name costs up to three reads. */
const NAMES_ASKED = 40;
const SHOWN = 5;
/** As git takes the beginning of a commit: fewer characters are soon those of another. */
const FEWEST_CHARACTERS = 6;
/** That of S3 has 32; nothing that is so long and without blanks is taken for a mistyped name. */
const WHOLE_ID = /^[\w.-]{24,1024}$/;

/** In the form of a request: the versions by slot, separated by commas; an empty one keeps what serves. */
export async function versionsMeant(stack: Stack, now: TaskNow, typed: readonly string[]): Promise<string> {
  const bySlot = new Map<WarSlot, string>();
  for (const one of typed) {
    refuseWaysBack(stack, now.task, one.slice(one.indexOf('=') + 1));
    const { slot, version } = slotMeant(now, one);
    if (bySlot.has(slot)) throw new Problem(`${slot.key} is given two versions`, 'Give each war one.');
    bySlot.set(slot, version);
  }
  const versions: string[] = [];
  for (const slot of now.slots) {
    const version = bySlot.get(slot);
    versions.push(version === undefined ? '' : await versionMeant(stack, now, slot, version));
  }
  return versions.join(',');
}

/** The day of a deployment and a part of its time, at least: no version is called so by people. */
export const BEGINNING_OF_DEPLOYMENT = /^\d{8}T\d{0,6}(Z(-[\w-]*)?)?$/;

/** What `rollback` takes in place of versions, and is of all wars at once. */
function refuseWaysBack(stack: Stack, task: string, version: string): void {
  const isDeployment = BEGINNING_OF_DEPLOYMENT.test(version);
  if (!isDeployment && version !== 'previous') return;
  const what = isDeployment ? 'is a deployment' : 'is what served before';
  const step = `To go back to all wars of it:\n  ${stack.command('rollback', task, '--to', version)}`;
  throw new Problem(`${version} ${what}, not a version of one war`, step);
}

/** `2.4.1` where there is one war, else `app.war=2.4.1` or `1=2.4.1`. */
function slotMeant({ task, slots }: TaskNow, typed: string): { slot: WarSlot; version: string } {
  const [, name, version = ''] = /^([^=]+)=(.*)$/s.exec(typed) ?? [];
  if (name === undefined) {
    const [slot, ...others] = slots;
    if (slot && others.length === 0) return { slot, version: typed };
    throw new Problem(
      `${task} has several wars`,
      `Say which one: ${slot?.key ?? 'app.war'}=${typed}. ${thereAre(slots)}`,
    );
  }
  return { slot: slotCalled(slots, name, task), version };
}

/** By its number, its key, or the file name in that. */
export function slotCalled(slots: readonly WarSlot[], name: string, task: string): WarSlot {
  const tiers = [
    slots.filter(({ slot }) => String(slot) === name),
    slots.filter(({ key }) => key === name),
    slots.filter(({ key }) => fileNameOf(key) === name),
  ];
  const [found, ...others] = tiers.find((tier) => tier.length > 0) ?? [];
  if (!found) {
    const near = nearest(
      name,
      slots.map(({ key }) => key),
    );
    throw new Problem(`${task} has no war ${name}`, `${near}${thereAre(slots)}`);
  }
  // Two slots of one war are that war: what is asked for it is for both.
  if (others.some(({ key }) => key !== found.key))
    throw new Problem(`${others.length + 1} wars of ${task} are called ${name}`, thereAre(slots));
  return found;
}

export function fileNameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

function thereAre(slots: readonly WarSlot[]): string {
  return `There are: ${slots.map(({ slot, key }) => `${slot} (${key})`).join(', ')}.`;
}

async function versionMeant(stack: Stack, now: TaskNow, slot: WarSlot, given: string): Promise<string> {
  const typed = given.trim();
  const { key } = slot;
  if (!typed) throw new Problem(`No version of ${key} is given`, 'Give its name, its id, or the beginning of that.');
  const { versions, deleteMarkers, isAll } = await listedVersions(stack, now.bucket, key);
  if (versions.some(({ versionId }) => versionId === typed)) return typed;
  const named = await withNames(stack, now.bucket, key, versions.slice(0, NAMES_ASKED));
  if (typed.length >= FEWEST_CHARACTERS && deleteMarkers.some((id) => id.startsWith(typed))) {
    const message = `${typed} is no version of ${key}, but a delete marker: ${key} was deleted then`;
    throw new Problem(message, newestOf(named));
  }
  const all = [...named, ...versions.slice(NAMES_ASKED)];
  const matching = await matchingIn(stack, now, key, all, typed);
  const [only, ...others] = matching;
  if (only && others.length === 0) return only.versionId;
  if (only) {
    const shown = matching.slice(0, SHOWN).map(inWords).join(', ');
    throw new Problem(`${matching.length} versions of ${key} match ${typed}`, `Give the id of one: ${shown}.`);
  }
  // The first read of whoever plans the deployment says whether it is there.
  if (WHOLE_ID.test(typed) && !isAll) return typed;
  throw unknownVersion(key, typed, named, versions.length);
}

/** The ids of those of the newest that are called so. Whoever may not list them is told of none. */
export async function versionsCalled(stack: Stack, bucket: string, key: string, name: string): Promise<string[]> {
  try {
    const { versions } = await listedVersions(stack, bucket, key);
    const named = await withNames(stack, bucket, key, versions.slice(0, NAMES_ASKED));
    const called = named.filter((one) => one.name !== undefined && versionPart(one.name) === versionPart(name));
    return called.slice(0, SHOWN).map(({ versionId }) => versionId);
  } catch (error) {
    if (!isDenied(error)) throw error;
    return [];
  }
}

function unknownVersion(key: string, typed: string, named: readonly KnownVersion[], count: number): Problem {
  const names = named.flatMap(({ name }) => (name === undefined ? [] : [versionPart(name)]));
  const asked =
    count > named.length ? ` Of its ${count} versions the newest ${named.length} were asked for their names.` : '';
  const isShort = typed.length < FEWEST_CHARACTERS && named.some(({ versionId }) => versionId.startsWith(typed));
  const short = isShort ? `Of an id at least ${FEWEST_CHARACTERS} characters are needed. ` : nearest(typed, names);
  return new Problem(`No version of ${key} is called ${typed}`, `${short}${newestOf(named)}${asked}`);
}

function newestOf(named: readonly KnownVersion[]): string {
  return `The newest: ${named.slice(0, SHOWN).map(inWords).join(', ') || 'none'}.`;
}

/** What is called so exactly goes before what only begins so. */
function tiersOf(versions: readonly KnownVersion[], typed: string): KnownVersion[][] {
  const pasted = / \(([\w.-]{8})\)$/.exec(typed)?.[1] ?? typed;
  const isLong = pasted.length >= FEWEST_CHARACTERS;
  return [
    versions.filter(({ name }) => name === typed),
    versions.filter(({ name = '' }) => versionPart(name) === typed),
    versions.filter(({ versionId, name }) => isLong && (versionId.startsWith(pasted) || isCommit(name, pasted))),
  ];
}

async function matchingIn(stack: Stack, now: TaskNow, key: string, versions: readonly KnownVersion[], typed: string) {
  const found = tiersOf(versions, typed).find((tier) => tier.length > 0);
  return (
    found ?? tiersOf(await deployedVersions(stack, now.task, key, typed), typed).find((tier) => tier.length > 0) ?? []
  );
}

/** `2.4.1, commit a1b2c3d, build 7` is called 2.4.1. */
function versionPart(name: string): string {
  return name.split(', ', 1)[0] ?? name;
}

/** The name has the beginning of it; whoever types may have more of it, or less. */
function isCommit(name: string | undefined, typed: string): boolean {
  const commit = /, commit ([^,]+)/.exec(name ?? '')?.[1];
  return commit !== undefined && (commit.startsWith(typed) || typed.startsWith(commit));
}

/** Those that were deployed, of which nobody was asked for the name: the index of the history says where to look. */
export async function deployedVersions(
  { history }: Stack,
  task: string,
  key: string,
  typed: string,
): Promise<KnownVersion[]> {
  // It has the beginning of an id alone, as it is shown.
  const shown = WHOLE_ID.test(typed) ? typed.slice(0, VERSION_ID_CHARACTERS) : typed;
  const lines = (await history.newest(task)).filter(({ versions }) => versions.includes(shown)).slice(0, SHOWN);
  const entries = await mapSome(lines, ({ deploymentId }) => history.read(task, deploymentId));
  const wars = entries.flatMap((entry) => entry?.wars ?? []).filter((war) => war.key === key);
  return [...new Map(wars.map(({ to, toName }) => [to, { versionId: to, name: toName }])).values()];
}
