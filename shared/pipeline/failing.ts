/** How a deployment gets into the hands of clean-up: a stage of it failed, or crashed. */
import * as z from 'zod/mini';
import { isTaskName, plainLine } from '../../events/contract';
import { DeployRequested } from '../../events/deploy-requested';
import { Failed } from '../../events/failed';
import { type Envelope, readEnvelope } from '../aws/envelope';
import { crashText } from '../codes/endings';
import { crashCodeOf } from '../codes/failure-codes';
import { type Decision, decideOn, drop } from './deciding';
import type { DeploymentRecord } from './record';
import { readRequest } from './requests';
import type { StageServices } from './services';

/** A failure is obeyed only where it is the newest word of its deployment. */
export async function takeOverFailed(services: StageServices, envelope: Envelope): Promise<void> {
  const read = Failed.read(envelope.detail);
  if (!read.success) return services.log('refused: does not fit its contract', { problem: read.problem });
  await decideOn(services, read.detail, ({ stored }) => decideOnFailure(stored?.record, read.detail));
}

export function decideOnFailure(
  record: DeploymentRecord | undefined,
  { deploymentId, seq }: { deploymentId: string; seq: number },
): Decision {
  if (record?.deploymentId !== deploymentId) return drop('not of the open deployment');
  if (record.status === 'cleaning' && record.seq === seq + 1) return { kind: 'tell-again' };
  if (record.seq !== seq || record.status !== 'running' || !record.failure) return drop('already handled');
  return takeOver(record.failure);
}

/** `detail.requestPayload` is the event that the stage was invoked with. */
export async function takeOverCrashed(services: StageServices, envelope: Envelope): Promise<void> {
  const crashed = readEnvelope(envelope.detail.requestPayload, services.runtime.now());
  const task = crashed?.detail.task;
  if (!crashed || !isTaskName(task)) return services.log('dropped: a crash of something else');
  const { deploymentId } = crashed.detail;
  const about = { task, ...(typeof deploymentId === 'string' && { deploymentId }) };
  await decideOn(services, about, ({ stored }) => decideOnCrash(stored?.record, crashed, crashIn(envelope.detail)));
}

/** What the on-failure destination of the function says of the invocation, as far as it does. */
const crash = z.object({
  requestContext: z.object({ functionArn: z.string(), requestId: z.string() }),
  responsePayload: z.optional(z.unknown()),
});

/** Of what the function said last: its log has the rest. */
const ERROR_CHARACTERS = 500;

const crashError = z.object({ errorType: z.optional(z.string()), errorMessage: z.optional(z.string()) });

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function crashIn(detail: unknown): string | undefined {
  const read = crash.safeParse(detail);
  if (!read.success) return undefined;
  const { requestContext, responsePayload } = read.data;
  const [, functionName] = /:function:([\w-]+)/.exec(requestContext.functionArn) ?? [];
  const { errorType, errorMessage } = crashError.safeParse(responsePayload).data ?? {};
  // The request is named at the end of the text.
  const said = errorMessage?.replace(/^RequestId: \S+ (?:Error: )?/, '');
  const error = plainLine([errorType, said].filter(Boolean).join(': '), ERROR_CHARACTERS);
  return functionName && crashText({ functionName, requestId: requestContext.requestId, error });
}

/** `crashed` is the event that the stage could not handle; `said`: what is known of the invocation. */
export function decideOnCrash(record: DeploymentRecord | undefined, crashed: Envelope, said?: string): Decision {
  if (!record || !isOf(record, crashed)) return drop('not of the open deployment');
  const seq = crashed.detailType === DeployRequested.detailType ? 0 : crashed.detail.seq;
  if (seq === record.seq - 1) return { kind: 'tell-again' }; // it had done its work: only the telling failed
  if (seq !== record.seq || record.status !== 'running' || record.failure) return drop('already handled');
  const message = said ?? `the function of ${record.stage} broke off on every attempt`;
  return takeOver({ code: crashCodeOf(record.stage), stage: record.stage, message });
}

/** First the record: from here on no stage can make anything last, and clean-up goes on by events of its own. */
function takeOver(failure: DeploymentRecord['failure']): Decision {
  return { kind: 'transition', outcome: { kind: 'taken-over', failure } };
}

/** Whether a crashed invocation was about this record's deployment. */
function isOf(record: DeploymentRecord, crashed: Envelope): boolean {
  if (crashed.detailType !== DeployRequested.detailType) return crashed.detail.deploymentId === record.deploymentId;
  const request = readRequest(crashed);
  return !('refusal' in request) && request.requestId === record.request.requestId;
}
