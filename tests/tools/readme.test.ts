/** What the documents tell people to run does what they say, as it stands there. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type BundledPrograms, bundlePrograms } from './bundled-programs';

/** What one leaves behind, the next begins with: the tutorial uploads a broken war, which is the newest from then on. */
const DOCUMENTS = ['docs/local.md', 'README.md', 'docs/tutorial.md', 'docs/requests.md', 'docs/operations.md'];
const OTHERS = ['docs/costs.md', 'docs/codedeploy.md', 'docs/parameters.md', 'docs/faq.md', 'CONTRIBUTING.md'];
const [TEXT, ALL] = [DOCUMENTS, [...DOCUMENTS, ...OTHERS]].map((files) =>
  files.map((file) => readFileSync(file, 'utf8')).join('\n'),
) as [string, string];

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

/** Every command of a text that is shell, comments and all; it may go over several lines. */
function commandsIn(text: string): string[] {
  const lines = text.replaceAll(/\\\n\s*/g, '').split('\n');
  return lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

/** A block that says why no test runs it has its mark on the line above. */
const NOT_RUN = /^<!-- not run by a test: [^\n]+ -->\n```sh\n.*?^```/gms;

function blocksOf(text: string): string[][] {
  return [...text.replaceAll(NOT_RUN, '').matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => commandsIn(block));
}

const INLINE = [...ALL.matchAll(/`((?:npm|npx) [^`]+)`/g)].map(([, command = '']) => command);

/** What nothing is run of. */
const WRITTEN = ['docs/security.md', 'docs/limits.md', 'docs/reading-mails.md', 'SECURITY.md', 'CHANGELOG.md'];

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n');
}

/** The operator's command: it needs something to speak to. */
const COMMAND = /^npx --no-install bluegreen /;

interface Ended {
  code: unknown;
  output: string;
  errors: string;
}

/** Runs it as a terminal does. */
function run(script: string, cwd = '.', environment: Record<string, string> = {}): Promise<Ended> {
  const options = { cwd, env: { ...process.env, ...environment }, maxBuffer: 16 * 1024 * 1024 };
  return new Promise((end) => {
    execFile('sh', ['-e', '-c', script], options, (error, output, errors) => {
      end({ code: error ? error.code : 0, output, errors });
    });
  });
}

describe('programs', () => {
  /** What is run for each, where it is not run as it stands; or why it is not. */
  const INSTEAD: Record<string, string | { not: string }> = {
    'npm ci': { not: 'needs a network' },
    'npm test': { not: 'is what runs here' },
    'npm run lint': { not: 'stands beside the tests' },
    'npm run typecheck': { not: 'stands beside the tests' },
    'npm run package': { not: 'leaves its work behind; print-template.test.ts packages' },
    'npm run local': { not: 'serves until it is ended: see below' },
    'npm run local -- --speed 20': { not: 'see below' },
    'npx serverless remove --stage prod': { not: 'needs an account' },
    'npm run mails': { not: 'see print-mails.test.ts' },
    'npm run documents': { not: 'writes what documents.test.ts compares' },
    'npm run try-documents': { not: 'goes through these documents itself, in minutes' },
    'npm run conformance': 'npm run conformance -- --only S3',
    'npm run bench': 'npm run bench -- --only stages,services',
    'npm run bench -- --only crowds': { not: 'takes minutes; a smaller part is measured for the line above' },
    'npx jest path/of/one.test.ts': { not: 'is no file' },
    'npm run simulate -- --seeds 1000': 'npm run simulate -- --seeds 2',
  };
  const given = [...blocksOf(ALL).flat(), ...INLINE].flatMap((line) => line.split(/ && | {2,}#/)).filter(isProgram);
  const programs = [...new Set(given)].map((command) => {
    const packaging = command.replace(/^npx serverless deploy/, 'npm run template --');
    return { command, instead: INSTEAD[command] ?? packaging };
  });

  function isProgram(command: string): boolean {
    return /^np[mx] /.test(command) && !COMMAND.test(command);
  }

  test.concurrent.each(
    programs.flatMap(({ command, instead }) => (typeof instead === 'string' ? [[command, instead]] : [])),
  )(
    '%s',
    async (_, command = '') => {
      const { code, errors } = await run(command);
      expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' });
    },
    300_000,
  );

  test('that are not run here are there', () => {
    const named = programs.flatMap(({ command }) => /^npm run ([\w-]+)/.exec(command)?.[1] ?? []);
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});

describe('against npm run local', () => {
  /** What the terminal of the server says once a command has done what the documents say of it. */
  const SAID_THEN: [command: RegExp, said: string | undefined, code?: number][] = [
    [/^aws s3 cp s3:/, undefined],
    [/^aws s3 cp app\.war/, 'mail      [Success] Non-disruptive deployment(Task : WAS)'],
    [/ bluegreen doctor/, undefined],
    [/ bluegreen status/, undefined],
    [/ bluegreen upload WAS app\.war=\$WARS\/broken/, 'mail      [Success] Deploy Clean(Task : WAS)', 1],
    [/ bluegreen explain/, undefined],
    [/ bluegreen history/, undefined],
    [/ bluegreen upload/, 'mail      [Success] Non-disruptive deployment(Task : WAS)'],
    [/ bluegreen rollback/, 'mail      [Success] Non-disruptive deployment(Task : WAS)'],
    [/\/deploy-requested\.json/, 'mail      [Deploy] Start(Task : WAS)'],
    [/\/abort-requested\.json/, 'mail      [Success] Deploy Clean(Task : WAS)'],
    [/\/deploy-requested-previous\.json/, 'mail      [Success] Non-disruptive deployment(Task : WAS)'],
    [/\/clean-requested\.json/, 'mail      [Success] Deploy Clean(Task : WAS)'],
    [/^aws events start-replay/, undefined],
  ];
  const lines = blocksOf(TEXT).flat();
  const given = lines.filter((line) => line.startsWith('aws ') || COMMAND.test(line));
  const commands = [...new Set(given.map((line) => line.replace(/ {2,}#.*/, '')))];

  const AWS = 'tests/tools/aws-command.ts';
  let bundled: BundledPrograms;
  let folder: string;
  let server: ChildProcess;
  let said = '';

  beforeAll(async () => {
    bundled = await bundlePrograms([AWS]);
    folder = folderOfANewcomer();
    const [command = ''] = lines.filter((line) => line.startsWith('npm run local'));
    const env = { ...process.env, TMPDIR: folder }; // for the mails that it keeps
    server = spawn('sh', ['-c', `${command} --port 0 --speed 30`], { detached: true, env });
    server.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await says('is InService', 0);
  });

  afterAll(() => {
    process.kill(-(server.pid ?? 0), 'SIGINT');
    rmSync(folder, { recursive: true });
    bundled.remove();
  });

  /** What the commands find, with an `aws` command that every machine has. */
  function folderOfANewcomer(): string {
    const made = mkdtempSync(join(tmpdir(), 'newcomer-'));
    symlinkSync(resolve('events'), join(made, 'events'));
    const command = [process.execPath, resolve(bundled.fileOf(AWS))].map((word) => `'${word}'`).join(' ');
    writeFileSync(join(made, 'aws'), `#!/bin/sh\nexec ${command} "$@"\n`);
    chmodSync(join(made, 'aws'), 0o755);
    const own = [process.execPath, resolve('cli/bluegreen.mjs')].map((word) => `'${word}'`).join(' ');
    writeFileSync(
      join(made, 'npx'),
      `#!/bin/sh\ntest "$1 $2" = '--no-install bluegreen' && shift 2 && exec ${own} "$@"\n`,
    );
    chmodSync(join(made, 'npx'), 0o755);
    return made;
  }

  async function says(text: string, from: number): Promise<void> {
    while (!said.includes(text, from)) await once(server.stdout as NodeJS.ReadableStream, 'data');
  }

  /** In another terminal, after the exports that the server printed. */
  function runElsewhere(command: string): Promise<Ended> {
    const exports = said.match(/^export (?:.*\\\n)*.*$/gm) ?? [];
    const script = ['set -u', ...exports, command].join('\n');
    return run(script, folder, { PATH: `${folder}:${process.env.PATH}` });
  }

  test('every command works in the order in which it stands there', async () => {
    const unused = SAID_THEN.filter(([pattern]) => !commands.some((command) => pattern.test(command)));
    expect(unused).toEqual([]);
    for (const command of commands) {
      const from = said.length;
      const { code, errors } = await runElsewhere(command);
      // The operator's command tells on the standard error what it is about to do, and how far it is.
      const rule = SAID_THEN.find(([pattern]) => pattern.test(command));
      if (!rule) throw new Error(`nobody says what is to be seen after ${command}`);
      const [, then, expected = 0] = rule;
      const told = COMMAND.test(command) ? '' : errors;
      expect({ command, code, errors: told }).toEqual({ command, code: expected, errors: '' });
      if (then !== undefined) await says(then, from);
    }
  }, 400_000);

  test('the mails that it told are files in the folder that it named', () => {
    const [, named = ''] = /^ {2}mails {4}(\S+)$/m.exec(said) ?? [];
    const subjects = readdirSync(named).map((file) => readFileSync(join(named, file), 'utf8').split('\n')[0]);
    expect(subjects).toContain('Subject: [Success] Non-disruptive deployment(Task : WAS)');
  });

  test('so does what puts a request on the bus of another stage', async () => {
    const [, entries = ''] = /`--entries ("\$\(sed [^`]+")`/.exec(TEXT) ?? [];
    const { code, output } = await runElsewhere(`echo ${entries}`);
    const [entry] = JSON.parse(readFileSync('events/samples/deploy-requested.json', 'utf8'));
    expect({ code, entries: JSON.parse(output) }).toEqual({
      code: 0,
      entries: [{ ...entry, EventBusName: 'bluegreen-prod' }],
    });
  });

  test('so does every command that it printed itself', async () => {
    const introduction = said.slice(said.indexOf('\nLook at it'), said.indexOf('\nCtrl-C ends it'));
    const printed = commandsIn(introduction).filter((line) => line.startsWith('aws '));
    expect(printed.length).toBeGreaterThan(7);
    for (const command of printed) {
      const { code, errors } = await runElsewhere(command);
      expect({ command, code, errors }).toEqual({ command, code: 0, errors: '' });
    }
  });
});

test('lines can be read side by side with code, but for tables', () => {
  const files = [...DOCUMENTS, ...OTHERS, ...WRITTEN];
  const long = files.flatMap((file) => linesOf(file).filter((line) => !line.startsWith('|') && line.length > 125));
  expect(long).toEqual([]);
});

test('README can be read in five minutes', () => {
  // 240 words a minute, without code, tables of reference and addresses.
  const prose = linesOf('README.md').filter((line) => !/^(\||\[|```| {2}|#)/.test(line));
  expect(prose.join(' ').split(/\s+/).length).toBeLessThan(5 * 240);
});
