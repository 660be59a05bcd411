/** `npm run simulate`: plays many seeds, on all cores, and tells of every one in which something did not hold. */
import { type ChildProcess, fork } from 'node:child_process';
import { endWithReader, runProgram } from '../../local/terminal/command-line';
import { Progress } from '../../local/terminal/progress';
import { drawScenario } from './draw';
import { type Options, PROGRAM } from './options';
import { shrink } from './shrink';
import { play } from './simulation';
import { bundled } from './worker-program';

const SEEDS_AT_ONCE = 20;
/** Most of what a world makes is soon forgotten: a larger young generation takes less time to collect. */
const WORKER_OPTIONS = ['--enable-source-maps', '--max-semi-space-size=64'];

const SHOWN_FAILURES = 20;
/** The shortest histories of so many are shown at once; of the others on request. */
const SHOWN_HISTORIES = 2;

interface Played {
  seeds: number;
  deployments: number;
  failures: Failure[];
  /** Where they are asked for. */
  digests: { seed: number; digest: string }[];
}

interface Failure {
  seed: number;
  violations: string[];
}

interface Order {
  from: number;
  count: number;
  isDigest: boolean;
}

if (process.send) work();
else process.exitCode = await runProgram(PROGRAM, process.argv.slice(2), direct);

/** A process of its own for each core: it plays what it is told, and answers what came of it. */
function work(): void {
  process.on('message', async ({ from, count, isDigest }: Order) => {
    const played: Played = { seeds: count, deployments: 0, failures: [], digests: [] };
    for (let seed = from; seed < from + count; seed++) {
      const { violations, deployments, digest } = await play(drawScenario(seed));
      played.deployments += deployments;
      if (isDigest) played.digests.push({ seed, digest: digest() });
      if (violations.length > 0) played.failures.push({ seed, violations: violations.map(textOf) });
    }
    process.send?.(played);
  });
}

/** Answers the exit code: 1 where something did not hold. */
async function direct({ seeds, from, processes: most, json: isJson, digest: isDigest }: Options): Promise<number> {
  endWithReader();
  if (seeds === 1 && !isDigest) return tell(from, isJson);
  const start_ms = performance.now();
  const processes = Math.min(most, Math.ceil(seeds / SEEDS_AT_ONCE));
  const total = await playAll(from, seeds, processes, { isQuiet: isJson || isDigest, isDigest });
  const seconds = (performance.now() - start_ms) / 1000;
  if (isDigest) printDigests(total);
  else {
    report(total, seconds, processes, isJson);
    if (!isJson) for (const { seed } of total.failures.slice(0, SHOWN_HISTORIES)) await tell(seed, false);
  }
  return total.failures.length > 0 ? 1 : 0;
}

async function playAll(
  from: number,
  seeds: number,
  processes: number,
  { isQuiet, isDigest }: { isQuiet: boolean; isDigest: boolean },
): Promise<Played> {
  const total: Played = { seeds: 0, deployments: 0, failures: [], digests: [] };
  const progress = new Progress(process.stdout, process.env);
  let next = from;
  const program = await bundled(process.argv[1] ?? '');
  return new Promise((resolve, reject) => {
    const employ = (worker: ChildProcess) => {
      const count = Math.min(SEEDS_AT_ONCE, from + seeds - next);
      if (count <= 0) return worker.disconnect();
      worker.send({ from: next, count, isDigest } satisfies Order);
      next += count;
    };
    for (let index = 0; index < processes; index++) {
      const worker = fork(program, [], { execArgv: WORKER_OPTIONS });
      worker.on('message', (played: Played) => {
        total.seeds += played.seeds;
        total.deployments += played.deployments;
        total.failures.push(...played.failures);
        total.digests.push(...played.digests);
        if (!isQuiet) {
          if (played.failures.length > 0) progress.clear();
          for (const failure of played.failures) console.log(failureText(failure));
          progress.show(`${total.seeds} of ${seeds}`);
        }
        if (total.seeds === seeds) {
          progress.clear();
          resolve(total);
        }
        employ(worker);
      });
      worker.on('exit', (code) => code !== 0 && reject(new Error(`a process ended with ${code}`)));
      employ(worker);
    }
  });
}

function printDigests({ digests }: Played): void {
  for (const { seed, digest } of digests.sort((one, other) => one.seed - other.seed)) console.log(`${seed} ${digest}`);
}

function report({ seeds, deployments, failures }: Played, seconds: number, processes: number, isJson: boolean): void {
  const seedsPerSecondPerCore = Math.round((seeds / seconds / processes) * 10) / 10;
  const figures = { seeds, deployments, violations: failures.length, seconds: Math.round(seconds), processes };
  if (isJson) console.log(JSON.stringify({ ...figures, seedsPerSecondPerCore, failures }));
  else {
    console.log(
      `${seeds} seeds with ${deployments} deployments in ${Math.round(seconds)} s on ${processes} cores ` +
        `(${seedsPerSecondPerCore} a second a core): ${failures.length} violated something`,
    );
    const shown = failures.slice(0, SHOWN_FAILURES);
    for (const { seed } of shown) console.log(`  npm run simulate -- --seeds 1 --from ${seed}`);
  }
}

/** One seed in full: where something did not hold, the least that leads to it. Answers the exit code. */
async function tell(seed: number, isJson: boolean): Promise<number> {
  const scenario = drawScenario(seed);
  const first = await play(scenario);
  const code = first.violations.length > 0 ? 1 : 0;
  const least = code === 1 ? await shrink(scenario, first) : { scenario, play: first };
  const { violations, history } = least.play;
  if (isJson) {
    console.log(JSON.stringify({ seed, violations, scenario: least.scenario, history }));
    return code;
  }
  console.log(JSON.stringify(least.scenario));
  console.log(history.join('\n'));
  for (const violation of violations) console.log(`VIOLATED ${textOf(violation)}`);
  if (violations.length === 0) console.log(`seed ${seed}: everything held`);
  return code;
}

function failureText({ seed, violations }: Failure): string {
  return `seed ${seed}: ${violations[0]}${violations.length > 1 ? ` (and ${violations.length - 1} more)` : ''}`;
}

function textOf({ checker, text }: { checker: string; text: string }): string {
  return `${checker}: ${text}`;
}
