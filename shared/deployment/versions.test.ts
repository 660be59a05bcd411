/** Which version of each war a request means, and what it is refused for. */
import { tagsOf } from '../../tests/harness/plain-data';
import type { ProvenWar, Wars } from '../fleet/wars';
import {
  chooseVersions,
  eachSet,
  heldMarkOf,
  heldMarksOf,
  isHeld,
  type Past,
  previousVersions,
  requestedVersions,
  type ServedSet,
  withHeldMarks,
  withServed,
} from './versions';

/** Active runs version 2 of both wars; the newest is 3. */
const TAGS = tagsOf({
  bucket: 'wars',
  ...{ AppS3Key1: 'app.war', s3VersionIdApp1: 'app-2', AppPath1: '/app' },
  ...{ AppS3Key2: 'api.war', s3VersionIdApp2: 'api-2', AppPath2: '/api' },
});

const wars = {
  prove: async (bucket: string, key: string, versionId?: string): Promise<ProvenWar> => {
    if (versionId?.includes('lost')) return { problem: `${bucket} key(${key}) versionId(${versionId}) does not exist` };
    return { versionId: versionId ?? `${key.replace('.war', '')}-3` };
  },
  nameOf: async () => undefined,
} as unknown as Wars;

function war(slot: number, name: string, to: string) {
  return { slot, bucket: 'wars', key: `${name}.war`, path: `/${name}`, from: `${name}-2`, to: `${name}-${to}` };
}

function past(heldVersions: Record<string, string[]>, wasDeployed = true): Past {
  const deployed = {
    wars: [{ ...war(1, 'app', '2'), from: 'app-1' }],
    capacity: { minimum: 1, desired: 1, maximum: 1 },
  };
  return { heldVersions, lastSuccess: wasDeployed ? deployed : undefined };
}

function choose(versions: string | undefined, before?: Past) {
  return chooseVersions(versions, TAGS, before, wars);
}

/** `set('app-1', 'api-2')`: what it says of the wars in slots 1 and 2; an empty one says nothing. */
function set(app: string, api = ''): ServedSet {
  const both = [
    { slot: 1, key: 'app.war', versionId: app },
    { slot: 2, key: 'api.war', versionId: api },
  ];
  return both.filter(({ versionId }) => versionId !== '');
}

function served(...servedSets: ServedSet[]): Past {
  return { heldVersions: {}, servedSets };
}

const NEWEST = [war(1, 'app', '3'), war(2, 'api', '3')];
const HELD = { 'app.war': ['app-3'] };

test.each<[string, string | undefined, Past | undefined, object[]]>([
  ['the newest, where nothing is said', undefined, undefined, NEWEST],
  [
    'the newest, where others are held',
    undefined,
    past({ 'app.war': ['app-1', 'api-3'], 'api.war': ['app-3'] }),
    NEWEST,
  ],
  ['the newest, where it is asked for', 'latest', past(HELD), NEWEST],
  ['those that are named', 'app-1,api-1', undefined, [war(1, 'app', '1'), war(2, 'api', '1')]],
  ['those that Active has, where a slot is left open', ' ,api-1', undefined, [war(1, 'app', '2'), war(2, 'api', '1')]],
  ['those that Active has, where a slot is not named', 'app-1', undefined, [war(1, 'app', '1'), war(2, 'api', '2')]],
  ['one that is held, where it is named', 'app-3', past(HELD), [war(1, 'app', '3'), war(2, 'api', '2')]],
  [
    'what the last deployment replaced, and else what Active has, where an earlier version of the record says no more',
    'previous',
    past(HELD),
    [war(1, 'app', '1'), war(2, 'api', '2')],
  ],
  [
    'the newest set that differs from what serves: name the versions',
    'previous',
    served(set('app-2', 'api-2'), set('app-2', 'api-1'), set('app-1', 'api-1')),
    [war(1, 'app', '2'), war(2, 'api', '1')],
  ],
  [
    'the set that served before, where somebody deployed by hand since',
    'previous',
    served(set('app-1', 'api-1')),
    [war(1, 'app', '1'), war(2, 'api', '1')],
  ],
  [
    'what Active has of a war that came since',
    'previous',
    served(set('app-1')),
    [war(1, 'app', '1'), war(2, 'api', '2')],
  ],
])('a request means %s', async (_, versions, before, expected) => {
  expect(await choose(versions, before)).toMatchObject({ wars: expected, notes: [] });
});

