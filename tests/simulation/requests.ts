/** What operators put on the bus, and what becomes of each: it changes the task's record, or is answered by a mail. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Call } from '../../local/kernel/service';
import type { BusEvent } from '../../local/services/eventbridge/event';
import { type Invocation, isInvocationCaller } from '../../local/services/lambda/environment';
import { objectText } from '../harness/observe';
import type { Report } from './journal';
import type { Place } from './site';
import { deadLetters, recordOf } from './uploads';

export const REQUEST_CHECKERS = [
  'what cannot be read, or is asked of a stranger’s task, changes nothing and is answered',
  'nobody is refused because of a clock',
] as const;

export interface Putting {
  source?: string;
  detailType: string;
  detail: object;
}

export interface PutOptions {
  /** The clock of whoever puts it is so far ahead. */
  clockSeconds?: number;
  /** The code that it is refused with, or that it is no request at all. */
  answered?: RegExp | 'nobody knows it';
}

interface Asked {
  text: string;
  putting: Putting;
  at_ms: number;
  /** What its event says, by the clock of whoever put it. */
  stated_ms: number;
  answered: PutOptions['answered'];
  isAccountedFor: boolean;
}

/** Whoever is handled later than this may have been overtaken. */
const PROMPTLY_SECONDS = 20;

const TOO_OLD = /is older than one that was run since|, before \S+ began/;

/** Whoever may not look says so, whatever was asked for; that roles lack nothing else, the tests of the stack say. */
const DENIED = /is not authorized to perform/;

export class Requests {
  /** By what they say and when: the same event may be delivered again, and replayed. */
  private readonly asked = new Map<string, Asked>();
  private readonly lost = new Set<string>();

  constructor(private readonly place: Place) {}

  async put(putting: Putting, { clockSeconds = 0, answered }: PutOptions = {}): Promise<void> {
    const { clock, aws, stack } = this.place.world;
    const { source = 'bluegreen', detailType, detail } = putting;
    const now_ms = clock.now().getTime();
    const Time = new Date(now_ms + clockSeconds * 1000);
    const time = `${Time.toISOString().slice(0, 19)}Z`;
    const key = keyOf({ source, 'detail-type': detailType, detail: JSON.parse(JSON.stringify(detail)), time });
    const text = `${detailType} ${JSON.stringify(detail).slice(0, 200)} of ${time}`;
    const repeated = this.asked.get(key);
    this.asked.set(
      key,
      repeated ?? { text, putting, at_ms: now_ms, stated_ms: Time.getTime(), answered, isAccountedFor: false },
    );
    const common = { EventBusName: stack.outputs.EventBusName, Source: source, DetailType: detailType };
    const Entries = [{ ...common, Detail: JSON.stringify(detail), Time }];
    await clock.run(new EventBridgeClient(aws.operator).send(new PutEventsCommand({ Entries })));
  }

  /** What never arrived, nobody can answer: an operator replays the archive, and in a replay nobody is refused. */
  lose(event: BusEvent): void {
    this.lost.add(keyOf(event));
  }

  install(report: Report): void {
    const { aws, stack } = this.place.world;
    aws.endpoint.intercept(async (call, proceed) => {
      const asked = this.askedOf(call);
      if (!asked) return proceed();
      return this.watch(call, asked, proceed, report);
    });
    aws.eventBridge.onEvent((event, busName) => {
      if (busName !== stack.outputs.EventBusName || !event['detail-type'].startsWith('Lambda Function')) return;
      const payload = event.detail.requestPayload as BusEvent | undefined;
      const crashed = payload && this.asked.get(keyOf(payload)); // that is mailed by a rule
      if (crashed) crashed.isAccountedFor = true;
    });
  }

  /** One text for each that nothing came of. */
  unanswered(): string[] {
    const unanswered = [...this.asked].filter(([key, { isAccountedFor }]) => !isAccountedFor && !this.lost.has(key));
    return unanswered.flatMap(([, { text, putting }]) => {
      const detail = JSON.stringify(putting.detail);
      const isKept = deadLetters(this.place).some((body) => body.includes(detail));
      // Of what nobody knows one mail an hour and type is sent.
      const isTold = this.place.world.aws.sns.mails.some(({ body }) => body.includes(`type: ${putting.detailType}\n`));
      return isKept || isTold ? [] : [`nothing came of ${text}`];
    });
  }

