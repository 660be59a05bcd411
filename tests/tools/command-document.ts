/**
 * Makes what the documents say of the operator's command, from runs of it: the tour in docs/tour.md, all of
 * docs/command/README.md, and the schemas of what `--json` prints. `npm run documents -- commands` writes them.
 */
import * as z from 'zod/mini';
import { EXIT_IN_WORDS, problemSchema } from '../../cli/problem';
import { VERBS } from '../../cli/verbs';
import { CommandLine } from '../harness/command';
import { World } from '../harness/world';
import { type Run, runScenes } from './command-runs';
import { anchorOf } from './markdown';

export const FOLDER = 'docs/command';
export const TOUR_FILE = 'docs/tour.md';

/** By the path of each file, all of its text. */
export async function commandDocuments(tour: string): Promise<Map<string, string>> {
  const runs = await runScenes();
  const documents = new Map([
    [TOUR_FILE, withTour(tour, runs)],
    [`${FOLDER}/README.md`, await allOf(runs)],
  ]);
  for (const { command, schema, changes } of VERBS) {
    const [verb = ''] = command.split(' ');
    documents.set(`${FOLDER}/${verb}.schema.json`, schemaText(`bluegreen ${verb} --json`, schema));
    if (!changes) continue;
    const title = `bluegreen ${verb} --json: each line before the result`;
    documents.set(`${FOLDER}/${verb}-changes.schema.json`, schemaText(title, changes));
  }
  const title = 'bluegreen … --json: where it cannot be done';
  documents.set(`${FOLDER}/problem.schema.json`, schemaText(title, problemSchema));
  return documents;
}

function schemaText(title: string, schema: z.ZodMiniType): string {
  return `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: 'input' }) }, null, 2)}\n`;
}

const [BEGIN, END] = ['<!-- the tour: made by tests/tools/command-document.ts -->', '<!-- end of the tour -->'];

function withTour(page: string, runs: readonly Run[]): string {
  const [before = '', rest = ''] = page.split(BEGIN);
  const [, after = ''] = rest.split(END);
  const tour = runs.filter(({ isOfTour }) => isOfTour).map(shown);
  return `${before}${BEGIN}\n\n\`\`\`console\n${tour.join('\n')}\`\`\`\n\n${END}${after}`;
}

function shown({ typed, screen }: Run): string {
  return `$ bluegreen ${typed}\n${screen}`;
}

async function allOf(runs: readonly Run[]): Promise<string> {
  return [
    '# The command `bluegreen`',
    '',
    'Made from runs of the command by `tests/tools/command-document.ts`: in a clone type `npx --no-install bluegreen …`,',
    'elsewhere the installed `bluegreen …`.',
    '',
    '## What people want, and the one command for it',
    '',
    '| what | command | exit code |',
    '| --- | --- | --- |',
    ...runs.map(
      ({ wanted, typed, code }) => `| [${wanted}](#${anchorOf(wanted)}) | \`bluegreen ${typed}\` | ${code} |`,
    ),
    '',
    '| exit code | what it says |',
    '| --- | --- |',
    ...Object.entries(EXIT_IN_WORDS).map(([code, words]) => `| ${code} | ${words} |`),
    '',
    'With `--json` the result is one JSON object, on the last line. `watch` and `logs` print what changes before it, an',
    'object a line (`…-changes.schema.json`); what cannot be done is an object, too (`problem.schema.json`). The schemas',
    'are beside this file.',
    '',
    ...runs.flatMap((run) => [`### ${run.wanted}`, '', '```console', shown(run).trimEnd(), '```', '']),
    '## Every verb',
    '',
    ...(await helps()),
  ].join('\n');
}

async function helps(): Promise<string[]> {
  const command = await CommandLine.open(await World.quick());
  const lines: string[] = [];
  for (const { command: typed } of VERBS) {
    const [verb = ''] = typed.split(' ');
    const { output } = await command.run([verb, '--help'], { columns: 80 });
    lines.push(`### \`${verb}\``, '', '```console', output.trimEnd(), '```', '');
  }
  command.close();
  return lines;
}

/** What differs from run to run says the same. */
export function withoutChance(text: string): string {
  return (
    text
      .replace(/\d{8}T\d{6}Z-[\da-f]{6}/g, 'DEPLOYMENT')
      .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?/g, 'TIME')
      .replace(/\b\d\d:\d\d:\d\d\b/g, 'TIME')
      .replace(/(\d+ min )?\b\d+ s\b/g, 'SECONDS')
      .replace(/\bdeploycheck-[\da-f]{18}\b/g, 'CLONE')
      .replace(/\(\d+ times\)/g, 'TIMES')
      .replace(/\b([\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}|[\da-f]{32})\b/g, 'ID')
      .replace(/(seq|recordSeq)=\d+/gi, '$1=N')
      .replace(/ +/g, ' ')
      // A stage is seen before it says what it waits for, or not; and it looks once more, or not.
      .replace(/TIME ([\w-]+)\n(?=TIME \1;)/g, '')
      .replace(/(TIME \S+ again (?:(?!TIME)[\s\S])*)\1+/g, '$1')
  );
}
