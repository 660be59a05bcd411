/** The time as AWS has it: what is asked for is placed among what the stack has handled, by its clock. */
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { HttpHandlerOptions, HttpRequest, HttpResponse } from '@smithy/types';

/** A proxy may take what is sent and never answer: nobody waits longer for a connection, nor for a sign of life on it. */
const CONNECTION_MILLISECONDS = 10_000;
const SILENCE_MILLISECONDS = 30_000;

/** `Date` says whole seconds. */
const APART_MILLISECONDS = 3000;

export class ServerClock {
  private offset_ms = 0;

  constructor(
    private readonly local: () => Date,
    private readonly silence_ms = SILENCE_MILLISECONDS,
  ) {}

  /** That of this machine, unless AWS was seen to have another. */
  now(): Date {
    return new Date(this.local().getTime() + this.offset_ms);
  }

  /** Sends requests as the SDK does by itself, and notes what time it is in each answer. */
  handler(): object {
    const handler = new NodeHttpHandler({
      connectionTimeout: CONNECTION_MILLISECONDS,
      socketTimeout: this.silence_ms,
    });
    const handle = async (request: HttpRequest, options?: HttpHandlerOptions) => {
      const sentAt = this.local();
      const answer = await handler.handle(request as never, options);
      this.note((answer.response as HttpResponse).headers.date, sentAt);
      return answer;
    };
    return Object.assign(Object.create(handler), { handle });
  }

  /** It was some time between question and answer: a part of a large file takes minutes. */
  private note(date: string | undefined, sentAt: Date): void {
    const at_ms = Date.parse(date ?? '');
    if (Number.isNaN(at_ms)) return;
    const nearest_ms = Math.min(Math.max(at_ms, sentAt.getTime()), this.local().getTime());
    const offset_ms = at_ms - nearest_ms;
    this.offset_ms = Math.abs(offset_ms) > APART_MILLISECONDS ? offset_ms : 0;
  }
}
