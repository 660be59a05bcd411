/** Whatever is deployed is called as its people call it: no line of any verb is wider than the terminal or the pipe. */
import { stripVTControlCharacters } from 'node:util';
import { CommandLine, type CommandOptions } from '../tests/harness/command';
import { type Names, type ToldRun, tourOf } from '../tests/harness/command-tour';
import { World } from '../tests/harness/world';
import { VERBS } from './verbs';

const KOREAN = {
  task: '결제 서비스',
  version: '2026년 봄 정기 배포판 이점사일',
  reason: '잘못된 가지에서 만들어졌으므로 되돌립니다',
};
const ENGLISH = { task: 'WAS', version: '2.4.1', reason: 'it was built of the wrong branch' };

async function toured(task: string, names: Names, options: CommandOptions): Promise<ToldRun[]> {
  const world = await World.quick({ fleet: { task, name: 'was', warKeys: ['app.war'] } });
  const command = await CommandLine.open(world);
  try {
    return await tourOf(world, command, names, options);
  } finally {
    command.close();
  }
}

/** In columns of a terminal: a syllable of Hangul takes two. */
function widthOf(line: string): number {
  return [...line].reduce((sum, character) => sum + (/\p{Script=Hangul}/u.test(character) ? 2 : 1), 0);
}

/** A command stays whole, so that it can be copied. */
function tooWide({ screen }: ToldRun, columns: number): string[] {
  const lines = stripVTControlCharacters(screen).split(/[\r\n]+/);
  return lines.filter((line) => widthOf(line) > columns && !/^ {2}(bluegreen|aws) /.test(line));
}

test.each([
  [60, KOREAN, false],
  [80, KOREAN, true],
  [60, KOREAN, true],
  [60, ENGLISH, false],
])('in %d columns, called %j, on a terminal: %s', async (columns, { task, ...names }, isTerminal) => {
  const runs = await toured(task, names, { columns, isTerminal });
  expect(new Set(runs.map(({ typed }) => typed.split(' ')[0]))).toEqual(
    new Set(VERBS.map(({ command }) => command.split(' ')[0])),
  );
  expect(runs.map(({ typed, code }) => `${code} ${typed}`).filter((line) => /^[236]/.test(line))).toEqual([]);
  expect(runs.flatMap((run) => tooWide(run, columns).map((line) => `${run.typed}: ${line}`))).toEqual([]);
  const escapes = isTerminal ? [] : runs.filter(({ screen }) => /(?!\n)\p{Cc}/u.test(screen));
  expect(escapes).toEqual([]);
});
