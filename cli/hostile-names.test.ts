/** Tasks and wars may be called anything that AWS takes: each command that is printed is one, with what was meant. */
import { execFileSync } from 'node:child_process';
import { CommandLine } from '../tests/harness/command';
import { type ToldRun, tourOf } from '../tests/harness/command-tour';
import { World } from '../tests/harness/world';
import { EXIT } from './problem';
import { VERBS } from './verbs';

/** What a shell makes of a line. */
function wordsOf(line: string): string[] {
  const script = `printf '%s\\0' ${line}`;
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

function commandsIn(runs: readonly ToldRun[]): string[] {
  const lines = runs.flatMap(({ screen }) => screen.split('\n'));
  return [...new Set(lines.filter((line) => /^ +(bluegreen|aws) /.test(line)).map((line) => line.trim()))];
}

const VERB_NAMES = VERBS.map(({ command }) => command.split(' ')[0] ?? '');

let command: CommandLine;

afterEach(() => command.close());

test.each([
  ["it's $HOME & #1; rm *", "web $(id)'s"],
  ['-x', '-app'],
  ['--yes', 'app'],
  ['결제 `서비스`', '결제 & 정산'],
])('the task %s with the war %s', async (task, war) => {
  const world = await World.quick({ fleet: { task, name: 'was', warKeys: [`${war}.war`] } });
  command = await CommandLine.open(world);
  const names = { version: "2.0 'x' $y", reason: `"no" & 'no'` };
  const runs = await tourOf(world, command, names, { columns: 60 });
  expect(runs.map(({ typed, code }) => `${code} ${typed}`).filter((line) => /^[236]/.test(line))).toEqual([]);
  const printed = commandsIn(runs);
  expect(printed.length).toBeGreaterThan(2);
  for (const line of printed) {
    expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    const [program, ...words] = wordsOf(line);
    if (program !== 'bluegreen') continue;
    expect(VERB_NAMES).toContain(words[0]);
    if (words.includes('TASK') || words[0] === 'doctor') continue;
    expect(words).toContain(task);
    // Where nobody can be asked nothing is changed.
    const { code, errors } = await command.run(words, { columns: 300 });
    expect({ line, isUnderstood: code !== EXIT.usage || errors.includes('Nobody can be asked') }).toEqual({
      line,
      isUnderstood: true,
    });
  }
});
