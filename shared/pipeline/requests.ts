/** A request to deploy as `start` reads it from an event: valid, named, and placed in time. */
import { createHash } from 'node:crypto';
import { closest, distance } from 'fastest-levenshtein';
import { type Entry, plainLine, shownTextOf } from '../../events/contract';
import { DeployRequested } from '../../events/deploy-requested';
import type { Envelope } from '../aws/envelope';
import type { Refusal, Remedy } from '../deployment/refusal';
import { requestedVersions, versionsBySlot } from '../deployment/versions';
import type { DeploymentRecord, Request } from './record';

export interface ReadRequest extends Request {
  type: 'manual' | 'upload';
  task: string;
}

/** A request that cannot be read is answered as far as it can be. */
export interface Unreadable<Request> {
  request: Request;
  refusal: Refusal;
}

/**
 * The request's id is the given one, or a hash of what it says and when: never the event's own id, which a replay may
 * change.
 */
export function readRequest(envelope: Envelope): ReadRequest | Unreadable<ReadRequest> {
  const { detail } = envelope;
  // War-uploaded and whoever closes a record ask for uploads; anything else was put by people, and may be misspelt.
  const read = 'upload' in detail ? DeployRequested.read(detail) : DeployRequested.readStrictly(detail);
  if (!read.success) return invalid(envelope, read.problem, correctionOf(detail));
  const { task, capacity, requestId, requestedBy, requestedAt, upload } = read.detail;
  const type = upload ? 'upload' : 'manual';
  const versions = read.detail.versions?.trim();
  const problem = versions === undefined ? undefined : problemOfVersions(versions);
  if (problem)
    return invalid(
      envelope,
      problem,
      versions === '' ? { having: { ...(capacity && { capacity }) }, typed: {} } : undefined,
    );
  const idOfEvent = requestIdOf(type, envelope);
  return {
    task,
    type,
    requestId: requestId ?? idOfEvent,
    // An upload is asked for again by whoever closes the record: by another event, of another time.
    fingerprint: upload ? hashOf([type, upload, versions, capacity]) : idOfEvent,
    requestedAt: earlier(requestedAt, envelope.time),
    requestedBy: requestedBy ?? shownTextOf(upload && `the upload of ${upload.key}`) ?? 'an operator',
    versions,
    capacity,
    upload,
  };
}

/** It was made before the deployment chose its versions, and for what that chose. */
export function isOneWith(
  { plan, request: run }: Pick<DeploymentRecord, 'plan' | 'request'>,
  request: Request,
): boolean {
  const { upload, versions, requestedAt } = request;
  if (!plan?.versionsChosenAt || requestedAt > plan.versionsChosenAt) return false;
  if (upload) {
    return plan.wars.some(
      ({ bucket, key, to }) => bucket === upload.bucket && key === upload.key && to === upload.versionId,
    );
  }
  if (request.capacity !== run.capacity) return false;
  if (versions === run.versions) return true;
  if (versions === undefined) return false;
  const named = versionsBySlot(
    versions,
    plan.wars.map(({ key }) => key),
  );
  return plan.wars.every(({ from, to }, index) => to === (named[index] || from));
}

/** The event that asks for the same once more. */
export function requestEntry(task: string, request: Request): Entry {
  const { type: _type, fingerprint: _fingerprint, covers: _covers, arrivedAt: _arrivedAt, ...detail } = request;
  return DeployRequested.entry({ task, ...detail });
}

function problemOfVersions(versions: string): string | undefined {
  // What a script left empty is not meant to deploy the same once more.
  if (versions === '') return 'versions says nothing: leave it out for the latest';
  // A version id is opaque and up to 1024 bytes, but it has to fit into a tag's value of 256 characters.
  const wrong = requestedVersions(versions).find((versionId) => !/^[\x21-\x7e]{0,256}$/.test(versionId));
  return wrong === undefined ? undefined : `'${plainLine(wrong, 80)}' is not a version id`;
}

type Correction = Omit<Extract<Remedy, { kind: 'correct' }>, 'kind'>;

/** More letters apart than these is another word. */
const LETTERS_APART = 2;

/** With the names of its fields as they were probably meant; undefined where one of them is like none, or that helps not. */
function correctionOf(detail: Record<string, unknown>): Correction | undefined {
  const named = Object.entries(detail).map(([key, value]) => {
    const word = key.toLowerCase().slice(0, 80);
    const nearest = closest(word, DeployRequested.fields);
    return distance(word, nearest) <= LETTERS_APART ? { nearest, key, value } : undefined;
  });
  const fields = named.flatMap((field) => (field ? [field] : []));
  const read = DeployRequested.readStrictly(Object.fromEntries(fields.map(({ nearest, value }) => [nearest, value])));
  if (fields.length < named.length || !read.success || read.detail.upload) return undefined;
  const { versions, capacity } = read.detail;
  if (versions !== undefined && problemOfVersions(versions.trim())) return undefined;
  return {
    having: { ...(versions !== undefined && { versions }), ...(capacity !== undefined && { capacity }) },
    typed: Object.fromEntries(fields.map(({ nearest, key }) => [nearest, plainLine(key, 80)])),
  };
}

function invalid(envelope: Envelope, problem: string, correction: Correction | undefined): Unreadable<ReadRequest> {
  const fingerprint = requestIdOf('invalid', envelope);
  const refusal: Refusal = {
    ...notValid(problem),
    ...(correction && { remedy: { kind: 'correct', ...correction } }),
  };
  const ofEvent = { requestId: fingerprint, fingerprint, requestedAt: envelope.time, requestedBy: 'an operator' };
  return { request: { ...ofEvent, task: namedTask(envelope), type: 'manual' }, refusal };
}

/** The task that an event names, as far as it can be shown. */
export function namedTask({ detail: { task } }: Envelope): string {
  return plainLine(typeof task === 'string' ? task : '', 256);
}

export function notValid(problem: string): Refusal {
  return { code: '414', message: `the request is not valid: ${plainLine(problem)}` };
}

/** A request cannot have been made after its event: else nothing that comes later would be run. */
function earlier(requestedAt: string | undefined, eventTime: string): string {
  const milliseconds = requestedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(requestedAt);
  return new Date(Math.max(0, Math.min(milliseconds, Date.parse(eventTime)))).toISOString();
}

/** The same for every delivery of the same event, also a replayed one. */
export function requestIdOf(type: string, envelope: Envelope): string {
  return hashOf([type, envelope.detail, envelope.statedTime]);
}

function hashOf(content: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
}
