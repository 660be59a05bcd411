/** The operator's command over HTTP against a world in virtual time. */

import { isDeepStrictEqual } from 'node:util';
import type * as z from 'zod/mini';
import { run } from '../../cli/command';
import { problemSchema } from '../../cli/problem';
import type { Surroundings } from '../../cli/surroundings';
import { VERBS } from '../../cli/verbs';
import { ClockedRetryStrategy } from '../../local/endpoint/client';
import type { Endpoint } from '../../local/endpoint/endpoint';
import { HttpServer } from '../../local/server/http-server';
import type { World } from './world';

export interface RanCommand {
  code: number;
  output: string;
  errors: string;
  /** Both, as a terminal shows them. */
  screen: string;
}

export interface CommandOptions {
  environment?: Record<string, string>;
  /** Answers to questions, in order, or what happens until yes is said; none: nobody can be asked. */
  answers?: (boolean | (() => Promise<unknown>))[];
  columns?: number;
  isTerminal?: boolean;
  /** Ctrl-C, so many virtual seconds after the command has begun. */
  interruptAfterSeconds?: number;
  /** How much the clock of the machine is behind that of AWS. */
  clockBehindSeconds?: number;
  clientDefaults?: object & { maxAttempts?: number };
  /** Of a user of the world, who is limited by policies; by default the command may do everything. */
  accessKeyId?: string;
}

async function answered(answer: boolean | (() => Promise<unknown>) = false): Promise<boolean> {
  if (typeof answer === 'boolean') return answer;
  await answer();
  return true;
}

/** Whatever `--json` prints is as the verb's schemas say, with nothing that they do not know: programs count on that. */
function assertPublished(args: readonly string[], output: string): void {
  const verb = VERBS.find(({ command }) => args.includes(command.split(' ')[0] ?? ''));
  const lines = output.split('\n').filter(Boolean);
  for (const [index, line] of lines.entries()) {
    const value: unknown = JSON.parse(line);
    const isLast = index === lines.length - 1;
    const schemas = isLast ? [verb?.schema, problemSchema] : [verb?.changes];
    if (schemas.some((schema) => schema && isAs(schema, value))) continue;
    throw new Error(`${args.join(' ')} prints what none of its schemas says: ${line}`);
  }
}

function isAs(schema: z.ZodMiniType, value: unknown): boolean {
  const { success, data } = schema.safeParse(value);
  return success && isDeepStrictEqual(data, value);
}

/** Virtual seconds that pass while a request is under way, between two turns of the event loop. */
const STEP_SECONDS = 0.05;

export class CommandLine {
  /** Requests under way, and pauses before one is tried again. */
  private inFlight = 0;
  private waiting: { until: number; end: () => void } | undefined;

  private constructor(
    private readonly world: World,
    private readonly server: HttpServer,
  ) {}

  static async open(world: World): Promise<CommandLine> {
    const server = await HttpServer.listen(0, (error) => console.error(error));
    const one = new CommandLine(world, server);
    const { endpoint } = world.aws;
    const handle: Endpoint['handle'] = async (...request) => {
      one.inFlight += 1;
      try {
        return await endpoint.handle(...request);
      } finally {
        one.inFlight -= 1;
      }
    };
    const watched = Object.assign(Object.create(endpoint), { handle });
    server.serve({ endpoint: watched, callerOf: (accessKeyId) => world.aws.callerOf(accessKeyId) });
    return one;
  }

  get url(): string {
    return this.server.url;
  }

  close(): void {
    this.server.close();
  }

  /** Words as a shell would give them; a text is split at blanks. */
  async run(words: string | readonly string[], options: CommandOptions = {}): Promise<RanCommand> {
    const { environment = {}, answers, columns, isTerminal, interruptAfterSeconds, clientDefaults } = options;
    const { accessKeyId = 'operator' } = options;
    const behind_ms = (options.clockBehindSeconds ?? 0) * 1000;
    const said = { output: '', errors: '', screen: '' };
    const stream = (name: 'output' | 'errors') => {
      const write = (text: string) => {
        said[name] += text;
        said.screen += text;
      };
      return { isTTY: isTerminal, columns, write } as never;
    };
    const interruption = new AbortController();
    const { clock } = this.world;
    if (interruptAfterSeconds !== undefined) clock.after(interruptAfterSeconds, () => this.interrupt(interruption));
    const left = [...(answers ?? [])];
    const surroundings: Surroundings = {
      output: stream('output'),
      errors: stream('errors'),
      environment,
      clientDefaults: {
        // By itself the SDK pauses in real time.
        retryStrategy: new ClockedRetryStrategy(
          { sleep: (seconds) => this.pause(seconds) },
          clientDefaults?.maxAttempts,
        ),
        ...(clientDefaults ?? {
          endpoint: this.url,
          region: this.world.aws.region,
          credentials: { accessKeyId, secretAccessKey: 'secret' },
        }),
      },
      userName: 'jane',
      now: () => new Date(clock.now().getTime() - behind_ms),
      wait: (seconds) => this.wait(seconds, interruption.signal),
      confirm: answers && (() => answered(left.shift())),
      interrupted: interruption.signal,
      uniqueId: () => crypto.randomUUID(),
    };
    const args = typeof words === 'string' ? words.split(' ') : words;
    const isNamed = args.some((word) => word === '--stack' || word === '--stage');
    const ofStack = isNamed ? [] : ['--stack', this.world.stack.name];
    const end = args.includes('--') ? args.indexOf('--') : args.length;
    const code = await this.pump(run([...args.slice(0, end), ...ofStack, ...args.slice(end)], surroundings));
    const named = args.slice(0, end);
    if (named.includes('--json') && !named.includes('--help')) assertPublished(args, said.output);
    return { code, ...said };
  }

  private async pause(seconds: number): Promise<void> {
    this.inFlight += 1;
    await this.world.clock.sleep(seconds);
    this.inFlight -= 1;
  }

  private wait(seconds: number, interrupted: AbortSignal): Promise<void> {
    if (interrupted.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        this.waiting = undefined;
        resolve();
      };
      this.waiting = { until: this.world.clock.now().getTime() + seconds * 1000, end };
    });
  }

  private interrupt(interruption: AbortController): void {
    interruption.abort();
    this.waiting?.end();
  }

  /** Time passes while the command waits for it, and while it waits for an answer. */
  private async pump<Result>(program: Promise<Result>): Promise<Result> {
    const { clock } = this.world;
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    program.then(end, end);
    while (!isOver) {
      const { waiting } = this;
      if (this.inFlight > 0) await clock.advance(STEP_SECONDS);
      else if (waiting) {
        await clock.advance(Math.max(0, waiting.until - clock.now().getTime()) / 1000);
        waiting.end();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    return program;
  }
}
