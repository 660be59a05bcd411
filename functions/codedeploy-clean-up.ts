/**
 * A CodeDeploy deployment failed or was stopped → the Auto Scaling group that it copied is deleted, if it is proven to be
 * unused; otherwise it is kept, and a mail says why. The schedule looks again at what had to wait, and finds what no event
 * told of.
 */
import * as z from 'zod/mini';
import { name, number, readConfiguration } from '../shared/aws/configuration';
import { Deadline } from '../shared/aws/deadline';
import { errorCode, errorMessage, isBusy, isDenied, isThrottling } from '../shared/aws/errors';
import { type Log, logTo } from '../shared/aws/log';
import { type CreateHandler, type Invocation, onLambda, type Runtime } from '../shared/aws/runtime';
import { StateBucket } from '../shared/aws/state-bucket';
import { secondsBetween } from '../shared/aws/time';
import {
  COPY_PREFIX,
  CodeDeploy,
  type CodeDeployDeployment,
  copyName,
  deploymentIdOf,
} from '../shared/codedeploy/code-deploy';
import { type CopiedGroup, CopiedGroups } from '../shared/codedeploy/copied-groups';
import { copyDeletedMail, copyDeniedMail, copyKeptMail } from '../shared/codedeploy/copy-mail';
import { CopyNotes, type Note } from '../shared/codedeploy/copy-notes';
import { readCopyRequests } from '../shared/codedeploy/copy-request';
import {
  type Verdict,
  verdictOnDeployment,
  verdictOnDeploymentGroup,
  verdictOnEverything,
  verdictOnGroup,
  verdictOnOthers,
  verdictOnRegistrations,
} from '../shared/codedeploy/copy-verdict';
import { lookEverywhere } from '../shared/codedeploy/everywhere';
import { registrations } from '../shared/codedeploy/registrations';
import { Addresses } from '../shared/fleet/addresses';
import { LoadBalancers } from '../shared/fleet/load-balancers';
import { AdminTopic, MAIL_VARIABLES } from '../shared/mail/admin-topic';
import type { Mail } from '../shared/mail/mail';
import { Mailer } from '../shared/mail/mailer';

const configurationSchema = z.object({ ...MAIL_VARIABLES, STATE_BUCKET: name, MINIMUM_AGE_SECONDS: number });

/** Other deployments may wait for days to be continued. What has not passed by then is for an operator. */
const WAIT_LIMIT_SECONDS = 3 * 86400;

/** The longest heartbeat that a lifecycle hook has by default; after it the deletion ends the action. */
const LIFECYCLE_ACTION_LIMIT_SECONDS = 3600;

interface Services {
  runtime: Runtime;
  codeDeploy: CodeDeploy;
  copies: CopiedGroups;
  loadBalancers: LoadBalancers;
  addresses: Addresses;
  topic: AdminTopic;
  mailer: Mailer;
  notes: CopyNotes;
  log: Log;
}

export const createHandler: CreateHandler = (runtime) => {
  const configuration = readConfiguration(configurationSchema, runtime.environment);
  const deadline = new Deadline();
  const state = StateBucket.connect(runtime, deadline, configuration.STATE_BUCKET);
  const topic = AdminTopic.connect(runtime, deadline, configuration);
  const services: Services = {
    runtime,
    codeDeploy: CodeDeploy.connect(runtime, deadline),
    copies: CopiedGroups.connect(runtime, deadline),
    loadBalancers: LoadBalancers.connect(runtime, deadline),
    addresses: Addresses.connect(runtime, deadline),
    topic,
    mailer: new Mailer(topic, state, runtime),
    notes: new CopyNotes(state, runtime),
    log: logTo(runtime, 'codedeploy-clean-up'),
  };

  return async (event, invocation) => {
    deadline.begin(invocation);
    const reading = readCopyRequests(event, runtime.now());
    if (reading.kind === 'sweep') {
      const sweeping = () => sweep(services, configuration.MINIMUM_AGE_SECONDS, invocation);
      return orTellDenied(services, `${COPY_PREFIX}*`, invocation, sweeping);
    }
    for (const reason of reading.refusals) services.log(`refused: ${reason}`);
    for (const { deploymentId, groupName } of reading.requests) {
      await orTellDenied(services, groupName, invocation, async () => {
        const deployment = await services.codeDeploy.deployment(deploymentId);
        await cleanUp(services, { deploymentId, groupName, deployment }, invocation);
      });
    }
  };
};

