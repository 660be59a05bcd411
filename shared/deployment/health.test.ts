import { groupOf, instanceOf } from '../../tests/harness/plain-data';
import type { TargetHealth, TargetState } from '../fleet/target-health';
import { carries, healthyWeight, judge } from './health';

function health(name: string, states: Record<string, string | TargetState>, isZonal = false): TargetHealth {
  const targets = Object.entries(states).map(
    ([id, state]) => [id, typeof state === 'string' ? { state } : state] as const,
  );
  return { kind: 'target-group', identifier: `arn:${name}`, name, isZonal, targets: new Map(targets) };
}

const two = groupOf('green', { instances: [instanceOf('i-1'), instanceOf('i-2')] });

test('a group passes when all it wants is in service and healthy everywhere', () => {
  const everywhere = ['web', 'api'].map((name) => health(name, { 'i-1': 'healthy', 'i-2': 'healthy' }));
  expect(judge(two, everywhere)).toEqual({ passes: true, findings: [] });
});

test('one instance that is ill on one of several load balancers is enough not to pass, and is named', () => {
  const ill = { state: 'unhealthy', reasonCode: 'Target.Timeout', description: 'Request timed out' };
  const targetHealth = [
    health('web', { 'i-1': 'healthy', 'i-2': 'healthy' }),
    health('api', { 'i-1': 'healthy', 'i-2': ill }),
  ];
  expect(judge(two, targetHealth)).toEqual({
    passes: false,
    findings: ['i-2 on api: unhealthy, Target.Timeout, Request timed out'],
  });
});

test.each(['initial', 'unhealthy', 'unhealthy.draining', 'unused', 'draining', 'unavailable', ''])(
  'the state %j is not healthy',
  (state) => {
    expect(judge(two, [health('web', { 'i-1': 'healthy', 'i-2': state })]).passes).toBe(false);
  },
);

test('what a load balancer does not say is not told', () => {
  const told = (state: TargetState) => judge(two, [health('web', { 'i-1': 'healthy', 'i-2': state })]).findings;
  expect(told({ state: 'unhealthy' })).toEqual(['i-2 on web: unhealthy']);
  expect(told({ state: 'initial', description: 'Registering' })).toEqual(['i-2 on web: initial, Registering']);
});

test('an instance that is not registered is said to be', () => {
  expect(judge(two, [health('web', { 'i-1': 'healthy' })]).findings).toEqual(['i-2 on web: not registered']);
});

test('a group that is not complete does not pass, however healthy the rest is', () => {
  const booting = { ...two, instances: [instanceOf('i-1'), instanceOf('i-2', { lifecycleState: 'Pending' })] };
  const judgment = judge(booting, [health('web', { 'i-1': 'healthy', 'i-2': 'healthy' })]);
  expect(judgment).toEqual({ passes: false, findings: ['green has 1 of 2 in service', 'i-2 is Pending'] });
});

describe('what explains most comes first', () => {
  const instances = Array.from({ length: 100 }, (_, index) => instanceOf(`i-${index}`));
  const names = Array.from({ length: 20 }, (_, index) => `web-${index}`);
  const mismatch = { state: 'unhealthy', reasonCode: 'Target.ResponseCodeMismatch', description: 'codes: [500]' };
  const allOn = (name: string, state: TargetState, but: Record<string, TargetState> = {}) =>
    health(name, { ...Object.fromEntries(instances.map(({ id }) => [id, state])), ...but });

  test('a hundred instances that are ill for one reason on twenty target groups are one finding', () => {
    const { findings } = judge(
      groupOf('green', { instances }),
      names.map((name) => allOn(name, mismatch)),
    );
    expect(findings).toEqual([
      'i-0, i-1, i-2, i-3, i-4 and 95 more on web-0, web-1, web-2, web-3, web-4 and 15 more: ' +
        'unhealthy, Target.ResponseCodeMismatch, codes: [500]',
    ]);
  });

  test('each finding is exact: it names instances together only where they are alike', () => {
    const timeout = { state: 'unhealthy', reasonCode: 'Target.Timeout' };
    const targetHealth = [
      allOn('api', { state: 'healthy' }, { 'i-7': timeout, 'i-9': timeout }),
      ...names.slice(0, 3).map((name) => allOn(name, mismatch, { 'i-7': { state: 'healthy' } })),
    ];
    expect(judge(groupOf('green', { instances }), targetHealth).findings).toEqual([
      'i-0, i-1, i-2, i-3, i-4 and 94 more on web-0, web-1, web-2: unhealthy, Target.ResponseCodeMismatch, codes: [500]',
      'i-7, i-9 on api: unhealthy, Target.Timeout',
    ]);
  });

  test('instances that are not in service come before the targets, by state', () => {
    const waiting = instances.map((instance, index) =>
      index < 90 ? { ...instance, lifecycleState: index < 3 ? 'Pending' : 'Pending:Wait' } : instance,
    );
    expect(judge(groupOf('green', { instances: waiting }), [allOn('web', { state: 'initial' })]).findings).toEqual([
      'green has 10 of 100 in service',
      'i-3, i-4, i-5, i-6, i-7 and 82 more are Pending:Wait',
      'i-0, i-1, i-2 are Pending',
      'i-90, i-91, i-92, i-93, i-94 and 5 more on web: initial',
    ]);
  });
});

