/**
 * Started, Refused, Postponed, the first look of each cycle, Completed, Failed, a crashed stage, Cleaned, and what nobody
 * knows → admin mail, each sent once however often it is delivered, also at the same moment.
 */
import { createHash } from 'node:crypto';
import { closest } from 'fastest-levenshtein';
import * as z from 'zod/mini';
import { CATALOG } from '../events/catalog';
import { CheckPending } from '../events/check-pending';
import { Cleaned } from '../events/cleaned';
import { Completed } from '../events/completed';
import { type DetailOf, ofDeployment, SOURCE } from '../events/contract';
import { Failed } from '../events/failed';
import { Postponed } from '../events/postponed';
import { Refused } from '../events/refused';
import { Started } from '../events/started';
import { name, readConfiguration } from '../shared/aws/configuration';
import { Deadline } from '../shared/aws/deadline';
import { type Envelope, readEnvelope } from '../shared/aws/envelope';
import { logTo } from '../shared/aws/log';
import { type CreateHandler, onLambda } from '../shared/aws/runtime';
import { StateBucket } from '../shared/aws/state-bucket';
import { secondsBetween } from '../shared/aws/time';
import { MAIL_VARIABLES } from '../shared/mail/admin-topic';
import { cleanedMail } from '../shared/mail/clean-up-mails';
import { completedMail, cycleMail, startedMail } from '../shared/mail/deployment-mails';
import { type Crash, crashedMail, crashOf, failedMail } from '../shared/mail/failure-mails';
import type { Mail } from '../shared/mail/mail';
import { Mailer } from '../shared/mail/mailer';
import { unknownEventMail } from '../shared/mail/pipeline-mails';
import { postponedMail, refusedMail } from '../shared/mail/request-mails';
import { CRASH, type EventName, requestsOf, STAGES } from '../shared/pipeline/flow';
import { readRequest } from '../shared/pipeline/requests';

const configurationSchema = z.object({ ...MAIL_VARIABLES, STATE_BUCKET: name, EVENT_BUS_NAME: name });

export const createHandler: CreateHandler = (runtime) => {
  const configuration = readConfiguration(configurationSchema, runtime.environment);
  const deadline = new Deadline();
  const state = StateBucket.connect(runtime, deadline, configuration.STATE_BUCKET);
  const mailer = Mailer.connect(runtime, deadline, configuration, state);
  const log = logTo(runtime, 'notify');

  return async (event, invocation) => {
    deadline.begin(invocation);
    const envelope = readEnvelope(event, runtime.now());
    const about = envelope && aboutOf(envelope, runtime.now());
    const notice = envelope && noticeOf(envelope, configuration.EVENT_BUS_NAME, runtime.now());
    if (!notice) return log('ignored: nothing to mail', { ...about, detailType: envelope?.detailType });
    const sending = await mailer.sendOnce(notice.key, notice.mail, invocation);
    if (sending === 'sent') return log('mailed', { ...about, mail: notice.key, subject: notice.mail.subject });
    log(`dropped: ${sending}`, { ...about, mail: notice.key });
  };
};

export const handler = onLambda(createHandler);

interface Notice {
  /** Marks the mail as sent. */
  key: string;
  mail: Mail;
}

/** What it says of the deployment that it tells of; a crash, in the event that broke off. */
function aboutOf({ detail }: Envelope, now: Date): object {
  const crashed = readEnvelope(detail.requestPayload, now);
  const { deploymentId, task, stage, requestId } = (crashed?.detail ?? detail) as Record<string, unknown>;
  return { deploymentId, task, stage, requestId };
}

function noticeOf(envelope: Envelope, busName: string, now: Date): Notice | undefined {
  const { source, detailType, detail } = envelope;
  if (source === 'lambda' && detailType === CRASH) return crashNotice(envelope, busName, now);
  // A rule lets pass what no contract knows, ours under a wrong source too.
  if (source !== SOURCE || !Object.hasOwn(CATALOG, detailType)) return unknownEvent(envelope, busName, now);
  switch (detailType) {
    case Started.detailType:
      return notice(Started.read(detail), (read) => startedMail(read, busName, envelope.time), keyOfDeployment);
    case Completed.detailType:
      return notice(Completed.read(detail), (read) => completedMail(read, busName), keyOfDeployment);
    case Failed.detailType:
      return notice(Failed.read(detail), (read) => failedMail(read, busName, envelope.time), keyOfFailure);
    case Cleaned.detailType:
      return notice(Cleaned.read(detail), (read) => cleanedMail(read, busName), keyOfCleaned);
    case Refused.detailType:
      return notice(Refused.read(detail), (read) => refusedMail(read, busName), keyOfRefusal);
    case Postponed.detailType:
      return notice(Postponed.read(detail), (read) => postponedMail(read, busName), keyOfPostponed);
    case CheckPending.detailType:
      return notice(CheckPending.read(detail), (read) => cycleMailIfFirst(read, busName), keyOfDeployment);
    default:
      return undefined;
  }
}

