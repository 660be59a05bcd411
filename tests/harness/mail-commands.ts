/** What a mail tells its reader to run. */

/** The lines below `What to do`, without what is said; or those below another heading. */
export function commandsIn(body: string, heading = 'What to do'): string[] {
  const [, section = ''] = body.split(`\n${heading}\n`);
  const [lines = ''] = section.split('\n\n');
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^(aws|npx) /.test(line));
}
