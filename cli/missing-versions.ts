/** Versions that were named and cannot be deployed: why, by their names, and what can be deployed in their place. */
import { mapSome } from '../shared/aws/calls';
import { isDenied } from '../shared/aws/errors';
import type { Refusal } from '../shared/deployment/refusal';
import { requestedVersions } from '../shared/deployment/versions';
import { shownVersion } from '../shared/fleet/war-name';
import { listedVersions } from './listed-versions';
import type { Session } from './session';
import type { Stack } from './stack';
import { refused, type TaskNow } from './task';
import { deployedVersions } from './versions';

/** Each costs a read or two. */
const PROVEN = 5;

/** As `start` would refuse it, in the words of whoever named them. */
export async function refusedVersions(session: Session, now: TaskNow, refusal: Refusal): Promise<Error> {
  const { remedy } = refusal;
  if (refusal.code !== '402' || (remedy?.kind !== 'list-versions' && remedy?.kind !== 'upload'))
    return refused(session, now.task, refusal);
  const stack = await session.stack;
  const missing = remedy.wars.map(({ key }) => key);
  const message = await named(stack, now, refusal.message);
  const instead: string[] = [];
  for (const key of missing) instead.push(await deployable(stack, now, key));
  const also =
    remedy.kind === 'list-versions'
      ? othersAlone(session, now, remedy.versions)
      : `\nUpload it again, or deploy another version:${session.commandLine('deploy', now.task, '--version', 'NAME')}`;
  return refused(session, now.task, { ...refusal, message }, `${instead.join(' ')}${also}`);
}

/** `app.war 2.4.1 (a1b2c3d4)` in place of bucket, key and the whole id; of the reasons alone. */
async function named(stack: Stack, { task, bucket, slots }: TaskNow, message: string): Promise<string> {
  // A key may have whatever separates reasons, and whatever ends a key: where one stands, its number does meanwhile.
  const marked = slots.reduce(
    (text, { key }, index) => text.replaceAll(`${bucket} key(${key})`, `\0${index}\0`),
    message,
  );
  const reasons = marked.split('; ').filter((one) => !one.endsWith('is not deployed either, until that is mended'));
  const words = await mapSome(reasons, async (reason) => {
    const [whole = '', index = '', versionId = ''] = WAR_OF_REASON.exec(reason) ?? [];
    const key = slots[Number(index)]?.key;
    if (!whole || key === undefined) return reason;
    const rest = reason
      .slice(whole.length)
      .replace(/^ does not exist(: the key has no such version)?/, ' is not in S3');
    if (!versionId) return `${key}${rest}`;
    const known = await deployedVersions(stack, task, key, versionId);
    const name = known.find((one) => one.versionId === versionId)?.name;
    return `${key} ${shownVersion(versionId, name)}${rest}`;
  });
  const keyOf = (_: string, index: string) => slots[Number(index)]?.key ?? '';
  return words.join('; ').replace(MARKED, keyOf);
}

const MARKED = /\0(\d+)\0/g;

const WAR_OF_REASON = /^\0(\d+)\0(?: versionId\(([\w.-]+)\))?/;

/** The newest that can be read. Whoever may not list them is told of none. */
async function deployable(stack: Stack, { bucket, slots }: TaskNow, key: string): Promise<string> {
  try {
    const { versions } = await listedVersions(stack, bucket, key);
    const serving = slots.flatMap((slot) => (slot.key === key ? [slot.versionId] : []));
    const others = versions.filter(({ versionId, isArchived }) => !isArchived && !serving.includes(versionId));
    const proven = await mapSome(others.slice(0, PROVEN), ({ versionId }) =>
      stack.sources.wars.prove(bucket, key, versionId),
    );
    const shown = proven.flatMap((one) => ('versionId' in one ? [shownVersion(one.versionId, one.name)] : []));
    return shown.length > 0
      ? `Of ${key} these can be deployed: ${shown.join(', ')}.`
      : `Of ${key} no other version can be deployed: upload it again.`;
  } catch (error) {
    if (!isDenied(error)) throw error;
    return `Name another version of ${key}, or upload it again.`;
  }
}

/** `versions` has VERSION for each war that is missing, and nothing for one that stays. */
function othersAlone(session: Session, { task, slots }: TaskNow, versions: string): string {
  const asked = requestedVersions(versions);
  const given = slots.flatMap(({ slot, versionId }, index) => {
    const other = asked[index] ?? '';
    return other === '' || other === 'VERSION' || other === versionId ? [] : ['--version', `${slot}=${other}`];
  });
  if (given.length === 0) return '';
  return `\nWithout it, the others alone:${session.commandLine('deploy', task, ...given)}`;
}
