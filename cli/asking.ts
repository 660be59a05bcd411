/** What the verbs have in common that change something: how they ask, what they answer, and how that is shown. */
import type { Argv } from 'yargs';
import * as z from 'zod/mini';
import { DeployRequested } from '../events/deploy-requested';
import type { Plan } from '../shared/deployment/plan';
import { ending, endingInWords, nextStepAfter } from './ending';
import { heldAfter, versionsIn } from './intent';
import { withTimeout } from './number-options';
import type { Page } from './page';
import type { Wanted } from './planning';
import { Problem, refusalInWords } from './problem';
import { put } from './requests';
import type { Session } from './session';
import { war, warOf } from './shown-war';
import type { TaskNow } from './task';
import { type Followed, follow } from './watching';

export interface AskingOptions {
  watch?: boolean | undefined;
  timeout?: number | undefined;
  yes?: boolean | undefined;
}

export function withAsking<Given>(yargs: Argv<Given>) {
  const watched = yargs.option('watch', { type: 'boolean', describe: 'follows it until it has ended' });
  return withTimeout(watched, 'of --watch, in seconds')
    .check(({ watch, timeout }) => {
      if (timeout === undefined || watch) return true;
      throw new Problem('--timeout is of --watch', 'Give both, or none of them.');
    })
    .option('yes', { type: 'boolean', describe: 'does not ask' });
}

/** What became of a request. */
export const answer = z.extend(ending, {
  task: z.string(),
  /** What was asked for, by war. */
  wars: z.optional(z.array(war)),
  /** The wars of which plain deployments do not bring the latest version back, once this has completed. */
  held: z.optional(z.array(z.string())),
  /** What to do or to run next, in words. */
  nextStep: z.optional(z.string()),
});
export type Answer = z.infer<typeof answer>;

/** Puts the request to deploy, and answers what became of it. */
export async function askToDeploy(
  session: Session,
  task: string,
  { versions, capacity }: Wanted,
  options: AskingOptions,
): Promise<Answer> {
  const { userName: requestedBy, uniqueId } = session.surroundings;
  const followed = await put(session, DeployRequested, {
    ...{ task, versions, capacity, requestedBy },
    requestId: uniqueId(),
    requestedAt: session.now().toISOString(),
  });
  return answerTo(session, task, followed, options);
}

export async function answerTo(
  session: Session,
  task: string,
  followed: Followed,
  { watch, timeout }: AskingOptions,
): Promise<Answer> {
  const ended = await follow(session, task, followed, { untilBegun: !watch, timeoutSeconds: timeout });
  return { task, ...ended, nextStep: nextStepAfter(session, task, ended) };
}

/** `begun` says what has, where that is no new deployment. */
export function answerInWords({ nextStep, ...ended }: Answer, page: Page, begun?: string): string[] {
  const said = answerSentence(ended, begun);
  return [...page.text(said), ...(nextStep === undefined ? [] : page.advice(nextStep))];
}

function answerSentence(ended: Answer, begun: string | undefined): string {
  const { outcome, code, message = '', deploymentId } = ended;
  if (outcome === 'begun' && begun !== undefined) return `${deploymentId} ${begun}.`;
  if (deploymentId !== undefined) return endingInWords(ended);
  if (outcome === 'refused') return refusalInWords({ code, message });
  if (message) return message;
  return 'The request is put; nothing has answered it yet.';
}

/** With the wars of the deployment that there is: another request may have come in between. */
export async function withChanges(
  session: Session,
  now: TaskNow,
  answered: Answer,
  shown: Plan,
  heldThen: string[] | undefined,
): Promise<Answer> {
  const { task, deploymentId } = answered;
  const { stored } = deploymentId === undefined ? {} : await (await session.stack).records.find(task);
  const plan = stored?.record.deploymentId === deploymentId ? stored?.record.plan : undefined;
  if (!plan || versionsIn(plan) === versionsIn(shown)) {
    return { ...answered, wars: changesOf(shown), held: heldThen };
  }
  const held = heldThen && (await heldAfter(session, now, plan)).keys;
  return { ...answered, wars: changesOf(plan), held };
}

/** Undefined where it is not planned yet. */
export async function warsDeployed(session: Session, task: string, deploymentId: string): Promise<Answer['wars']> {
  const { records, history } = await session.stack;
  const record = (await records.find(task)).stored?.record;
  if (record?.deploymentId === deploymentId) return record.plan && changesOf(record.plan);
  return (await history.read(task, deploymentId))?.wars.map(warOf);
}

function changesOf({ wars }: Pick<Plan, 'wars'>): Answer['wars'] {
  return wars.map(warOf);
}
