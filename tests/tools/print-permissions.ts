/** `npm run permissions`: what each function is granted, and whether it uses it. */
import { parseOptions, runProgram } from '../../local/terminal/command-line';
import { printed, reportPermissions } from '../stack/permission-report';

const PROGRAM = {
  command: 'npm run permissions',
  usage: `npm run permissions

Prints what the role of each function allows it, and whether it uses that: from
runs of the pipeline in virtual time.
`,
  readOptions: (args: string[]) => parseOptions(args, {}),
};

process.exitCode = await runProgram(PROGRAM, process.argv.slice(2), async () => {
  process.stdout.write(printed(await reportPermissions()));
  return 0;
});
