/** How large the pipeline's events, mails, records and log lines are, in bytes: each of them, from the call on. */
import type { World } from './world';

export interface Measured {
  what: string;
  bytes: number;
}

/** In bytes: what is larger, EventBridge, SNS or CloudWatch Logs may lose, and nobody reads. */
const LIMITS_BYTES = { event: 64 * 1024, mail: 64 * 1024, record: 128 * 1024, 'log line': 16 * 1024 };
type Kind = keyof typeof LIMITS_BYTES;

export class Measure {
  private readonly measured: (Measured & { kind: Kind })[] = [];
  private readonly seen = { mails: 0, logs: 0, events: 0 };

  private constructor(private readonly world: World) {}

  static of(world: World): Measure {
    const measure = new Measure(world);
    const bucket = world.stack.outputs.StateBucketName;
    world.aws.endpoint.intercept((call, proceed) => {
      const { Bucket, Key = '', Body } = call.input as { Bucket?: string; Key?: string; Body?: string };
      if (call.operation === 'PutObject' && Bucket === bucket && /^(tasks|history)\//.test(Key)) {
        measure.add('record', `${Key} in ${call.caller.principal}`, Body ?? '');
      }
      return proceed();
    });
    return measure;
  }

  /** The largest of each kind. */
  largest(): Record<Kind, Measured> {
    this.collect();
    const kinds = Object.keys(LIMITS_BYTES) as Kind[];
    const largestOf = (kind: Kind) =>
      this.measured
        .filter((one) => one.kind === kind)
        .reduce((largest, one) => (one.bytes > largest.bytes ? one : largest), { what: 'none', bytes: 0 });
    return Object.fromEntries(kinds.map((kind) => [kind, largestOf(kind)])) as Record<Kind, Measured>;
  }

  /** What is larger than it may be, one line each. */
  tooLarge(): string[] {
    this.collect();
    const tooLarge = this.measured.filter(({ kind, bytes }) => bytes > LIMITS_BYTES[kind]);
    return tooLarge.map(({ kind, what, bytes }) => `${kind} ${what}: ${bytes} bytes`);
  }

  private collect(): void {
    const { events, logs, aws } = this.world;
    const { seen } = this;
    for (const event of events.slice(seen.events)) this.add('event', event['detail-type'], JSON.stringify(event));
    for (const mail of aws.sns.mails.slice(seen.mails)) this.add('mail', mail.subject ?? 'by EventBridge', mail.body);
    for (const log of logs.slice(seen.logs)) this.add('log line', log.function, log.line);
    this.seen.events = events.length;
    this.seen.mails = aws.sns.mails.length;
    this.seen.logs = logs.length;
  }

  private add(kind: Kind, what: string, body: string | Uint8Array): void {
    this.measured.push({ kind, what, bytes: Buffer.byteLength(body) });
  }
}
