/**
 * DeployRequested → Started, DummyAttached: decides whether the request can be run, opens the task's record, gives
 * StandBy the versions, clones what Active is attached to, attaches StandBy to the clones, and sizes it.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { DeployRequested } from '../events/deploy-requested';
import { DummyAttached } from '../events/dummy-attached';
import { Refused } from '../events/refused';
import { Started } from '../events/started';
import { cloneAll, readOriginals } from '../shared/cloning';
import { list, name, number, readConfiguration } from '../shared/configuration';
import { type ReadRequest, readRequest } from '../shared/deploy-request';
import { Dummies } from '../shared/dummies';
import { type Envelope, readEnvelope } from '../shared/envelope';
import { nextStepOf } from '../shared/failure';
import { Fleet, type Group, SUSPENDED_WHILE_TESTING } from '../shared/fleet';
import { LoadBalancers } from '../shared/load-balancers';
import { failed, type Outcome, passed } from '../shared/outcome';
import { isRefusal, type Refusal } from '../shared/readiness';
import { type DeploymentRecord, dummiesOf, isOpen, type Plan } from '../shared/record';
import type { StoredRecord } from '../shared/record-store';
import { type CreateHandler, type Invocation, onLambda, type Runtime } from '../shared/runtime';
import { Session } from '../shared/session';
import { admit, admitTo, type Backbone, carryOut, connectBackbone, type Stage } from '../shared/stage';
import { type Survey, survey } from '../shared/survey';
import { versionKeyOf } from '../shared/task-tags';
import { Wars } from '../shared/wars';

const configurationSchema = z.object({ WAR_BUCKETS: list, EVENT_BUS_ARN: name, REPETITIONS: number });

interface Connections {
  fleet: Fleet;
  loadBalancers: LoadBalancers;
  wars: Wars;
  configuration: z.infer<typeof configurationSchema>;
}

const start: Stage<Connections> = {
  name: 'start',
  limit: { seconds: 900, code: '500' },

  connect: ({ runtime, deadline }) => ({
    fleet: Fleet.connect(runtime, deadline),
    loadBalancers: LoadBalancers.connect(runtime, deadline),
    wars: Wars.connect(runtime, deadline),
    configuration: readConfiguration(configurationSchema, runtime.environment),
  }),

  async run(deployment, { fleet, loadBalancers, configuration }): Promise<Outcome> {
    const { plan, task, deploymentId, record } = deployment;
    const group = (await fleet.groups([plan.newGroup])).get(plan.newGroup);
    if (!group) return failed('500', `the StandBy group ${plan.newGroup} no longer exists`);
    const originals = await readOriginals(plan, loadBalancers);
    if (isRefusal(originals)) return failed(originals.code, originals.message);

    await deployment.act('402', `tagging ${plan.newGroup} with the versions`, [() => tagVersions(fleet, group, plan)]);
    const createdAt = record.timeline[0]?.at ?? '';
    const dummies = new Dummies(loadBalancers, { task, deploymentId, createdAt, stack: configuration.EVENT_BUS_ARN });
    const cloned = await cloneAll(deployment, dummies, originals);
    await deployment.act('412', `attaching ${plan.newGroup} to the dummies`, [
      ...fleet.attach(plan.newGroup, dummiesOf(cloned)),
      () =>
        fleet.suspend(
          plan.newGroup,
          plan.suspendedProcesses.filter((process) => SUSPENDED_WHILE_TESTING.includes(process)),
        ),
    ]);
    const { desired, maximum } = plan.capacity;
    await deployment.act('412', `sizing ${plan.newGroup} to ${desired} instances`, [
      () => fleet.resize(plan.newGroup, { minimum: desired, desired, maximum }),
    ]);
    return passed(DummyAttached, 'check-dummy', {}, cloned);
  },
};

export const createHandler: CreateHandler = (runtime) => {
  const backbone = connectBackbone(runtime, start.name);
  const connections = start.connect(backbone);
  return async (event, invocation) => {
    backbone.deadline.begin(invocation);
    const envelope = readEnvelope(event);
    if (!envelope) return backbone.log('refused: not an event');
    const session =
      envelope.detailType === DeployRequested.detailType
        ? await openFor(backbone, connections, envelope, invocation)
        : await admit(backbone, start.name, envelope, invocation);
    if (session) await carryOut(backbone, start, connections, session);
  };
};

export const handler = onLambda(createHandler);

/** Opens the record for a request, or finds it opened by it. Undefined where the request is not (or no longer) run. */
async function openFor(
  backbone: Backbone,
  connections: Connections,
  envelope: Envelope,
  invocation: Invocation,
): Promise<Session | undefined> {
  const request = readRequest(envelope);
  if ('refusal' in request) return refuse(backbone, envelope, request, request.refusal);
  const stored = await backbone.store.read(request.task);
  if (stored?.record.request.requestId === request.requestId) return resume(backbone, stored, invocation);
  if (await backbone.state.exists(refusalKey(request))) return refuseAgain(backbone, envelope, request);
  const refusal = refusalOfRecord(request, stored?.record);
  if (refusal) return refuse(backbone, envelope, request, refusal);
  const { WAR_BUCKETS: warBuckets, REPETITIONS: repetitions } = connections.configuration;
  const surveyed = await survey({ ...request, warBuckets, repetitions }, connections);
  if (isRefusal(surveyed)) return refuse(backbone, envelope, request, surveyed);
  if (request.type === 'upload' && surveyed.plan.wars.every(({ from, to }) => from === to)) {
    return void backbone.log('skipped: the uploaded versions serve already', { requestId: request.requestId });
  }
  return open(backbone, stored, request, surveyed, invocation);
}

