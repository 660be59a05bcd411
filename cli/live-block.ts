/** Lines at the end of a terminal that are drawn anew in place. */
import type { Stream } from '../local/terminal/lines';

export class LiveBlock {
  private drawn = 0;

  constructor(private readonly stream: Stream) {}

  /** None of these is wider than the terminal, nor are they more than fit on it. */
  draw(lines: readonly string[]): void {
    const up = this.drawn > 0 ? `\r\x1b[K${'\x1b[1A\x1b[K'.repeat(this.drawn - 1)}` : '';
    this.stream.write(up + lines.join('\n'));
    this.drawn = lines.length;
  }

  /** Leaves it where it is. */
  end(): void {
    if (this.drawn > 0) this.stream.write('\n');
    this.drawn = 0;
  }
}
