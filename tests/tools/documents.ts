/**
 * Every document that is made, wholly or in part: what makes it, by the name that `npm run documents -- NAME` takes. Of each a
 * test says that what lies there is up to date. What plays worlds is loaded when it is asked for: some of them have stages
 * in the flow that the product does not have.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { LANGUAGES, pages } from './code-pages';
import { eventDocuments } from './events-document';
import { flowTable } from './flow-table';
import { documentOf, mailsIn } from './mails-document';
import { withTable } from './markdown';
import { parameterTable } from './parameter-table';
import { TAGS_FILE, tagsDocument } from './tags-document';

interface Made {
  what: string;
  /** By the path of each file, all of its text. */
  files(): Promise<ReadonlyMap<string, string>>;
}

export const DOCUMENTS: Readonly<Record<string, Made>> = {
  tags: {
    what: `${TAGS_FILE}, of what reads the tags`,
    files: async () => new Map([[TAGS_FILE, tagsDocument()]]),
  },
  events: {
    what: 'docs/events.md and the JSON Schemas in docs/events, of the contracts',
    files: async () => eventDocuments(),
  },
  codes: {
    what: 'the head of each page in docs/codes, and the tables of all codes',
    files: async () => new Map(LANGUAGES.flatMap(pages).map(({ file, renewed }) => [file, renewed])),
  },
  tables: {
    what: 'the parameters of the stack, and the flow in ARCHITECTURE.md',
    files: async () =>
      new Map(
        [parameterTable(), flowTable()].map((table) => {
          const [head = ''] = table.split('\n');
          const file = fileWith(head);
          return [file, withTable(readFileSync(file, 'utf8'), table)];
        }),
      ),
  },
  roles: {
    what: 'what each role may change, in docs/security.md',
    async files() {
      const { SECURITY_FILE, withRoles } = await import('./role-table');
      return new Map([[SECURITY_FILE, withRoles(readFileSync(SECURITY_FILE, 'utf8'))]]);
    },
  },
  licences: {
    what: 'THIRD-PARTY-LICENSES.md, of what is in the bundles',
    async files() {
      const { THIRD_PARTY_FILE, thirdPartyDocument } = await import('./third-party');
      return new Map([[THIRD_PARTY_FILE, await thirdPartyDocument()]]);
    },
  },
  commands: {
    what: 'docs/command, and the tour, of runs of the command',
    async files() {
      const { commandDocuments } = await import('./command-document');
      return commandDocuments(readFileSync(fileWith('<!-- the tour: '), 'utf8'));
    },
  },
  mails: {
    what: 'docs/mails.md, of every mail that there is (minutes)',
    async files() {
      const { printedMails } = await import('./printed-mails');
      return new Map([['docs/mails.md', documentOf(mailsIn(await printedMails(undefined)))]]);
    },
  },
  measured: {
    what: 'what is quoted of the bench (minutes)',
    async files() {
      const { measured, parts } = await import('../bench/readme');
      const file = fileWith('<!-- measured: ');
      const { before, after } = parts(readFileSync(file, 'utf8'));
      return new Map([[file, `${before}\n${await measured()}${after}`]]);
    },
  },
};

/** The document that has this line, or one that begins so. Throws an Error where none has, or several. */
function fileWith(beginning: string): string {
  const files = [...readdirSync('.'), ...readdirSync('docs').map((name) => `docs/${name}`)];
  const found = files
    .filter((file) => file.endsWith('.md') && !file.endsWith('.ko.md'))
    .filter((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .some((line) => line.startsWith(beginning)),
    );
  const [file] = found;
  if (file === undefined || found.length > 1)
    throw new Error(`"${beginning}" is in ${found.join(', ') || 'no document'}`);
  return file;
}
