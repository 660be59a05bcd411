/** One run of a verb: where it runs, the stack that it speaks to, and what it tells before its result is there. */
import { plain } from '../local/terminal/lines';
import { quoted } from '../shared/codes/commands';
import { DEFAULT_STAGE } from '../shared/codes/request-lines';
import { Page } from './page';
import { EXIT, Problem } from './problem';
import { Stack, type StackOptions } from './stack';
import type { Surroundings } from './surroundings';

export interface CommonOptions extends StackOptions {
  json: boolean;
  yes?: boolean | undefined;
}

export class Session {
  /** What is told on the way, which a pipe does not get with the result. */
  readonly page: Page;
  /** Of the standard output. */
  readonly resultPage: Page;
  private found: Promise<Stack> | undefined;
  private known: Stack | undefined;

  constructor(
    private readonly options: CommonOptions,
    readonly surroundings: Surroundings,
  ) {
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

  /** A line on the way to the result: on the standard error, so that the output is the result alone. */
  tell(line: string): void {
    this.surroundings.errors.write(`${line.split('\n').map(plain).join('\n')}\n`);
  }

  /** As `tell`, paragraphs and commands. */
  tellText(text: string): void {
    this.tell(this.page.advice(text).join('\n'));
  }

  /** What to type next, with what this run was told of the place: `bluegreen watch WAS --stage prod`. */
  command(...words: string[]): string {
    const { stage, stack, region, profile } = this.options;
    const where = { stage: stack === undefined && stage !== DEFAULT_STAGE ? stage : undefined, stack, region, profile };
    const given = Object.entries(where).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
    return ['bluegreen', ...[...words, ...given].map(quoted)].join(' ');
  }

  /** Of `--json`: one object on a line of its own, before the result. */
  emit(value: object): void {
    this.surroundings.output.write(`${JSON.stringify(value)}\n`);
  }

  /** Lines that are a result on their own, as they come. */
  print(lines: readonly string[]): void {
    if (lines.length > 0) this.surroundings.output.write(`${lines.join('\n')}\n`);
  }

  /** The same as a line of its own, for advice. */
  commandLine(...words: string[]): string {
    return `\n  ${this.command(...words)}`;
  }

  /** Whoever is at a terminal is asked before anything is changed; scripts say `--yes`. */
  async confirm(question: string): Promise<void> {
    if (this.options.yes) return;
    const { confirm } = this.surroundings;
    if (!confirm) {
      throw new Problem('nobody can be asked here, and nothing was changed', 'Say --yes where a script means it.');
    }
    if (!(await confirm(question)))
      throw new Problem('nothing was changed', 'Repeat the command when you mean it.', EXIT.refused);
  }
}