describe('versions have the names that their wars have', () => {
  const named = {
    prove: async (bucket, key, versionId) => {
      const proven = await wars.prove(bucket, key, versionId);
      return 'problem' in proven ? proven : { ...proven, name: `proven ${proven.versionId}` };
    },
    nameOf: async (_, __, versionId) => (versionId.startsWith('api') ? undefined : `former ${versionId}`),
  } as Pick<Wars, 'prove' | 'nameOf'> as Wars;
  const namesOf = (chosen: Awaited<ReturnType<typeof chooseVersions>>) =>
    'wars' in chosen ? chosen.wars.map(({ fromName, toName }) => [fromName, toName]) : chosen;

  test('those that come and those that go, where it is known', async () => {
    expect(namesOf(await chooseVersions('latest', TAGS, undefined, named))).toEqual([
      ['former app-2', 'proven app-3'],
      [undefined, 'proven api-3'],
    ]);
  });

  test('one that stays has one name', async () => {
    expect(namesOf(await chooseVersions('app-2', TAGS, undefined, named))).toEqual([
      ['proven app-2', 'proven app-2'],
      ['proven api-2', 'proven api-2'],
    ]);
  });

  test('also in the note on what is held', async () => {
    expect(await chooseVersions(undefined, TAGS, past(HELD), named)).toMatchObject({
      notes: [
        'app.war stays proven app-2 (app-2): its latest version proven app-3 (app-3) was rolled back. Upload a newer one, or request latest.',
      ],
    });
  });

  test('also where they are kept back by what another war is refused for', async () => {
    expect(await chooseVersions('app-3,lost', TAGS, undefined, named)).toMatchObject({
      message: expect.stringContaining('key(app.war) versionId(app-3), proven app-3, is not deployed either'),
    });
  });
});

describe('what is known to have served', () => {
  test.each<[string, string, Past | undefined, ServedSet[]]>([
    ['is what Active has, where no deployment was before', 'latest', undefined, [set('app-2', 'api-2')]],
    [
      'begins with what Active has',
      'latest',
      served(set('app-1', 'api-1')),
      [set('app-2', 'api-2'), set('app-1', 'api-1')],
    ],
    [
      'is one set less, where Active has one of them again',
      'latest',
      served(set('app-1', 'api-1'), set('app-2', 'api-2')),
      [set('app-2', 'api-2'), set('app-1', 'api-1')],
    ],
    [
      'begins with the last deployment, where an earlier version of the record says no more',
      'latest',
      past({}),
      [set('app-2', 'api-2'), set('app-2'), set('app-1')],
    ],
  ])('%s', async (_, versions, before, expected) => {
    const chosen = await choose(versions, before);
    expect('servedSets' in chosen && eachSet(chosen.servedSets)).toEqual(expected);
  });

  test.each(['none-lost', '-lost', 'lost PLACEHOLDER'])('is nothing of a war whose version was %s', async (first) => {
    const tags = TAGS.map((tag) => (tag.key === 's3VersionIdApp1' ? { ...tag, value: first } : tag));
    const chosen = await chooseVersions('latest', tags, undefined, wars);
    expect(chosen).toMatchObject({ servedSets: [set('', 'api-2')] });
  });

  test('is no placeholder of the first deployment by an earlier version', async () => {
    const before = past({});
    for (const replaced of before.lastSuccess?.wars ?? []) replaced.from = 'lost-placeholder';
    expect(await choose('latest', before)).toMatchObject({ servedSets: [set('app-2', 'api-2'), set('app-2')] });
    expect(await choose('previous', before)).toMatchObject({ code: '414' });
  });

  test('is proven once, and not again at every deployment', async () => {
    const proven: (string | undefined)[] = [];
    const counting = {
      prove: (bucket: string, key: string, versionId?: string) => {
        proven.push(versionId);
        return wars.prove(bucket, key, versionId);
      },
      nameOf: wars.nameOf,
    } as unknown as Wars;
    await chooseVersions('latest', TAGS, served(set('app-2', 'api-2')), counting);
    expect(proven).toEqual([undefined, undefined]);
  });
});

