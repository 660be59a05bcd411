/** Reads what was typed, runs the verb, shows its result. */
import yargs, { type Argv } from 'yargs';
import { plain } from '../local/terminal/lines';
import { jsonOf } from '../shared/codes/commands';
import { DEFAULT_STAGE } from '../shared/codes/request-lines';
import { withMarks, withoutMark, withoutMarks } from './dashed-words';
import { assertTask } from './known-tasks';
import { nearest } from './nearest';
import { version } from './package.json';
import { Page } from './page';
import { Declined, EXIT, EXIT_IN_WORDS, type ExitCode, Problem, problemOf, refusalInWords } from './problem';
import { type CommonOptions, Session } from './session';
import type { Surroundings } from './surroundings';
import type { Verb } from './verb';
import { VERBS } from './verbs';

const VERB_NAMES = VERBS.map(verbName);

/** Options that may stand before the verb, with a value. */
const PLACES = ['--stage', '--stack', '--region', '--profile'];

const EXIT_CODES = ['Exit codes:', ...Object.entries(EXIT_IN_WORDS).map(([code, words]) => `  ${code} ${words}`)].join(
  '\n',
);

/** Answers the exit code. Throws what is a defect of the command itself. */
export async function run(typed: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const args = withHelp(withMarks(typed));
  if (args[0] === '--version') {
    surroundings.output.write(`${version}\n`);
    return EXIT.completed;
  }
  // A parser that is given a promise to wait for writes the whole help first, to have it at hand.
  const running: Promise<ExitCode>[] = [];
  const parser = VERBS.reduce(
    (built, verb) => withVerb(built, verb, (parsed) => void running.push(runVerb(verb, parsed, surroundings))),
    parserFor(surroundings, verbIn(args)),
  );
  try {
    assertVerb(args);
    await parser.parseAsync([...args], {}, (_error, _argv, output) => {
      if (output) surroundings.output.write(`${output}\n`);
    });
    const [exitCode = EXIT.completed] = await Promise.all(running);
    return exitCode;
  } catch (error) {
    const isUnknown = error instanceof UnknownOption;
    const problem = isUnknown ? await unknownOption(error.message, args, surroundings) : problemOf(error);
    if (!problem) throw error;
    tellProblem(problem, args, surroundings);
    return problem.exitCode;
  }
}

/** `help deploy` and `-h` are what people try first. */
function withHelp(typed: readonly string[]): string[] {
  const [first, ...others] = typed;
  if (first === 'help') return [...others, '--help'];
  return typed.map((word) => (word === '-h' ? '--help' : word));
}

/** Whatever language the terminal has: what it says is read here, and its help is ours. */
function emptyParser(): Argv {
  // `deploy` has an option of this name.
  return yargs().locale('en').version(false);
}

function parserFor({ output }: Surroundings, typed?: Verb): Argv {
  return emptyParser()
    .scriptName('bluegreen')
    .usage('$0 VERB: deploys wars to pairs of Auto Scaling groups, and says how they stand')
    .option('stage', {
      type: 'string',
      requiresArg: true,
      default: DEFAULT_STAGE,
      describe: 'the stage of the stack',
    })
    .option('stack', { type: 'string', requiresArg: true, describe: 'the stack by its name, in place of its stage' })
    .option('region', { type: 'string', requiresArg: true, describe: 'else that of your AWS settings' })
    .option('profile', { type: 'string', requiresArg: true, describe: 'of your AWS settings' })
    .option('json', { type: 'boolean', default: false, describe: 'prints data for programs' })
    .epilogue(EXIT_CODES)
    .group(['stage', 'stack', 'region', 'profile', 'json', 'help'], 'Everywhere:')
    .strict()
    .demandCommand(1, `Say what to do: ${VERB_NAMES.join(', ')}`)
    .exitProcess(false)
    .showHelpOnFail(false)
    .wrap(Math.min(output.columns || 80, 100))
    .help()
    .fail((message, error) => {
      if (error && error.name !== 'YError') throw error;
      const [, unknown] = /^Unknown arguments?: ([^,]*)/.exec(message.trim()) ?? [];
      if (unknown !== undefined) throw new UnknownOption(unknown);
      throw inOurWords(message, typed);
    });
}

/** The first word that is neither an option nor the value of one that may stand before the verb. */
function firstWord(args: readonly string[]): string | undefined {
  return args.find((word, at) => !word.startsWith('-') && !PLACES.includes(args[at - 1] ?? ''));
}

function assertVerb(args: readonly string[]): void {
  const verb = firstWord(args);
  if (verb === undefined || VERB_NAMES.includes(verb)) return;
  throw new Problem(`There is no verb ${verb}`, `${nearest(verb, VERB_NAMES)}See bluegreen --help.`);
}

/** With the verb's own usage, where it is known which one is meant. */
function inOurWords(message: string, verb: Verb | undefined): Problem {
  const name = verb ? verbName(verb) : '';
  const see = `See bluegreen ${name ? `${name} ` : ''}--help.`;
  const [[example = ''] = []] = verb?.examples ?? [];
  const usage = example ? `As in:\n  bluegreen ${example}\n${see}` : see;
  const [, given] = /^Not enough non-option arguments: got (\d+)/.exec(message) ?? [];
  if (verb && given !== undefined) return new Problem(`${name} needs a ${positionalsOf(verb)[Number(given)]}`, usage);
  const [, ofOption] = /^Not enough arguments following: (.*)/.exec(message) ?? [];
  if (ofOption !== undefined) return new Problem(`--${ofOption} has no value`, usage);
  const [, missing] = /^Missing required arguments?: (.*)/.exec(message) ?? [];
  if (missing !== undefined) return new Problem(`${name} needs --${missing.split(', ').join(' and --')}`, usage);
  return new Problem(message.trim().replace(/\s*\n\s*/g, ': '), see);
}

