/** What a mail tells its reader to run. */

/** The lines below `What to do`, without what is said. */
export function commandsIn(body: string): string[] {
  const [, section = ''] = body.split('\nWhat to do\n');
  const [lines = ''] = section.split('\n\n');
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^(aws|npx) /.test(line));
}
