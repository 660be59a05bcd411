/** Where the demo writes: lines that fit the terminal, coloured and with a running status on a terminal, else plain. */
import { styleText } from 'node:util';
import { cutTo } from '../terminal/columns';
import {
  COLUMNS,
  hasColours,
  isTerminal,
  isToBeCopied,
  plain,
  type Stream,
  wrap,
  wrapParagraphs,
  wrapText,
} from '../terminal/lines';

export type Kind = 'you' | 'event' | 'mail' | 'instance' | 'health' | 'targets' | 'balancer' | 'requests' | 'demo';

const COLOURS: Record<Kind, Parameters<typeof styleText>[0]> = {
  you: 'bold',
  event: 'cyan',
  mail: 'yellow',
  instance: 'blue',
  health: 'green',
  targets: 'green',
  balancer: 'magenta',
  requests: 'gray',
  demo: 'bold',
};
const MOST_COLUMNS = 120;
/** In fewer a line would have a word. */
const LEAST_COLUMNS = 40;
/** What was asked for, what the stages told, and the subjects of mails. */
const TOLD_IN_SHORT: readonly Kind[] = ['you', 'event', 'mail', 'demo'];
/** `  12.3  instance  `: before the text of each line. */
const INDENT = 18;

export interface ScreenOptions {
  stream: Stream;
  environment: NodeJS.ProcessEnv;
  /** Seconds since the demo began. */
  seconds: () => number;
  /** Leaves out instances, load balancers and the text of mails. */
  isShort?: boolean;
}

export class Screen {
  readonly isTerminal: boolean;
  private readonly hasColours: boolean;
  private status = '';

  constructor(private readonly options: ScreenOptions) {
    const { stream, environment } = options;
    this.isTerminal = isTerminal(stream, environment);
    this.hasColours = hasColours(stream, environment);
  }

  /** One thing that happened, wrapped under its own beginning. */
  line(kind: Kind, text: string): void {
    if (this.options.isShort && !TOLD_IN_SHORT.includes(kind)) return;
    const [first = '', ...others] = isToBeCopied(text) ? [plain(text)] : wrap(text, this.columns - INDENT);
    const time = this.options.seconds().toFixed(1).padStart(6);
    const lines = [`${time}  ${this.paint(COLOURS[kind], kind.padEnd(INDENT - 8))}${first}`];
    this.write([...lines, ...others.map((line) => ' '.repeat(INDENT) + line)]);
  }

  /** Belongs to the line before it: every line of `text` behind a bar. */
  quote(text: string): void {
    if (this.options.isShort) return;
    const bar = `${' '.repeat(8)}${this.paint('gray', '|')} `;
    this.write(wrapText(text.trimEnd(), this.columns - 10).map((line) => (bar + line).trimEnd()));
  }

  heading(text: string): void {
    this.write(['', ...wrap(text, this.columns).map((line) => this.paint('bold', line)), '']);
  }

  text(text: string): void {
    this.write(wrapText(text, this.columns));
  }

  paragraphs(text: string): void {
    this.write(wrapParagraphs(text, this.columns));
  }

  /** What goes on all the time: kept as the last line of a terminal, a line of its own elsewhere. */
  showStatus(text: string): void {
    if (!this.isTerminal) {
      this.line('requests', text);
      return;
    }
    this.eraseStatus();
    const time = this.options.seconds().toFixed(1).padStart(6);
    this.status = cutTo(`${time}  ${'requests'.padEnd(INDENT - 8)}${text}`, this.columns - 1);
    this.drawStatus();
  }

  /** Leaves the status where it is. */
  endStatus(): void {
    if (this.status !== '') this.options.stream.write('\n');
    this.status = '';
  }

  private write(lines: string[]): void {
    this.eraseStatus();
    this.options.stream.write(`${lines.join('\n')}\n`);
    this.drawStatus();
  }

  private eraseStatus(): void {
    if (this.status !== '') this.options.stream.write('\r\x1b[K');
  }

  private drawStatus(): void {
    if (this.status !== '') this.options.stream.write(this.paint('gray', this.status));
  }

  private paint(colour: Parameters<typeof styleText>[0], text: string): string {
    return this.hasColours ? styleText(colour, text, { validateStream: false }) : text;
  }

  private get columns(): number {
    return Math.max(LEAST_COLUMNS, Math.min(this.options.stream.columns || COLUMNS, MOST_COLUMNS));
  }
}
