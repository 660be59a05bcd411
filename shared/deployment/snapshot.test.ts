/** The questions that stages ask of what they have looked at. */
import { AwsError } from '../../local/kernel/service';
import { attachmentOf, groupOf, instanceOf, recordOf, tagsOf } from '../../tests/harness/plain-data';
import type { AttachmentState } from '../fleet/attachment';
import type { Fleet, Group } from '../fleet/auto-scaling-groups';
import type { LoadBalancers } from '../fleet/load-balancers';
import type { TargetHealth, TargetState } from '../fleet/target-health';
import type { Plan } from './plan';
import { healthOnDummies, healthOnReal, lookAtEverything, lookAtGroups, Snapshot } from './snapshot';

const PLAN = {
  ...recordOf().plan,
  attachments: ['web', 'api'].map((name) => ({ ...attachmentOf(`arn:${name}`), name, loadBalancerArn: 'arn:lb' })),
} as Plan;

const blue = groupOf('was-blue', { instances: [instanceOf('i-blue')] });
const green = groupOf('was-green', { instances: [instanceOf('i-green')] });

/** By load balancer, the state of each instance that is registered there. */
function healthOf(states: Record<string, Record<string, TargetState['state']>>) {
  return Object.entries(states).map(([name, targets]) => ({
    ...attachmentOf(`arn:${name}`),
    name,
    isZonal: false,
    targets: new Map(Object.entries(targets).map(([id, state]) => [id, { state }])),
  }));
}

function snapshot(
  seen: ConstructorParameters<typeof Snapshot>[4],
  { oldGroup = blue, newGroup = green }: { oldGroup?: Group; newGroup?: Group } = {},
): Snapshot {
  return new Snapshot(PLAN, new Date(0), oldGroup, newGroup, seen);
}

const on = (...names: string[]): AttachmentState[] => names.map((name) => attachmentOf(`arn:${name}`));
const leaving = (name: string): AttachmentState => attachmentOf(`arn:${name}`, { state: 'Removing' });
const namesOf = (found: { name?: string; identifier?: string }[]) =>
  found.map(({ name, identifier }) => name ?? identifier);

test.each<[string, AttachmentState[], string[], string[]]>([
  ['is attached as planned', on('web', 'api'), [], []],
  ['is attached to one more', on('web', 'api', 'more'), [], ['arn:more']],
  ['has lost one', on('web'), ['api'], []],
  ['is leaving one', [...on('web'), leaving('api')], ['api'], []],
  ['is leaving one that was not planned', [...on('web', 'api'), leaving('more')], [], []],
  ['is on nothing', [], ['web', 'api'], []],
])('where Active %s, it is known what is missing and what was added', (_, oldAttachments, missing, added) => {
  const seen = snapshot({ oldAttachments });
  expect([namesOf(seen.missing()), namesOf(seen.added())]).toEqual([missing, added]);
  expect(seen.isDetached()).toBe(missing.length > 0);
});

test('what somebody has deleted is not missing: nothing can be attached there', () => {
  expect(namesOf(snapshot({ oldAttachments: [], gone: new Set(['target-group arn:api']) }).missing())).toEqual(['web']);
});

test.each<[number, number, boolean]>([
  [2, 2, false],
  [3, 2, true],
  [2, 3, false],
])('Active at %i has outgrown StandBy at %i: %s', (old, standBy, expected) => {
  const sized = (name: string, desired: number) => groupOf(name, { capacity: { minimum: 0, desired, maximum: 9 } });
  const groups = { oldGroup: sized('was-blue', old), newGroup: sized('was-green', standBy) };
  expect(snapshot({}, groups).hasGrown()).toBe(expected);
});

