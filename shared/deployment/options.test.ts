/** What a task asks for by tags that not every fleet has. */
import { groupOf, tagsOf } from '../../tests/harness/plain-data';
import { optionsOf } from './options';

const KNOWN = [
  { tag: 'hold', values: ['beforeusers', 'beforeswap'] },
  { tag: 'pace', values: ['slow'] },
];

function options(active: Record<string, string>, standBy: Record<string, string>) {
  const pair = {
    active: groupOf('blue', { tags: tagsOf(active) }),
    standBy: groupOf('green', { tags: tagsOf(standBy) }),
  };
  return optionsOf(KNOWN, pair);
}

test.each<[string, Record<string, string>, Record<string, string>, object]>([
  ['nobody says anything', { other: 'x' }, {}, {}],
  ['Active says it', { hold: 'beforeswap' }, {}, { hold: 'beforeswap' }],
  ['StandBy says it, however the key is spelled', {}, { Hold: 'beforeusers' }, { hold: 'beforeusers' }],
  ['both say the same', { hold: 'beforeswap' }, { hold: 'beforeswap' }, { hold: 'beforeswap' }],
  ['there are two of them', { hold: 'beforeswap', pace: 'slow' }, {}, { hold: 'beforeswap', pace: 'slow' }],
])('where %s, that is what is planned with', (_, active, standBy, expected) => {
  expect(options(active, standBy)).toEqual(expected);
});

test.each<[string, Record<string, string>, Record<string, string>, string]>([
  [
    'the groups differ',
    { hold: 'beforeswap' },
    { hold: 'beforeusers' },
    'blue is tagged hold = beforeswap and green is tagged hold = beforeusers: the groups of a task have to agree',
  ],
  [
    'one group says two things in two spellings',
    { hold: 'beforeswap', HOLD: 'beforeusers' },
    {},
    'blue is tagged hold = beforeswap and blue is tagged hold = beforeusers: the groups of a task have to agree',
  ],
  ['the value is unknown', {}, { pace: 'fast' }, 'green is tagged pace = fast, which is none of slow'],
  ['the value is empty', { pace: '' }, {}, 'blue is tagged pace = , which is none of slow'],
])('where %s, the deployment is refused', (_, active, standBy, message) => {
  expect(options(active, standBy)).toEqual({ code: '400', message });
});