export const handler = onLambda(createHandler);

/** No repetition brings a permission: what is missing is mailed, once a day, and the schedule looks again. */
async function orTellDenied(
  { mailer, runtime, log }: Services,
  groupName: string,
  invocation: Invocation,
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!isDenied(error)) throw error;
    const key = `codedeploy/denied/${runtime.now().toISOString().slice(0, 10)}/${groupName}`;
    const sending = await mailer.sendOnce(
      key,
      copyDeniedMail(groupName, errorMessage(error), invocation.functionName),
      invocation,
    );
    log('denied', { groupName, error: errorMessage(error), mail: sending });
  }
}

/**
 * One copy that cannot be looked at keeps no other from it. Where the account's request rate is used up, the next sweep is
 * soon enough: to repeat this one would take of what it waits for.
 */
async function sweep(services: Services, minimumAgeSeconds: number, invocation: Invocation): Promise<void> {
  const problems: unknown[] = [];
  const copies = await services.copies.all().catch((error: unknown) => {
    if (!isThrottling(error)) throw error;
    services.log('left to the next sweep', { error: errorMessage(error) });
    return [];
  });
  for (const { name: groupName } of copies) {
    const deploymentId = deploymentIdOf(groupName);
    if (deploymentId === undefined) continue;
    try {
      await orTellDenied(services, groupName, invocation, async () => {
        const deployment = await services.codeDeploy.deployment(deploymentId);
        if (!deployment || copyName(deployment) !== groupName) return;
        if (!['Failed', 'Stopped'].includes(deployment.status)) return;
        if (!(await isDue(services, deployment, minimumAgeSeconds))) return;
        await cleanUp(services, { deploymentId, groupName, deployment }, invocation);
      });
    } catch (error) {
      services.log('failed', { groupName, error: String(error) });
      problems.push(error);
      if (errorCode(error) === 'OutOfTime') break;
    }
  }
  if (problems.length > 0) throw new AggregateError(problems, `${problems.length} copies: ${problems[0]}`);
}

/** An event may still be on its way; a copy that had to wait was told of already. */
async function isDue({ notes, runtime }: Services, { id, endedAt }: CodeDeployDeployment, minimumAgeSeconds: number) {
  const ageSeconds = (runtime.now().getTime() - endedAt.getTime()) / 1000;
  return ageSeconds >= minimumAgeSeconds || (await notes.read(id)).waitingSince !== undefined;
}

interface Case {
  deploymentId: string;
  groupName: string;
  deployment: CodeDeployDeployment | undefined;
}

async function cleanUp(services: Services, { deploymentId, groupName, deployment }: Case, invocation: Invocation) {
  const { copies, notes, log } = services;
  if (deployment && !isOfCopy(deployment)) return log('ignored: it leaves no copy', { deploymentId });
  const copy = await copies.find(deployment ? copyName(deployment) : groupName);
  const isGone = copy === undefined || copy.isBeingDeleted;
  // Nothing is claimed for the many deployments whose copy never was, or is gone.
  if (isGone && (await notes.read(deploymentId)).mail === undefined) {
    return log('done: there is no copy', { deploymentId });
  }
  const note = await notes.claim(deploymentId, invocation);
  if (!note) return log('left: mailed before, or another invocation is at it', { deploymentId });
  if (isGone) return note.mail ? tell(services, deploymentId, note, note.mail) : undefined;

  const verdict = verdictWithin(await judge(services, deployment, copy, note), note, services.runtime.now());
  if (verdict?.kind === 'wait') return wait(services, deploymentId, note, verdict);
  if (verdict?.kind === 'keep') {
    log('kept', { deploymentId, groupName: copy.name, reason: verdict.reason });
    return tell(services, deploymentId, note, copyKeptMail(deployment, copy, verdict));
  }
  if (deployment) await remove(services, deployment, copy, note);
}