test.each<[string | undefined, string | undefined, boolean]>([
  ['Active', 'StandBy', false],
  ['StandBy', 'Active', true],
  ['StandBy', 'StandBy', false],
  ['Active', 'Active', false],
  ['StandBy', undefined, true],
  [undefined, 'Active', false],
])('an old group that is %s and a new one that is %s have their roles swapped: %s', (old, standBy, expected) => {
  const typed = (name: string, type: string | undefined) => type && groupOf(name, { tags: tagsOf({ Type: type }) });
  const groups = [typed('was-blue', old), typed('was-green', standBy)] as const;
  const seen = new Snapshot<Group | undefined>(PLAN, new Date(0), groups[0] || undefined, groups[1] || undefined);
  expect(seen.areRolesSwapped()).toBe(expected);
});

test('StandBy can take over where it is healthy, or where nobody ever looks', () => {
  const seen = snapshot({ targetHealth: healthOf({ web: { 'i-green': 'unhealthy' } }) });
  const [web, api] = PLAN.attachments as [Plan['attachments'][0], Plan['attachments'][0]];
  expect([seen.canTakeOver(web), seen.canTakeOver(api)]).toEqual([false, true]);
  const well = snapshot({ targetHealth: healthOf({ web: { 'i-green': 'healthy' } }) });
  expect(well.canTakeOver(web)).toBe(true);
});

test.each<[string, AttachmentState[], object, boolean]>([
  [
    'is attached and healthy everywhere',
    on('web', 'api'),
    { web: { 'i-green': 'healthy' }, api: { 'i-green': 'healthy' } },
    true,
  ],
  ['is ill somewhere', on('web', 'api'), { web: { 'i-green': 'healthy' }, api: { 'i-green': 'unhealthy' } }, false],
  ['is not attached somewhere', on('web'), { web: { 'i-green': 'healthy' } }, false],
  ['is leaving somewhere', [...on('web'), leaving('api')], { web: { 'i-green': 'healthy' } }, false],
])('a new group that %s would serve: %s', (_, newAttachments, states, expected) => {
  const targetHealth = healthOf(states as Record<string, Record<string, TargetState['state']>>);
  expect(snapshot({ newAttachments, targetHealth, gone: new Set() }).wouldServe()).toBe(expected);
});

test('it would not serve where a load balancer is gone, whose users nobody can serve', () => {
  const targetHealth = healthOf({ web: { 'i-green': 'healthy' } });
  const seen = { newAttachments: on('web', 'api'), targetHealth, gone: new Set(['target-group arn:api']) };
  expect(snapshot(seen).wouldServe()).toBe(false);
});

test('users depend on StandBy alone where Active has left, or is leaving', () => {
  const targetHealth = healthOf({ web: {}, api: {}, more: {} });
  const seen = snapshot({ oldAttachments: [...on('web'), leaving('api')], targetHealth });
  expect(namesOf(seen.carriedAlone())).toEqual(['api']);
});

test('the new group is depended on where it is healthy and the old one is not', () => {
  const both = { 'i-blue': 'healthy', 'i-green': 'healthy' } as const;
  const alone = { 'i-blue': 'unhealthy', 'i-green': 'healthy' } as const;
  const none = { 'i-blue': 'unhealthy', 'i-green': 'unhealthy' } as const;
  const seen = snapshot({ targetHealth: healthOf({ both, alone, none }) });
  expect(namesOf(seen.dependingOnNew())).toEqual(['alone']);
});

test('a group is listed wherever an instance of it is, in whatever state', () => {
  const seen = snapshot({ targetHealth: healthOf({ web: { 'i-blue': 'draining' }, api: { 'i-green': 'healthy' } }) });
  expect(seen.listing(blue)).toEqual(['web']);
});