function notice<Detail>(
  read: { success: true; detail: Detail } | { success: false },
  mailOf: (detail: Detail) => Mail | undefined,
  keyOf: (detail: Detail) => string,
): Notice | undefined {
  const mail = read.success ? mailOf(read.detail) : undefined;
  return read.success && mail ? { key: keyOf(read.detail), mail } : undefined;
}

/** The first look of a cycle says so in its event; every other look is silent. */
function cycleMailIfFirst(detail: DetailOf<typeof CheckPending>, busName: string): Mail | undefined {
  const { cycle } = detail;
  return cycle === undefined ? undefined : cycleMail({ ...detail, cycle }, busName);
}

function keyOfDeployment({ deploymentId, seq }: { deploymentId: string; seq: number }): string {
  return `mails/${deploymentId}/${seq}`;
}

/** Beside the mark of what else is mailed with this seq. */
function keyOfFailure(detail: { deploymentId: string; seq: number }): string {
  return `${keyOfDeployment(detail)}/failed`;
}

/**
 * Beside the mark of what the stage itself tells: the record may say another failure than that its function crashed. Who
 * may put events may put a crash over any: its fields stand in a key only where they are those of an event of ours.
 */
function crashNotice({ detail, time }: Envelope, busName: string, now: Date): Notice {
  const crashed = readEnvelope(detail.requestPayload, now);
  const crash = crashOf(detail, crashed);
  return { key: keyOfCrash(crash, crashed), mail: crashedMail(crash, busName, time) };
}

const crashedEvent = z.object({ deploymentId: ofDeployment.deploymentId, seq: ofDeployment.seq });

function keyOfCrash({ task, requestId }: Crash, crashed: Envelope | undefined): string {
  const { data } = crashedEvent.safeParse(crashed?.detail);
  if (data?.deploymentId.isWellFormed()) return `${keyOfDeployment(data)}/crashed`;
  // A request has no seq yet.
  const request = crashed && readRequest(crashed);
  const id = request && !('refusal' in request) ? request.requestId : requestId;
  return `mails/crashed/${hashOf(task, id)}`;
}

/** Behind one deployment several uploads may wait: the first one is told of. */
function keyOfPostponed({ deploymentId }: { deploymentId: string }): string {
  return `mails/${deploymentId}/waiting`;
}

/** What operators put, of which an unknown event was probably meant to be one. */
const REQUESTS = STAGES.flatMap(requestsOf);

/** EventBridge and Lambda deliver what is accepted within hours: an event that says it is older was put so. */
const LATEST_DELIVERY_SECONDS = 86_400;

/** Mailed once an hour, by the time of the event: that is the same however late it is delivered again. */
function unknownEvent(envelope: Envelope, busName: string, now: Date): Notice {
  const { source, detailType } = envelope;
  const time = secondsBetween(envelope.time, now) > LATEST_DELIVERY_SECONDS ? now.toISOString() : envelope.time;
  const hash = createHash('sha256')
    .update(JSON.stringify([source, detailType]))
    .digest('hex');
  const mail = unknownEventMail(envelope, closest(detailType.slice(0, 80), REQUESTS) as EventName, busName);
  return { key: `mails/unknown/${time.slice(0, 13)}/${hash}`, mail };
}

function keyOfRefusal({ task, requestId }: { task: string; requestId: string }): string {
  return `mails/refused/${hashOf(task, requestId)}`;
}

function hashOf(task: string, requestId: string): string {
  return createHash('sha256').update(`${task}\n${requestId}`).digest('hex');
}

/** A refused request may carry the seq of an event that has a mail of its own. */
function keyOfCleaned({ task, requestId, ...detail }: DetailOf<typeof Cleaned>): string {
  return requestId === undefined ? keyOfDeployment(detail) : keyOfRefusal({ task, requestId });
}
