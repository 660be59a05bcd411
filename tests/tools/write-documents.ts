/** `npm run documents`: writes every document that is made. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseOptions, runProgram } from '../../local/terminal/command-line';
import { DOCUMENTS } from './documents';

const PROGRAM = {
  command: 'npm run documents',
  usage: `npm run documents [-- NAME…]

Writes every document that is made, wholly or in part, or those that are named:

${Object.entries(DOCUMENTS)
  .map(([name, { what }]) => `  ${name.padEnd(9)} ${what}`)
  .join('\n')}
`,
  /** The names of what is wanted, in the order in which they are made. */
  readOptions(args: string[]): string[] {
    const names = args.filter((arg) => !arg.startsWith('-'));
    parseOptions(
      args.filter((arg) => arg.startsWith('-')),
      {},
    );
    const unknown = names.find((name) => !Object.hasOwn(DOCUMENTS, name));
    if (unknown !== undefined) throw new Error(`no document is called "${unknown}"`);
    return Object.keys(DOCUMENTS).filter((name) => names.length === 0 || names.includes(name));
  },
};

async function main(names: string[]): Promise<number> {
  for (const name of names) {
    const files = (await DOCUMENTS[name]?.files()) ?? new Map<string, string>();
    for (const [path, text] of files) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    process.stdout.write(`${name}: ${files.size === 1 ? [...files.keys()][0] : `${files.size} files`}\n`);
  }
  return 0;
}

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
process.exitCode = await runProgram(PROGRAM, process.argv.slice(2), main);
