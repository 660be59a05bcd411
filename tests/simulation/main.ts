/**
 * `npm run simulate -- --seeds 1000 [--from N] [--json] [--processes N]`: plays so many seeds, on all cores where nothing
 * else is said, and tells of every one in which something did not hold. Ends with 1 if there was one. One seed alone is
 * told in full. `--digest` prints, in place of all that, a line for each seed with a hash of all that happened in it: what
 * changes nothing of how the product behaves changes none of them.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { drawScenario } from './draw';
import { shrink } from './shrink';
import { play } from './simulation';

const SEEDS_AT_ONCE = 20;
/** Most of what a world makes is soon forgotten: a larger young generation takes less time to collect. */
const WORKER_OPTIONS = ['--max-semi-space-size=64'];

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
else await direct();

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

async function direct(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      digest: { type: 'boolean', default: false },
      processes: { type: 'string' },
    },
  });
  const [from, seeds] = [Number(values.from), Number(values.seeds)];
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(seeds) || seeds < 1) {
    throw new Error('--seeds and --from take whole numbers');
  }
  const { json: isJson, digest: isDigest } = values;
  if (isJson && isDigest) throw new Error('--digest prints lines, not JSON');
  if (seeds === 1 && !isDigest) return tell(from, isJson);
  const start_ms = performance.now();
  const processes = Math.min(Number(values.processes ?? availableParallelism()), Math.ceil(seeds / SEEDS_AT_ONCE));
  const total = await playAll(from, seeds, processes, { isQuiet: isJson || isDigest, isDigest });
  const seconds = (performance.now() - start_ms) / 1000;
  if (isDigest) return printDigests(total);
  report(total, seconds, processes, isJson);
  if (!isJson) for (const { seed } of total.failures.slice(0, SHOWN_HISTORIES)) await tell(seed, false);
}

function playAll(
  from: number,
  seeds: number,
  processes: number,
  { isQuiet, isDigest }: { isQuiet: boolean; isDigest: boolean },
): Promise<Played> {
  const total: Played = { seeds: 0, deployments: 0, failures: [], digests: [] };
  let next = from;
  return new Promise((resolve, reject) => {
    const employ = (worker: ChildProcess) => {
      const count = Math.min(SEEDS_AT_ONCE, from + seeds - next);
      if (count <= 0) return worker.disconnect();
      worker.send({ from: next, count, isDigest } satisfies Order);
      next += count;
    };
    for (let index = 0; index < processes; index++) {
      const worker = fork(process.argv[1] ?? '', [], { execArgv: [...process.execArgv, ...WORKER_OPTIONS] });
      worker.on('message', (played: Played) => {
        total.seeds += played.seeds;
        total.deployments += played.deployments;
        total.failures.push(...played.failures);
        total.digests.push(...played.digests);
        if (!isQuiet) for (const failure of played.failures) console.log(failureText(failure));
        if (!isQuiet && process.stdout.isTTY) process.stdout.write(`\r${total.seeds} of ${seeds} `);
        if (total.seeds === seeds) resolve(total);
        employ(worker);
      });
      worker.on('exit', (code) => code !== 0 && reject(new Error(`a process ended with ${code}`)));
      employ(worker);
    }
  });
}

function printDigests({ digests, failures }: Played): void {
  if (failures.length > 0) process.exitCode = 1;
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
  if (failures.length > 0) process.exitCode = 1;
}

/** One seed in full: where something did not hold, the least that leads to it. */
async function tell(seed: number, isJson: boolean): Promise<void> {
  const scenario = drawScenario(seed);
  const first = await play(scenario);
  if (first.violations.length > 0) process.exitCode = 1;
  const least = first.violations.length > 0 ? await shrink(scenario, first) : { scenario, play: first };
  const { violations, history } = least.play;
  if (isJson) return console.log(JSON.stringify({ seed, violations, scenario: least.scenario, history }));
  console.log(JSON.stringify(least.scenario));
  console.log(history.join('\n'));
  for (const violation of violations) console.log(`VIOLATED ${textOf(violation)}`);
  if (violations.length === 0) console.log(`seed ${seed}: everything held`);
}

function failureText({ seed, violations }: Failure): string {
  return `seed ${seed}: ${violations[0]}${violations.length > 1 ? ` (and ${violations.length - 1} more)` : ''}`;
}

function textOf({ checker, text }: { checker: string; text: string }): string {
  return `${checker}: ${text}`;
}