/** A deployment that has succeeded made a copy that serves. */
function isOfCopy({ isCopying, isRunning, status }: CodeDeployDeployment): boolean {
  return isCopying && (isRunning || status === 'Failed' || status === 'Stopped');
}

/** The first reason against the deletion; what costs a call is asked for only where nothing cheaper has decided. */
async function judge(
  { codeDeploy, ...registry }: Services,
  deployment: CodeDeployDeployment | undefined,
  copy: CopiedGroup,
  { looked = [] }: Note,
): Promise<Verdict> {
  const known = verdictOnDeployment(deployment) ?? verdictOnGroup(copy);
  // What the deletion itself would end stands behind every reason to keep it.
  if (!deployment || (known && !(known.kind === 'wait' && known.isEndedByDeletion))) return known;
  const deploymentGroup = await codeDeploy.deploymentGroup(deployment);
  const ofGroup = verdictOnDeploymentGroup(copy, deploymentGroup);
  if (ofGroup || !deploymentGroup) return ofGroup;
  const ofOthers = verdictOnOthers(await codeDeploy.runningDeployment(deployment));
  if (ofOthers) return ofOthers;
  const names = [deploymentGroup.loadBalancers, deployment.loadBalancers];
  const ofKnown = verdictOnRegistrations(copy, await registrations(registry, names, copy)) ?? known;
  if (ofKnown || copy.instances.length === 0) return ofKnown;
  return verdictOnEverything(copy, await lookEverywhere(registry, copy, looked));
}

/** No wait is for ever. */
function verdictWithin(verdict: Verdict, { waitingSince }: Note, now: Date): Verdict {
  if (verdict?.kind !== 'wait' || waitingSince === undefined) return verdict;
  const waitedSeconds = secondsBetween(waitingSince, now);
  if (verdict.isEndedByDeletion) return waitedSeconds < LIFECYCLE_ACTION_LIMIT_SECONDS ? verdict : undefined;
  if (waitedSeconds < WAIT_LIMIT_SECONDS) return verdict;
  const reason = `${verdict.reason}, for ${Math.round(waitedSeconds / 3600)} hours`;
  return { kind: 'keep', reason, nextStep: 'Make sure that nothing needs it, then delete it.' };
}

/** The schedule looks again. What was looked through before something else keeps it waiting is looked through anew. */
async function wait(
  { notes, runtime, log }: Services,
  deploymentId: string,
  note: Note,
  { reason, looked }: { reason: string; looked?: string[] },
) {
  log('waits', { deploymentId, reason });
  const waitingSince = note.waitingSince ?? runtime.now().toISOString();
  await notes.write(deploymentId, { waitingSince, ...(looked && { looked }) });
}

async function remove(services: Services, deployment: CodeDeployDeployment, copy: CopiedGroup, note: Note) {
  const { copies, notes, log } = services;
  const mail = copyDeletedMail(deployment, copy);
  await notes.write(deployment.id, { ...note, mail });
  try {
    const deleted = await copies.delete(copy.name);
    // Another stack of the account has heard of it, too, and mails it; unless it was an earlier invocation for this note.
    if (deleted === 'by another' && note.mail === undefined) {
      log('left: another deletes it', { deploymentId: deployment.id, groupName: copy.name });
      return notes.write(deployment.id, { ...note, mailedAt: services.runtime.now().toISOString() });
    }
  } catch (error) {
    if (!isBusy(error)) throw error;
    // A call whose answer was lost is repeated by the client, and finds its own deletion in progress.
    const left = await copies.find(copy.name);
    if (left && !left.isBeingDeleted) {
      return wait(services, deployment.id, note, { reason: `the group is busy: ${errorCode(error)}` });
    }
  }
  log('deleted', { deploymentId: deployment.id, groupName: copy.name });
  await tell(services, deployment.id, note, mail);
}

async function tell({ topic, notes, runtime }: Services, deploymentId: string, note: Note, mail: Mail) {
  await topic.send(mail);
  await notes.write(deploymentId, { ...note, mail, mailedAt: runtime.now().toISOString() });
}
