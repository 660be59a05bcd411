/** Which requests are too old to be run. */
import { recordOf } from '../../tests/harness/plain-data';
import type { DeploymentRecord } from './record';
import { type Asked, ageProblem } from './request-adapter';

const NOW = new Date('2030-01-01T01:00:00.000Z');
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

test.each<[string, string, Partial<DeploymentRecord> | undefined, boolean, string | undefined]>([
  ['of a task without a record', EARLIER, undefined, false, undefined],
  ['of a task without a record, replayed', EARLIER, undefined, true, undefined],
  ['made while the deployment runs', LATER, {}, false, undefined],
  [
    'made in the second in which it was opened, which events do not tell apart',
    '2030-01-01T00:00:15.000Z',
    {},
    false,
    undefined,
  ],
  ['made in the second before', '2030-01-01T00:00:14.000Z', {}, false, 'older than the deployment'],
  ['made before the deployment', EARLIER, {}, false, 'older than the deployment'],
  ['replayed while the deployment runs', LATER, {}, true, undefined],
  ['replayed after it is over', LATER, { status: 'completed' }, true, 'older than the deployment'],
  ['made after it is over', LATER, { status: 'completed' }, false, undefined],
])('to abort or to clean: %s', (_, requestedAt, changes, isReplayed, expected) => {
  for (const type of ['abort', 'clean'] as const) {
    expect(problem(asked(type, requestedAt), changes, isReplayed)).toBe(expected);
  }
});
