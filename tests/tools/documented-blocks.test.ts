/**
 * Whatever a document gives to run is run by a test, or is at least understood, or says why neither is done: just above its
 * block, `<!-- not run by a test: needs an account -->`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { readCommand, wordsOf } from '../harness/aws-command';
import { type Block, blocksIn, markdownFiles, readBlocks } from './markdown-files';

interface Runner {
  files: RegExp;
  language: 'sh' | 'console';
  /** The test, and what of its text says that it reads such files. */
  by: string;
  reads: (file: string) => string;
  /** What it runs of a block: anything else needs a mark. */
  takes: RegExp;
}

const RUNNERS: readonly Runner[] = [
  {
    // Made of mails, of which each command is sent in the state that produced it.
    files: /^docs\/mails\.md$/,
    language: 'sh',
    by: 'tests/faults/mail-commands.test.ts',
    reads: () => 'commandsIn',
    takes: /^(aws (?!logs tail )|npx --no-install bluegreen )/,
  },
  {
    files: /^(README|CONTRIBUTING|docs\/[\w-]+)\.md$/,
    language: 'sh',
    by: 'tests/tools/readme.test.ts',
    reads: (file) => `'${file}'`,
    takes: /^(npm|npx|aws) /,
  },
  {
    files: /^docs\/codes\/\w+(\.ko)?\.md$/,
    language: 'sh',
    by: 'tests/tools/code-pages.test.ts',
    reads: () => 'LANGUAGES.flatMap((language) => pages(language)',
    takes: /^aws /,
  },
  {
    files: /^(README|docs\/tour|docs\/command\/README)\.md$/,
    language: 'console',
    by: 'tests/tools/command-document.test.ts',
    reads: () => 'commandDocuments',
    takes: /^/,
  },
];

const SHELLS = ['sh', 'bash', 'shell', 'console', 'shell-session'];
const BLOCKS = markdownFiles().flatMap(readBlocks).filter(isOfShell);

function isOfShell({ language }: Block): boolean {
  return SHELLS.includes(language);
}

