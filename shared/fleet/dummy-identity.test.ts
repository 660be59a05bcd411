/** The tags of dummies: a task is told from every other, and every name of a task can be written. */
import { taskName } from '../../events/contract';
import { Random } from '../../local/kernel/random';
import { tagText } from './dummy-identity';

test.each(['WAS', 'was', 'my shop', 'a+b-c=d.e_f:g/h@i', '상점', 'shop_'])('the task %j is named as it is', (task) => {
  expect(tagText(task)).toBe(task);
});

test.each([
  ['a character that a tag cannot have', 'shop!', 'shop?'],
  ['what stands in its place', 'shop!', 'shop_'],
  ['how many there are', 'shop!!', 'shop!'],
  ['a space at the end', 'shop ', 'shop'],
  ['a space in front', ' shop', '_shop'],
  ['what AWS keeps for itself', 'aws:shop', '_aws:shop'],
  ['the same, in capitals', 'AWS:shop', 'aws:shop'],
  ['the last of 256 characters', `${'x'.repeat(254)}!a`, `${'x'.repeat(254)}!b`],
  ['a letter of two units', `${'𝒜'.repeat(127)}!`, `${'𝒜'.repeat(127)}?`],
  ['case', 'Shop!', 'shop!'],
  ['the hash of another', 'shop!', tagText('shop!')],
])('two tasks that differ in %s are told apart', (_, one, other) => {
  expect(tagText(one)).not.toBe(tagText(other));
});

test('every name of a task becomes a value that a tag may have, and no two become the same', () => {
  const dice = new Random(7);
  const names = new Set<string>();
  while (names.size < 3000) {
    const length = dice.next() < 0.1 ? 256 : 1 + Math.floor(dice.next() * 4);
    const name = Array.from({ length }, () => '!?_ a:A상#𝒜'.at(Math.floor(dice.next() * 11)) ?? '').join('');
    if (taskName.safeParse(name).success) names.add(name);
  }
  const texts = [...names].map(tagText);
  expect(texts.filter((text) => !/^(?!aws:)(?! )[\p{L}\p{N} +\-=._:/@]{1,256}(?<! )$/iu.test(text))).toEqual([]);
  expect(new Set(texts).size).toBe(names.size);
});
