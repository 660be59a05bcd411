/** Which requests are too old to be run. */
import { recordOf } from '../../tests/harness/plain-data';
import type { DeploymentRecord } from './record';
import { type Asked, ageProblem } from './request-adapter';

const NOW = new Date('2030-01-01T01:00:00.000Z');
const TO_COME = '2099-01-01T00:00:00.000Z';
const OPENED = '2030-01-01T00:00:15.500Z';

function asked(type: Asked['type'], requestedAt: string): Asked {
  return { task: 'WAS', type, requestId: 'r', requestedAt, requestedBy: 'jane' };
}

function problem(request: Asked, changes: Partial<DeploymentRecord> | undefined, isReplayed = false) {
  const envelope = {
    source: 'bluegreen',
    detailType: 'x',
    time: request.requestedAt,
    statedTime: request.requestedAt,
    isReplayed,
    detail: {},
  };
  const record = changes && recordOf({ timeline: [{ stage: 'start', at: OPENED }], ...changes });
  const verdict = ageProblem(envelope, request, record, NOW);
  if (verdict?.kind === 'drop') return verdict.reason;
  return verdict?.kind === 'refuse' ? `${verdict.refusal.code}: ${verdict.refusal.message}` : undefined;
}

const EARLIER = '2030-01-01T00:00:05.000Z';
const LATER = '2030-01-01T00:00:20.000Z';

test.each<[string, Asked['type'], string, Partial<DeploymentRecord> | undefined, boolean, string | undefined]>([
  ['the first of a task', 'manual', EARLIER, undefined, false, undefined],
  ['an upload as new as the last', 'upload', LATER, { handledRequests: { upload: LATER } }, false, undefined],
  [
    'an upload older than the last',
    'upload',
    EARLIER,
    { handledRequests: { upload: LATER } },
    false,
    'a newer upload was deployed with it',
  ],
  [
    'an upload older than a request of another type',
    'upload',
    EARLIER,
    { handledRequests: { manual: LATER } },
    false,
    undefined,
  ],
  [
    'a request older than the last',
    'manual',
    EARLIER,
    { handledRequests: { manual: LATER } },
    false,
    `414: the request of ${EARLIER} is older than one that was run since`,
  ],
  [
    'such a request, replayed',
    'manual',
    EARLIER,
    { handledRequests: { manual: LATER } },
    true,
    'older than what was run since',
  ],
  ['a request replayed that was never run', 'manual', LATER, { handledRequests: { manual: EARLIER } }, true, undefined],
])('to deploy: %s', (_, type, requestedAt, changes, isReplayed, expected) => {
  expect(problem(asked(type, requestedAt), changes, isReplayed)).toBe(expected);
});

test.each<[string, Asked['type'], string, Partial<DeploymentRecord> | undefined, boolean, string | undefined]>([
  [
    'an upload older than one whose deployment failed, which took nothing with it',
    'upload',
    EARLIER,
    {
      status: 'failed',
      request: { type: 'upload', requestId: 'u', requestedAt: LATER, requestedBy: 'S3' },
      handledRequests: { upload: LATER },
    },
    false,
    undefined,
  ],
  [
    'a request older than one of a time to come',
    'manual',
    LATER,
    { handledRequests: { manual: TO_COME } },
    false,
    undefined,
  ],
  [
    'a request replayed of which nothing is known',
    'manual',
    EARLIER,
    undefined,
    true,
    'it may be older than what serves: nothing is known of what was run since',
  ],
  ['an upload replayed of which nothing is known', 'upload', EARLIER, undefined, true, undefined],
])('to deploy, too: %s', (_, type, requestedAt, changes, isReplayed, expected) => {
  expect(problem(asked(type, requestedAt), changes, isReplayed)).toBe(expected);
});

/** When the deployment was asked for. */
const ASKED = '2030-01-01T00:00:15.000Z';
const ENDED = '2030-01-01T00:00:12.400Z';
const BEFORE = (at: string) => `418: it was put at ${at}, before now began: put it again if that is meant`;

test.each<[string, string, Partial<DeploymentRecord> | undefined, boolean, string | undefined]>([
  ['of a task without a record', EARLIER, undefined, false, undefined],
  [
    'of a task without a record, replayed',
    EARLIER,
    undefined,
    true,
    'it may be older than what serves: nothing is known of what was run since',
  ],
  ['made while the deployment runs', LATER, {}, false, undefined],
  ['by a clock that is 10 s behind', '2030-01-01T00:00:05.000Z', {}, false, undefined],
  ['longer before the deployment', '2030-01-01T00:00:04.000Z', {}, false, BEFORE('2030-01-01T00:00:04.000Z')],
  ['the same, replayed', '2030-01-01T00:00:04.000Z', {}, true, 'older than the deployment'],
  [
    'made while the deployment before ran',
    '2030-01-01T00:00:11.000Z',
    { previousEndedAt: ENDED },
    false,
    BEFORE('2030-01-01T00:00:11.000Z'),
  ],
  [
    'made in the second in which that ended, which events do not tell apart',
    '2030-01-01T00:00:12.000Z',
    { previousEndedAt: ENDED },
    false,
    undefined,
  ],
  ['replayed while the deployment runs', LATER, {}, true, undefined],
  ['replayed after it is over', LATER, { status: 'completed' }, true, 'older than the deployment'],
  ['made after it is over', LATER, { status: 'completed' }, false, undefined],
])('to abort or to clean: %s', (_, requestedAt, changes, isReplayed, expected) => {
  const request = { requestId: 'r', type: 'manual' as const, requestedAt: ASKED, requestedBy: 'jane' };
  for (const type of ['abort', 'clean'] as const) {
    expect(problem(asked(type, requestedAt), changes && { request, ...changes }, isReplayed)).toBe(expected);
  }
});
