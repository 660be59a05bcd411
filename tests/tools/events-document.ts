/**
 * Makes docs/events.md and a JSON Schema of each event of the contracts in events/, of the flow and of the samples:
 * `npm run documents -- events` writes them.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { CATALOG } from '../../events/catalog';
import { type Contract, SOURCE } from '../../events/contract';
import { type EventName, HELPERS, requestsOf, STAGES, toldBy, toldFirstBy } from '../../shared/pipeline/flow';
import { flowRules } from '../../shared/pipeline/flow-rules';
import { functionsBehind } from './flow-table';
import { table } from './markdown';

export const EVENTS_FILE = 'docs/events.md';
export const SCHEMAS_FOLDER = 'docs/events';

const SAMPLES_FOLDERS = ['events/samples', 'events/samples/pipeline'];

type Schema = z.core.JSONSchema.BaseSchema;

export interface Sample {
  file: string;
  name: string;
  detail: Record<string, unknown>;
}

/** By the path of each file, all of its text. */
export function eventDocuments(): Map<string, string> {
  const names = Object.keys(CATALOG) as EventName[];
  return new Map([
    [EVENTS_FILE, documentOf(names)],
    ...names.map((name) => [schemaFile(name), `${JSON.stringify(schemaOf(name), null, 2)}\n`] as const),
  ]);
}

/** Of the detail. What people put is read strictly, of everything else a field that is not known is ignored. */
export function schemaOf(name: EventName): Schema {
  const contract = CATALOG[name] as unknown as Contract<string, object>;
  const { $schema, ...schema } = z.toJSONSchema(contract.schema, { io: 'input' });
  const title = `${name}: the detail of an event of source ${SOURCE}`;
  const strictly = isRequest(name) ? { additionalProperties: false } : {};
  return { $schema, title, description: saidOf(name), ...schema, ...strictly };
}

export function samples(): Sample[] {
  return SAMPLES_FOLDERS.flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .map((file) => {
        const [entry] = JSON.parse(readFileSync(join(folder, file), 'utf8'));
        return { file: join(folder, file), name: entry.DetailType, detail: JSON.parse(entry.Detail) };
      }),
  );
}

function isRequest(name: EventName): boolean {
  return STAGES.some((stage) => requestsOf(stage).includes(name));
}

function documentOf(names: readonly EventName[]): string {
  const rows = names.map((name) => [
    `[\`${name}\`](#${name.toLowerCase()})`,
    emittersOf(name).join(', '),
    reactingTo(name).join(', '),
  ]);
  return `${HEAD}\n${table([['event', 'who puts it', 'who reacts'], ...rows])}\n\n${names.map(sectionOf).join('\n')}`;
}

const HEAD = `# Events

Made by \`npm run documents\` of the contracts in \`events/\`, the flow (\`shared/pipeline/flow.ts\`) and the samples. All of them
are on the bus of the stack, with the source \`${SOURCE}\`; the name is the detail-type. The [schemas](events) are JSON Schema
of the detail. A change to an event only adds fields that may be missing; whoever reads one ignores what it does not know.

What people put is \`DeployRequested\`, \`AbortRequested\` and \`CleanRequested\`: a field that is not known is refused there,
with [414](codes/414.md). Everything else the functions tell each other: to react to it is fine, to put it is forging.
`;

function sectionOf(name: EventName): string {
  const [sample] = samples()
    .filter((one) => one.name === name)
    .sort((one, other) => one.file.length - other.file.length);
  const repeaters = repeatersOf(name);
  const again = repeaters.length > 0 ? `; where it was lost, again ${repeaters.join(', ')}` : '';
  const { properties = {}, required = [] } = schemaOf(name);
  const said = fieldsSaid(name);
  const rows = Object.entries(properties).map(([field, schema]) => [
    `\`${field}\``,
    typeOf(schema as Schema),
    required.includes(field) ? 'always' : 'may be missing',
    said.get(field) ?? '',
  ]);
  return `## ${name}

${saidOf(name)}

- **Who puts it:** ${emittersOf(name).join(', ')}${again}
- **Who reacts:** ${reactingTo(name).join(', ')}
- **Schema:** [${fileName(name)}](events/${fileName(name)}); a sample: [${sample?.file}](../${sample?.file})

${table([['field', 'type', 'is there', 'what it is'], ...rows])}

\`\`\`json
${JSON.stringify(sample?.detail, null, 2)}
\`\`\`
`;
}

function emittersOf(name: EventName): string[] {
  const functions = [...STAGES, ...Object.keys(HELPERS)];
  const first = functions.filter((one) => toldFirstBy(one).includes(name));
  return [...(isRequest(name) ? ['people'] : []), ...first.map((one) => `\`${one}\``)];
}

/** Where whoever should have put it could not. */
function repeatersOf(name: EventName): string[] {
  const functions = [...STAGES, ...Object.keys(HELPERS)];
  const again = functions.filter((one) => toldBy(one).includes(name) && !toldFirstBy(one).includes(name));
  return again.map((one) => `\`${one}\``);
}

/** In the order of the flow; mails come by `notify`, and those of failures by the topic itself, too. */
function reactingTo(name: EventName): string[] {
  const rules = flowRules().filter(({ bus, pattern }) => bus === 'own' && pattern?.['detail-type']?.includes(name));
  const targets = rules.flatMap((rule) => rule.targets.flatMap(functionsBehind));
  return [...new Set(targets)].map((target) => (target === 'AdminTopic' ? 'a mail of EventBridge' : `\`${target}\``));
}

function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(' or ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  const { items } = schema as { items?: Schema };
  if (schema.type === 'array' && items) return `list of ${typeOf(items)}`;
  if (schema.format === 'date-time') return 'ISO time';
  return typeof schema.type === 'string' ? schema.type : 'anything';
}

function schemaFile(name: EventName): string {
  return `${SCHEMAS_FOLDER}/${fileName(name)}`;
}

function fileName(name: EventName): string {
  return `${stemOf(name)}.schema.json`;
}

/** `Step1Passed` → `step-1-passed`, as its file in events/ is called. */
function stemOf(name: EventName): string {
  return name.replace(/(?<=.)(?=[A-Z\d])/g, '-').toLowerCase();
}

/** What the source says of the contract: the comment before it, paragraphs as they are. */
function saidOf(name: EventName): string {
  const [, comment] =
    new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*export const ${name} =`).exec(sourceOf(name)) ?? [];
  if (comment === undefined) throw new Error(`the source says nothing of ${name}`);
  return plain(comment);
}

/** What the source says of fields: of the contract's own, else of those that several have. */
function fieldsSaid(name: EventName): Map<string, string> {
  const sources = [readFileSync('events/contract.ts', 'utf8'), sourceOf(name)];
  const comments = sources.flatMap((source) => [
    ...source.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:export const )?(\w+)(?: =|:)/g),
  ]);
  return new Map(comments.map(([, comment = '', field = '']) => [field, plain(comment)]));
}

function sourceOf(name: EventName): string {
  const file = `events/${stemOf(name)}.ts`;
  if (!existsSync(file)) throw new Error(`${name} is not in ${file}`);
  return readFileSync(file, 'utf8');
}

function plain(comment: string): string {
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\* ?/, '').trim());
  return lines
    .join('\n')
    .trim()
    .replace(/([^\n])\n(?=[^\n])/g, '$1 ');
}
