/** What `npm run conformance` does, without the process around it. */
import { runProgram, type Streams } from '../../local/terminal/command-line';
import type { Section } from './case';
import { type Options, readOptions, USAGE } from './options';
import { type OpenedPlace, openPlace } from './place';
import { json, resultLines, summary, tableLines } from './report';
import { runTable } from './runner';
import { TABLE } from './table';

interface Surroundings extends Streams {
  environment: NodeJS.ProcessEnv;
  /** Ends it early; what the case that runs has made is taken away first. */
  signal?: AbortSignal;
}

/** Answers the exit code. */
export function runCommand(args: string[], surroundings: Surroundings): Promise<number> {
  const program = {
    command: 'npm run conformance',
    usage: USAGE,
    readOptions: (given: string[]) => readOptions(given, surroundings.environment),
  };
  return runProgram(program, args, (options) => runChosen(options, surroundings), surroundings);
}

async function runChosen(options: Options, surroundings: Surroundings): Promise<number> {
  const { output, errors } = surroundings;
  const table = chosen(options.only);
  if (table.length === 0) {
    errors(`no case has "${options.only}" in it\n`);
    return 2;
  }
  if (options.list) {
    output(tableLines(table));
    return 0;
  }
  return runSomewhere(table, options, surroundings);
}

async function runSomewhere(
  table: Section[],
  options: Options,
  { environment, output, errors, signal }: Surroundings,
): Promise<number> {
  const onDefect = (error: unknown) => errors(`the embedded AWS itself failed: ${(error as Error).stack}\n`);
  let place: OpenedPlace;
  try {
    place = await openPlace(options, environment, onDefect);
  } catch (error) {
    errors(`${(error as Error).message}\n`);
    return 2;
  }
  try {
    const results = await runTable(table, { ...place, signal }, options.json ? undefined : printer(place.name, output));
    output(options.json ? json(place.name, results) : summary(results));
    return signal?.aborted || results.some(({ outcome }) => outcome.is === 'FAILED') ? 1 : 0;
  } finally {
    place.close();
  }
}

/** Prints each result as it comes, under the name of its service. */
function printer(place: string, output: (text: string) => void): Parameters<typeof runTable>[2] {
  let printed: string | undefined;
  output(`Against ${place}\n`);
  return (result) => {
    if (result.service !== printed) output(`\n${result.service}\n`);
    printed = result.service;
    output(resultLines(result));
  };
}

function chosen(only: string): Section[] {
  const wanted = only.toLowerCase();
  return TABLE.map(({ service, cases }) => ({
    service,
    cases: cases.filter(({ name }) => `${service} ${name}`.toLowerCase().includes(wanted)),
  })).filter(({ cases }) => cases.length > 0);
}