/** What has to be given, each as one: `upload <task> <files..>` needs a task and a file. */
function positionalsOf({ command }: Verb): string[] {
  return [...command.matchAll(/<(\w+?)(s?\.\.)?>/g)].map(([, name = '']) => name);
}

function verbIn(args: readonly string[]): Verb | undefined {
  const word = firstWord(args);
  return VERBS.find((one) => verbName(one) === word);
}

/** An option that nobody knows, or one too many of what has no name. */
class UnknownOption extends Error {}

/** With the option that was probably meant. */
async function unknownOption(name: string, args: readonly string[], surroundings: Surroundings): Promise<Problem> {
  const verb = verbIn(args);
  const ofVerb = verb ? await optionsIn(verb.options(emptyParser().help(false))) : [];
  const options = [...ofVerb, ...(await optionsIn(parserFor(surroundings)))];
  const see = `See bluegreen ${verb ? `${verbName(verb)} ` : ''}--help.`;
  if (!args.some((word) => word.startsWith(`--${name}`)))
    return new Problem(`${withoutMark(name)} is one word too many`, see);
  return new Problem(`There is no option --${name} here`, nearest(name, options, (option) => `--${option}`) + see);
}

async function optionsIn(parser: Argv): Promise<string[]> {
  return [...(await parser.getHelp()).matchAll(/--([a-z][a-z-]*)/g)].map(([, option = '']) => option);
}

function verbName({ command }: Verb): string {
  return command.split(' ')[0] ?? '';
}

function withVerb(parser: Argv, verb: Verb, onParsed: (parsed: object) => void): Argv {
  return parser.command(
    verb.command,
    verb.describe,
    (options) =>
      verb.examples.reduce((built, [typed, does]) => built.example(`$0 ${typed}`, does), verb.options(options) as Argv),
    onParsed,
  );
}

async function runVerb(verb: Verb, parsed: object, surroundings: Surroundings): Promise<ExitCode> {
  const given = withoutMarks(parsed);
  assertValues(given, verb);
  const session = new Session(given as unknown as CommonOptions, surroundings);
  const task = 'task' in given && given.task !== undefined ? String(given.task) : undefined;
  try {
    const work = async () => {
      if (task !== undefined) await assertTask(await session.stack, task);
      return verb.run(given, session);
    };
    const result = await Promise.race([work(), session.ended()]);
    show(verb, result, session, surroundings);
    return verb.exitCode?.(result) ?? EXIT.completed;
  } catch (error) {
    throw problemOf(error, session.command, task) ?? error;
  }
}

/** Nothing is left of `--stage "$STAGE"` where that is not set. */
function assertValues(given: object, verb: Verb): void {
  const { repeatable = [] } = verb;
  const twice = Object.entries(given).find(
    ([name, value]) => Array.isArray(value) && ![...repeatable, '_'].includes(name),
  );
  if (twice) throw new Problem(`--${twice[0]} is given more than once`, 'Give it once.');
  const odd = Object.entries(given).find(([name, value]) => name !== '_' && isOdd(value));
  if (odd) throw new Problem(`${odd[0]} has a value that is no text`, 'Give it a plain one. See --help.');
  const [name] = Object.entries(given).find(([, value]) => value === '') ?? [];
  if (name === undefined) return;
  const shown = POSITIONALS.includes(name) ? `the ${name}` : `--${name}`;
  throw new Problem(`${shown} has no value`, `Give it one. See bluegreen ${verbName(verb)} --help.`);
}

/** As of `--name.x 1`; or half a character, which no address can have in it. */
function isOdd(value: unknown): boolean {
  const texts = Array.isArray(value) ? value : [value];
  return texts.some((one) => (typeof one === 'object' && one !== null) || /\p{Cs}/u.test(String(one)));
}

const POSITIONALS = ['task', 'deployment'];

function show(verb: Verb, result: unknown, session: Session, { output, environment }: Surroundings): void {
  if (session.isJson) {
    output.write(`${jsonOf(result)}\n`);
    return;
  }
  const lines = verb.render(result, new Page(output, environment), session.command);
  if (lines.length > 0) output.write(`${lines.join('\n')}\n`);
}

/** One sentence and the next step; for programs the same as an object. */
function tellProblem(problem: Problem, args: readonly string[], { output, errors, environment }: Surroundings): void {
  const { message, nextStep, exitCode, code } = problem;
  if (args.includes('--json')) {
    output.write(`${jsonOf({ error: { message, nextStep, exitCode, ...(code && { code }) } })}\n`);
    return;
  }
  const page = new Page(errors, environment);
  const lines = [
    ...page.text(problemInWords(problem), problem instanceof Declined ? undefined : 'red'),
    ...page.advice(nextStep),
  ];
  errors.write(`${lines.map((line) => (page.isTerminal ? line : plain(line))).join('\n')}\n`);
}

/** A refusal is said as a mail would say it, whoever refuses. */
function problemInWords({ message, exitCode, code }: Problem): string {
  const sentence = message.replace(/[.!?]?$/, '.');
  if (code === undefined) return sentence;
  return exitCode === EXIT.refused ? refusalInWords({ code, message: sentence }) : `${code}: ${sentence}`;
}
