/** What is told of a deployment keeps within bounds, however much there is to tell. */
import type { Entry } from '../../events/contract';
import { recordOf } from '../../tests/harness/plain-data';
import { recordInBounds } from './bounds';
import { recordAfter } from './changes';
import { again, failed, type Outcome } from './outcome';
import type { DeploymentRecord, Request } from './record';

const AT = '2030-01-01T00:00:00.000Z';
const sizeOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

/** As many as there are targets of a hundred instances on twenty target groups, of which no two are alike. */
const findings = Array.from(
  { length: 2000 },
  (_, index) => `i-0${index} on web-${index % 20}: 상태 확인 실패 ${index}`,
);
const text = findings.join('; ');
const commands = findings.map((_, index) => `aws autoscaling attach-load-balancers --load-balancer-names web-${index}`);

const cleaning = () => recordOf({ status: 'cleaning', stage: 'clean-up' });

test.each<[string, Outcome, DeploymentRecord]>([
  ['an outcome that waits', again(text), recordOf()],
  ['a failure', failed('T001', text), recordOf()],
  ['an end from outside', { kind: 'ended', code: 'T014', message: text, dropsPending: false }, recordOf()],
  ['a refusal after the opening', { kind: 'refused', code: '402', message: text }, recordOf({ stage: 'start' })],
  ['a clean-up', { kind: 'cleaned', summary: text, findings }, cleaning()],
  ['a decision that is left to an operator', { kind: 'blocked', reason: text, findings, commands }, cleaning()],
])('%s fits into an event and the record', (_, outcome, before) => {
  const record = recordAfter(before, outcome, AT);
  for (const { detail } of record.outbox.events) expect(sizeOf(detail)).toBeLessThan(60 * 1024);
  expect(sizeOf(record)).toBeLessThan(128 * 1024);
});

test('a message is cut between its findings, says how many more there are, and is not cut once more', () => {
  const [event] = recordAfter(recordOf(), failed('T001', text), AT).outbox.events;
  const message = String(event?.detail.message);
  const shown = message.split('; ');
  expect(shown.slice(0, -1)).toEqual(findings.slice(0, shown.length - 1));
  expect(shown.at(-1)).toBe(`and ${2001 - shown.length} more`);
  expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4000);
});

test('commands that have no room are not forgotten: what is left is mailed when these are run', () => {
  const [event] = recordAfter(cleaning(), { kind: 'blocked', reason: 'ill', findings: [], commands }, AT).outbox.events;
  const shown = event?.detail.commands as string[];
  expect(shown.slice(0, -1)).toEqual(commands.slice(0, shown.length - 1));
  expect(shown.at(-1)).toBe(
    `# ${commands.length - shown.length + 1} more lines have no room here: run these, clean again, and the next mail has what is left`,
  );
});

test('twenty uploads with the longest keys that wait for one deployment fit into the mail that tells of them', () => {
  const covers = Array.from({ length: 20 }, (_, index) => `${index}${'한'.repeat(1000)}.war`);
  const upload = { bucket: 'wars', key: covers[0] ?? '', versionId: 'v' };
  const pending: Request = { ...recordOf().request, type: 'upload', upload, covers };
  const record = recordAfter({ ...cleaning(), pending }, { kind: 'cleaned', summary: 'as before', findings: [] }, AT);
  expect(sizeOf(record.outbox.events[0])).toBeLessThan(16 * 1024);
  expect(sizeOf(record)).toBeLessThan(128 * 1024);
});

describe('what an earlier version has noted', () => {
  const failure = { code: 'T001', stage: 'check-dummy', message: text };

  test('is shortened in the mail', () => {
    const record = recordAfter({ ...cleaning(), failure }, { kind: 'cleaned', summary: 'as before', findings: [] }, AT);
    expect(sizeOf(record.outbox.events[0])).toBeLessThan(8 * 1024);
  });

  test('is shortened where the record is too large for it, and what it says is left', () => {
    const events: Entry[] = [{ detailType: 'Cleaned', detail: { task: 'WAS', seq: 7, message: text, findings } }];
    const outbox = { events, writtenAt: AT, published: false };
    const large = recordOf({ failure, resolvedFailures: [failure, failure], outbox });
    const record = recordInBounds(large);
    expect(sizeOf(record)).toBeLessThan(128 * 1024);
    expect(record.failure?.message).toMatch(/^i-00 on web-0: .*; and \d+ more$/);
    expect(record.outbox.events[0]?.detail).toMatchObject({ task: 'WAS', seq: 7 });
    expect({ ...record, failure, resolvedFailures: [], outbox }).toEqual({ ...large, resolvedFailures: [] });
  });

  test('is left as it is where there is room', () => {
    const record = recordOf({ failure: { ...failure, message: 'ill' } });
    expect(recordInBounds(record)).toBe(record);
  });
});