/** What is typed: of a `console` block what stands behind its prompt. Comments are none, and a backslash goes on. */
function commandsOf({ language, text }: Block): string[] {
  const lines = text.replaceAll(/\\\n\s*/g, '').split('\n');
  const typed = language === 'console' ? lines.flatMap((line) => /^\$ (.*)$/.exec(line)?.[1] ?? []) : lines;
  return typed
    .map((line) => line.replace(/ {2,}# .*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** What is wrong with a block: nothing where it is marked, or run, or understood. */
function problemsOf(block: Block): string[] {
  if (block.notRunBecause !== undefined) return [];
  if (block.file.endsWith('.ko.md') && isOfOriginal(block)) return [];
  const runner = RUNNERS.find(({ files, language }) => files.test(block.file) && language === block.language);
  const isRead = runner && existsSync(runner.by) && readFileSync(runner.by, 'utf8').includes(runner.reads(block.file));
  const left = commandsOf(block).filter((command) => !(isRead && runner.takes.test(command)));
  return left.flatMap((command) => {
    const problem = misunderstood(command);
    return problem === undefined ? [] : [`${block.file}:${block.line}: ${problem}: ${command}`];
  });
}

/** A translation gives the same to run, which is run as the original's; what is said beside it is translated, too. */
function isOfOriginal(translated: Block): boolean {
  const original = translated.file.replace(/\.ko\.md$/, '.md');
  const commands = commandsOf(translated).join('\n');
  return existsSync(original) && readBlocks(original).some((block) => commandsOf(block).join('\n') === commands);
}

/** What nobody runs has to be something that its program takes at least: undefined where it is. */
function misunderstood(given: string): string | undefined {
  const command = /^[A-Z_]+=\$\((.*)\)$/.exec(given)?.[1] ?? given; // what it answers is kept
  const [program = '', ...args] = wordsOf(command);
  if (program === 'aws') return misunderstoodByAws(command);
  if (program === 'npm' && args[0] === 'run')
    return SCRIPTS[args.find((arg, index) => index > 0 && !arg.startsWith('-')) ?? ''] === undefined
      ? 'there is no such script'
      : undefined;
  if (PACKAGING.test(command)) return undefined;
  const ours = program === 'npx' && args[0] === '--no-install' ? args.slice(1) : [program, ...args];
  if (ours[0] === 'bluegreen') return misunderstoodByUs(ours.slice(1));
  return 'it is neither run nor understood by a test, and no mark says why';
}

const { scripts: SCRIPTS } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

/** What the command makes of several calls, and what packages: what it does is tested in tests/stack/deploying.test.ts. */
const OF_SEVERAL_CALLS = [
  /^aws s3 cp \S+ \S+( --metadata \S+)?$/,
  /^aws logs tail \/aws\/lambda\/\S+( --since \w+| --follow| --filter-pattern '[^']+')*$/,
];
const DEPLOYING =
  /^aws cloudformation deploy --stack-name \S+ --template-file (\S+)(?: --capabilities \w+| --parameter-overrides(?: \w+=\S+)+)*$/;
const PACKAGING = /^npx serverless (deploy|remove|package)( --stage \S+| --region \S+| --param \S+)*$/;

function misunderstoodByAws(command: string): string | undefined {
  const [, template] = DEPLOYING.exec(command) ?? [];
  if (template !== undefined) return existsSync(template) ? undefined : `there is no ${template}`;
  if (OF_SEVERAL_CALLS.some((pattern) => pattern.test(command))) return undefined;
  try {
    readCommand(wordsOf(command));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** By the help of each verb, as the document of the command has it. */
function misunderstoodByUs([verb = '', ...args]: string[]): string | undefined {
  if (verb.startsWith('--')) return undefined;
  const helps = new Map(
    readFileSync('docs/command/README.md', 'utf8')
      .split('\n### `')
      .slice(1)
      .map((section) => [section.split('`')[0] ?? '', section] as const),
  );
  const help = helps.get(verb);
  if (help === undefined) return `there is no verb ${verb}`;
  const unknown = args
    .map((arg) => arg.split('=')[0] ?? '')
    .find((arg) => arg.startsWith('--') && !help.includes(` ${arg} `));
  return unknown === undefined ? undefined : `${verb} has no option ${unknown}`;
}

test('every block of commands is run, or understood, or says why it is not', () => {
  expect(BLOCKS.length).toBeGreaterThan(100);
  expect(BLOCKS.flatMap(problemsOf)).toEqual([]);
});

test('of whatever is run, the test that runs it is there', () => {
  for (const { files, language, by, reads } of RUNNERS) {
    const found = BLOCKS.filter((block) => files.test(block.file) && language === block.language);
    const read = found.filter(({ file }) => readFileSync(by, 'utf8').includes(reads(file)));
    expect({ by, reads: read.length > 0 }).toEqual({ by, reads: true });
  }
});

describe('it is seen that a block', () => {
  const problems = (text: string, file = 'examples/elsewhere.md') =>
    blocksIn(file, text).filter(isOfShell).flatMap(problemsOf);

  test.each([
    ['```sh\ngit clone …\n```\n', ['it is neither run nor understood by a test, and no mark says why: git clone …']],
    ['<!-- not run by a test: needs a network -->\n```sh\ngit clone …\n```\n', []],
    [
      '<!-- not run by a test: needs a network -->\n\n```sh\ngit clone …\n```\n\n```sh\ngit pull\n```\n',
      ['it is neither run nor understood by a test, and no mark says why: git pull'],
    ],
    [
      '```sh\naws s3api list-object-version --bucket $BUCKET\n```\n',
      [
        'no such command: aws s3api list-object-version --bucket $BUCKET: aws s3api list-object-version --bucket $BUCKET',
      ],
    ],
    ['```sh\naws s3api list-object-versions --bucket $BUCKET\n```\n', []],
    ['```sh\nnpm run nonsense\n```\n', ['there is no such script: npm run nonsense']],
    ['```sh\nnpm run --silent mails\n# a comment\n```\n', []],
    [
      '```console\n$ bluegreen deploy WAS --wacth\nThere is no option --wacth here.\n```\n',
      ['deploy has no option --wacth: bluegreen deploy WAS --wacth'],
    ],
    ['```sh\nnpx --no-install bluegreen upload WAS app.war --name 2 --watch --yes    # a comment\n```\n', []],
    ['```sh\nNAME=$(aws s3api list-buckets --query "Buckets[0]")\n```\n', []],
    [
      '```sh\naws cloudformation deploy --stack-name x --template-file no-such.yml\n```\n',
      ['there is no no-such.yml: aws cloudformation deploy --stack-name x --template-file no-such.yml'],
    ],
    ['```json\n{ "is": "no command" }\n```\n', []],
  ])('%j', (text, expected) => {
    expect(problems(text).map((problem) => problem.replace(/^[^:]+:\d+: /, ''))).toEqual(expected);
  });

  test('of a translation is that of its original', () => {
    const [block] = readBlocks('docs/codes/T001.md').filter(({ language }) => language === 'sh');
    expect(problems(`\`\`\`sh\n# 설명\n${block?.text}\`\`\`\n`, 'docs/codes/T001.ko.md')).toEqual([]);
    expect(problems('```sh\ngit pull\n```\n', 'docs/codes/T001.ko.md')).toHaveLength(1);
  });

  test('is missing below a mark', () => {
    expect(() => problems('<!-- not run by a test: needs an account -->\n\nAnd so on.\n')).toThrow(
      'nothing to run follows',
    );
  });
});
