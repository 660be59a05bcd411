import { merged, type ScheduledAction, withDueActions } from './scheduled-actions';

const NOW = new Date('2030-01-01T09:00:00Z');
const SIZES = { minimum: 1, desired: 2, maximum: 4 };

function at(minutes: number, changes: Partial<ScheduledAction> = {}): ScheduledAction {
  return { name: 'rush', dueAt: new Date(NOW.getTime() + minutes * 60_000).toISOString(), desired: 3, ...changes };
}

describe('the sizes with what fell due', () => {
  test.each<[string, ScheduledAction, number | undefined]>([
    ['a minute ago', at(-1), 3],
    ['in half a minute, and is not put any more', at(0.5), 3],
    ['in half a minute, and comes again and again', at(0.5, { recurrence: '0 9 * * *' }), undefined],
    ['in two minutes', at(2), undefined],
    ['before it was moved', at(-11), undefined],
  ])('for one that is due %s', (_, action, desired) => {
    const since = at(-10).dueAt;
    expect(withDueActions(SIZES, [action], { since, now: NOW })).toEqual({ ...SIZES, desired });
  });

  test('do not go back to what was due hours ago', () => {
    expect(withDueActions(SIZES, [at(-119)], { now: NOW }).desired).toBe(3);
    expect(withDueActions(SIZES, [at(-121)], { now: NOW }).desired).toBeUndefined();
  });

  test('are those of the last one, within its limits', () => {
    const actions = [at(-1, { minimum: 5, maximum: 3, desired: undefined }), at(-2, { desired: 9, maximum: 9 })];
    expect(withDueActions(SIZES, actions, { now: NOW })).toEqual({ minimum: 5, desired: 5, maximum: 5 });
  });
});

describe('what is known and what is found', () => {
  const BEFORE = { areMoved: false, now: NOW };
  const evening = at(-5, { name: 'evening', recurrence: '0 20 * * *' });

  test('one that is gone fell due, or was moved, or was withdrawn', () => {
    expect(merged([at(-1)], [], BEFORE)).toEqual([at(-1)]);
    expect(merged([at(1)], [], BEFORE)).toEqual([]);
    expect(merged([at(1)], [], { areMoved: true, now: NOW })).toEqual([at(1)]);
  });

  test('a recurring one fell due at the time that was known of it', () => {
    const tomorrow = { ...evening, dueAt: at(24 * 60).dueAt, desired: 7 };
    expect(merged([evening], [tomorrow], BEFORE)).toEqual([{ ...tomorrow, dueAt: evening.dueAt }]);
  });

  test('one that somebody has changed is as it was found', () => {
    const changed = { ...evening, recurrence: '0 21 * * *', dueAt: at(60).dueAt };
    expect(merged([evening, at(5)], [changed, at(90)], BEFORE)).toEqual([changed, at(90)]);
  });
});