test.each<[string, Record<string, TargetState['state']>[], string | undefined]>([
  ['is overloaded where less than half of it is healthy', [{ 'i-1': 'healthy', 'i-2': 'initial' }, {}], 'api'],
  ['is not where half of it is', [{}, { 'i-1': 'healthy', 'i-2': 'initial' }], undefined],
  ['is not where Active still is', [{}, { 'i-1': 'healthy', 'i-2': 'healthy' }], undefined],
])('StandBy of two %s', (_, [web = {}, api = {}], expected) => {
  const newGroup = groupOf('was-green', { instances: ['i-1', 'i-2'].map((id) => instanceOf(id)) });
  const seen = { oldAttachments: on('web'), targetHealth: healthOf({ web, api }) };
  expect(snapshot(seen, { newGroup }).overloaded()?.name).toBe(expected);
});

test('whether StandBy would carry the load depends on where Active is healthy; whether it is well does not', () => {
  const [oldGroup, newGroup] = ['a', 'b'].map((zone) =>
    groupOf(zone, { instances: [instanceOf(`i-${zone}`, { zone })] }),
  );
  const [web] = healthOf({ web: { 'i-a': 'healthy', 'i-b': 'healthy' } });
  const zonal = { ...web, isZonal: true } as TargetHealth;
  const elsewhere = healthOf({ api: { 'i-b': 'healthy' } });
  const seen = snapshot({ targetHealth: [zonal, ...elsewhere] }, { oldGroup, newGroup });
  expect(seen.judgment()).toEqual({ passes: false, findings: ['web: cross-zone is off and only a is healthy in a'] });
  expect(seen.judgmentOn(zonal)).toEqual({ passes: true, findings: [] });
});

test('StandBy may be well on one load balancer and ill on another', () => {
  const targetHealth = healthOf({ web: { 'i-green': 'healthy' }, api: { 'i-green': 'unhealthy' } });
  const seen = snapshot({ targetHealth });
  expect(targetHealth.map((health) => seen.judgmentOn(health).passes)).toEqual([true, false]);
});

test('a group is well where it is healthy everywhere, whatever the other one is', () => {
  const seen = snapshot({ targetHealth: healthOf({ web: { 'i-blue': 'healthy', 'i-green': 'unhealthy' } }) });
  expect([seen.isWell(blue), seen.isWell(green)]).toEqual([true, false]);
});

test('a dummy that the new group is leaving is listed, and attached no more', () => {
  const seen = snapshot({ dummies: [...on('deploycheck-web'), leaving('deploycheck-api')] });
  expect(namesOf(seen.dummies)).toEqual(['arn:deploycheck-web', 'arn:deploycheck-api']);
  expect(namesOf(seen.attachedDummies())).toEqual(['arn:deploycheck-web']);
});

describe('the groups of a plan', () => {
  function lookAt(types: Record<string, string | undefined>) {
    const found = Object.entries(types).flatMap(([name, type]) => {
      const group = groupOf(name, { tags: type === undefined ? [] : tagsOf({ Type: type }) });
      return [[name, group] as const];
    });
    return lookAtGroups(PLAN, { groups: async () => new Map(found) } as unknown as Fleet, new Date(0));
  }

  test.each<[string, Record<string, string>]>([
    ['as planned', { 'was-blue': 'Active', 'was-green': 'StandBy' }],
    ['both swapped', { 'was-blue': 'StandBy', 'was-green': 'Active' }],
  ])('are looked at where their tags are %s', async (_, types) => {
    const seen = (await lookAt(types)) as Snapshot;
    expect([seen.oldGroup.name, seen.newGroup.name, seen.seenAt]).toEqual(['was-blue', 'was-green', new Date(0)]);
  });

  test.each<[string, Record<string, string | undefined>, string]>([
    [
      'one has no type',
      { 'was-blue': 'Active', 'was-green': undefined },
      'the tag type of was-green was changed from StandBy to (none)',
    ],
    ['the old one is gone', { 'was-green': 'StandBy' }, 'the group was-blue no longer exists'],
    ['the new one is gone', { 'was-blue': 'Active' }, 'the group was-green no longer exists'],
    ['both are gone', {}, 'the group was-blue no longer exists'],
  ])('are refused with T013 where %s', async (_, types, message) => {
    expect(await lookAt(types)).toMatchObject({ code: 'T013', message });
  });

  test.each(['Active', 'StandBy'])('are swapped by half where both are %s', async (type) => {
    const seen = (await lookAt({ 'was-blue': type, 'was-green': type })) as Snapshot;
    expect(seen.areRolesHalfSwapped()).toBe(true);
    expect(seen.rolesInWords()).toBe(`was-blue and was-green are both tagged type = ${type}`);
  });

  test('are not swapped by half where each has a role of its own', async () => {
    const seen = (await lookAt({ 'was-blue': 'StandBy', 'was-green': 'Active' })) as Snapshot;
    expect(seen.areRolesHalfSwapped()).toBe(false);
  });
});