/** The request opened this record: a repeated event carries on where the first one stopped. */
async function resume(backbone: Backbone, stored: StoredRecord, invocation: Invocation): Promise<Session | undefined> {
  const { deploymentId, outbox, seq } = stored.record;
  const session = await admitTo(backbone, start.name, stored, { deploymentId, seq: FIRST_SEQ }, invocation);
  if (session && seq === FIRST_SEQ) await backbone.bus.publish(outbox.events);
  return session;
}

const FIRST_SEQ = 1;

async function open(
  backbone: Backbone,
  previous: StoredRecord | undefined,
  request: ReadRequest,
  surveyed: Survey,
  invocation: Invocation,
): Promise<Session | undefined> {
  const { runtime, store, bus, log } = backbone;
  if (previous && !previous.record.outbox.published) await bus.publish(previous.record.outbox.events);
  const record = openedRecord(runtime, previous?.record, request, surveyed, invocation);
  const stored = await store.open(previous, record);
  // Somebody else wrote meanwhile: the repetition of this invocation looks again and decides anew.
  if (!stored) throw new Error(`the record of ${request.task} was written by somebody else while opening it`);
  log('opened', { deploymentId: record.deploymentId, task: record.task, requestId: request.requestId });
  await bus.publish(record.outbox.events);
  return Session.opened(store, stored, runtime, invocation);
}

function openedRecord(
  runtime: Runtime,
  previous: DeploymentRecord | undefined,
  { task, ...request }: ReadRequest,
  { plan, notes }: Survey,
  invocation: Invocation,
): DeploymentRecord {
  const at = runtime.now().toISOString();
  const deploymentId = `${at.replace(/[-:]|\.\d+/g, '')}-${runtime.uniqueId().slice(0, 6)}`;
  const { oldGroup, newGroup, wars, capacity } = plan;
  const started = Started.entry({
    deploymentId,
    task,
    seq: FIRST_SEQ,
    requestedBy: request.requestedBy,
    oldGroup,
    newGroup,
    instances: capacity.desired,
    wars,
    notes,
  });
  return {
    schemaVersion: 1,
    task,
    deploymentId,
    request,
    status: 'running',
    stage: 'start',
    seq: FIRST_SEQ,
    writeToken: '',
    claim: Session.claimOf(runtime, invocation, 1),
    plan,
    progress: {},
    outbox: { events: [started], writtenAt: at, published: false },
    timeline: [{ stage: 'start', at }],
    handledRequests: { ...previous?.handledRequests, [request.type]: request.requestedAt },
  };
}

function refusalOfRecord(request: ReadRequest, record: DeploymentRecord | undefined): Refusal | undefined {
  if (!record) return undefined;
  const newest = record.handledRequests[request.type];
  if (newest !== undefined && request.requestedAt < newest) {
    return { code: '414', message: `the request of ${request.requestedAt} is older than one that was run since` };
  }
  if (!isOpen(record)) return undefined;
  const state = record.failure ? `failed with ${record.failure.code} and is not cleaned` : `is in ${record.stage}`;
  return { code: '401', message: `the deployment ${record.deploymentId} of ${request.task} ${state}` };
}

type Refusable = Pick<ReadRequest, 'task' | 'requestId' | 'requestedBy'>;

/** Remembers that the request has its outcome, then says so. A replayed request is not mailed about. */
async function refuse(
  backbone: Backbone,
  envelope: Envelope,
  request: Refusable,
  refusal: Refusal,
): Promise<undefined> {
  const { code, message } = refusal;
  const { task, requestId, requestedBy } = request;
  backbone.log('refused', { requestId, code, reason: message });
  if (envelope.isReplayed) return;
  const entry = Refused.entry({ requestId, task, requestedBy, code, message, nextStep: nextStepOf(code) });
  await backbone.state.writeOver(undefined, refusalKey(request), JSON.stringify(entry.detail));
  await backbone.bus.publish([entry]);
}

/** A refused request came again: its mail may have been lost, but it is never run. */
async function refuseAgain(backbone: Backbone, envelope: Envelope, request: Refusable): Promise<undefined> {
  backbone.log('dropped: refused before', { requestId: request.requestId });
  if (envelope.isReplayed) return;
  const stored = await backbone.state.read(refusalKey(request));
  if (stored) await backbone.bus.publish([{ detailType: Refused.detailType, detail: JSON.parse(stored.body) }]);
}

function refusalKey({ task, requestId }: Refusable): string {
  return `refusals/${createHash('sha256').update(`${task}\n${requestId}`).digest('hex')}.json`;
}

async function tagVersions(fleet: Fleet, group: Group, plan: Plan): Promise<void> {
  await fleet.writeTags(
    plan.wars.map(({ slot, to }) => ({ group, key: versionKeyOf(slot), value: to, propagateAtLaunch: true })),
  );
}
