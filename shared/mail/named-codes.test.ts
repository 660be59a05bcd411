/** Which codes a mail names, and so has to explain. */
import { namedCodes } from './named-codes';

test.each([
  ['[Failed] Deploy Start Failed(Task : WAS, errCode : 402)', 'It was refused.', ['402']],
  [
    '[Failed] Non-disruptive deployment(errCode : T001, Task : WAS)',
    'The deployment of WAS failed: it is ill (T001, in check-dummy).',
    ['T001'],
  ],
  [
    '[Refused] Abort(Task : WAS)',
    'The request to abort WAS was refused: none (a) runs (418). Nothing was changed.',
    ['418'],
  ],
  [
    '[Success] Deploy Clean(Task : WAS)',
    'The deployment of WAS failed, and is taken back: it is ill (T001). It serves.',
    ['T001'],
  ],
  ['[Error] Deploy Clean(Task : WAS)', 'It stopped.\n\nWhy\n  Code T012\n  T011: it is ill', ['T012', 'T011']],
  ['[Success] It', 'It serves.\n\nLeft over\n  T003: the clone could not be deleted', ['T003']],
  // A side sentence asks nobody to look a code up.
  ['[Error] It', 'To finish\n  # free the task; else its deployments are refused (401):', []],
  // What is no code of ours, or what others say, is not explained.
  ['[Success] It', 'code T998, code 404x, code 200', []],
  [
    '[Success] It',
    'Why\n  i-1 on web: Health checks failed with these codes: [500]\n  aborted by jane: it says code 500',
    [],
  ],
  ['[Deploy] Start(Task : T001)', 'A deployment of T001 has started.\n\nGroups\n  T001-blue serves now.', []],
])('%s: %j', (subject, body, codes) => {
  expect(namedCodes({ subject, body })).toEqual(codes);
});

test('of many the first', () => {
  const body = ['400', '401', '402', '403', '404', '405'].map((code) => `It failed (${code}).`).join('\n\n');
  expect(namedCodes({ subject: 'It', body })).toEqual(['400', '401', '402', '403']);
});