  private askedOf({ caller, operation }: Call): Asked | undefined {
    if (!/^(PutObject|PutEvents|Publish)$/.test(operation)) return undefined;
    const invocation = isInvocationCaller(caller) ? caller.invocation : undefined;
    return invocation && this.asked.get(keyOf(causeOf(invocation)));
  }

  private async watch(call: Call, asked: Asked, proceed: () => Promise<unknown>, report: Report): Promise<unknown> {
    const isRecord = call.operation === 'PutObject' && String(call.input.Key).startsWith('tasks/');
    const before = isRecord ? this.textOf(call) : undefined;
    const answersBefore = this.answers;
    if (call.operation === 'PutEvents') this.checkRefusals(call, asked, report);
    try {
      return await proceed();
    } finally {
      const isChanged = isRecord && this.textOf(call) !== before;
      const isAnswered = !isRecord && this.answers > answersBefore;
      if (isChanged || isAnswered) asked.isAccountedFor = true;
      if (isChanged && asked.answered) report(REQUEST_CHECKERS[0], `${asked.text} has changed a record`);
    }
  }

  /** Refusals, each of which has its mail, and mails. */
  private get answers(): number {
    const { events, aws } = this.place.world;
    return aws.sns.mails.length + events.filter((event) => event['detail-type'] === 'Refused').length;
  }

  private textOf({ input: { Bucket, Key } }: Call): string | undefined {
    return objectText(this.place.world.aws, String(Bucket), String(Key));
  }

  private checkRefusals(call: Call, asked: Asked, report: Report): void {
    for (const { code, message } of refusalsOf(call)) {
      const isMeant = asked.answered instanceof RegExp ? asked.answered.test(code) : true;
      if (!isMeant && !DENIED.test(message)) {
        report(REQUEST_CHECKERS[0], `${asked.text} is answered by ${code}: ${message}`);
      }
      if (TOO_OLD.test(message) && !this.mayBeOvertaken(asked) && !this.mayMeanThePrevious(asked)) {
        report(REQUEST_CHECKERS[1], `${asked.text}, put at ${new Date(asked.at_ms).toISOString()}: ${message}`);
      }
    }
  }

  private mayBeOvertaken({ at_ms }: Asked): boolean {
    const isLate = this.place.world.clock.now().getTime() - at_ms > PROMPTLY_SECONDS * 1000;
    return isLate || [...this.asked.values()].some((other) => other.at_ms > at_ms);
  }

  /** By its time it is of a deployment that has ended: nobody can tell that from a clock that is behind. */
  private mayMeanThePrevious({ putting, stated_ms }: Asked): boolean {
    const { task } = putting.detail as { task?: string };
    const fleet = this.place.fleets.find((candidate) => candidate.task === task);
    const { previousEndedAt = '' } = (fleet && recordOf(this.place, fleet)) ?? {};
    return putting.detailType !== 'DeployRequested' && Date.parse(previousEndedAt) > stated_ms;
  }
}

function refusalsOf({ operation, input }: Call): { code: string; message: string }[] {
  if (operation !== 'PutEvents') return [];
  const entries = input.Entries as { DetailType: string; Detail: string }[];
  return entries.flatMap(({ DetailType, Detail }) => (DetailType === 'Refused' ? [JSON.parse(Detail)] : []));
}

/** The event that an invocation is about: also where somebody else takes over after a crash. */
function causeOf({ event }: Invocation): Partial<BusEvent> {
  const { requestPayload } = ((event as BusEvent).detail ?? {}) as { requestPayload?: BusEvent };
  return requestPayload ?? (event as BusEvent);
}

function keyOf({ source, detail, time, 'detail-type': detailType }: Partial<BusEvent>): string {
  return JSON.stringify([source, detailType, time, detail]);
}
