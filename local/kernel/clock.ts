/** The time of the embedded AWS: real (optionally faster) for the demo and the server, virtual for tests. */

export interface Timer {
  cancel(): void;
}

export interface Clock {
  now(): Date;
  /** Runs `action` once, `delaySeconds` from now. */
  after(delaySeconds: number, action: () => void | Promise<void>): Timer;
  sleep(seconds: number): Promise<void>;
}

/** `setTimeout` takes no more, and rings at once when given more. */
const LONGEST_TIMEOUT_MILLISECONDS = 2 ** 31 - 1;

/**
 * Real time; with `speed` 20 one real second counts as twenty. It begins at the machine's time of day and never goes
 * back, though that may be set: alarms that were waiting would ring that much later than they should, or be overtaken.
 */
export class RealClock implements Clock {
  private readonly start_ms = Date.now();
  private readonly begin_ms = performance.now();
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly speed = 1,
    private readonly onError: (error: unknown) => void = (error) => {
      throw error;
    },
  ) {}

  now(): Date {
    return new Date(this.start_ms + (performance.now() - this.begin_ms) * this.speed);
  }

  after(delaySeconds: number, action: () => void | Promise<void>): Timer {
    const due_ms = this.now().getTime() + delaySeconds * 1000;
    let handle: NodeJS.Timeout;
    const wait = () => {
      const wait_ms = Math.ceil((due_ms - this.now().getTime()) / this.speed);
      handle = setTimeout(ring, Math.min(wait_ms, LONGEST_TIMEOUT_MILLISECONDS));
      this.timers.add(handle);
    };
    const ring = () => {
      this.timers.delete(handle);
      // `setTimeout` rings up to a millisecond early; whoever then asks for the time must not find it too early.
      if (this.now().getTime() < Math.floor(due_ms)) wait();
      else Promise.resolve().then(action).catch(this.onError);
    };
    wait();
    return {
      cancel: () => {
        clearTimeout(handle);
        this.timers.delete(handle);
      },
    };
  }

  sleep(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(seconds, resolve);
    });
  }

  /** Cancels everything that is still to come, so that the process can end. */
  stop(): void {
    for (const handle of this.timers) clearTimeout(handle);
    this.timers.clear();
  }
}

interface Alarm {
  time_ms: number;
  order: number;
  action: () => void | Promise<void>;
  cancelled: boolean;
}

/**
 * Virtual time: hours pass in milliseconds, and the same program gives the same history every time.
 *
 * Between two alarms the clock lets everything that is runnable run until it waits for the clock again. That holds
 * because nothing in the embedded AWS does real input or output: promises and `nextTick` drain within one turn of the
 * event loop.
 */
export class VirtualClock implements Clock {
  private time_ms: number;
  private order = 0;
  private readonly alarms: Alarm[] = []; // binary heap: earliest first, ties in the order they were set
  private failure: { error: unknown } | undefined;

  constructor(start = new Date('2030-01-01T00:00:00Z')) {
    this.time_ms = start.getTime();
  }

  now(): Date {
    return new Date(this.time_ms);
  }

  after(delaySeconds: number, action: () => void | Promise<void>): Timer {
    const alarm: Alarm = {
      time_ms: this.time_ms + Math.max(0, delaySeconds) * 1000,
      order: this.order++,
      action,
      cancelled: false,
    };
    this.push(alarm);
    return {
      cancel: () => {
        alarm.cancelled = true;
      },
    };
  }

  sleep(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(seconds, resolve);
    });
  }

  /** Lets `seconds` pass. An error thrown by any alarm on the way is thrown here. */
  async advance(seconds: number): Promise<void> {
    const end_ms = this.time_ms + seconds * 1000;
    await this.settle();
    while ((this.peek()?.time_ms ?? Number.POSITIVE_INFINITY) <= end_ms) await this.step();
    this.time_ms = end_ms;
  }

  /** Lets time pass until `condition` holds; throws when it does not within `limitSeconds`. */
  async runUntil(condition: () => boolean, limitSeconds = 24 * 3600): Promise<void> {
    const end_ms = this.time_ms + limitSeconds * 1000;
    await this.settle();
    while (!condition()) {
      const next = this.peek();
      if (!next || next.time_ms > end_ms) {
        throw new Error(`the condition did not come to hold within ${limitSeconds} virtual seconds`);
      }
      await this.step();
    }
  }

  /** Runs `program` to its end, letting time pass as it waits. */
  async run<Result>(program: Promise<Result>, limitSeconds = 24 * 3600): Promise<Result> {
    let settled = false;
    const outcome = program.finally(() => {
      settled = true;
    });
    outcome.catch(() => {}); // awaited below; here it must only not count as unhandled while time passes
    await this.runUntil(() => settled, limitSeconds);
    return outcome;
  }

  private async step(): Promise<void> {
    const alarm = this.pop();
    if (!alarm || alarm.cancelled) return;
    this.time_ms = Math.max(this.time_ms, alarm.time_ms);
    Promise.resolve()
      .then(alarm.action)
      .catch((error: unknown) => {
        this.failure ??= { error };
      });
    await this.settle();
  }

  private async settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.failure) {
      const { error } = this.failure;
      this.failure = undefined;
      throw error;
    }
  }

  private peek(): Alarm | undefined {
    while (this.alarms[0]?.cancelled) this.pop();
    return this.alarms[0];
  }

  private push(alarm: Alarm): void {
    const heap = this.alarms;
    heap.push(alarm);
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!earlier(heap[child] as Alarm, heap[parent] as Alarm)) break;
      [heap[child], heap[parent]] = [heap[parent] as Alarm, heap[child] as Alarm];
      child = parent;
    }
  }

  private pop(): Alarm | undefined {
    const heap = this.alarms;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    heap[0] = last;
    let parent = 0;
    for (;;) {
      const left = 2 * parent + 1;
      if (left >= heap.length) return first;
      const right = left + 1;
      const child = right < heap.length && earlier(heap[right] as Alarm, heap[left] as Alarm) ? right : left;
      if (!earlier(heap[child] as Alarm, heap[parent] as Alarm)) return first;
      [heap[child], heap[parent]] = [heap[parent] as Alarm, heap[child] as Alarm];
      parent = child;
    }
  }
}

function earlier(a: Alarm, b: Alarm): boolean {
  return a.time_ms < b.time_ms || (a.time_ms === b.time_ms && a.order < b.order);
}
