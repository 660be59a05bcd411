/** What clean-up does with whatever it finds: users first, then nothing left behind. */
import { attachmentOf, groupOf, instanceOf, recordOf, tagsOf } from '../../tests/harness/plain-data';
import type { Group } from '../fleet/auto-scaling-groups';
import type { Plan } from './plan';
import { type Course, decideRecovery, mayStillReturn, wayForward } from './recovery';
import { Snapshot } from './snapshot';

/** How a group stands: where it is attached, and where its one instance is healthy; elsewhere that is registered, and ill. */
interface Standing {
  on: string[];
  healthyOn?: string[];
  /** It has no instances. */
  isEmpty?: boolean;
  desired?: number;
  maximum?: number;
}

interface Scene {
  old: Standing | undefined;
  new: Standing | undefined;
  isEmergency?: boolean;
  gone?: string[];
  /** The tags say the roles as they are after the swap. */
  isSwapped?: boolean;
  course?: Partial<Course>;
}

const REAL = ['web', 'api'];
const EVERYWHERE: Standing = { on: REAL, healthyOn: REAL };
const ILL: Standing = { on: REAL };
const NOWHERE: Standing = { on: [] };
const EMPTY: Standing = { on: [], isEmpty: true };
const DETACHED: Standing = { on: [], healthyOn: [] };

/** Swap has begun, and this is the first time that clean-up looks. */
const AFTER_SWAP: Course = {
  attempts: 0,
  hasDetached: true,
  isGoingBack: false,
  isResumed: false,
  isUnknown: false,
};

function groupOfStanding(name: string, standing: Standing | undefined, type: string): Group | undefined {
  if (!standing) return undefined;
  const instances = standing.isEmpty ? [] : [instanceOf(`i-${name}`)];
  const { desired = instances.length, maximum = 2 } = standing;
  return groupOf(name, { instances, capacity: { minimum: 0, desired, maximum }, tags: tagsOf({ type }) });
}

function snapshotOf({
  old,
  new: neu,
  isEmergency = false,
  gone = [],
  isSwapped = false,
}: Scene): Snapshot<Group | undefined> {
  const attachments = REAL.map((name) => ({ ...attachmentOf(name), name, loadBalancerArn: `arn:${name}` }));
  const plan = { ...recordOf().plan, oldGroup: 'blue', newGroup: 'green', isEmergency, attachments } as Plan;
  const targetHealth = REAL.filter((name) => !gone.includes(name)).map((name) => ({
    ...attachmentOf(name),
    name,
    isZonal: false,
    targets: new Map(
      (
        [
          ['i-blue', old],
          ['i-green', neu],
        ] as const
      ).flatMap(([id, standing]) => {
        if (!standing?.on.includes(name) || standing.isEmpty) return [];
        return [[id, { state: standing.healthyOn?.includes(name) ? 'healthy' : 'unhealthy' }] as const];
      }),
    ),
  }));
  const attachedTo = (standing: Standing | undefined) => (standing?.on ?? []).map((name) => attachmentOf(name));
  const [blueType, greenType] = isSwapped ? (['StandBy', 'Active'] as const) : (['Active', 'StandBy'] as const);
  return new Snapshot(
    plan,
    new Date(0),
    groupOfStanding('blue', old, blueType),
    groupOfStanding('green', neu, greenType),
    {
      oldAttachments: attachedTo(old),
      newAttachments: attachedTo(neu),
      dummies: [],
      targetHealth,
      gone: new Set(gone.map((name) => `target-group ${name}`)),
    },
  );
}

function decide(scene: Scene): string {
  const recovery = decideRecovery(snapshotOf(scene), { ...AFTER_SWAP, ...scene.course });
  if (recovery.kind === 'go-back')
    return `go back to ${recovery.missing.map(({ identifier }) => identifier).join(', ') || 'nothing more'}`;
  return recovery.kind === 'operator' ? `operator: ${recovery.reason}` : recovery.kind;
}

describe('where the new group is on no load balancer', () => {
  test.each<[string, Scene, string]>([
    ['it goes', { old: EVERYWHERE, new: NOWHERE }, 'take-down'],
    [
      'it goes, though somebody has detached the old one before swap began',
      { old: DETACHED, new: NOWHERE, course: { hasDetached: false } },
      'take-down',
    ],
    ['it goes, where the old one is gone', { old: undefined, new: NOWHERE }, 'take-down'],
    ['the old one that swap detached is attached again first', { old: DETACHED, new: NOWHERE }, 'go back to web, api'],
    ['and only where that is missing', { old: { on: ['web'], healthyOn: ['web'] }, new: NOWHERE }, 'go back to api'],
    [
      'the old one that is attached again is waited for',
      { old: ILL, new: NOWHERE, course: { isGoingBack: true } },
      'go back to nothing more',
    ],
    ['but not for ever', { old: ILL, new: NOWHERE }, 'take-down'],
    ['and not once it is well', { old: EVERYWHERE, new: NOWHERE, course: { isGoingBack: true } }, 'take-down'],
    [
      'an old one that was detached and has no instances is for an operator',
      { old: EMPTY, new: NOWHERE },
      'operator: green cannot serve alone, and blue has no instances any more to go back to',
    ],
  ])('%s', (_, scene, expected) => {
    expect(decide(scene)).toBe(expected);
  });
});

