import { readEnvelope } from './envelope';

const NOW = new Date('2030-01-01T12:00:00Z');

function event(time: string, rest: object = {}) {
  return { source: 'bluegreen', 'detail-type': 'DeployRequested', time, detail: { task: 'WAS' }, ...rest };
}

test.each([
  ['in the past', '2030-01-01T11:00:00Z', '2030-01-01T11:00:00.000Z'],
  ['in another zone', '2030-01-01T13:00:00+02:00', '2030-01-01T11:00:00.000Z'],
  ['now', '2030-01-01T12:00:00Z', '2030-01-01T12:00:00.000Z'],
  ['to come', '2030-01-01T12:00:01Z', '2030-01-01T12:00:00.000Z'],
  ['of the last year that there is', '9999-12-31T23:59:59-23:59', '2030-01-01T12:00:00.000Z'],
  ['before all', '0001-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
])('a time %s is trusted until now at most', (_, stated, trusted) => {
  expect(readEnvelope(event(stated), NOW)).toMatchObject({ time: trusted });
});

test('a replayed event whose time is to come happened before everything else', () => {
  const replayed = event('2030-01-01T12:00:01Z', { 'replay-name': 'again' });
  expect(readEnvelope(replayed, NOW)).toMatchObject({ time: '1970-01-01T00:00:00.000Z', isReplayed: true });
});

test('what an event says of its time is kept, whatever is trusted of it', () => {
  expect(readEnvelope(event('2031-01-01T00:00:00+01:00'), NOW)?.statedTime).toBe('2030-12-31T23:00:00.000Z');
});

test.each([
  undefined,
  null,
  'text',
  [],
  {},
  event('yesterday'),
  { ...event('2030-01-01T12:00:00Z'), detail: null },
  { ...event('2030-01-01T12:00:00Z'), source: 1 },
])('%j is no event', (what) => {
  expect(readEnvelope(what, NOW)).toBeUndefined();
});
