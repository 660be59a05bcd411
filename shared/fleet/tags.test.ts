import { tagsOf } from '../../tests/harness/plain-data';
import { ambiguousKeys, findTag, tagValue, versionKeyOf, warSlots } from './tags';

const war = (slot: number) => ({
  [`appS3Key${slot}`]: `app${slot}.war`,
  [`s3VersionIdApp${slot}`]: `v${slot}`,
  [`appPath${slot}`]: `/webapps/app${slot}.war`,
});

test('keys are found however they are spelled; values are left as they are', () => {
  const tags = tagsOf({ TaskForDeploy: 'Was', TYPE: 'Active' });
  expect([tagValue(tags, 'taskfordeploy'), tagValue(tags, 'type')]).toEqual(['Was', 'Active']);
  expect(findTag(tags, 'taskfordeploy')?.key).toBe('TaskForDeploy');
  expect(tagValue(tags, 'bucket')).toBeUndefined();
});

test('war slots come in the order of their numbers, gaps and all', () => {
  expect(warSlots(tagsOf({ ...war(9), ...war(2) }))).toEqual([
    { slot: 2, key: 'app2.war', versionId: 'v2', path: '/webapps/app2.war' },
    { slot: 9, key: 'app9.war', versionId: 'v9', path: '/webapps/app9.war' },
  ]);
});

test.each(['appS3Key1', 's3VersionIdApp1', 'appPath1'])('a slot without its %s does not count', (key) => {
  expect(warSlots(tagsOf({ ...war(1), [key]: '' }))).toEqual([]);
  expect(warSlots(tagsOf(war(1)).filter((tag) => tag.key !== key))).toEqual([]);
});

test('there are nine slots: no zeroth, no tenth', () => {
  expect(warSlots(tagsOf({ ...war(0), ...war(10) }))).toEqual([]);
  expect(versionKeyOf(9)).toBe('s3versionidapp9');
});

test('a key of ours in two spellings is ambiguous; of anything else it is nobody’s business', () => {
  const tags = tagsOf({ type: 'Active', Type: 'StandBy', Name: 'x', name: 'y', appPath3: 'a', AppPath3: 'a' });
  expect(ambiguousKeys(tags)).toEqual(['type', 'apppath3']);
  expect(ambiguousKeys(tagsOf(war(1)))).toEqual([]);
});
