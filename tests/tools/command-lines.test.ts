/** Every program that npm starts tells its options, and in one line what it does not understand. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { PROGRAM as DEMO } from '../../local/demo/options';
import { PROGRAM as LOCAL } from '../../local/server/options';
import { type Program, runProgram } from '../../local/terminal/command-line';
import { PROGRAM as SIMULATE } from '../simulation/options';
import { type BundledPrograms, bundlePrograms } from './bundled-programs';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
const PROGRAMS = Object.entries(scripts).flatMap(([name, script]) => {
  const file = /^(?:exec )?tsx (\S+)$/.exec(script)?.[1];
  return file === undefined ? [] : [[name, file] as const];
});

interface Ended {
  code: number | string | null | undefined;
  output: string;
  errors: string;
}

let bundled: BundledPrograms;
beforeAll(async () => {
  bundled = await bundlePrograms(PROGRAMS.map(([, file]) => file));
});
afterAll(() => bundled.remove());

function run(file: string, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bundled.fileOf(file), ...args], (error, output, errors) => {
      resolve({ code: error ? error.code : 0, output, errors });
    });
  });
}

test('these are all programs', () => {
  const names = PROGRAMS.map(([name]) => name).sort();
  expect(names).toEqual([
    'bench',
    'conformance',
    'demo',
    'documents',
    'local',
    'mails',
    'permissions',
    'release',
    'simulate',
    'template',
    'try-documents',
  ]);
});

describe.each(PROGRAMS)('npm run %s', (name, file) => {
  test('prints its options, in 80 columns, when it is asked for them', async () => {
    const asked = await run(file, '--help');
    expect(asked).toEqual({ code: 0, errors: '', output: expect.stringMatching(`^npm run ${name}\\b`) });
    expect(asked.output.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('answers an option that it does not know by one line, and does nothing', async () => {
    expect(await run(file, '--nonsense')).toEqual({
      code: 2,
      output: '',
      errors: `Unknown option '--nonsense': see npm run ${name} -- --help\n`,
    });
  });
});

test.each([
  ['template', ['--param', 'AdminEmails'], '--param is NAME=VALUE, not "AdminEmails"'],
  ['mails', ['T001', 'T002'], "Unexpected argument 'T002'"],
  ['try-documents', ['no-such.md'], 'there is no document "no-such.md"'],
  ['documents', ['tag'], 'no document is called "tag"'],
  ['mails', ['T0X'], 'no mail comes of the code "T0X"'],
  ['conformance', ['--speed', 'fast'], '--speed is a number, not "fast"'],
])('npm run %s -- %j is answered by one line', async (name, args, problem) => {
  const errors = `${problem}: see npm run ${name} -- --help\n`;
  expect(await run(new Map(PROGRAMS).get(name) ?? '', ...args)).toEqual({ code: 2, output: '', errors });
});

describe('one line says what is not understood', () => {
  const programs: Program<unknown>[] = [DEMO, LOCAL, SIMULATE];

  async function answerOf(command: string, args: string[]): Promise<Ended> {
    const program = programs.find((one) => one.command === `npm run ${command}`) as Program<unknown>;
    const said: Record<'output' | 'errors', string[]> = { output: [], errors: [] };
    const streams = {
      output: (text: string) => void said.output.push(text),
      errors: (text: string) => void said.errors.push(text),
    };
    const code = await runProgram(program, args, () => 0, streams);
    return { code, output: said.output.join(''), errors: said.errors.join('') };
  }

  test.each([
    ['simulate', ['--seeds', '0'], '--seeds is a whole number from 1, not "0"'],
    ['simulate', ['--seeds'], "Option '--seeds <value>' argument missing"],
    ['simulate', ['--seeds='], '--seeds is a whole number from 1, not ""'],
    ['simulate', ['--from', '1.5'], '--from is a whole number from 0, not "1.5"'],
    ['simulate', ['--processes', 'all'], '--processes is a whole number from 1, not "all"'],
    ['simulate', ['--digest', '--json'], '--digest prints lines, not JSON'],
    ['simulate', ['--json=yes'], "Option '--json' does not take an argument"],
    ['simulate', ['1000'], "Unexpected argument '1000'"],
    ['demo', ['--war', 'odd'], '--war is "broken" or "well", not "odd"'],
    ['demo', ['--codedeploy', '--war', 'well'], '--codedeploy uploads no war: leave --war out'],
    ['demo', ['-j'], "Unknown option '-j'"],
    ['local', ['--port', '--speed'], "Option '--port' argument missing"],
    ['local', ['--speed', '1e1'], '--speed is a number from 1 to 100, not "1e1"'],
  ])('npm run %s -- %j', async (name, args, problem) => {
    const errors = `${problem}: see npm run ${name} -- --help\n`;
    expect(await answerOf(name, args)).toEqual({ code: 2, output: '', errors });
  });

  test('and nothing is said of what is', async () => {
    expect(await answerOf('simulate', ['--seeds', '7', '--json'])).toEqual({ code: 0, output: '', errors: '' });
    expect(await answerOf('local', ['--port=0'])).toEqual({ code: 0, output: '', errors: '' });
  });
});
