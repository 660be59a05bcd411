/** A command of a mail is one line, of which a POSIX shell makes the words that were meant. */
import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { deleteGroupCommand, putEventCommand, tagCommand } from './commands';
import { ownLine } from './request-lines';

/** What the shell makes of it. */
function wordsOf(line: string): string[] {
  return execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
}

const NAMES = [
  'blue $HOME',
  '#blue',
  "Jane's",
  '"blue"',
  'a\\b',
  '`id`',
  'a;b',
  '*',
  '~',
  'a\nb',
  'a\u2028b',
  '\u202eb',
  '한글',
  '%s\u0085',
];

test.each(NAMES)('the group %j stays what it is', (name) => {
  const command = deleteGroupCommand(name);
  expect(command).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
  expect(wordsOf(command).at(-1)).toBe(name);
});

test('so does whatever a request or a tag holds', async () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.property(text, (task) => {
      const request = putEventCommand('bus', 'DeployRequested', { task });
      const tag = tagCommand([{ group: 'blue', key: 'type', value: `A ${task}`, propagateAtLaunch: false }]);
      for (const line of [request, tag]) expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
      const [{ Detail }] = JSON.parse(wordsOf(request).at(-1) ?? '');
      expect(JSON.parse(Detail)).toEqual({ task });
      expect(JSON.parse(wordsOf(tag).at(-1) ?? '')).toMatchObject([{ Value: `A ${task}` }]);
    }),
    { numRuns: 50 },
  );
});

test.each([
  [['replay', '--from', '24h'], 'bluegreen replay --from 24h --stage prod'],
  [['status', 'WAS'], 'bluegreen status WAS --stage prod'],
  [['clean', '-odd', '--abort'], 'bluegreen clean --abort --stage prod -- -odd'],
  [['doctor'], 'bluegreen doctor --stage prod'],
])('of our own command %o is written as it can be typed', (words, line) => {
  expect(ownLine('bluegreen-prod', ...words)).toBe(line);
});