describe('where an operator has just asked to go on', () => {
  const asked = { isResumed: true };
  const half = (on: string[]): Standing => ({ on: REAL, healthyOn: on });
  test.each<[string, Scene, string]>([
    [
      'an old one that is attached again is waited for',
      { old: ILL, new: EVERYWHERE, course: asked },
      'go back to nothing more',
    ],
    [
      'also where only one load balancer waits for it',
      { old: half(['web']), new: EVERYWHERE, course: asked },
      'go back to nothing more',
    ],
    [
      'one that was given a size is attached again, though its instances are still to come',
      { old: { on: [], isEmpty: true, desired: 1 }, new: ILL, course: asked },
      'go back to web, api',
    ],
    [
      'one that is attached and at 0 is not waited for',
      { old: { on: REAL, isEmpty: true }, new: EVERYWHERE, course: asked },
      'operator: only green is healthy on web, api: taking it away would leave nobody to serve',
    ],
    [
      'one that is given up goes, where the new one carries what is left',
      { old: { ...EMPTY, maximum: 0 }, new: half(['web']), gone: ['api'], isSwapped: true, course: asked },
      'forward',
    ],
    [
      'but not where the new one carries nobody',
      { old: { ...EMPTY, maximum: 0 }, new: ILL, isSwapped: true, course: asked },
      'operator: green cannot serve alone, and blue has no instances any more to go back to',
    ],
  ])('%s', (_, scene, expected) => {
    expect(decide(scene)).toBe(expected);
  });
});

describe('where a group is gone', () => {
  test.each<[string, Scene, string]>([
    ['the new one, and the old one serves: the rest goes', { old: EVERYWHERE, new: undefined }, 'take-down'],
    [
      'the new one, and the old one is detached: that is attached again',
      { old: DETACHED, new: undefined },
      'go back to web, api',
    ],
    [
      'the new one, and the old one is detached and empty: an operator',
      { old: EMPTY, new: undefined },
      'operator: green cannot serve alone, and blue has no instances any more to go back to',
    ],
    [
      'the new one, and somebody has detached the old one before swap began: that is attached again all the same',
      { old: DETACHED, new: undefined, course: { hasDetached: false } },
      'go back to web, api',
    ],
    [
      'the new one, and the old one is not healthy again yet: the rest need not wait for it',
      { old: ILL, new: undefined, course: { isGoingBack: true } },
      'take-down',
    ],
    [
      'both: an operator',
      { old: undefined, new: undefined },
      'operator: green cannot serve alone, and blue has no instances any more to go back to',
    ],
    [
      'the old one, and the new one serves: an operator',
      { old: undefined, new: EVERYWHERE },
      'operator: blue no longer exists, and green is behind the load balancers: it is left alone',
    ],
  ])('%s', (_, scene, expected) => {
    expect(decide(scene)).toBe(expected);
  });
});

describe('where the old group is attached everywhere', () => {
  test.each<[string, Scene, string]>([
    ['the new one goes, however well it is', { old: EVERYWHERE, new: EVERYWHERE }, 'take-down'],
    ['and however ill', { old: EVERYWHERE, new: ILL }, 'take-down'],
    ['it goes also where nobody is healthy', { old: ILL, new: ILL }, 'take-down'],
    [
      'but not where it alone is healthy',
      { old: { on: REAL, healthyOn: ['web'] }, new: EVERYWHERE },
      'operator: only green is healthy on api: taking it away would leave nobody to serve',
    ],
    [
      'nor while the old one, attached again, is to become healthy',
      { old: { on: REAL, healthyOn: ['web'] }, new: EVERYWHERE, course: { isGoingBack: true } },
      'go back to nothing more',
    ],
    ['it goes once that is well', { old: EVERYWHERE, new: EVERYWHERE, course: { isGoingBack: true } }, 'take-down'],
  ])('%s', (_, scene, expected) => {
    expect(decide(scene)).toBe(expected);
  });
});

