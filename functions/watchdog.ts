/**
 * Every few minutes: publishes again what a deployment that does not move may wait for, ends one that does not move even
 * then (T014), asks again for forgotten pending requests, and removes dummies that no running deployment owns.
 */
import * as z from 'zod/mini';
import { name, number, readConfiguration } from '../shared/aws/configuration';
import { isBusy } from '../shared/aws/errors';
import { type CreateHandler, onLambda } from '../shared/aws/runtime';
import { secondsBetween } from '../shared/aws/time';
import { type FoundDummy, findDummies } from '../shared/dummies/search';
import { LoadBalancers } from '../shared/fleet/load-balancers';
import { type DeploymentRecord, isOpen } from '../shared/pipeline/record';
import { FencedOff, type StoredRecord } from '../shared/pipeline/record-store';
import { connectStageServices, type StageServices } from '../shared/pipeline/services';

/** Every poll writes the record: one that was not written for so long, and two intervals, does not move. */
const STILL_AFTER_SECONDS = 240;

/** A stage whose limit is over is woken again and again, to end by its own code, but not for ever. */
const WAKING_LIMIT_SECONDS = 1800;

/** Clean-up that has not ended by then has to be decided by an operator. */
const CLEANING_LIMIT_SECONDS = 7200;

/** A deployment whose dummies are older than this is over, or its record says that it runs. */
const ORPHANED_AFTER_SECONDS = 3600;

const configurationSchema = z.object({ EVENT_BUS_ARN: name, CHECK_INTERVAL_SECONDS: number });

export const createHandler: CreateHandler = (runtime) => {
  const services = connectStageServices(runtime, 'watchdog');
  const loadBalancers = LoadBalancers.connect(runtime, services.deadline);
  const configuration = readConfiguration(configurationSchema, runtime.environment);
  const { EVENT_BUS_ARN: stack, CHECK_INTERVAL_SECONDS: intervalSeconds } = configuration;
  const stillAfterSeconds = STILL_AFTER_SECONDS + 2 * intervalSeconds;

  return async (_event, invocation) => {
    services.deadline.begin(invocation);
    // Dummies first, records after: a deployment that begins in between is then seen to own its dummies.
    const dummies = await findDummies(loadBalancers, stack);
    const tasks = await services.records.tasks();
    const results = await Promise.allSettled(tasks.map((task) => lookAfter(services, task, stillAfterSeconds)));
    const open = results.flatMap((result) => (result.status === 'fulfilled' ? (result.value ?? []) : []));
    const problems = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    // A record that could not be read may own any dummy.
    if (problems.length === 0) problems.push(...(await removeOrphans(services, loadBalancers, dummies, open)));
    if (problems.length > 0)
      throw new AggregateError(problems, `${problems.length} of ${tasks.length} records: ${problems[0]}`);
  };
};

export const handler = onLambda(createHandler);

/** Answers the deploymentId where the deployment is open. */
async function lookAfter(
  services: StageServices,
  task: string,
  stillAfterSeconds: number,
): Promise<string | undefined> {
  const stored = await services.records.read(task);
  if (!stored) return undefined;
  const { record } = stored;
  const { log, runtime } = services;
  const step = nextStep(record, runtime.now(), stillAfterSeconds);
  if (step !== 'leave') log(step, { deploymentId: record.deploymentId, stage: record.stage, seq: record.seq });
  await take(step, services, stored).catch((error: unknown) => {
    if (!(error instanceof FencedOff)) throw error; // it moves after all
  });
  return isOpen(record) ? record.deploymentId : undefined;
}

async function take(step: Step, { records, runtime }: StageServices, stored: StoredRecord): Promise<void> {
  const { record } = stored;
  const nudgedAt = runtime.now().toISOString();
  const nudge = () => records.note(stored, (fresh) => ({ ...fresh, nudgedAt }));
  switch (step) {
    case 'leave':
      return;
    case 'publish':
      return records.tellAgain(await nudge());
    case 'wake':
      return records.wake(await nudge());
    case 'ask-again':
      return records.askAgain(stored);
    case 'fail': {
      const message = unmoved(record, runtime.now());
      await records.transition(stored, { kind: 'ended', code: 'T014', message, dropsPending: false });
      return;
    }
    case 'block':
      await records.transition(stored, { kind: 'blocked', reason: NEVER_ENDED, findings: [] });
  }
}

const NEVER_ENDED = `Clean-up did not end within ${CLEANING_LIMIT_SECONDS / 3600} hours: see the log of the function clean-up.`;

type Step = 'leave' | 'publish' | 'wake' | 'ask-again' | 'fail' | 'block';

/** What a record needs. Publishing again comes first, and is given time to help. */
export function nextStep(record: DeploymentRecord, now: Date, stillAfterSeconds: number): Step {
  const { status, outbox, pending, claim, nudgedAt, failure, cleaning, progress } = record;
  const stillSeconds = secondsBetween(nudgedAt ?? outbox.writtenAt, now);
  if (stillSeconds < stillAfterSeconds || (claim && Date.parse(claim.until) > now.getTime())) return 'leave';
  if (status === 'completed' || status === 'failed' || status === 'blocked') {
    if (!outbox.published) return 'publish';
    return pending && status !== 'blocked' ? 'ask-again' : 'leave';
  }
  if (status === 'cleaning') {
    return secondsBetween(cleaning?.since ?? outbox.writtenAt, now) > CLEANING_LIMIT_SECONDS ? 'block' : 'publish';
  }
  if (failure !== undefined) return 'publish';
  if (progress.parkedUntil !== undefined) {
    if (now.getTime() < Date.parse(progress.parkedUntil)) return 'leave';
    return secondsBetween(progress.parkedUntil, now) > WAKING_LIMIT_SECONDS ? 'fail' : 'wake';
  }
  return nudgedAt === undefined ? 'publish' : 'fail';
}

function unmoved({ stage, outbox }: DeploymentRecord, now: Date): string {
  const minutes = Math.round(secondsBetween(outbox.writtenAt, now) / 60);
  return `the stage ${stage} did not move for ${minutes} minutes, also after its event was published again`;
}

/** Answers what could not be removed; what is still in use is left to the next time. */
async function removeOrphans(
  { runtime, log }: StageServices,
  loadBalancers: LoadBalancers,
  dummies: FoundDummy[],
  open: string[],
): Promise<unknown[]> {
  const problems: unknown[] = [];
  for (const { kind, identifier, owner } of dummies) {
    const ageSeconds = secondsBetween(owner.createdAt, runtime.now());
    if (ageSeconds < ORPHANED_AFTER_SECONDS || open.includes(owner.deploymentId)) continue;
    log('removing an orphaned dummy', { identifier, deploymentId: owner.deploymentId });
    const removal =
      kind === 'load-balancer'
        ? loadBalancers.deleteDummyLoadBalancer(identifier)
        : loadBalancers.deleteDummy({ kind, identifier });
    await removal.catch((error: unknown) => {
      if (!isBusy(error)) problems.push(error);
    });
  }
  return problems;
}
