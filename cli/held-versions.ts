/** Which versions rollbacks hold back: the record has their marks alone, so that what is known of the task is compared. */
import { mapSome } from '../shared/aws/calls';
import { eachSet, heldMarkOf, heldMarksOf } from '../shared/deployment/versions';
import type { DeploymentRecord } from '../shared/pipeline/record';
import { type KnownVersion, listedVersions } from './listed-versions';
import { type Version, versionOf } from './shown-war';
import type { Stack } from './stack';

export interface HeldWar {
  key: string;
  /** Its places among the wars of the task; none where it is no war of it any more. */
  slots: number[];
  /** The last one that was rolled back first; empty where none is known any more. */
  versions: Version[];
}

interface Candidate extends KnownVersion {
  key: string;
  bucket?: string;
}

const ENTRIES_READ = 10;

export async function heldWars(stack: Stack, record: DeploymentRecord | undefined): Promise<HeldWar[]> {
  const held = record?.heldVersions ?? {};
  if (!record) return [];
  return mapSome(Object.keys(held), async (key) => {
    const marks = heldMarksOf(held, key).toReversed();
    const found = await candidatesFor(stack, record, key, marks);
    const versions = await mapSome(marks, (mark) => versionFound(stack, found.get(mark)));
    return { key, slots: slotsOf(record, key), versions: versions.filter((one) => one !== undefined) };
  });
}

/** By their marks. What costs calls is asked where what is known already does not tell. */
async function candidatesFor(
  stack: Stack,
  record: DeploymentRecord,
  key: string,
  marks: readonly string[],
): Promise<Map<string, Candidate>> {
  const found = new Map<string, Candidate>();
  const known = inRecord(record);
  const bucket = known.find((one) => one.key === key && one.bucket !== undefined)?.bucket;
  for (const more of [async () => known, () => inHistory(stack, record.task), () => inBucket(stack, bucket, key)]) {
    for (const one of await more()) {
      const mark = heldMarkOf(one.versionId);
      if (one.key !== key || !marks.includes(mark) || found.get(mark)?.name !== undefined) continue;
      found.set(mark, { ...one, ...(bucket !== undefined && { bucket }) });
    }
    if (marks.every((mark) => found.has(mark))) break;
  }
  return found;
}

function inRecord({ plan, lastSuccess, servedSets = [] }: DeploymentRecord): Candidate[] {
  const wars = [...(plan?.wars ?? []), ...(lastSuccess?.wars ?? [])];
  return [...wars.flatMap(bothVersions), ...eachSet(servedSets).flat()];
}

async function inHistory({ history }: Stack, task: string): Promise<Candidate[]> {
  const newest = (await history.newest(task)).slice(0, ENTRIES_READ);
  const entries = await mapSome(newest, ({ deploymentId }) => history.read(task, deploymentId));
  return entries.flatMap((entry) => entry?.wars ?? []).flatMap(bothVersions);
}

/** Whoever may not list the bucket reads less. */
async function inBucket(stack: Stack, bucket: string | undefined, key: string): Promise<Candidate[]> {
  if (bucket === undefined) return [];
  const { versions } = await listedVersions(stack, bucket, key).catch(() => ({ versions: [] }));
  return versions.map((one) => ({ ...one, key }));
}

interface ChangedWar {
  bucket?: string;
  key: string;
  from: string;
  to: string;
  fromName?: string | undefined;
  toName?: string | undefined;
}

function bothVersions({ bucket, key, from, to, fromName, toName }: ChangedWar): Candidate[] {
  const where = { key, ...(bucket !== undefined && { bucket }) };
  return [
    { ...where, versionId: to, name: toName },
    { ...where, versionId: from, name: fromName },
  ];
}

function slotsOf({ plan, lastSuccess }: DeploymentRecord, key: string): number[] {
  const wars = plan?.wars ?? lastSuccess?.wars ?? [];
  return wars.filter((war) => war.key === key).map(({ slot }) => slot);
}

async function versionFound({ sources }: Stack, found: Candidate | undefined): Promise<Version | undefined> {
  if (!found) return undefined;
  const { bucket, key, versionId, name } = found;
  const asked = name ?? (bucket === undefined ? undefined : await sources.wars.nameOf(bucket, key, versionId));
  return versionOf(versionId, asked);
}
