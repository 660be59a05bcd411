/** What asks for a copy to be looked at: an event of CodeDeploy, or a message of its trigger; and the schedule. */
import * as z from 'zod/mini';
import { type Envelope, readEnvelope } from '../aws/envelope';
import { COPY_PREFIX } from './code-deploy';

export interface CopyRequest {
  deploymentId: string;
  /** Of the copy that the deployment would have made. */
  groupName: string;
}

/** `requests` may be empty; each of `refusals` is for the log, and nothing to repeat. */
export type Reading = { kind: 'sweep' } | { kind: 'requests'; requests: CopyRequest[]; refusals: string[] };

const deploymentId = z.string().check(z.regex(/^d-[A-Z0-9]{1,40}$/));

const notification = z.object({
  source: z.literal('aws.codedeploy'),
  detail: z.object({ deploymentId, deploymentGroup: z.string(), state: z.enum(['FAILURE', 'STOP']) }),
});

const records = z.object({ Records: z.array(z.object({ Sns: z.object({ Message: z.string() }) })) });

/**
 * "JSON data formats for CodeDeploy triggers" has `Failed`, and objects in further fields; real messages have `FAILED`, and
 * texts of JSON there. Nothing but the status differs in what is read here.
 */
const message = z.object({ deploymentId, deploymentGroupName: z.string(), status: z.string() });

export function readCopyRequests(event: unknown, now: Date): Reading {
  const sns = records.safeParse(event);
  if (sns.success) return merged(sns.data.Records.map(({ Sns }) => ofMessage(Sns.Message)));
  const envelope = readEnvelope(event, now);
  return envelope?.source === 'aws.events' ? { kind: 'sweep' } : merged([ofEnvelope(envelope)]);
}

function ofEnvelope(envelope: Envelope | undefined): CopyRequest | string {
  const { success, data } = notification.safeParse(envelope);
  if (!success) return 'not a failed or stopped deployment of CodeDeploy';
  return requestOf(data.detail.deploymentId, data.detail.deploymentGroup);
}

function ofMessage(text: string): CopyRequest | string {
  const parsed = parse(text);
  if (parsed === undefined) return 'the message is not JSON';
  const { success, data } = message.safeParse(parsed);
  if (!success || !/^(failed|stopped)$/i.test(data.status)) return 'not a failed or stopped deployment of CodeDeploy';
  return requestOf(data.deploymentId, data.deploymentGroupName);
}

function requestOf(id: string, deploymentGroup: string): CopyRequest {
  return { deploymentId: id, groupName: `${COPY_PREFIX}${deploymentGroup}_${id}` };
}

function merged(read: (CopyRequest | string)[]): Reading {
  return {
    kind: 'requests',
    requests: read.filter((one) => typeof one !== 'string'),
    refusals: read.filter((one) => typeof one === 'string'),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // somebody else's message on the same topic
  }
}
