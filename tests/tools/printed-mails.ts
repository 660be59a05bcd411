/** Every mail that is sent, from real runs in virtual time, as `npm run mails` prints it. */
import { alarmMails, CASES, mailsOf, type PrintedMail } from './mail-cases';

/** With a code only the mails of what leads to it. First an index, a line per mail. */
export async function printedMails(
  code: string | undefined,
  onProgress: (done: number, all: number) => void = () => {},
): Promise<string> {
  const mails: PrintedMail[] = [];
  const cases = CASES.filter((one) => code === undefined || [one.code, one.endsWith].includes(code));
  for (const [index, one] of cases.entries()) {
    mails.push(...(await mailsOf(one)));
    onProgress(index + 1, cases.length);
  }
  if (code === undefined) mails.push(...alarmMails());
  return `${indexOf(mails)}\n${mails.map(printed).join('')}`;
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
