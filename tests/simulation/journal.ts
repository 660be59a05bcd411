/** What happened, in order: kept cheaply, and written down only where somebody wants to read it. */
import { createHash } from 'node:crypto';
import type { Call } from '../../local/kernel/service';
import type { BusEvent } from '../../local/services/eventbridge/event';
import type { Mail } from '../../local/services/sns/sns';

type Entry = { time_ms: number } & (
  | { kind: 'act' | 'fault' | 'violation'; text: string }
  | { kind: 'call' | 'bookkeeping'; function: string; call: Call }
  | { kind: 'event'; event: BusEvent }
  | { kind: 'mail'; mail: Mail }
);

export type Happening = Entry extends infer One ? (One extends Entry ? Omit<One, 'time_ms'> : never) : never;

/** Tells of what does not hold. */
export type Report = (checker: string, text: string) => void;

export class Journal {
  private readonly entries: Entry[] = [];
  private start_ms: number;

  constructor(private readonly now_ms: () => number) {
    this.start_ms = now_ms();
  }

  note(happening: Happening): void {
    this.entries.push({ time_ms: this.now_ms(), ...happening } as Entry);
  }

  /** One line each: `  12:03 event  Step1Passed …`; times count from the beginning, in minutes and seconds. */
  lines(): string[] {
    return this.entries.flatMap((entry) => {
      const text = textOf(entry);
      return text === undefined ? [] : [`${this.shownTime(entry.time_ms)} ${entry.kind.padEnd(9)} ${text}`];
    });
  }

  /** Of everything that happened, whole and to the millisecond: of all that was written, published and mailed. */
  digest(): string {
    const hash = createHash('sha256');
    for (const entry of this.entries) hash.update(JSON.stringify(wholeOf(entry), asWritten));
    return hash.digest('hex');
  }

  private shownTime(time_ms: number): string {
    const seconds = Math.floor((time_ms - this.start_ms) / 1000);
    return `${String(Math.floor(seconds / 60)).padStart(4)}:${String(seconds % 60).padStart(2, '0')}`;
  }
}

function wholeOf(entry: Entry): object {
  if (!('call' in entry)) return entry;
  const { call, ...rest } = entry;
  return { ...rest, operation: call.operation, input: call.input };
}

/** Content as text; and without the trace of an error, which tells lines of the sources. */
function asWritten(key: string, value: unknown): unknown {
  if (key === 'trace') return undefined;
  return value instanceof Uint8Array ? Buffer.from(value).toString() : value;
}

function textOf(entry: Entry): string | undefined {
  switch (entry.kind) {
    case 'bookkeeping':
      return undefined;
    case 'call':
      return `${entry.function}: ${entry.call.operation} ${shown(entry.call.input)}`;
    case 'event':
      return eventText(entry.event);
    case 'mail':
      return entry.mail.subject ?? entry.mail.body.split('\n')[0];
    default:
      return entry.text;
  }
}

/** Polls say nothing new. */
function eventText({ 'detail-type': type, detail, ...rest }: BusEvent): string | undefined {
  if (type === 'CheckDue' || type === 'CheckPending') return undefined;
  const { deploymentId, seq, code, message, stage, summary, outcome } = detail as Record<string, unknown>;
  const isReplayed = 'replay-name' in rest ? 'replayed' : undefined;
  const said = { deploymentId, seq, stage, code, outcome, message: message ?? summary };
  return [type, isReplayed, shown(said)].filter(Boolean).join(' ');
}

const SHOWN_CHARACTERS = 400;

function shown(values: object): string {
  const parts = Object.entries(values).flatMap(([name, value]) => {
    if (value === undefined || name === 'Body') return [];
    return [`${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`];
  });
  return parts.join(' ').slice(0, SHOWN_CHARACTERS);
}
