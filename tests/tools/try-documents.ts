/**
 * `npm run try-documents`: goes through README and the tutorial as a newcomer does, on a fresh clone with Node alone, runs
 * every command in its order, and tells what was slow or odd. It takes minutes, and a network for `npm ci`.
 */
import { existsSync } from 'node:fs';
import { parseOptions, runProgram } from '../../local/terminal/command-line';
import { Progress } from '../../local/terminal/progress';
import { type Block, readBlocks } from './markdown-files';
import { Newcomer, type Tried } from './newcomer';

const DOCUMENTS = ['README.md', 'docs/tutorial.md'];

/** A newcomer begins to wonder. */
const SLOW_SECONDS = 60;

interface Options {
  documents: string[];
  /** Every test, too: half an hour. */
  all: boolean;
}

const PROGRAM = {
  command: 'npm run try-documents',
  usage: `npm run try-documents [-- options] [DOCUMENT…]

Clones this repository (what is committed) into a folder of its own, and runs
there every command of README.md and docs/tutorial.md, or of the documents that
are given, from top to bottom. Tells what was slow (over ${SLOW_SECONDS} s) or odd. Takes the
folder and all that it started away again.

  --all    run npm test, too
  --help   print this

Exit code: 0 if nothing was odd, 1 if something was, 2 if the options are not
understood, 130 after Ctrl-C.
`,
  /** Throws an error that says what is not understood. */
  readOptions(args: string[]): Options {
    const documents = args.filter((arg) => !arg.startsWith('-'));
    const options = args.filter((arg) => arg.startsWith('-'));
    const { all } = parseOptions(options, { all: { type: 'boolean', default: false } });
    const missing = documents.find((document) => !existsSync(document));
    if (missing !== undefined) throw new Error(`there is no document "${missing}"`);
    return { documents: documents.length > 0 ? documents : DOCUMENTS, all };
  },
};

/** What is not run as it stands, and why. */
function reasonNotTo(command: string, { all }: Options): string | undefined {
  if (/^npm test\b/.test(command) && !all) return 'takes half an hour: --all runs it';
  if (/^npx serverless /.test(command)) return 'needs an account';
  return undefined;
}

/** Every command by itself: those of a line are parted, and a comment behind one is left out. */
function commandsOf({ text }: Block): string[] {
  const lines = text.replaceAll(/\\\n\s*/g, '').split('\n');
  return lines
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => line.split(' && '));
}

async function main(options: Options): Promise<number> {
  const newcomer = await Newcomer.arrive();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  process.once('exit', () => newcomer.leave());
  const progress = new Progress(process.stderr, process.env);
  const tried: Tried[] = [];
  for (const document of options.documents) {
    process.stdout.write(`\n${document}\n`);
    newcomer.beginDocument();
    for (const block of readBlocks(document).filter(({ language }) => language === 'sh')) {
      for (const command of commandsOf(block)) {
        const reason = block.notRunBecause ?? reasonNotTo(command, options);
        if (reason !== undefined) {
          process.stdout.write(`   not run     ${command}  (${reason})\n`);
          continue;
        }
        progress.show(`now: ${command}`);
        const one = await newcomer.try(command);
        progress.clear();
        tried.push(one);
        process.stdout.write(`${one.seconds.toFixed(1).padStart(8)} s  ${one.code}  ${command}\n`);
      }
    }
  }
  newcomer.endServer();
  return report(tried);
}

/** Answers the exit code. */
function report(tried: readonly Tried[]): number {
  const slow = tried.filter(({ seconds }) => seconds > SLOW_SECONDS);
  const odd = tried.filter((one) => one.odd.length > 0);
  const seconds = tried.reduce((sum, one) => sum + one.seconds, 0);
  const lines = [
    `${tried.length} commands, ${Math.round(seconds)} s`,
    ...slow.map((one) => `slow: ${Math.round(one.seconds)} s  ${one.command}`),
    ...odd.flatMap(({ command, odd: why }) => why.map((one) => `odd: ${command}: ${one}`)),
    ...(slow.length + odd.length === 0 ? ['Nothing was slow or odd.'] : []),
  ];
  process.stdout.write(`\n${lines.join('\n')}\n`);
  return odd.length > 0 ? 1 : 0;
}

process.exitCode = await runProgram(PROGRAM, process.argv.slice(2), main);