test.each<[string, ServedSet, ServedSet[], string[] | undefined]>([
  ['nothing, where nothing is known', set('a'), [], undefined],
  ['nothing, where only that is known', set('a', 'b'), [set('a', 'b')], undefined],
  ['nothing, where what is known says nothing of its wars', set('a'), [set('', 'b')], undefined],
  ['the newest other set', set('c'), [set('c'), set('b'), set('a')], ['b']],
  ['the newest other set, also where it is not the newest itself', set('b'), [set('c'), set('b')], ['c']],
  ['the newest that differs in what is still a war', set('a'), [set('a', 'y'), set('a', 'x'), set('b', 'x')], ['b']],
  ['nothing of a war that came since', set('b', 'x'), [set('b'), set('a')], ['a', '']],
  ['nothing of a war of another key in its slot', [{ slot: 1, key: 'new.war', versionId: 'a' }], [set('b')], undefined],
  ['that of a war that moved to another slot', [{ slot: 2, key: 'app.war', versionId: 'a' }], [set('b')], ['b']],
])('previous means %s', (_, current, sets, expected) => {
  expect(previousVersions(current, sets)).toEqual(expected);
});

test('of the sets that served the newest ten are kept, each once', () => {
  let sets: ServedSet[] = [];
  for (const version of [...'abcdefghijklmnol']) sets = withServed(sets, set(version));
  expect(eachSet(sets).map(([app]) => app?.versionId)).toEqual([...'lonmkjihgf']);
  expect(withServed(sets, [])).toEqual(sets);
});

describe('of the sets that served', () => {
  const sets = [set('app-3', 'api-2'), set('app-2', 'api-2'), set('app-2'), set('app-1')];

  test('those that follow each other and tell of the same wars are kept side by side, and each is still known', () => {
    const kept = sets.toReversed().reduce(withServed, [] as ServedSet[]);
    expect(kept).toEqual([set('app-3 app-2', 'api-2 api-2'), set('app-2 app-1')]);
    expect(eachSet(kept)).toEqual(sets);
    expect(previousVersions(set('app-3', 'api-2'), kept)).toEqual(['app-2', 'api-2']);
  });

  test('those that an earlier version kept one by one are known, and kept side by side with the next', () => {
    expect(eachSet(sets)).toEqual(sets);
    const kept = withServed(sets, set('app-4', 'api-2'));
    expect(kept).toEqual([set('app-4 app-3 app-2', 'api-2 api-2 api-2'), set('app-2 app-1')]);
    expect(withServed(sets, [])).toEqual([set('app-3 app-2', 'api-2 api-2'), set('app-2 app-1')]);
  });
});

describe('what is held', () => {
  const [whole, other] = ['3S4g7tKr8I.KYHZUqgiEz2RKT5SJpjUH', '3S4g7tKr8I.KYHZUqgiEz2RKT5SJpjUI'];

  test.each<[string, string[]]>([
    ['by its mark', [heldMarkOf(whole)]],
    ['whole, as earlier versions noted it', [whole]],
  ])('is known %s, and no other is held', (_, noted) => {
    expect(isHeld({ 'app.war': noted }, 'app.war', whole)).toBe(true);
    expect(isHeld({ 'app.war': noted }, 'app.war', other)).toBe(false);
    expect(isHeld({ 'app.war': noted }, 'api.war', whole)).toBe(false);
    expect(heldMarksOf({ 'app.war': noted }, 'app.war')).toEqual([heldMarkOf(whole)]);
  });

  test('is marked in a few characters, which stand for themselves, as does what is as short', () => {
    expect(heldMarkOf(whole)).toMatch(/^[\w-]{6}$/);
    expect(heldMarkOf(heldMarkOf(whole))).toBe(heldMarkOf(whole));
    expect(heldMarkOf('null')).toBe('null');
  });
});

