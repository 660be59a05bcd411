/** What a deployment would do if it were asked for now, found out with the operator's own permissions. */

import { mapSome } from '../shared/aws/calls';
import { isDenied } from '../shared/aws/errors';
import type { Plan, War } from '../shared/deployment/plan';
import { isRefusal } from '../shared/deployment/refusal';
import { isHeld } from '../shared/deployment/versions';
import { shownVersion } from '../shared/fleet/war-name';
import { reasonNotToUndo } from '../shared/pipeline/operator-requests';
import { type DeploymentRecord, isOpen } from '../shared/pipeline/record';
import { refusedVersions } from './missing-versions';
import { planNow, refusalBeside, type Wanted } from './planning';
import { EXIT, Problem } from './problem';
import type { Session } from './session';
import { readTaskNow, refused, type TaskNow } from './task';
import { wentWrong } from './went-wrong';

export interface Intent {
  plan: Plan;
  /** Why a war does not get its latest version, and what else is to be known. */
  notes: string[];
}

/** Throws a `Problem` with the code by which `start` would refuse the request. */
export async function intentOf(session: Session, now: TaskNow, wanted: Wanted): Promise<Intent> {
  const { task, record } = now;
  const at = session.now();
  const busy = record && isOpen(record) ? refusalBeside(task, record, at) : undefined;
  if (record && busy) throw refused(session, task, busy, stepBeside(session, task, record));
  const stack = await session.stack;
  const refusal = await stack.wiring.refusal().catch(unlessDenied);
  if (refusal) throw refused(session, task, refusal);
  const answer = await planNow(stack, { task, record, now: at }, wanted);
  if (isRefusal(answer)) throw await refusedVersions(session, now, answer);
  const warnings = await wentWrong(stack, task, answer.plan, at);
  return { ...answer, notes: [...warnings.map((warning) => `! ${warning}.`), ...answer.notes] };
}

/** Undefined where it may be undone. */
function stepBeside(session: Session, task: string, record: DeploymentRecord): string | undefined {
  if (record.status === 'blocked') return undefined;
  const watch = session.commandLine('watch', task);
  if (record.failure) return `It is being undone: follow that, and then repeat the command:${watch}`;
  if (!reasonNotToUndo(record)) return undefined;
  return `It cannot be undone any more. Let it end, then go back:${watch}${session.commandLine('rollback', task)}`;
}

/** Somebody has said yes to what was shown: throws where the same words would do something else by now. */
export async function assertSame(session: Session, task: string, wanted: Wanted, shown: Plan): Promise<void> {
  const { plan } = await intentOf(session, await readTaskNow(session, task), wanted);
  const isSame = plan.newGroup === shown.newGroup && versionsIn(plan) === versionsIn(shown);
  if (isSame) return;
  throw new Problem(
    `It has changed meanwhile: ${inWords(plan)}`,
    'Nothing was changed. Repeat the command when you mean that.',
    EXIT.refused,
  );
}

/** To be compared: names may lack. */
export function versionsIn({ wars }: Plan): string {
  return JSON.stringify(wars.map(({ slot, bucket, key, from, to }) => [slot, bucket, key, from, to]));
}

/** Whoever may not read the rules is told by the answer. */
function unlessDenied(error: unknown): undefined {
  if (!isDenied(error)) throw error;
}

export function inWords({ wars, oldGroup, newGroup, capacity, isEmergency }: Plan): string {
  const where = `on ${newGroup}, ${capacity.desired} instance${capacity.desired === 1 ? '' : 's'}`;
  const until = isEmergency ? `${oldGroup} is empty: it serves nobody` : `${oldGroup} serves until then`;
  return `${changesInWords(wars)} ${where}; ${until}.`;
}

/** `app.war 2.4.1 (a1b2c3d4) → 2.5.0 (9f8e7d6c)`, by war. */
export function changesInWords(wars: readonly War[]): string {
  return wars.map(changeInWords).join(', ');
}

function changeInWords({ key, from, to, fromName, toName }: War): string {
  if (from === to) return `${key} stays ${shownVersion(from, fromName)}`;
  return `${key} ${shownVersion(from, fromName)} → ${shownVersion(to, toName)}`;
}

/** What a deployment that names its versions holds back from then on. */
export interface Held {
  /** The keys of the wars that plain deployments leave as they are. */
  keys: string[];
  sentences: string[];
}

/** A plain deployment takes the latest version of a war, unless that is held: the one that is replaced is, from then on. */
export async function heldAfter(session: Session, { task, record }: TaskNow, plan: Plan): Promise<Held> {
  const { sources } = await session.stack;
  const changed = plan.wars.filter(({ from, to }) => from !== to);
  const seen = await mapSome(changed, async (war) => ({ war, latest: await sources.wars.prove(war.bucket, war.key) }));
  const keys: string[] = [];
  const sentences: string[] = [];
  for (const { war, latest } of seen) {
    if (!('versionId' in latest) || latest.versionId === war.to) continue;
    const shown = `${war.key} ${shownVersion(latest.versionId, latest.name)}`;
    if (latest.versionId === war.from || isHeld(record?.heldVersions ?? {}, war.key, latest.versionId)) {
      keys.push(war.key);
      sentences.push(`From then on ${shown} is held: no plain deployment brings it back.`);
    } else {
      sentences.push(`The next plain deployment takes the latest, ${shown}.`);
    }
  }
  if (keys.length > 0) {
    sentences.push(`A newer upload lifts that, or:${session.commandLine('deploy', task, '--latest')}`);
  }
  return { keys, sentences };
}
