/** Puts what an operator asks for on the bus, in a way in which its answer is found again. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { type Contract, type Entry, SOURCE } from '../events/contract';
import { errorMessage, isThrottling } from '../shared/aws/errors';
import { requestIdOf } from '../shared/pipeline/requests';
import { EXIT, Problem, passesByItself, problemOf } from './problem';
import type { Session } from './session';
import type { Followed } from './watching';

/** What a request becomes known by. Throws where it does not fit its contract: then nothing is put. */
export async function put<Detail extends { task: string; requestId?: string | undefined }>(
  session: Session,
  contract: Contract<string, Detail>,
  detail: Detail,
): Promise<Extract<Followed, { requestId: string }>> {
  const read = contract.readStrictly(detail);
  if (!read.success) throw new Problem(`The request is not valid: ${read.problem}`, 'See --help.');
  // The time of an event is in whole seconds.
  const at = new Date(Math.floor(session.now().getTime() / 1000) * 1000);
  const entry = contract.entry(detail);
  session.throwIfInterrupted();
  // Once it is on its way, nobody could say whether anything was asked for.
  await session.withOwnInterruption(() => putEntry(session, detail.task, entry, at));
  const fingerprint = requestIdOf(typeOf(entry), envelopeOf(entry, at));
  return { requestId: detail.requestId ?? fingerprint, fingerprint };
}

/** PutEvents answers with success for a bus that is not there: the name comes from the stack, never from people. */
async function putEntry(session: Session, task: string, { detailType, detail }: Entry, at: Date): Promise<void> {
  const stack = await session.stack;
  const client = stack.client(EventBridgeClient);
  const command = new PutEventsCommand({
    Entries: [
      {
        EventBusName: stack.output('EventBusName'),
        Source: SOURCE,
        DetailType: detailType,
        Detail: JSON.stringify(detail),
        Time: at,
      },
    ],
  });
  const answer = await client.send(command).catch((error: unknown) => {
    throw isAnswerLost(error) ? unknownWhetherPut(session, task, error) : error;
  });
  const refused = answer.Entries?.find((entry) => entry.ErrorCode);
  if (answer.FailedEntryCount) {
    throw new Problem(
      `EventBridge did not take the request: ${refused?.ErrorCode}: ${refused?.ErrorMessage}`,
      'Nothing was changed: repeat the command.',
      EXIT.unavailable,
    );
  }
}

/** Asked for twice it could be deployed twice. */
function unknownWhetherPut(session: Session, task: string, error: unknown): Problem {
  const reason = problemOf(error)?.message ?? errorMessage(error);
  return new Problem(
    `${reason}. It is not known whether the request has reached EventBridge: if so, it goes on by itself`,
    `Whether anything runs:${session.commandLine('watch', task)}`,
    EXIT.stillRunning,
  );
}

/** A refused connection has taken nothing with it. */
function isAnswerLost(error: unknown): boolean {
  return !isThrottling(error) && passesByItself(error) && (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED';
}

function typeOf({ detailType }: Entry): string {
  return detailType === 'DeployRequested' ? 'manual' : detailType;
}

function envelopeOf({ detailType, detail }: Entry, at: Date) {
  const time = at.toISOString();
  return { source: SOURCE, detailType, time, statedTime: time, isReplayed: false, detail };
}
