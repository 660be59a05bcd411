/** The user data script within the template of the example fleet, which has to have all in one file. */
import { readFileSync } from 'node:fs';

export const TEMPLATE = 'examples/fleet/fleet.yml';
export const SCRIPT = 'examples/user-data/user-data.sh';

const BEGIN = 'Fn::Base64: |';
const INDENT = ' '.repeat(12);

/** The text of the template with the script in it, in place of what is there. */
export function templateWithUserData(template = read(TEMPLATE), script = read(SCRIPT)): string {
  const lines = template.split('\n');
  const begin = lines.findIndex((line) => line.trim() === BEGIN) + 1;
  if (begin === 0) throw new Error(`${TEMPLATE} has no line ${BEGIN}`);
  const length = lines.slice(begin).findIndex((line) => line !== '' && !line.startsWith(INDENT));
  const embedded = script.trimEnd().split('\n');
  const indented = embedded.map((line) => (line === '' ? '' : `${INDENT}${line}`));
  return [...lines.slice(0, begin), ...indented, '', ...lines.slice(begin + length)].join('\n');
}

function read(file: string): string {
  return readFileSync(file, 'utf8');
}
