/** `npm run mails` shows every mail that there is, as README says. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { CODES, meaningOf, pageOf } from '../../shared/codes/codes';
import { worded } from '../../shared/mail/wording';
import { KOREAN_HEADINGS } from '../../shared/mail/words';
import { type BundledPrograms, bundlePrograms } from './bundled-programs';
import { answersOf, documentOf, mailsIn, needsAnswers } from './mails-document';

const PROGRAM = 'tests/tools/print-mails.ts';

let bundled: BundledPrograms;
let printed: string;
beforeAll(async () => {
  bundled = await bundlePrograms([PROGRAM]);
  printed = await mails();
});
afterAll(() => bundled.remove());

async function mails(...options: string[]): Promise<string> {
  const print = [bundled.fileOf(PROGRAM), ...options];
  const { stdout } = await promisify(execFile)(process.execPath, print, { maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

/** Subjects; of a mail that has none, the first line of its text. */
function headlines(text: string): string[] {
  return [...text.matchAll(/^Subject: (\[.*)|^"(\[.*)"$/gm)].map(([, subject, line]) => subject ?? line ?? '');
}

/** Of the index: what the lines say before the first mail. */
function index(text: string): { code: string; subject: string; when: string }[] {
  const lines = text.slice(0, text.indexOf('\n\n')).split('\n');
  return lines.map((line) => {
    const [, code = '', subject = '', when = ''] = /^(T?\d{3} ?| {4}) {2}(\S.*?) {2,}(\S.*)$/.exec(line) ?? [];
    return { code: code.trim(), subject, when };
  });
}

test('first in an index, a line per mail: code, subject, and what leads to it', () => {
  const listed = index(printed).map(
    ({ code, subject, when }) => `[${code ? `${code}, where ` : ''}${when}] ${subject}`,
  );
  const mails = printed.split(`${'='.repeat(100)}\n`).slice(1);
  const told = mails.map((mail) => {
    const [title = '', subject = '', , first = ''] = mail.split('\n');
    return `${title} ${subject.startsWith('Subject: (') ? first.replace(/^"|"$/g, '') : subject.slice('Subject: '.length)}`;
  });
  expect(mails.length).toBeGreaterThan(200);
  expect(listed).toEqual(told);
});

test.each([
  [/^\[Failed\] Deploy Start Failed.*401/, 'a deployment runs'],
  [/^\[Failed\] Deploy Start Failed.*401/, 'the last deployment is left to an operator'],
  [/^\[Success\] Non-disruptive/, 'an operator goes back, and what was rolled back is held'],
  [/^\[Success\] Non-disruptive/, 'two wars that belong together are uploaded'],
  [/^\[Success\] Non-disruptive/, 'Active was taken to 0 in an emergency, and a deployment is asked for'],
  [/^\[Success\] Deploy Clean/, 'an operator aborts, and gives up the upload that waits'],
  [/^\[Success\] Non-disruptive/, 'an operator frees a task that was left to one'],
  [/^\[Deploy\] Waiting/, 'an upload waits for the running deployment, which is aborted'],
  [/^\[Refused\] Abort/, 'an operator aborts what clean-up was left to decide'],
  [/^\[Refused\] Clean/, 'an operator cleans while a deployment runs'],
  [/^\[Error\] Pipeline/, 'an operator misspells what he asks for'],
  [/^\[Error\] Pipeline/, 'dead letters lie unread'],
  [/^\[Failed\] Non-disruptive.*T999/, 'a function breaks off on every attempt'],
  [/^ALARM: "bluegreen-dev-RuleDeadLettersAlarm/, 'an alarm of the stack rings'],
])('%s, where %s', (subject, when) => {
  const found = index(printed).filter((one) => one.when === when);
  expect(found.map((one) => one.subject)).toContainEqual(expect.stringMatching(subject));
});

test('where nobody reads on, it ends without a word', async () => {
  const program = spawn(process.execPath, ['--import', 'tsx', PROGRAM, '411']);
  program.stdout.destroy();
  let errors = '';
  program.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [code] = await once(program, 'close');
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
});

/** A name in a heading, or a sentence, has no translation. */
test('whose headings are all known in Korean', () => {
  const headings = [...printed.matchAll(/\n\n([A-Z][^\n:.]*)(?:: [^\n]*)?\n {2}\S/g)].map(
    ([, heading = '']) => heading,
  );
  const titles = new Set(headings.filter((heading) => !/^(The|Code) /.test(heading)));
  expect(titles.size).toBeGreaterThan(20);
  expect([...titles].filter((title) => !Object.hasOwn(KOREAN_HEADINGS, title))).toEqual([]);
});

/** What is to be run stays as it is, and so does what is left over by name. */
test('whose answers are all known in Korean', () => {
  const mails = printed
    .split(`${'='.repeat(100)}\n`)
    .slice(1)
    .filter((mail) => !/\nSubject: (\(|ALARM)/.test(mail));
  const silent = mails.flatMap((mail) => {
    const body = mail.slice(mail.indexOf('\n\n') + 2).trimEnd();
    const korean = worded({ subject: '', body }, { language: 'ko', timeZone: 'UTC', documentationUrl: '' }).body;
    const [happened = '', ...paragraphs] = korean.split('\n\n');
    const answers = paragraphs
      .filter((one) => /^(사용자|남은 것|조치)\n/.test(one))
      .flatMap((one) => one.split('\n').slice(1));
    const sentences = [happened, ...answers].filter((line) => /[.:]$/.test(line) && !/^\s*#/.test(line));
    expect(sentences.length).toBeGreaterThan(2);
    return sentences.filter((line) => !/[가-힣]/.test(line));
  });
  expect([...new Set(silent)]).toEqual([]);
});

/** But for what EventBridge mails by itself, none of our code comes to that. */
test('each of which explains the codes that it names, and says where their pages are', () => {
  const mails = printed.split(`${'='.repeat(100)}\n`).slice(1);
  const naming = mails.flatMap((mail) => {
    const codes = [...mail.matchAll(/errCode : (\w+)|\bcode (T?\d{3})\b|\n\S.*\((T?\d{3})(?:, in [\w-]+)?\)\./g)].map(
      ([, ...found]) => found.find(Boolean) ?? '',
    );
    return mail.includes('\nSubject: (') ? [] : [...new Set(codes)].map((code) => ({ code, mail }));
  });
  expect(new Set(naming.map(({ code }) => code)).size).toBeGreaterThan(25);
  const silent = naming.filter(({ code, mail }) => !mail.includes(`  ${meaningOf(code)}\n  ${pageOf(code, '')}\n`));
  expect(silent).toEqual([]);
});

test('of every code that a mail may have', () => {
  const codes = Object.keys(CODES);
  expect(
    codes.filter(
      (code) =>
        !new RegExp(
          `errCode : ${code}\\b|with code ${code}\\b|\\(${code}(, in [\\w-]+)?\\)\\.|^ +Code ${code}$|\\b${code}: the clone`,
          'm',
        ).test(printed),
    ),
  ).toEqual([]);
});

test('of every subject that the page about mails names', () => {
  const lines = readFileSync('docs/reading-mails.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'));
  const rows = lines.map((line) => line.split(' | ')[0] ?? '');
  const named = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text.replace('…)', '')));
  expect(named.length).toBeGreaterThan(7);
  const seen = headlines(printed);
  expect(named.filter((text) => !seen.some((headline) => headline.includes(text)))).toEqual([]);
});

test('of what becomes of a copy that CodeDeploy left behind', () => {
  const seen = headlines(printed).filter((headline) => headline.includes('CodeDeploy'));
  expect(seen.slice(0, 2)).toEqual([
    '[Success] CodeDeploy Clean(Group : shop-web)',
    '[Error] CodeDeploy Clean(Group : shop-web)',
  ]);
});

test('of one code, where that is asked for', async () => {
  const titles = [...(await mails('T014')).matchAll(/^\[(T\d+|\d+), where/gm)].map(([, code]) => code);
  expect(new Set(titles)).toEqual(new Set(['T014']));
});

test('each of which that whoever is woken up has to act upon answers four questions', () => {
  const asking = mailsIn(printed).filter(needsAnswers);
  expect(asking.length).toBeGreaterThan(100);
  const silent = asking.filter((mail) => Object.values(answersOf(mail)).includes(undefined));
  expect(silent.map(({ title, subject }) => `${title}: ${subject}`)).toEqual([]);
});

test('docs/mails.md shows them as they are', () => {
  expect(readFileSync('docs/mails.md', 'utf8')).toBe(documentOf(mailsIn(printed)));
});
