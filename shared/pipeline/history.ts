/** What is kept of deployments that have ended, however that was: for operators, and for whoever asks what served before. */
import * as z from 'zod/mini';
import { Cleaned } from '../../events/cleaned';
import { Completed } from '../../events/completed';
import { asked, warChange } from '../../events/contract';
import { bounded, shortened } from '../aws/findings';
import { secondsBetween, time } from '../aws/time';
import { shownVersion } from '../fleet/war-name';
import { type DeploymentRecord, recordSchema } from './record';

/** One object per deployment; the keys of a task sort by time. */
export function historyKey({ task, deploymentId }: { task: string; deploymentId: string }): string {
  return `${historyPrefix(task)}${deploymentId}.json`;
}

export function historyPrefix(task: string): string {
  return `history/${encodeURIComponent(task)}/`;
}

/** The newest of a task, one line each. No task is named with a slash there: it is the key of no deployment. */
export function indexKey(task: string): string {
  return `history/${encodeURIComponent(task)}.json`;
}

/** `cleaned`: it failed, and the old version serves. */
const outcome = z.enum(['completed', 'cleaned', 'aborted', 'reverted', 'blocked', 'refused']);
type HistoryOutcome = z.infer<typeof outcome>;

const historyEntry = z.object({
  /** 1 is that of the record, which earlier versions kept here when a deployment was about to complete. */
  schemaVersion: z.literal(2),
  task: z.string(),
  deploymentId: z.string(),
  outcome,
  /** That of the record, as it ended. */
  status: recordSchema.shape.status,
  /** Why it failed, was refused, or was left to an operator. */
  code: z.optional(z.string()),
  message: z.optional(z.string()),
  requestedBy: z.string(),
  request: z.object({ ...asked.shape, requestId: z.string(), type: z.string(), requestedAt: time }),
  begunAt: time,
  endedAt: time,
  oldGroup: z.optional(z.string()),
  newGroup: z.optional(z.string()),
  wars: z.array(warChange),
  stages: z.array(z.object({ stage: z.string(), seconds: z.number(), cycles: z.optional(z.int()) })),
  /** What clean-up came to, what it found and what is left over. */
  summary: z.optional(z.string()),
  findings: z.array(z.string()),
  /** What had failed before clean-up went forward. */
  resolvedFailures: recordSchema.shape.resolvedFailures,
  usage: recordSchema.shape.usage,
});
export type HistoryEntry = z.infer<typeof historyEntry>;

const indexLine = z.object({
  deploymentId: z.string(),
  outcome,
  code: z.optional(z.string()),
  requestedBy: z.string(),
  begunAt: time,
  endedAt: time,
  /** What it was to change, as `app.war 1.4.2 (9xPqLm2a)`. */
  versions: z.string(),
});
export type IndexLine = z.infer<typeof indexLine>;

const index = z.object({ schemaVersion: z.literal(1), newest: z.array(indexLine) });

/** Of what people and their builds write, in a line of the index. */
const REQUESTED_BY_BYTES = 80;
const VERSIONS_BYTES = 300;

/** It is over, or an operator has to decide. Where what was uploaded served already, nothing was begun. */
export function isForHistory({ status, plan }: DeploymentRecord): boolean {
  return status === 'failed' || status === 'blocked' || (status === 'completed' && plan !== undefined);
}

/** Made of the record alone, which has the events that told of the end: the same however often it is made. */
export function historyOf(record: DeploymentRecord): HistoryEntry {
  const { task, deploymentId, status, request, timeline, plan, failure, resolvedFailures, usage, outbox } = record;
  const { requestId, type, requestedAt, requestedBy, versions, capacity } = request;
  const endedAt = outbox.writtenAt;
  const [completed, cleaned] = [told(record, Completed), told(record, Cleaned)];
  return {
    schemaVersion: 2,
    task,
    deploymentId,
    outcome: outcomeOf(record),
    status,
    code: cleaned?.code ?? failure?.code,
    message: failure?.message,
    requestedBy,
    request: { requestId, type, requestedAt, versions, capacity },
    begunAt: timeline[0]?.at ?? endedAt,
    endedAt,
    oldGroup: plan?.oldGroup,
    newGroup: plan?.newGroup,
    wars: completed?.wars ?? plan?.wars.map(changeOf) ?? [],
    stages: stagesOf(record, new Date(endedAt)),
    summary: cleaned?.summary,
    findings: cleaned?.findings ?? completed?.leftovers ?? [],
    resolvedFailures,
    usage,
  };
}

