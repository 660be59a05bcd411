/** What the tags of either group say of the task. */
import { groupOf, tagsOf } from '../../tests/harness/plain-data';
import { settingsOf } from './task-settings';

function settings(active: Record<string, string>, standBy: Record<string, string> = {}) {
  return settingsOf([groupOf('blue', { tags: tagsOf(active) }), groupOf('green', { tags: tagsOf(standBy) })]);
}

const war = (slot: number) => ({
  [`apps3key${slot}`]: `app${slot}.war`,
  [`s3versionidapp${slot}`]: `v${slot}`,
  [`apppath${slot}`]: `/webapps/app${slot}.war`,
});

test('where nothing is said, uploads are deployed at once, and several wars wait a minute for each other', () => {
  const plain = { repetitions: undefined, isDeployedByItself: true, settleSeconds: 0, notes: [], conflict: undefined };
  expect(settings({})).toEqual(plain);
  expect(settings(war(1), war(1))).toEqual(plain);
  expect(settings({ ...war(1), ...war(2) })).toEqual({ ...plain, settleSeconds: 60 });
});

test.each<[string, Record<string, string>, Record<string, string>, object]>([
  ['Active', { Repetitions: ' 3 ' }, {}, { repetitions: 3 }],
  ['StandBy', {}, { repetitions: '9' }, { repetitions: 9 }],
  ['both alike', { AutoDeploy: 'False' }, { autodeploy: 'false' }, { isDeployedByItself: false }],
  ['StandBy, against the default', {}, { ...war(1), ...war(2), settleseconds: '0' }, { settleSeconds: 0 }],
  [
    'each another one',
    { settleseconds: '90' },
    { autodeploy: 'false' },
    { settleSeconds: 90, isDeployedByItself: false },
  ],
])('%s says it for the task', (_, active, standBy, expected) => {
  expect(settings(active, standBy)).toMatchObject({ ...expected, notes: [], conflict: undefined });
});

test.each([
  ['repetitions', ['1', '10', '2.5', 'two', '', '0x', 'Infinity'], 'a whole number from 2 to 9'],
  ['autodeploy', ['no', '0', '', 'off'], 'true or false'],
  ['settleseconds', ['-1', '3601', 'soon', '', 'NaN'], 'a number of seconds from 0 to 3600'],
])('what %s says that cannot be read is told, and does not count', (tag, texts, form) => {
  for (const text of texts) {
    const { notes, conflict, ...said } = settings({}, { [tag]: text });
    expect(said).toEqual({ repetitions: undefined, isDeployedByItself: true, settleSeconds: 0 });
    expect([notes, conflict]).toEqual([
      [`green is tagged ${tag} = ${text}, which is not ${form}: it does not count.`],
      undefined,
    ]);
  }
});

test('what cannot be read on one group leaves what the other says', () => {
  expect(settings({ repetitions: 'many' }, { repetitions: '4' })).toMatchObject({
    repetitions: 4,
    conflict: undefined,
  });
});

test('two groups that say different things are in conflict, which names both', () => {
  expect(settings({ autodeploy: 'false' }, { autodeploy: 'true' })).toMatchObject({
    isDeployedByItself: true,
    conflict:
      'blue is tagged autodeploy = false and green is tagged autodeploy = true: the groups of a task have to agree',
  });
});
