/** The newest lines of all log groups. Adding one is cheap, since functions do it all the time; reading is not. */
import { invalid } from './refusal';

export interface Line {
  group: string;
  stream: string;
  message: string;
  /** Milliseconds since 1970: when it happened, and when it came here. */
  timestamp: number;
  ingestedAt: number;
  /** Counts them in the order in which they came. */
  number: number;
}

interface Wanted {
  /** The token that the page before gave. */
  after: string | undefined;
  limit: number;
  bytes: number;
}

/** As CloudWatch Logs counts them (PutLogEvents, API reference). */
const BYTES_BESIDE_MESSAGE = 26;

export class LineStore {
  private lines: Line[] = [];
  /** Where the kept ones begin: what is before is let go of from time to time, and not line by line. */
  private start = 0;
  private bytes = 0;
  private added = 0;

  constructor(private readonly keptBytes: number) {}

  add(line: Omit<Line, 'number'>): void {
    this.lines.push({ ...line, number: this.added++ });
    this.bytes += sizeOf(line);
    for (let first = this.lines[this.start]; first && this.bytes > this.keptBytes; first = this.lines[this.start]) {
      this.bytes -= sizeOf(first);
      this.start += 1;
    }
    if (this.start > this.lines.length / 2) this.compact();
  }

  forget(group: string): void {
    this.compact();
    this.lines = this.lines.filter((line) => line.group !== group);
    this.bytes = this.lines.reduce((sum, line) => sum + sizeOf(line), 0);
  }

  /** Of one log group, by time; what comes at one moment stays in its order. */
  page(group: string, isWanted: (line: Line) => boolean, { after, limit, bytes }: Wanted) {
    const last = positionOf(after);
    const kept = this.lines.slice(this.start).filter((line) => line.group === group && isWanted(line));
    const rest = kept.sort(inOrder).filter((line) => !last || inOrder(line, last) > 0);
    const lines: Line[] = [];
    let size = 0;
    for (const line of rest.slice(0, limit)) {
      size += sizeOf(line);
      if (lines.length > 0 && size > bytes) break;
      lines.push(line);
    }
    const end = lines.at(-1);
    return { lines, next: end && lines.length < rest.length ? tokenOf(end) : undefined };
  }

  private compact(): void {
    this.lines = this.lines.slice(this.start);
    this.start = 0;
  }
}

type Position = Pick<Line, 'timestamp' | 'number'>;

function inOrder(one: Position, other: Position): number {
  return one.timestamp - other.timestamp || one.number - other.number;
}

/** In characters: most lines have one byte for each. */
function sizeOf({ message }: Pick<Line, 'message'>): number {
  return message.length + BYTES_BESIDE_MESSAGE;
}

/** It names a line and not a count, so that pages stay whole while lines come and go. */
function tokenOf({ timestamp, number }: Position): string {
  return Buffer.from(`after ${timestamp} ${number}`).toString('base64url');
}

function positionOf(token: string | undefined): Position | undefined {
  if (token === undefined) return undefined;
  const [, timestamp, number] = /^after (\d+) (\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (number === undefined) throw invalid('The specified nextToken is invalid.');
  return { timestamp: Number(timestamp), number: Number(number) };
}
