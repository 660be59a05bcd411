/** The rooms of the code, which way imports go between them, and what of the code goes against it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseSync } from '@swc/core';

/**
 * From the top down: a floor imports from those below it, never from those above it, and of two rooms on one floor neither
 * imports the other. Files that end in `.test.ts` import from anywhere, and nothing imports them.
 */
export const HOUSES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  '.': [['tests'], ['cli'], ['local'], ['functions'], ['shared'], ['events']],
  tests: [['tools'], ['bench'], ['conformance', 'faults', 'pipeline', 'simulation', 'stack'], ['harness']],
  local: [
    ['demo'],
    ['server'],
    ['functions.ts'],
    ['example'],
    ['embedded-aws.ts'],
    ['endpoint', 'cloudformation'],
    ['services'],
    ['fleet'],
    ['kernel', 'terminal'],
  ],
  // One calls another where it does so in AWS: what matters is that no two call each other.
  'local/services': [
    ['code-deploy', 'sns'],
    ['eventbridge', 'lambda', 'elastic-load-balancing'],
    ['auto-scaling', 'cloudformation', 'cloudwatch-logs', 'ec2', 'elastic-load-balancing-v2', 's3', 'sqs', 'sts'],
    ['iam'],
  ],
  shared: [['codedeploy', 'dummies'], ['mail'], ['view'], ['pipeline'], ['codes'], ['deployment'], ['fleet'], ['aws']],
};

/** The files that each file imports, types too; all paths from the root of the project. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/** What else there is, configures the tools that run it, and cannot import TypeScript. */
const SOURCE = /\.[cm]?tsx?$/;

/** Of every source file that is part of the project or about to be. */
export function readImports(): Imports {
  const listed = execFileSync('git', ['ls-files', '-coz', '--exclude-standard'], { encoding: 'utf8' });
  const files = listed.split('\0').filter((file) => SOURCE.test(file) && existsSync(file));
  return new Map(files.map((file) => [file, importsOf(file, readFileSync(file, 'utf8'))]));
}

/** What a file of this text imports of the project's own, data too. Throws an Error on what it cannot find. */
export function importsOf(file: string, text: string): string[] {
  const specifiers = [
    ...specifiersIn(parseSync(text, { syntax: 'typescript', tsx: file.endsWith('x'), target: 'es2023' })),
  ];
  const own = specifiers.filter((specifier) => specifier.startsWith('.'));
  return [...new Set(own.flatMap((specifier) => resolved(file, specifier)))];
}

/** As the bundler and the test runner find it: with or without an ending, as the index of a folder, or all of a folder. */
function resolved(file: string, specifier: string): string[] {
  const path = normalize(join(dirname(file), specifier));
  if (specifier.endsWith(ANY)) return sourcesIn(dirname(path));
  const stem = path.replace(/\.[cm]?js$/, '');
  const candidates = [path, ...['.ts', '.mts', '.cts', '.tsx', '/index.ts'].map((ending) => stem + ending)];
  const found = candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
  if (found === undefined) throw new Error(`${file} imports ${specifier}, which is not there`);
  return [found];
}

function sourcesIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.ts') && !isTest(name));
  return names.map((name) => `${folder}/${name}`);
}

/** Whatever lies in a folder. */
const ANY = '/*.ts';

interface Node {
  type?: string;
  value?: unknown;
  /** Of `import … from` and `export … from`. */
  source?: Node;
  /** Of `import('…')` as a type. */
  argument?: Node;
  /** Of `import x = require('…')`. */
  moduleRef?: Node & { expression?: Node };
  callee?: Node;
  arguments?: { expression: Node }[];
  /** Of a template. */
  quasis?: { cooked: string }[];
}

/** However it is written, for values or for types. */
function* specifiersIn(node: unknown): Generator<string> {
  if (typeof node !== 'object' || node === null) return;
  const { type, source, argument, moduleRef, callee, arguments: given = [] } = node as Node;
  const isCall = callee?.type === 'Import' || (callee?.type === 'Identifier' && callee.value === 'require');
  const named = [source, type === 'TsImportType' ? argument : undefined, moduleRef?.expression];
  for (const literal of [...named, ...(isCall ? given.map(({ expression }) => expression) : [])]) {
    const specifier = literal && specifierOf(literal);
    if (specifier !== undefined) yield specifier;
    else if (literal && isCall) throw new Error('what is imported has to be named by a plain string');
  }
  for (const child of Object.values(node)) yield* specifiersIn(child);
}