describe('where the old group is detached', () => {
  const half: Standing = { on: ['web'], healthyOn: ['web'] };

  test.each<[string, Scene, string]>([
    ['and the new one would pass step 2: forward', { old: DETACHED, new: EVERYWHERE }, 'forward'],
    ['also where it is from one load balancer only', { old: half, new: EVERYWHERE }, 'forward'],
    ['once more where that was tried before', { old: DETACHED, new: EVERYWHERE, course: { attempts: 1 } }, 'forward'],
    [
      'but not for ever',
      { old: DETACHED, new: EVERYWHERE, course: { attempts: 2 } },
      'operator: green serves, but finishing the deployment failed again and again',
    ],
    ['and the new one is ill: back', { old: DETACHED, new: ILL }, 'go back to web, api'],
    [
      'and the new one is ill on one: back',
      { old: DETACHED, new: { on: REAL, healthyOn: ['web'] } },
      'go back to web, api',
    ],
    ['and the new one is not attached everywhere: back', { old: half, new: half }, 'go back to api'],
    [
      'and a load balancer is gone: back to what is left',
      { old: DETACHED, new: EVERYWHERE, gone: ['api'] },
      'go back to web',
    ],
    [
      'and the new one is ill, and the old one is empty: an operator',
      { old: EMPTY, new: ILL },
      'operator: green cannot serve alone, and blue has no instances any more to go back to',
    ],
    [
      'and is about to lose its last instances: an operator',
      { old: { ...DETACHED, desired: 0 }, new: ILL },
      'operator: green cannot serve alone, and blue has no instances any more to go back to',
    ],
    [
      'and gets no instances though it is to have some: an operator',
      { old: { ...EMPTY, desired: 1 }, new: ILL },
      'operator: green cannot serve alone, and blue has no instances any more to go back to',
    ],
  ])('%s', (_, scene, expected) => {
    expect(decide(scene)).toBe(expected);
  });
});

describe('in an emergency, in which the old group was at 0 before', () => {
  const atZero: Standing = { on: REAL, isEmpty: true };

  test.each<[string, Scene, string]>([
    ['a new one that is well goes forward', { old: atZero, new: EVERYWHERE }, 'forward'],
    ['also where the old one is detached', { old: EMPTY, new: EVERYWHERE }, 'forward'],
    ['a new one that is ill goes', { old: atZero, new: ILL }, 'take-down'],
    [
      'it goes, though the old one is being gone back to, which cannot become well',
      { old: atZero, new: ILL, course: { isGoingBack: true } },
      'take-down',
    ],
    [
      'an old one that somebody gave instances again is gone back to, though the new one serves somewhere',
      { old: DETACHED, new: { on: ['web'], healthyOn: ['web'] } },
      'go back to web, api',
    ],
    [
      'and waited for',
      { old: ILL, new: { on: REAL, healthyOn: ['web'] }, course: { isGoingBack: true } },
      'go back to nothing more',
    ],
    ['but a new one that is well goes forward all the same', { old: DETACHED, new: EVERYWHERE }, 'forward'],
    ['also where the old one is attached, and well', { old: EVERYWHERE, new: EVERYWHERE }, 'forward'],
    ['the old one is attached as it was before the new one goes', { old: EMPTY, new: ILL }, 'go back to web, api'],
    [
      'a new one that serves somewhere is for an operator',
      { old: atZero, new: { on: REAL, healthyOn: ['web'] } },
      'operator: only green is healthy on web: taking it away would leave nobody to serve',
    ],
    [
      'also where the old one is detached',
      { old: EMPTY, new: { on: REAL, healthyOn: ['web'] } },
      'operator: only green is healthy on web: taking it away would leave nobody to serve',
    ],
  ])('%s', (_, scene, expected) => {
    expect(decide({ ...scene, isEmergency: true })).toBe(expected);
  });
});

describe('a new version that is well goes on', () => {
  const swapped = (name: string) => groupOf(name, { tags: tagsOf({ type: name === 'blue' ? 'StandBy' : 'Active' }) });

  test.each<[string, Scene, boolean, string]>([
    [
      'with retire, where roles are swapped and the old group is on nothing',
      { old: DETACHED, new: EVERYWHERE },
      true,
      'retire',
    ],
    ['with swap, where the old group was attached once more', { old: EVERYWHERE, new: EVERYWHERE }, true, 'swap'],
    [
      'with what swap had begun, where roles are not swapped',
      { old: DETACHED, new: EVERYWHERE },
      false,
      'swap, detaching',
    ],
    ['with swap from its beginning, where nothing is detached', { old: EVERYWHERE, new: EVERYWHERE }, false, 'swap'],
    [
      'with what swap had begun, where only some is',
      { old: { on: ['web'] }, new: EVERYWHERE },
      true,
      'swap, detaching',
    ],
  ])('%s', (_, scene, areRolesSwapped, expected) => {
    const { plan, seenAt, oldGroup, newGroup, oldAttachments } = snapshotOf(scene);
    const groups = areRolesSwapped ? ([swapped('blue'), swapped('green')] as const) : ([oldGroup, newGroup] as const);
    expect(wayForward(new Snapshot<Group | undefined>(plan, seenAt, ...groups, { oldAttachments }))).toBe(expected);
  });
});

test.each<[string, string | undefined, boolean]>([
  ['that was attached again 899 s ago has time to become healthy', '2029-12-31T23:45:01.000Z', true],
  ['that was attached again 900 s ago has no more', '2029-12-31T23:45:00.000Z', false],
  ['that was never attached again needs none', undefined, false],
])('an old group %s', (_, reattachedAt, expected) => {
  expect(mayStillReturn(reattachedAt, new Date('2030-01-01T00:00:00.000Z'))).toBe(expected);
});