test('weights count, not instances', () => {
  const heavy = (weight: number) => ({
    ...groupOf('green', { instances: [instanceOf('i-1', { weight: 4 }), instanceOf('i-2', { weight })] }),
    capacity: { minimum: 8, desired: 8, maximum: 8 },
  });
  const healthy = [health('web', { 'i-1': 'healthy', 'i-2': 'healthy' })];
  expect(judge(heavy(4), healthy).passes).toBe(true);
  expect(judge(heavy(3), healthy).findings).toEqual(['green has 7 of 8 in service']);
});

test('a group without instances never passes', () => {
  expect(judge(groupOf('green'), []).passes).toBe(false);
  expect(judge(groupOf('green'), [health('web', {})]).passes).toBe(false);
});

test("strangers in the load balancer do not matter: Active's instances may be as ill as they like", () => {
  const states = { 'i-1': 'healthy', 'i-2': 'healthy', 'i-active': 'unhealthy' };
  expect(judge(two, [health('web', states)]).passes).toBe(true);
  expect(healthyWeight(two, health('web', { ...states, 'i-2': 'unhealthy', 'i-active': 'healthy' }))).toBe(1);
});

describe('where cross-zone is off', () => {
  const placed = (name: string, zones: Record<string, string>) =>
    groupOf(name, { instances: Object.entries(zones).map(([id, zone]) => instanceOf(id, { zone })) });
  const blue = placed('blue', { 'b-1': 'a', 'b-2': 'b', 'b-3': 'c' });
  const everywhere = { 'b-1': 'healthy', 'b-2': 'healthy', 'b-3': 'unhealthy', 'g-1': 'healthy', 'g-2': 'healthy' };

  test('a group needs a healthy instance in every zone where the one before it has one', () => {
    const green = placed('green', { 'g-1': 'a', 'g-2': 'b' });
    expect(judge(green, [health('tcp', everywhere, true)], blue).passes).toBe(true);
    const crowded = placed('green', { 'g-1': 'a', 'g-2': 'a' });
    expect(judge(crowded, [health('tcp', everywhere, true)], blue)).toEqual({
      passes: false,
      findings: ['tcp: cross-zone is off and only blue is healthy in b'],
    });
  });

  test('it does not matter where cross-zone is on, nor once the one before is gone', () => {
    const crowded = placed('green', { 'g-1': 'a', 'g-2': 'a' });
    expect(judge(crowded, [health('web', everywhere)], blue).passes).toBe(true);
    expect(judge(crowded, [health('tcp', everywhere, true)]).passes).toBe(true);
  });
});

test.each<[number, number, boolean]>([
  [2, 4, true],
  [1, 4, false],
  [1, 2, true],
  [1, 1, true],
  [0, 1, false],
  [0, 0, false],
  [3, 3, true],
])(
  'with %i healthy of %i that it is to have, a group carries the load for a while: %s',
  (healthy, desired, expected) => {
    const instances = Array.from({ length: Math.max(healthy, 1) }, (_, index) => instanceOf(`i-${index}`));
    const targets = new Map(instances.slice(0, healthy).map(({ id }) => [id, { state: 'healthy' }]));
    const group = groupOf('was-green', { instances, capacity: { minimum: 0, desired, maximum: 9 } });
    expect(carries(group, { ...health('web', {}), targets })).toBe(expected);
  },
);
