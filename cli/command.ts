/** Reads what was typed, runs the verb, shows its result. */
import yargs, { type Argv } from 'yargs';
import { plain } from '../local/terminal/lines';
import { version } from './package.json';
import { Page } from './page';
import { EXIT, type ExitCode, Problem, problemOf } from './problem';
import { type CommonOptions, Session } from './session';
import type { Surroundings } from './surroundings';
import type { Verb } from './verb';
import { VERBS } from './verbs';

/** Answers the exit code. Throws what is a defect of the command itself. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.completed;
  const parser = VERBS.reduce(
    (built, verb) =>
      withVerb(built, verb, surroundings, (code) => {
        exitCode = code;
      }),
    parserFor(surroundings),
  );
  try {
    await parser.parseAsync([...args], {}, (_error, _argv, output) => {
      if (output) surroundings.output.write(`${output}\n`);
    });
    return exitCode;
  } catch (error) {
    const problem = problemOf(error);
    if (!problem) throw error;
    tellProblem(problem, args, surroundings);
    return problem.exitCode;
  }
}

function parserFor({ output }: Surroundings): Argv {
  return yargs()
    .scriptName('bluegreen')
    .usage('$0 VERB: deploys wars to pairs of Auto Scaling groups, and says how they stand')
    .option('stage', { type: 'string', default: 'dev', describe: 'the stage of the stack' })
    .option('stack', { type: 'string', describe: 'the stack by its name, in place of its stage' })
    .option('region', { type: 'string', describe: 'else that of your AWS settings' })
    .option('profile', { type: 'string', describe: 'of your AWS settings' })
    .option('json', { type: 'boolean', default: false, describe: 'prints data for programs' })
    .group(['stage', 'stack', 'region', 'profile', 'json', 'help', 'version'], 'Everywhere:')
    .strict()
    .demandCommand(1, 'say what to do')
    .recommendCommands()
    .exitProcess(false)
    .showHelpOnFail(false)
    .wrap(Math.min(output.columns || 80, 100))
    .help()
    .version(version)
    .fail((message, error) => {
      if (error) throw error;
      throw new Problem(oneSentence(message), 'See bluegreen --help.');
    });
}

/** Yargs puts what it guesses on a line of its own. */
function oneSentence(message: string): string {
  return message.trim().replace(/\s*\n\s*/g, '. ');
}

function withVerb(parser: Argv, verb: Verb, surroundings: Surroundings, onEnd: (code: ExitCode) => void): Argv {
  return parser.command(
    verb.command,
    verb.describe,
    (options) =>
      verb.examples.reduce((built, [typed, does]) => built.example(`$0 ${typed}`, does), verb.options(options) as Argv),
    async (given) => {
      const session = new Session(given as unknown as CommonOptions, surroundings);
      const result = await verb.run(given, session);
      show(verb, result, session, surroundings);
      onEnd(verb.exitCode?.(result) ?? EXIT.completed);
    },
  );
}

function show(verb: Verb, result: unknown, session: Session, { output, environment }: Surroundings): void {
  if (session.isJson) {
    output.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const lines = verb.render(result, new Page(output, environment));
  if (lines.length > 0) output.write(`${lines.join('\n')}\n`);
}

/** One sentence and the next step; for programs the same as an object. */
function tellProblem(problem: Problem, args: readonly string[], { output, errors, environment }: Surroundings): void {
  const { message, nextStep, exitCode, code } = problem;
  if (args.includes('--json')) {
    output.write(`${JSON.stringify({ error: { message, nextStep, exitCode, ...(code && { code }) } })}\n`);
    return;
  }
  const page = new Page(errors, environment);
  const lines = [
    ...page.text(`${code ? `${code}: ` : ''}${message.replace(/[.!?]?$/, '.')}`, 'red'),
    ...page.text(nextStep),
  ];
  errors.write(`${lines.map((line) => (page.isTerminal ? line : plain(line))).join('\n')}\n`);
}
