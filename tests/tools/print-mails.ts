/** `npm run mails`: prints every mail that is sent, from real runs in virtual time, to be read as its reader does. */
import { endWithReader, parseOptions, runProgram } from '../../local/terminal/command-line';
import { wrap } from '../../local/terminal/lines';
import { alarmMails, CASES, CODES, mailsOf, type PrintedMail } from './mail-cases';

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
  const mails: PrintedMail[] = [];
  for (const one of CASES) {
    if (wanted === undefined || [one.code, one.endsWith].includes(wanted)) mails.push(...(await mailsOf(one)));
  }
  if (wanted === undefined) mails.push(...alarmMails());
  process.stdout.write(`${indexOf(mails)}\n`);
  for (const mail of mails) process.stdout.write(printed(mail));
  return 0;
}

/** A line per mail: code, subject, case. */
function indexOf(mails: readonly PrintedMail[]): string {
  const columns = Math.max(...mails.map(({ subject }) => subject.length));
  const lines = mails.map(({ code = '', subject, when }) => `${code.padEnd(4)}  ${subject.padEnd(columns)}  ${when}\n`);
  return lines.join('');
}

function printed({ code, when, subject, hasSubject, body }: PrintedMail): string {
  const title = code === undefined ? when : `${code}, where ${when}`;
  const shown = hasSubject ? subject : '(the first line of the body)';
  return `${'='.repeat(100)}\n[${title}]\nSubject: ${shown}\n\n${body}\n\n`;
}

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
process.exitCode = await runProgram(PROGRAM, process.argv.slice(2), main);
