/** `npm run mails`: prints every mail that is sent, from real runs in virtual time, to be read as its reader does. */
import { endWithReader, parseOptions, runProgram } from '../../local/terminal/command-line';
import { wrap } from '../../local/terminal/lines';
import { Progress } from '../../local/terminal/progress';
import { CODES } from './mail-cases';
import { printedMails } from './printed-mails';

const PROGRAM = {
  command: 'npm run mails',
  usage: `npm run mails [-- CODE]

Prints every mail that is sent, from real runs in virtual time: first an index,
a line per mail (code, subject, what leads to it), then the mails. With a code
only the mails of what leads to it:

${wrap(CODES.join(' '), 80).join('\n')}
`,
  /** The code that is asked for. */
  readOptions(args: string[]): string | undefined {
    const [code] = args.filter((arg) => !arg.startsWith('-'));
    parseOptions(code === undefined ? args : args.toSpliced(args.indexOf(code), 1), {});
    if (code !== undefined && !CODES.includes(code)) {
      throw new Error(`no mail comes of the code "${code}"`);
    }
    return code;
  },
};

async function main(wanted: string | undefined): Promise<number> {
  endWithReader();
  const progress = new Progress(process.stderr, process.env);
  const mails = await printedMails(wanted, (done, all) => progress.show(`${done} of ${all} cases are played`));
  progress.clear();
  process.stdout.write(mails);
  return 0;
}

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
process.exitCode = await runProgram(PROGRAM, process.argv.slice(2), main);
