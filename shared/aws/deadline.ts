/**
 * Keeps calls away from the end of an invocation. A frozen Lambda environment resumes unfinished calls in its next
 * invocation: such a call would act long after its claim has lapsed. So no attempt begins in the last seconds.
 */
import { errorMessage, isThrottling } from './errors';
import type { Invocation } from './runtime';

const MARGIN_MILLISECONDS = 5000;

/** Of a client that was throttled: what it could not do is noted in the record yet, by calls of other clients. */
const THROTTLED_MARGIN_MILLISECONDS = 15_000;

export class OutOfTime extends Error {
  constructor() {
    super('the invocation is about to end; what is left is done by its repetition');
    this.name = 'OutOfTime';
  }
}

/** The service refused the first call for being one too many: it is not worth another attempt now. No code that the SDK repeats. */
export class ThrottledAtOnce extends Error {
  override readonly name = 'ThrottledAtOnce';
}

/** What an invocation has made since it was asked the last time; `invocations` is 1 the first time. */
export interface Usage {
  invocations: number;
  calls: number;
}

/** The deadline of the invocation that runs in this execution environment: one at a time, as Lambda promises. */
export class Deadline {
  private usage: Usage = { invocations: 0, calls: 0 };
  private readonly throttled = new Set<object>();
  private readonly letThrough = new Set<object>();
  private isProbing = false;
  private refusals = 0;
  private remainingMilliseconds: () => number = () => Number.POSITIVE_INFINITY;

  begin(invocation: Invocation): void {
    this.remainingMilliseconds = () => invocation.getRemainingTimeInMillis();
    this.usage = { invocations: 1, calls: 0 };
    this.throttled.clear();
    this.letThrough.clear();
    this.isProbing = false;
    this.refusals = 0;
  }

  /**
   * For one who has been throttled before: until a service has let one of its calls through, `look` fails by the first that
   * it refuses. In a crowd the rate is then left to those who have begun, and what they have asked already is not lost.
   */
  async probing<Result>(look: () => Promise<Result>): Promise<Result> {
    this.letThrough.clear();
    this.isProbing = true;
    return look().finally(() => {
      this.isProbing = false;
    });
  }

  /** Whether the account's request rate has refused a call of this invocation. */
  get wasThrottled(): boolean {
    return this.throttled.size > 0;
  }

  /** How many attempts of this invocation it has refused, also of calls that then went through. */
  get throttles(): number {
    return this.refusals;
  }

  /** Makes a client refuse every attempt, also a repeated one, that would begin within the margin. */
  guard<Client extends { middlewareStack: { add(middleware: never, options: never): void } }>(client: Client): Client {
    const middleware = (next: (call: unknown) => Promise<unknown>) => async (call: unknown) => {
      const margin = this.throttled.has(client) ? THROTTLED_MARGIN_MILLISECONDS : MARGIN_MILLISECONDS;
      if (this.remainingMilliseconds() < margin) throw new OutOfTime();
      this.usage.calls++;
      const answer = await next(call).catch((error: unknown) => {
        if (!isThrottling(error)) throw error;
        this.throttled.add(client);
        this.refusals++;
        throw this.isProbing && !this.letThrough.has(client) ? new ThrottledAtOnce(errorMessage(error)) : error;
      });
      this.letThrough.add(client);
      return answer;
    };
    client.middlewareStack.add(middleware as never, { step: 'finalizeRequest', priority: 'low' } as never);
    return client;
  }

  /** Each attempt of a call is one: that is what an account's limits count. */
  takeUsage(): Usage {
    const { usage } = this;
    this.usage = { invocations: 0, calls: 0 };
    return usage;
  }
}