test('a version that was rolled back does not come back by itself, and it is said why', async () => {
  expect(await choose(undefined, past(HELD))).toMatchObject({
    wars: [war(1, 'app', '2'), war(2, 'api', '3')],
    notes: ['app.war stays app-2: its latest version app-3 was rolled back. Upload a newer one, or request latest.'],
  });
});

test.each<[string, string, Past | undefined, string, string]>([
  [
    'goes back to nothing that is known',
    'previous',
    undefined,
    '414',
    'the request is not valid: no completed deployment is known to go back from',
  ],
  [
    'goes back where only what is held is known',
    'previous',
    past(HELD, false),
    '414',
    'the request is not valid: no completed deployment is known to go back from',
  ],
  [
    'goes back where all that is known serves',
    'previous',
    served(set('app-2', 'api-2'), set('app-2')),
    '414',
    'the request is not valid: nothing is known to have served before that differs from what serves: name the versions',
  ],
  [
    'goes back to a version that is gone',
    'previous',
    served(set('app-2', 'api-2'), set('app-lost', 'api-2')),
    '402',
    'wars key(app.war) versionId(app-lost) does not exist',
  ],
  ['names too many', 'a,b,c', undefined, '414', 'the request is not valid: 3 versions for 2 war slots'],
  [
    'names one that is not there, which keeps the other back',
    'lost,api-1',
    undefined,
    '402',
    'wars key(app.war) versionId(lost) does not exist; ' +
      'key(api.war) versionId(api-1) is not deployed either, until that is mended',
  ],
  [
    'names one that is not there beside what Active has',
    'lost,api-2',
    undefined,
    '402',
    'wars key(app.war) versionId(lost) does not exist',
  ],
  [
    'names several that are not there',
    'lost,lost',
    undefined,
    '402',
    'wars key(app.war) versionId(lost) does not exist; wars key(api.war) versionId(lost) does not exist',
  ],
])('a request that %s is refused', async (_, versions, before, code, message) => {
  expect(await choose(versions, before)).toMatchObject({ code, message });
});

test('one slot is one slot', async () => {
  const tags = TAGS.filter(({ key }) => !key.endsWith('2'));
  expect(await chooseVersions('a,b', tags, undefined, wars)).toMatchObject({
    message: 'the request is not valid: 2 versions for 1 war slot',
  });
});

