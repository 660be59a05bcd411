/** The CloudFormation template that the Serverless Framework makes of serverless.yml: what is deployed is what runs here. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';

export interface Template {
  Description?: string;
  Parameters?: Record<string, TemplateParameter>;
  Conditions?: Record<string, unknown>;
  Resources: Record<string, TemplateResource>;
  Outputs?: Record<string, { Value: unknown; Description?: string; Condition?: string }>;
}

export interface TemplateParameter {
  Type: string;
  Default?: unknown;
  NoEcho?: boolean | string;
  Description?: string;
  AllowedValues?: unknown[];
  AllowedPattern?: string;
}

export interface TemplateResource {
  Type: string;
  Condition?: string;
  DependsOn?: string | string[];
  Properties?: Record<string, unknown>;
  UpdatePolicy?: Record<string, unknown>;
}

const SOURCES = ['serverless.yml', 'package.json', 'package-lock.json'];
/** The parts that serverless.yml is made of. */
const PARTS = 'stack';
const PACKAGED = '.serverless/cloudformation-template-update-stack.json';
const CACHE = 'node_modules/.cache/bluegreen-deployer';

/** Where a bundle does not build, the packager reports it and then never ends. */
const LIMIT_MILLISECONDS = 100_000;

/**
 * The packaged template, with `parameters` as `--param` gives them (`{AdminEmails: 'a@example.com'}`). Packaging takes
 * seconds, so the result is kept until one of its sources changes. Throws when packaging fails, with its output.
 */
export function packagedTemplate(parameters: Readonly<Record<string, string>> = {}): Template {
  const root = process.cwd(); // npm and jest run in the project's own directory
  const hash = createHash('sha256').update(JSON.stringify(parameters));
  for (const source of sourcesIn(root)) hash.update(source).update(readFileSync(join(root, source)));
  const cached = join(root, CACHE, `${hash.digest('hex')}.json`);
  if (!existsSync(cached)) packageInto(cached, root, parameters);
  return JSON.parse(readFileSync(cached, 'utf8'));
}

/** Everything that the template is made of, but what the stages of an account are given: that is no part of the sources. */
export function sourcesIn(root: string): string[] {
  const parts = readdirSync(join(root, PARTS))
    .filter((part) => /^\w.*\.(yml|cjs)$/.test(part))
    .sort();
  return [...SOURCES, ...parts.map((part) => join(PARTS, part))];
}

function packageInto(cached: string, root: string, parameters: Readonly<Record<string, string>>): void {
  const options = Object.entries(parameters).map(([name, value]) => `--param=${name}=${value}`);
  const template = packageCopy(sourcesIn(root), options, leaveOutBundles);
  const unfinished = `${cached}.${process.pid}`;
  writeFileSync(unfinished, template);
  renameSync(unfinished, cached);
}

/** The template does not depend on what the functions contain, so an empty archive stands in for all of them: saves time. */
export function leaveOutBundles(copy: string): void {
  const service = join(copy, 'serverless.yml');
  writeFileSync(join(copy, 'empty.zip'), zipSync({}));
  writeFileSync(service, withoutBundling(readFileSync(service, 'utf8')));
}

/**
 * Packages a copy of these files and folders, so that any number of processes can do it at the same time, and what somebody
 * has packaged stays; `prepare` may change the copy before. Answers the text of the template. `options` are those of
 * `serverless package`. Throws when packaging fails, or takes too long, with its output.
 */
export function packageCopy(
  sources: readonly string[],
  options: readonly string[],
  prepare: (copy: string) => void = () => {},
): string {
  const copy = makeCopy(sources);
  try {
    prepare(copy);
    runServerless(copy, options);
    return readFileSync(join(copy, PACKAGED), 'utf8');
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** A folder with a copy of these, in which the packager runs; whoever asks for it removes it. */
export function makeCopy(sources: readonly string[]): string {
  const root = process.cwd();
  mkdirSync(join(root, CACHE), { recursive: true });
  const copy = mkdtempSync(join(root, CACHE, 'package-'));
  for (const source of sources) cpSync(join(root, source), join(copy, source), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Throws where serverless.yml no longer says what is replaced here: then this would silently do nothing. */
function withoutBundling(service: string): string {
  const replacements = [
    ['\n  - serverless-esbuild\n', '\n'],
    ['\npackage:\n  individually: true\n', '\npackage:\n  artifact: empty.zip\n'],
  ] as const;
  return replacements.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`serverless.yml does not contain ${JSON.stringify(from)}`);
    return text.replace(from, to);
  }, service);
}

export function runServerless(directory: string, options: readonly string[]): void {
  const environment = { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
  try {
    execFileSync(join(directory, 'node_modules/.bin/serverless'), ['package', ...options], {
      cwd: directory,
      env: environment,
      stdio: 'pipe',
      encoding: 'utf8',
      timeout: LIMIT_MILLISECONDS,
      killSignal: 'SIGKILL',
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`serverless package failed:\n${stdout}${stderr}`);
  }
}
