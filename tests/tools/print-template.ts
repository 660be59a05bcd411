/**
 * `npm run template`: packages the service and prints its CloudFormation template, so that two versions of the sources can
 * be compared to the byte: with sorted keys, and each bundle called by its name alone, which otherwise begins with the time
 * of packaging.
 */
import { basename } from 'node:path';
import { packageCopy } from '../../local/cloudformation/template';
import { endWithReader, parseOptions, runProgram } from '../../local/terminal/command-line';

/** What the bundles and the template are made of. */
const SOURCES = ['deploy', 'events', 'functions', 'shared', 'stack', 'package.json', 'serverless.yml', 'tsconfig.json'];

function withoutTimeOfPackaging(key: string, value: unknown): unknown {
  return key === 'S3Key' && typeof value === 'string' ? basename(value) : value;
}

/** The order of keys says nothing in a template; that of lists may. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

const PROGRAM = {
  command: 'npm run template',
  usage: `npm run template [-- options]

Packages the service and prints its CloudFormation template, so that two
versions of the sources can be compared.

  --stage NAME, --region NAME, --param NAME=VALUE (again and again)
           as serverless takes them
  --help   print this
`,
  /** What `serverless package` is given. */
  readOptions(args: string[]): string[] {
    const text = { type: 'string' } as const;
    const values = parseOptions(args, { stage: text, region: text, param: { ...text, multiple: true } });
    const wrong = values.param?.find((param) => !/^\w+=/.test(param));
    if (wrong !== undefined) throw new Error(`--param is NAME=VALUE, not "${wrong}"`);
    return Object.entries(values).flatMap(([name, given]) => [given].flat().map((value) => `--${name}=${value}`));
  },
};

process.exitCode = await runProgram(PROGRAM, process.argv.slice(2), (options) => {
  endWithReader();
  try {
    const template = JSON.parse(packageCopy(SOURCES, options), withoutTimeOfPackaging);
    process.stdout.write(`${JSON.stringify(sorted(template), null, 2)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`); // what serverless says of the sources, or of a value
    return 1;
  }
});