describe('two slots of one war', () => {
  /** Slots 1 and 3 install the same war at different paths; slot 2 another one. */
  const twice = [...TAGS, ...tagsOf({ appS3Key3: 'app.war', s3VersionIdApp3: 'app-2', appPath3: '/admin' })];
  const third = (to: string, from = 'app-2') => ({ ...war(3, 'app', '2'), path: '/admin', from, to });

  test.each<[string, string | undefined, Past | undefined, object[]]>([
    ['the newest', undefined, undefined, [war(1, 'app', '3'), war(2, 'api', '3'), third('app-3')]],
    ['the newest, asked for', 'latest', past(HELD), [war(1, 'app', '3'), war(2, 'api', '3'), third('app-3')]],
    [
      'what Active has, where the newest is held',
      undefined,
      past(HELD),
      [war(1, 'app', '2'), war(2, 'api', '3'), third('app-2')],
    ],
    ['what the first is given', 'app-1', undefined, [war(1, 'app', '1'), war(2, 'api', '2'), third('app-1')]],
    ['what the last is given', ',,app-1', undefined, [war(1, 'app', '1'), war(2, 'api', '2'), third('app-1')]],
    [
      'what Active has, where neither is given any',
      ',api-1,',
      undefined,
      [war(1, 'app', '2'), war(2, 'api', '1'), third('app-2')],
    ],
    ['what each is given', 'app-1,,app-0', undefined, [war(1, 'app', '1'), war(2, 'api', '2'), third('app-0')]],
    ['what served before', 'previous', past(HELD), [war(1, 'app', '1'), war(2, 'api', '2'), third('app-1')]],
  ])('get %s', async (_, versions, before, expected) => {
    expect(await chooseVersions(versions, twice, before, wars)).toMatchObject({ wars: expected });
  });

  test('go back each to what it had, where that was not the same', async () => {
    const deployed = {
      ...past({}).lastSuccess,
      wars: [{ ...war(1, 'app', '2'), from: 'app-1' }, third('app-2', 'app-0')],
    };
    const before = { heldVersions: {}, lastSuccess: deployed } as Past;
    expect(await chooseVersions('previous', twice, before, wars)).toMatchObject({
      wars: [war(1, 'app', '1'), war(2, 'api', '2'), third('app-0')],
    });
  });

  test('get the same version, though another one is uploaded meanwhile', async () => {
    let uploads = 2;
    const prove: Wars['prove'] = async (_, key) => ({ versionId: `${key.replace('.war', '')}-${++uploads}` });
    const busy = { prove, nameOf: wars.nameOf } as unknown as Wars;
    expect(await chooseVersions(undefined, twice, undefined, busy)).toMatchObject({
      wars: [war(1, 'app', '3'), war(2, 'api', '4'), third('app-3')],
    });
  });

  test('are refused, and told of, once', async () => {
    expect(await chooseVersions('lost', twice, undefined, wars)).toEqual({
      code: '402',
      message: 'wars key(app.war) versionId(lost) does not exist',
      remedy: { kind: 'list-versions', wars: [{ bucket: 'wars', key: 'app.war' }], versions: 'VERSION,,VERSION' },
    });
    const chosen = await chooseVersions(undefined, twice, past(HELD), wars);
    expect(chosen).toMatchObject({ notes: [expect.stringContaining('app.war stays app-2')] });
  });
});

describe('whatever a war is called,', () => {
  const names = ['constructor', '__proto__', '___proto__', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];

  test.each(names)('nothing is held of it until something is, and then it alone is: %s', (name) => {
    expect(heldMarksOf({}, name)).toEqual([]);
    const stored = JSON.parse(JSON.stringify(withHeldMarks({ 'app.war': ['v1'] }, name, ['v2'])));
    expect(heldMarksOf(stored, name)).toEqual(['v2']);
    for (const other of names.filter((one) => one !== name)) expect(heldMarksOf(stored, other)).toEqual([]);
    expect(withHeldMarks(stored, name, [])).toEqual({ 'app.war': ['v1'] });
  });

  test.each(names)('its newest version is deployed, and is not where it is held: %s', async (name) => {
    const tags = tagsOf({ bucket: 'wars', apps3key1: name, s3versionidapp1: 'v2', apppath1: '/app' });
    const chosen = (heldVersions: Past['heldVersions']) => chooseVersions(undefined, tags, { heldVersions }, wars);
    expect(await chosen({})).toMatchObject({ wars: [{ key: name, to: `${name}-3` }] });
    const held = withHeldMarks({}, name, [`${name}-3`]);
    expect(await chosen(held)).toMatchObject({ wars: [{ key: name, to: 'v2' }] });
  });
});

test.each<[string | undefined, string[]]>([
  [undefined, []],
  ['a', ['a']],
  [' a , b', ['a', 'b']],
  [',b', ['', 'b']],
])('versions = %s names %j', (versions, expected) => {
  expect(requestedVersions(versions)).toEqual(expected);
});