describe('of a deployment that failed', () => {
  const states = { 'i-green': { state: 'healthy' } };
  const gone = new AwsError('TargetGroupNotFound', 'it is gone', 400);

  /** What is attached by group, and what load balancers answer of each attachment. */
  function lookAt(attached: Record<string, AttachmentState[]>, refused: Record<string, Error> = {}, plan = PLAN) {
    const groups = new Map(Object.keys(attached).map((name) => [name, groupOf(name)]));
    const attachments = async ({ name }: { name: string }) =>
      attached[name] ?? Promise.reject(new Error(`there is no group ${name}`));
    const fleet = { groups: async () => groups, attachments };
    const targetStates = async ({ identifier }: { identifier: string }) => {
      if (refused[identifier]) throw refused[identifier];
      return new Map(Object.entries(states));
    };
    const sources = { fleet, loadBalancers: { targetStates } } as unknown as Parameters<typeof lookAtEverything>[1];
    return lookAtEverything(plan, sources, new Date(0));
  }

  test('everything is looked at, dummies apart', async () => {
    const dummies = [attachmentOf('arn:targetgroup/deploycheck-1'), attachmentOf('deploycheck-2', { kind: 'classic' })];
    const seen = await lookAt({
      'was-blue': [...on('web', 'deploychecked'), attachmentOf('deploycheck-3', { kind: 'classic' })],
      'was-green': [...on('api'), ...dummies],
    });
    expect(namesOf(seen.oldAttachments)).toEqual(['arn:web', 'arn:deploychecked']);
    expect(namesOf(seen.newAttachments)).toEqual(['arn:api']);
    expect(seen.dummies).toEqual(dummies);
    expect(namesOf(seen.targetHealth)).toEqual(['web', 'api', 'arn:deploychecked']);
    expect(seen.gone).toEqual(new Set());
  });

  test('groups that are gone are attached to nothing', async () => {
    const seen = await lookAt({});
    expect([seen.oldGroup, seen.newGroup, seen.oldAttachments, seen.newAttachments, seen.dummies]).toEqual([
      undefined,
      undefined,
      [],
      [],
      [],
    ]);
  });

  test('what is deleted is gone, and has no health', async () => {
    const seen = await lookAt({ 'was-blue': on('more') }, { 'arn:api': gone, 'arn:more': gone });
    expect(seen.gone).toEqual(new Set(['target-group arn:api', 'target-group arn:more']));
    expect(namesOf(seen.targetHealth)).toEqual(['web']);
  });

  test('what no listener refers to has no health either, and is not gone', async () => {
    const [web, api] = PLAN.attachments;
    const plan = { ...PLAN, attachments: [web, { ...api, loadBalancerArn: undefined }] } as Plan;
    const seen = await lookAt({}, {}, plan);
    expect(namesOf(seen.targetHealth)).toEqual(['web']);
    expect(seen.gone).toEqual(new Set());
  });

  test('whatever else a load balancer answers is a fault', async () => {
    await expect(lookAt({}, { 'arn:api': new AwsError('Throttling', 'slow down', 400) })).rejects.toThrow('slow down');
  });
});

