/** Makes docs/mails.md of what `npm run mails` prints: each mail once, with its four answers marked. */

export interface ReadMail {
  /** What leads to it. */
  title: string;
  subject: string;
  body: string;
}

/** What whoever is woken up by it asks; undefined where the mail does not say. */
export interface FourAnswers {
  happened: string | undefined;
  users: string | undefined;
  leftOver: string | undefined;
  toDo: string | undefined;
}

const QUESTIONS: Record<keyof FourAnswers, string> = {
  happened: 'What happened?',
  users: 'Are users safe?',
  leftOver: 'What is left over?',
  toDo: 'What do I do?',
};

/** The mails of what `npm run mails` has printed, but for those without a subject: EventBridge's own. */
export function mailsIn(printed: string): ReadMail[] {
  return printed
    .split(`${'='.repeat(100)}\n`)
    .slice(1)
    .flatMap((text) => {
      const [, title = '', subject = '', body = ''] = /^\[(.*)\]\nSubject: (.*)\n\n([\s\S]*)$/.exec(text) ?? [];
      return subject.startsWith('(') ? [] : [{ title, subject, body: body.trimEnd() }];
    });
}

/** Whoever is asked by it has to act, or would think so. */
export function needsAnswers({ subject }: ReadMail): boolean {
  return /^\[(Failed|Error|Refused)\]|Deploy Clean/.test(subject);
}

export function answersOf({ body }: ReadMail): FourAnswers {
  const below = (heading: string) => {
    const [, lines] = new RegExp(`^${heading}\\n((?: {2}.*\\n?)+)`, 'm').exec(body) ?? [];
    return lines?.replace(/^ {2}/gm, '').trim();
  };
  const [happened] = body.split('\n');
  return {
    happened: happened?.startsWith(' ') ? undefined : happened || undefined,
    users: below('Users'),
    leftOver: below('Left over'),
    toDo: below('What to do'),
  };
}

/** Each mail once: of those with the same subject that answer the same, the first. */
export function documentOf(mails: readonly ReadMail[]): string {
  const byAnswers = new Map<string, ReadMail>();
  for (const mail of mails) {
    const { happened, toDo } = answersOf(mail);
    const key = JSON.stringify([mail.subject, plain(happened), plain(toDo)]);
    if (!byAnswers.has(key)) byAnswers.set(key, mail);
  }
  return `${HEAD}\n${groupsOf([...byAnswers.values()])
    .map(sectionOf)
    .join('\n')}`;
}

const HEAD = `# Every mail

Made by \`npm run documents\` of what \`npm run mails\` prints: mails of real runs, in virtual time, on an
AWS in memory. Each answers four questions in the same order. Of a failure EventBridge mails at once, too, in three lines:
what failed, why, and what to run where no other mail comes. \`npx tsx tests/tools/count-mail-commands.ts\` sends the
commands of all of them, each in the state that produced its mail, and says which help.
`;

function groupsOf(mails: readonly ReadMail[]): [subject: string, mails: ReadMail[]][] {
  const groups = new Map<string, ReadMail[]>();
  for (const mail of mails) groups.set(mail.subject, [...(groups.get(mail.subject) ?? []), mail]);
  return [...groups];
}

function sectionOf([subject, mails]: [string, ReadMail[]]): string {
  return `## \`${subject}\`\n\n${mails.map(mailText).join('\n')}`;
}

function mailText(mail: ReadMail): string {
  const answers = Object.entries(answersOf(mail)).filter(([, text]) => text !== undefined);
  const marked = answers.map(([question, text = '']) => {
    return `- **${QUESTIONS[question as keyof FourAnswers]}**\n${text.split('\n').map(markedLine).join('\n')}\n`;
  });
  const whole = `<details><summary>The whole mail</summary>\n\n\`\`\`text\n${mail.body}\n\`\`\`\n\n</details>\n`;
  return `### ${mail.title.replace(/^\w/, (first) => first.toUpperCase())}\n\n${marked.join('')}\n${whole}`;
}

function markedLine(line: string): string {
  return /^(aws|npx) /.test(line) ? `\n  \`\`\`sh\n  ${line}\n  \`\`\`` : `  ${line}`;
}

/** Without what differs from run to run of the same kind. */
function plain(text = ''): string {
  return text.replace(/\bi-\w+|\d{8}T\d{6}Z-\w+|\d{4}-\d\d-\d\dT[\d:.]+Z|[0-9a-f-]{36}/g, '');
}
