/**
 * The pages of the codes, docs/codes/: the head of each is made from what the code means, the rest is written by hand.
 * `npm run documents -- codes` writes every head, and the table of all codes, anew.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CODES, type Code, pageOf } from '../../shared/codes/codes';
import { KOREAN_CODES } from '../../shared/mail/korean-codes';

export const FOLDER = 'docs/codes';

export interface Language {
  name: string;
  codes: Readonly<Record<string, Code>>;
  when: string;
  nextStep: string;
  /** The sections that are written by hand, in their order. */
  sections: readonly string[];
  table: readonly [code: string, meaning: string];
}

export const LANGUAGES: readonly Language[] = [
  {
    name: 'en',
    codes: CODES,
    when: 'When',
    nextStep: 'Next step',
    sections: ['What has been done by then', 'What to look at', 'What to do', 'How to prevent it'],
    table: ['code', 'what it means'],
  },
  {
    name: 'ko',
    codes: KOREAN_CODES,
    when: '언제',
    nextStep: '다음 조치',
    sections: ['그때까지 진행된 일', '확인할 것', '조치 방법', '예방'],
    table: ['코드', '의미'],
  },
];

/** Ends what is made; below it stands what is written. */
const MARK = '<!-- Made above this line by `npm run documents`, from what the code says; written below it. -->';

/** Begins what is made in the page of all codes, where it is the end. */
const TABLE_MARK = '<!-- Made below this line by `npm run documents`. -->';

export function headOf(code: string, { codes, when, nextStep }: Language): string {
  const known = codes[code];
  if (!known) throw new Error(`nothing is said of ${code}`);
  const lines = [`- **${when}:** ${known.when}`, `- **${nextStep}:** ${known.nextStep}`];
  return `# ${code}\n\n${known.meaning}\n\n${lines.join('\n')}\n\n${MARK}\n`;
}

/** With the head that it is to have. */
export function renewed(page: string, head: string): string {
  const [made = '', ...written] = page.split(MARK);
  return head.trimEnd() + (written.length === 0 ? `\n\n${made}` : written.join(MARK));
}

export function tableOf({ codes, table, name }: Language): string {
  const fileOf = (code: string) => pageOf(code, '', name).slice(`${FOLDER}/`.length);
  const rows = Object.entries(codes).map(([code, { meaning }]) => [`[${code}](${fileOf(code)})`, meaning]);
  return [table, ['---', '---'], ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

export function withTable(page: string, language: Language): string {
  return `${page.split(TABLE_MARK)[0]}${TABLE_MARK}\n\n${tableOf(language)}\n`;
}

export function indexFile({ name }: Language): string {
  return join(FOLDER, name === 'en' ? 'README.md' : `README.${name}.md`);
}

/** Every page in a language, as it is and as it is to be. */
export function pages(language: Language): { file: string; text: string; renewed: string }[] {
  const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  const ofCodes = Object.keys(CODES).map((code) => {
    const file = pageOf(code, '', language.name);
    return { file, text: read(file), renewed: renewed(read(file), headOf(code, language)) };
  });
  const file = indexFile(language);
  return [...ofCodes, { file, text: read(file), renewed: withTable(read(file), language) }];
}

export function filesThere(): string[] {
  return readdirSync(FOLDER).map((name) => `${FOLDER}/${name}`);
}

/** What a page gives to run, line by line. */
export function commandsIn(page: string): string[] {
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block);
  return blocks.flatMap((block) => block.split('\n').filter((line) => line.trim() !== ''));
}
