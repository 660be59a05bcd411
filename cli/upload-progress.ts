/** How far an upload is: a bar on a terminal, elsewhere a line now and then. */
import { plain } from '../local/terminal/lines';
import type { Session } from './session';

const BAR_CHARACTERS = 20;
/** A log is read later: more lines say no more. */
const LINE_SECONDS = 10;
const ERASE_LINE = '\r\u001b[2K';

export class UploadProgress {
  private toldAt: number;

  constructor(
    private readonly session: Session,
    private readonly name: string,
  ) {
    this.toldAt = session.now().getTime();
  }

  show(sentBytes: number, allBytes: number): void {
    const { session } = this;
    const isOver = sentBytes >= allBytes;
    const line = `${this.name} ${Math.floor((sentBytes / allBytes) * 100)} % of ${sizeInWords(allBytes)}`;
    if (session.page.isTerminal) {
      const filled = Math.round((sentBytes / allBytes) * BAR_CHARACTERS);
      const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_CHARACTERS - filled)} ${plain(line)}`;
      session.surroundings.errors.write(`${ERASE_LINE}${session.page.cut(bar)}${isOver ? '\n' : ''}`);
      return;
    }
    const now = session.now().getTime();
    if (!isOver && now - this.toldAt < LINE_SECONDS * 1000) return;
    this.toldAt = now;
    session.tell(line);
  }

  /** Whatever comes next begins a line of its own. */
  end(): void {
    if (this.session.page.isTerminal) this.session.surroundings.errors.write(ERASE_LINE);
  }
}

export function sizeInWords(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
