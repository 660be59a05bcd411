/** One run of a verb: where it runs, the stack that it speaks to, and what it tells before its result is there. */
import { plain } from '../local/terminal/lines';
import { jsonOf } from '../shared/codes/commands';
import { type NextCommand, nextCommandAt, type Place } from './next-command';
import { Page } from './page';
import { Declined, EXIT, Problem } from './problem';
import { Stack } from './stack';
import type { Surroundings } from './surroundings';

export interface CommonOptions extends Place {
  json: boolean;
  yes?: boolean | undefined;
}

export class Session {
  /** What is told on the way, which a pipe does not get with the result. */
  readonly page: Page;
  /** Of the standard output. */
  readonly resultPage: Page;
  readonly command: NextCommand;
  private found: Promise<Stack> | undefined;
  private known: Stack | undefined;
  private readonly onInterrupted: Promise<void>;
  private ownInterruptions = 0;

  constructor(
    private readonly options: CommonOptions,
    readonly surroundings: Surroundings,
  ) {
    this.command = nextCommandAt(options);
    this.onInterrupted = new Promise((resolve) => {
      const { interrupted } = surroundings;
      if (interrupted.aborted) resolve();
      else interrupted.addEventListener('abort', () => resolve(), { once: true });
    });
    this.page = new Page(surroundings.errors, surroundings.environment);
    this.resultPage = new Page(surroundings.output, surroundings.environment);
  }

  /** Looked up once. */
  get stack(): Promise<Stack> {
    this.found ??= this.find();
    return this.found;
  }

  private async find(): Promise<Stack> {
    this.known = await Stack.find(this.options, this.surroundings);
    return this.known;
  }

  get isJson(): boolean {
    return this.options.json;
  }

  get interrupted(): AbortSignal {
    return this.surroundings.interrupted;
  }

  /** By the clock of AWS, once something was asked there. */
  now(): Date {
    return (this.known?.runtime ?? this.surroundings).now();
  }

  wait(seconds: number): Promise<void> {
    return this.surroundings.wait(seconds);
  }

  /**
   * For what must say or take away something when Ctrl-C is pressed, and ends by itself then. All else is ended from
   * outside, where nothing was asked for yet: as `ended` says.
   */
  async withOwnInterruption<Result>(work: () => Promise<Result>): Promise<Result> {
    this.ownInterruptions += 1;
    try {
      return await work();
    } finally {
      this.ownInterruptions -= 1;
    }
  }

  /** Undefined where Ctrl-C is pressed before: what was asked is answered to nobody then. */
  untilInterrupted<Result>(asked: Promise<Result>): Promise<Result | undefined> {
    return Promise.race([asked, this.onInterrupted.then(() => undefined)]);
  }

  /** Throws a `Problem` when Ctrl-C is pressed while nothing has been asked for. */
  ended(): Promise<never> {
    return new Promise((_, reject) => {
      const end = () => {
        if (this.ownInterruptions === 0) reject(interruption());
      };
      if (this.interrupted.aborted) end();
      else this.interrupted.addEventListener('abort', end, { once: true });
    });
  }

  /** To be asked right before anything is changed. */
  throwIfInterrupted(): void {
    if (this.interrupted.aborted) throw interruption();
  }

  /** A line on the way to the result: on the standard error, so that the output is the result alone. */
  tell(line: string): void {
    this.surroundings.errors.write(`${line.split('\n').map(plain).join('\n')}\n`);
  }

  /** As `tell`, paragraphs and commands. */
  tellText(text: string): void {
    this.tell(this.page.advice(text).join('\n'));
  }

  /** Of `--json`: one object on a line of its own, before the result. */
  emit(value: object): void {
    this.surroundings.output.write(`${jsonOf(value)}\n`);
  }

  /** Lines that are a result on their own, as they come. */
  print(lines: readonly string[]): void {
    if (lines.length > 0) this.surroundings.output.write(`${lines.join('\n')}\n`);
  }

  /** The same as a line of its own, for advice. */
  commandLine(...words: string[]): string {
    return `\n  ${this.command(...words)}`;
  }

  /**
   * Whoever is at a terminal is asked before anything is changed; scripts say `--yes`. Answers whether somebody was asked:
   * then time has passed, and what was shown may not be so any more.
   */
  async confirm(question: string): Promise<boolean> {
    if (this.options.yes) return false;
    const { confirm } = this.surroundings;
    if (!confirm) {
      throw new Problem('Nobody can be asked here, and nothing was changed', 'Say --yes where a script means it.');
    }
    if (!(await confirm(question))) throw new Declined();
    return true;
  }
}

function interruption(): Problem {
  return new Problem('Interrupted', 'Nothing was changed.', EXIT.interrupted);
}