/** A plain string; or, of a template that ends in the name of a file, any file of the folder. */
function specifierOf({ type, value, quasis = [] }: Node): string | undefined {
  if (type === 'StringLiteral') return String(value);
  const [folder, ending, ...more] = quasis.map(({ cooked }) => cooked);
  const isFile = ending === '.ts' && more.length === 0;
  return folder?.endsWith('/') && isFile ? folder.slice(0, -1) + ANY : undefined;
}

/** What imports against the order, one line each: `local/kernel/clock.ts imports local/endpoint/endpoint.ts`. */
export function importsUpward(imports: Imports): string[] {
  return [...imports].flatMap(([file, imported]) =>
    imported.filter((other) => isUpward(file, other)).map((other) => `${file} imports ${other}`),
  );
}

function isUpward(file: string, other: string): boolean {
  if (isTest(other) || isInRoot(other)) return !isInRoot(file);
  return !isTest(file) && Object.entries(HOUSES).some(([house, floors]) => isUpwardIn(house, floors, file, other));
}

function isUpwardIn(house: string, floors: readonly (readonly string[])[], file: string, other: string): boolean {
  const [from, to] = [roomIn(house, file), roomIn(house, other)];
  if (from === undefined || to === undefined || from === to) return false;
  const floorOf = (room: string) => floors.findIndex((rooms) => rooms.includes(room));
  return floorOf(to) <= floorOf(from);
}

function isTest(file: string): boolean {
  return file.endsWith('.test.ts');
}

/** It configures a tool: no room of the code needs it. */
function isInRoot(file: string): boolean {
  return !file.includes('/');
}

/** The folder or file of the house that the file is in; undefined for one that is elsewhere. */
function roomIn(house: string, file: string): string | undefined {
  const path = house === '.' ? file : file.startsWith(`${house}/`) ? file.slice(house.length + 1) : undefined;
  const [room, ...rest] = path?.split('/') ?? [];
  return house === '.' && rest.length === 0 ? undefined : room;
}

/** What is in a house and has no place in its order. */
export function strangers(imports: Imports): string[] {
  const unknown = Object.entries(HOUSES).flatMap(([house, floors]) =>
    [...imports.keys()].flatMap((file) => {
      const room = roomIn(house, file);
      return room === undefined || floors.flat().includes(room) ? [] : [normalize(join(house, room))];
    }),
  );
  return [...new Set(unknown)];
}

/** Files that import each other, directly or through others: each circle once, its files in alphabetical order. */
export function circles(imports: Imports): string[][] {
  const reached = new Map([...imports.keys()].map((file) => [file, reachableFrom(file, imports)]));
  const found = [...reached].flatMap(([file, others]) => {
    const circle = [...others].filter((other) => reached.get(other)?.has(file)).sort();
    return others.has(file) && circle[0] === file ? [circle] : [];
  });
  return found;
}

function reachableFrom(file: string, imports: Imports): Set<string> {
  const reached = new Set<string>();
  const open = [...(imports.get(file) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...(imports.get(next) ?? []));
  }
  return reached;
}

/** The rooms and their order as Mermaid draws them: an arrow goes from those that import to those that are imported. */
export function diagram(): string {
  const houses = ['local', 'shared'].map((house) => drawnHouse(house, HOUSES[house] ?? []));
  const order = (HOUSES['.'] ?? []).flat().join(' --> ');
  return ['flowchart LR', `  ${order}`, ...houses.flat()].join('\n');
}

function drawnHouse(house: string, floors: readonly (readonly string[])[]): string[] {
  const drawn = floors.map((rooms) => rooms.map((room) => `${house}-${room}[${room}]`).join(' & '));
  const arrows = drawn.slice(1).map((below, index) => `    ${drawn[index]} --> ${below}`);
  return [`  subgraph ${house}`, '    direction TB', ...arrows, '  end'];
}
