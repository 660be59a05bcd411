/** How far a program is that takes long: on a terminal in its last line, elsewhere a line now and then. */
import { isTerminal, type Stream } from './lines';

const BETWEEN_SECONDS = 10;

export class Progress {
  private last_ms: number;
  private isShown = false;

  constructor(
    private readonly stream: Stream,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly now_ms: () => number = () => performance.now(),
  ) {
    this.last_ms = now_ms();
  }

  show(text: string): void {
    if (isTerminal(this.stream, this.environment)) {
      this.stream.write(`\r\x1b[K${text}`);
      this.isShown = true;
    } else if (this.now_ms() >= this.last_ms + BETWEEN_SECONDS * 1000) {
      this.stream.write(`${text}\n`);
      this.last_ms = this.now_ms();
    }
  }

  /** Before anything else is written, and at the end. */
  clear(): void {
    if (this.isShown) this.stream.write('\r\x1b[K');
    this.isShown = false;
  }
}
