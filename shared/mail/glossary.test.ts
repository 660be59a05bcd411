/** Which words of a mail are explained. */
import { glossaryOf } from './glossary';

function explained(...lines: string[]): string[] {
  return glossaryOf(lines, 'en').flatMap((line) => /^ {2}([^:]+): [a-z]/.exec(line)?.slice(1) ?? []);
}

test.each([
  ['It failed (T013, in check-dummy).', ['check-dummy']],
  ['Clean-up takes it back now; the mail of clean-up says it.', ['clean-up']],
  ['was-green is at 0/0/0, tagged type = StandBy.', ['StandBy', '0/0/0']],
  ['was-blue (Active) is behind the dummies, not the dummy', ['Active', 'dummies']],
  [
    'Dead letters lie unread: see the record, its war slots and the watchdog',
    ['watchdog', 'war slots', 'Dead letters', 'record'],
  ],
  ['Then clean the task again; before that it is not deployed.', ['clean']],
  // A part of a name is no word of ours.
  ['log of the function bluegreen-dev-check-dummy, /aws/lambda/swap, swap-2, Inactive, 10/0/0/0, docs/1/2/3', []],
  ['nothing of that', []],
])('%s', (line, words) => {
  expect(explained(line)).toEqual(words);
});

test('each once, in one section, in the language', () => {
  expect(glossaryOf(['swap', 'a swap'], 'en')).toEqual([
    '',
    'Words',
    '  swap: the old version is detached, and the groups change their tags.',
  ]);
  expect(glossaryOf(['swap'], 'ko')).toEqual(['', '용어', '  swap: 이전 버전을 분리하고 두 그룹의 태그를 바꿉니다.']);
  expect(glossaryOf(['it went well'], 'en')).toEqual([]);
});
