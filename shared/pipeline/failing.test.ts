/** Which failures, and which crashes, clean-up takes over. */
import { recordOf } from '../../tests/harness/plain-data';
import type { Envelope } from '../aws/envelope';
import type { Decision } from './deciding';
import { decideOnCrash, decideOnFailure } from './failing';
import type { DeploymentRecord } from './record';

const AT = '2029-12-31T23:59:00.000Z';
const FAILURE = { code: 'T001', stage: 'check-dummy', message: 'ill' };

function said(decision: Decision): string {
  if (decision.kind === 'drop') return `drop: ${decision.reason}`;
  const failure = decision.kind === 'transition' && decision.outcome.kind === 'taken-over' && decision.outcome.failure;
  return failure ? `take over: ${failure.code} of ${failure.stage}` : decision.kind;
}

test.each<[string, Partial<DeploymentRecord> | undefined, number, string]>([
  ['that is the newest word of its deployment', { failure: FAILURE }, 7, 'take over: T001 of check-dummy'],
  [
    'that was taken over, but that may not have been told',
    { status: 'cleaning', seq: 8, failure: FAILURE },
    7,
    'tell-again',
  ],
  ['that was taken over long ago', { status: 'cleaning', seq: 9, failure: FAILURE }, 7, 'drop: already handled'],
  ['of a deployment that went on', { seq: 7 }, 7, 'drop: already handled'],
  ['older than its deployment', { failure: FAILURE }, 6, 'drop: already handled'],
  ['of a deployment that is over', { status: 'failed', failure: FAILURE }, 7, 'drop: already handled'],
  ['of another deployment', { deploymentId: 'another', failure: FAILURE }, 7, 'drop: not of the open deployment'],
  ['of a task without a record', undefined, 7, 'drop: not of the open deployment'],
])('a failure %s', (_, changes, seq, expected) => {
  const record = changes && recordOf(changes);
  expect(said(decideOnFailure(record, { deploymentId: 'now', seq }))).toBe(expected);
});

/** The event that a stage crashed over. */
function crashOver(detailType: string, detail: object): Envelope {
  return {
    source: 'bluegreen',
    detailType,
    time: AT,
    statedTime: AT,
    isReplayed: false,
    detail: { task: 'WAS', ...detail },
  };
}

const due = (seq: number, deploymentId = 'now') => crashOver('CheckDue', { deploymentId, seq, stage: 'attach-real' });
const asked = (requestId: string) => crashOver('DeployRequested', { requestId });

test.each<[string, Partial<DeploymentRecord> | undefined, Envelope, string]>([
  ['over the event that is due', {}, due(7), 'take over: T999 of attach-real'],
  ['of start over the event that is due', { stage: 'start' }, due(7), 'take over: 500 of start'],
  ['after it had done its work', {}, due(6), 'tell-again'],
  ['over an event of long ago', {}, due(5), 'drop: already handled'],
  ['of a deployment that has failed', { failure: FAILURE }, due(7), 'drop: already handled'],
  ['of a deployment that is being cleaned', { status: 'cleaning' }, due(7), 'drop: already handled'],
  ['of another deployment', {}, due(7, 'another'), 'drop: not of the open deployment'],
  ['of a task without a record', undefined, due(7), 'drop: not of the open deployment'],
  ['over the request that opened the record, after it was opened', { seq: 1 }, asked('r'), 'tell-again'],
  ['over that request, long after', { seq: 3 }, asked('r'), 'drop: already handled'],
  [
    'over another request, which became no deployment',
    { seq: 1 },
    asked('another'),
    'drop: not of the open deployment',
  ],
])('a crash %s', (_, changes, crashed, expected) => {
  expect(said(decideOnCrash(changes && recordOf(changes), crashed))).toBe(expected);
});
