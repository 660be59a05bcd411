/** What the history says of a record that has ended. */
import * as fc from 'fast-check';
import { Step1Passed } from '../../events/step-1-passed';
import { recordOf } from '../../tests/harness/plain-data';
import type { War } from '../deployment/plan';
import { recordAfter } from './changes';
import { historyOf, indexBody, lineOf, readHistory, readIndex } from './history';
import { again, type Outcome, passed } from './outcome';
import type { DeploymentRecord } from './record';

const AT = '2030-01-01T00:00:00.000Z';
const LATER = '2030-01-01T00:01:40.000Z';

function ended(outcome: Outcome, changes: Partial<DeploymentRecord> = {}) {
  return historyOf(recordAfter(recordOf(changes), outcome, LATER));
}

const CLEANED: Outcome = { kind: 'cleaned', summary: 'The old version serves.', findings: ['No dummy is left.'] };

test.each<[string, Outcome, Partial<DeploymentRecord>]>([
  ['cleaned', CLEANED, { failure: { code: 'T001', stage: 'check-dummy', message: 'ill' } }],
  ['aborted', CLEANED, { failure: { code: 'T015', stage: 'check-dummy', message: 'aborted by jane' } }],
  ['reverted', CLEANED, { failure: { code: 'T018', stage: 'swap', message: 'reverted by jane' } }],
  ['cleaned', CLEANED, { failure: undefined }],
])('clean-up that is done has %s', (outcome, cleaned, { failure }) => {
  const stage = { status: 'cleaning', stage: 'clean-up' } as const;
  expect(ended(cleaned, { ...stage, failure })).toMatchObject({
    ...{ outcome, status: 'failed', summary: 'The old version serves.', endedAt: LATER },
    findings: expect.arrayContaining(['No dummy is left.']),
  });
});

test('what stopped clean-up is told by its own code, not by that of what had failed', () => {
  const failure = { code: 'T001', stage: 'check-dummy', message: 'ill' };
  const blocked: Outcome = { kind: 'blocked', code: 'T999', reason: 'denied', findings: ['See.'], commands: [] };
  const entry = ended(blocked, { status: 'cleaning', stage: 'clean-up', failure });
  expect(entry).toMatchObject({
    outcome: 'blocked',
    status: 'blocked',
    code: 'T999',
    message: 'ill',
    summary: 'denied',
  });
});

test('a stage has as many cycles as it looked at, also where the first look of the last one passed', () => {
  const timeline = [{ stage: 'check-dummy', at: AT }];
  const first = recordAfter(
    recordOf({ stage: 'check-dummy', timeline }),
    again('health', { progress: { cycle: 1 } }),
    AT,
  );
  const cyclesAfter = (outcome: Outcome) => recordAfter(first, outcome, LATER).timeline[0]?.cycles;
  expect(cyclesAfter(passed(Step1Passed, {}))).toBe(1);
  expect(cyclesAfter(passed(Step1Passed, { cycle: '1-2' }))).toBe(2);
  expect(cyclesAfter({ kind: 'taken-over' })).toBe(1);
});

test('what is kept is read again as it was', () => {
  const entry = ended(CLEANED, { status: 'cleaning', stage: 'clean-up' });
  expect(readHistory(JSON.stringify(entry))).toEqual(JSON.parse(JSON.stringify(entry)));
});

test.each(['', 'null', '[]', '7', '{}', '{"schemaVersion":1,"completedAt":"yesterday"}'])(
  '%p is no history',
  (body) => {
    expect([readHistory(body), readIndex(body)]).toEqual([undefined, undefined]);
  },
);

/** Of nine wars with the longest keys. */
test('an index of fifty has less than 64 KB, and a line for each, whatever people write', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 1024 });
  await fc.assert(
    fc.property(text, text, (requestedBy, key) => {
      const wars: War[] = Array.from({ length: 9 }, (_, slot) => ({
        ...{ slot: slot + 1, key: `${key}${slot}`.padEnd(1024, '"'), from: 'a'.repeat(32), to: 'b'.repeat(32) },
        ...{ bucket: 'wars', path: '/', toName: '"'.repeat(48) },
      }));
      const { plan, request } = recordOf();
      if (!plan) throw new Error('it has a plan');
      const asked = { ...request, requestedBy: requestedBy.padEnd(1024, '\n') };
      const ofMany = { status: 'cleaning', stage: 'clean-up', request: asked, plan: { ...plan, wars } } as const;
      const lines = Array.from({ length: 50 }, () => lineOf(ended(CLEANED, ofMany)));
      const body = indexBody(lines);
      expect(Buffer.byteLength(body)).toBeLessThan(64 * 1024);
      expect(body.split('\n')).toHaveLength(50 + 3);
      expect(readIndex(body)).toHaveLength(50);
    }),
    { numRuns: 30 },
  );
});