test('what is read of the real load balancers is what a listener refers to; of the clones, what has one', async () => {
  const attachments = [
    { ...attachmentOf('arn:web'), name: 'web', loadBalancerArn: 'arn:lb', dummyIdentifier: 'arn:clone', isZonal: true },
    { ...attachmentOf('arn:free'), name: 'free' },
    { ...attachmentOf('old', { kind: 'classic' }), name: 'old' },
  ];
  const plan = { ...PLAN, attachments } as Plan;
  const targetStates = async ({ identifier }: { identifier: string }) => new Map([[identifier, { state: 'healthy' }]]);
  const loadBalancers = { targetStates } as unknown as LoadBalancers;
  const told = (found: TargetHealth[]) =>
    found.map(({ name, isZonal, targets }) => [name, isZonal, ...targets.keys()].join(' '));
  expect(told(await healthOnReal(plan, loadBalancers))).toEqual(['web true arn:web', 'old false old']);
  expect(told(await healthOnDummies(plan, loadBalancers))).toEqual(['web true arn:clone']);
});

test('an attachment has the name that it was planned by, or its identifier', () => {
  const seen = snapshot({});
  expect(on('web', 'more').map((attachment) => seen.nameOf(attachment))).toEqual(['web', 'arn:more']);
});

test('what was not looked at cannot be asked for', () => {
  expect(() => snapshot({}).missing()).toThrow('nobody has looked at the attachments of the old group');
  expect(() => snapshot({ oldAttachments: [] }).judgment()).toThrow('nobody has looked at the health of targets');
  expect(() => snapshot({ targetHealth: [] }).wouldServe()).toThrow(
    'nobody has looked at the attachments of the new group',
  );
  expect(() => snapshot({}).dummies).toThrow('nobody has looked at the dummies of the new group');
  expect(() => snapshot({}).gone).toThrow('nobody has looked at deleted load balancers');
});

describe('a new group that serves alone has fallen ill', () => {
  const instances = ['i-1', 'i-2', 'i-3'].map((id) => instanceOf(id));

  /** On `web`, of its three instances so many are healthy; on `api` all. */
  function ill({
    healthy,
    desired,
    old,
    isEmergency = false,
  }: {
    healthy: number;
    desired: number;
    old: number;
    isEmergency?: boolean;
  }) {
    const states = (count: number) =>
      Object.fromEntries(instances.map(({ id }, index) => [id, index < count ? 'healthy' : 'initial'] as const));
    const sizes = (size: number) => ({ minimum: 0, desired: size, maximum: 9 });
    const groups = [
      groupOf('was-blue', { capacity: sizes(old) }),
      groupOf('was-green', { instances, capacity: sizes(desired) }),
    ] as const;
    const targetHealth = healthOf({ api: states(3), web: states(healthy) });
    const plan = { ...PLAN, capacity: { minimum: 2, desired: 2, maximum: 4 }, isEmergency };
    return new Snapshot(plan, new Date(0), ...groups, { targetHealth }).fallenIll()?.name;
  }

  test.each<[string, Parameters<typeof ill>[0], string | undefined]>([
    ['not where as many are healthy as passed step 2', { healthy: 2, desired: 3, old: 2 }, undefined],
    ['where one is missing', { healthy: 1, desired: 3, old: 2 }, 'web'],
    ['where it should have become as large as Active had', { healthy: 2, desired: 3, old: 3 }, 'web'],
    ['not where somebody made it smaller', { healthy: 1, desired: 1, old: 2 }, undefined],
    ['not once the old group is down: there is no way back', { healthy: 0, desired: 3, old: 0 }, undefined],
    ['but in an emergency, in which it was at 0 before', { healthy: 0, desired: 3, old: 0, isEmergency: true }, 'web'],
  ])('%s', (_, scene, expected) => {
    expect(ill(scene)).toBe(expected);
  });
});