/** The event of this type that told of the end. */
function told<Detail>({ outbox }: DeploymentRecord, contract: ToldBy<Detail>): Detail | undefined {
  const event = outbox.events.find(({ detailType }) => detailType === contract.detailType);
  const read = event && contract.read(event.detail);
  return read?.success ? read.detail : undefined;
}

interface ToldBy<Detail> {
  detailType: string;
  read(detail: unknown): { success: true; detail: Detail } | { success: false };
}

function outcomeOf({ status, failure, stage }: DeploymentRecord): HistoryOutcome {
  if (status === 'blocked') return 'blocked';
  if (status === 'completed') return 'completed';
  if (stage !== 'clean-up') return 'refused';
  return ENDED_BY_PEOPLE[failure?.code ?? ''] ?? 'cleaned';
}

const ENDED_BY_PEOPLE: Readonly<Record<string, HistoryOutcome>> = { T015: 'aborted', T018: 'reverted' };

function changeOf({ slot, key, from, to, fromName, toName }: z.infer<typeof warChange>) {
  return { slot, key, from, to, fromName, toName };
}

/** How long each stage took; the last one until then. */
export function stagesOf({ timeline }: Pick<DeploymentRecord, 'timeline'>, end: Date): HistoryEntry['stages'] {
  return timeline.map(({ stage, at, cycles }, index) => {
    const seconds = secondsBetween(at, new Date(timeline[index + 1]?.at ?? end));
    return { stage, seconds, ...(cycles !== undefined && { cycles }) };
  });
}

/** Undefined where the object is not one that was written here. */
export function readHistory(body: string): HistoryEntry | undefined {
  const value = parsed(body);
  const read = historyEntry.safeParse(value);
  return read.success ? read.data : asOfEarlierVersions(value);
}

/** They kept the record as it was right before the deployment completed, and of no deployment that ended otherwise. */
function asOfEarlierVersions(value: unknown): HistoryEntry | undefined {
  const record = recordSchema.safeParse(value);
  const completedAt = time.safeParse((value as { completedAt?: unknown } | undefined)?.completedAt);
  if (!record.success || !completedAt.success) return undefined;
  const outbox = { events: [], writtenAt: completedAt.data, published: true };
  return historyOf({ ...record.data, status: 'completed', outbox });
}

export function lineOf(entry: HistoryEntry): IndexLine {
  const { deploymentId, outcome, code, requestedBy, begunAt, endedAt, wars } = entry;
  const changed = wars.filter(({ from, to }) => from !== to);
  const versions = changed.map(({ key, to, toName }) => `${key} ${shownVersion(to, toName)}`);
  return {
    deploymentId,
    outcome,
    code,
    requestedBy: shortened(requestedBy, REQUESTED_BY_BYTES),
    begunAt,
    endedAt,
    versions: bounded(versions, VERSIONS_BYTES).join(', '),
  };
}

/** Undefined where it is damaged. */
export function readIndex(body: string): IndexLine[] | undefined {
  const read = index.safeParse(parsed(body));
  return read.success ? read.data.newest : undefined;
}

/** As JSON, in which each deployment has its line. */
export function indexBody(lines: readonly IndexLine[]): string {
  return `{"schemaVersion":1,"newest":[\n${lines.map((line) => JSON.stringify(line)).join(',\n')}\n]}\n`;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
