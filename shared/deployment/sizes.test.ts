/** The sizes that go with the load from the old group to the new one. */
import { groupOf, recordOf } from '../../tests/harness/plain-data';
import type { Capacity } from '../fleet/auto-scaling-groups';
import type { Plan } from './plan';
import { plannedCapacity, trueSizes, withRaisedLimits } from './sizes';
import { Snapshot } from './snapshot';

const NOW = new Date('2030-01-01T12:00:00.000Z');

function capacity(minimum: number, desired: number, maximum: number): Capacity {
  return { minimum, desired, maximum };
}

function sized(name: string, sizes: Capacity, suspendedProcesses: string[] = []) {
  return groupOf(name, { capacity: sizes, suspendedProcesses });
}

test.each<[string, Capacity, number | undefined, Capacity | undefined, Capacity]>([
  ['as Active has them, though it is one instance', capacity(0, 1, 4), undefined, capacity(7, 8, 9), capacity(0, 1, 4)],
  ['as Active has them', capacity(1, 2, 4), undefined, capacity(7, 8, 9), capacity(1, 2, 4)],
  ['in an emergency as the request says', capacity(0, 0, 4), 3, capacity(7, 8, 9), capacity(3, 3, 9)],
  ['else as the last deployment had them', capacity(0, 0, 4), undefined, capacity(2, 3, 5), capacity(2, 3, 5)],
  ['as the request says, up to the maximum', capacity(0, 0, 4), 4, undefined, capacity(4, 4, 4)],
  ['with room for what Active may grow to', capacity(0, 0, 9), undefined, capacity(2, 3, 5), capacity(2, 3, 9)],
  ['else one instance', capacity(0, 0, 4), undefined, undefined, capacity(1, 1, 4)],
  ['also where Active could not have any', capacity(0, 0, 0), 2, undefined, capacity(2, 2, 2)],
])('are planned %s', (_, active, requested, last, expected) => {
  expect(plannedCapacity(sized('was-blue', active), { requested, last })).toEqual(expected);
});

test.each<[string, Capacity, number, Capacity | undefined, number, string?]>([
  ['one more than Active may have', capacity(0, 0, 4), 5, undefined, 4],
  ['many more', capacity(0, 0, 1), 10_000, undefined, 1],
  ['more than Active may have by now, if not than it once could', capacity(0, 0, 4), 5, capacity(7, 8, 9), 4],
  [
    'more than the last deployment could, where Active may have none',
    capacity(0, 0, 0),
    5,
    capacity(2, 2, 4),
    4,
    'that the last deployment left',
  ],
])('are refused where %s is asked for', (_, active, requested, last, maximum, whose = 'of was-blue') => {
  expect(plannedCapacity(sized('was-blue', active), { requested, last })).toEqual({
    code: '414',
    message:
      `the request is not valid: capacity ${requested} is beyond the maximum ${whose}, which is ${maximum}; ` +
      `ask for at most ${maximum}, or raise the maximum of was-blue first`,
  });
});

test('are not asked for while Active has some', () => {
  expect(plannedCapacity(sized('was-blue', capacity(1, 2, 4)), { requested: 3, last: undefined })).toEqual({
    code: '414',
    message: 'the request is not valid: capacity is for an Active group at 0, and was-blue has 2',
  });
});

test.each<[string, Capacity, boolean, Capacity]>([
  ['nobody has changed stay', capacity(2, 2, 4), false, capacity(2, 2, 4)],
  ['somebody raised follow', capacity(3, 3, 6), false, capacity(3, 3, 6)],
  ['somebody lowered do not', capacity(1, 1, 2), false, capacity(2, 2, 4)],
  ['its alarms made larger do not', capacity(2, 4, 4), false, capacity(2, 2, 4)],
  ['of an emergency are those of nobody', capacity(0, 0, 9), true, capacity(2, 2, 4)],
])('limits that %s', (_, active, isEmergency, expected) => {
  const plan = { ...recordOf().plan, capacity: capacity(2, 2, 4), isEmergency } as Plan;
  expect(withRaisedLimits(plan, sized('was-blue', active))).toEqual(expected);
});

describe('in the end the new group gets', () => {
  const due = { name: 'nightly', desired: 4, maximum: 6, dueAt: '2030-01-01T11:50:00.000Z' };

  test.each<[string, Capacity, object[], string[], object]>([
    ['its true limits, and keeps its size', capacity(2, 2, 4), [], [], { minimum: 1, desired: undefined, maximum: 4 }],
    ['as much room as somebody gave it', capacity(2, 5, 8), [], [], { minimum: 1, desired: undefined, maximum: 8 }],
    ['what fell due meanwhile', capacity(2, 2, 4), [due], [], { minimum: 1, desired: 4, maximum: 6 }],
    [
      'nothing of that where somebody skips it',
      capacity(2, 2, 4),
      [due],
      ['ScheduledActions'],
      { minimum: 1, desired: undefined, maximum: 4 },
    ],
  ])('%s', (_, sizes, scheduledActions, suspended, expected) => {
    const plan = { ...recordOf().plan, capacity: capacity(1, 2, 4), scheduledActions } as unknown as Plan;
    const groups = [sized('was-blue', capacity(0, 0, 0), suspended), sized('was-green', sizes)] as const;
    expect(trueSizes(new Snapshot(plan, NOW, ...groups), NOW)).toEqual(expected);
  });
});
