/** Follows one request from its cause to its end, and counts what users saw meanwhile. */
import type { EmbeddedAws } from '../embedded-aws';
import type { Clock } from '../kernel/clock';
import type { BusEvent } from '../services/eventbridge/event';
import type { Mail } from '../services/sns/sns';
import { countDummies, type Groups, standByOf } from './fleet-state';
import type { Prober, Tally } from './prober';

export interface Part {
  /** `Cleaned`: it failed, and nothing is left of it. `Failed`: clean-up could not do that. */
  outcome: 'Completed' | 'Cleaned' | 'Failed' | 'Refused';
  /** Of what failed or was refused. */
  code?: string;
  deploymentId: string;
  requests: number;
  failedRequests: number;
  /** Detail-types, in order. */
  events: string[];
  /** Subjects, in order; the first line where there is no subject. */
  mails: string[];
  /** Seconds by stage. */
  stages: Record<string, number>;
  /** How many requests went through each load balancer. */
  requestsThrough: Record<string, number>;
  /** The sizes of the group that is StandBy at the end: `0/0/0`. */
  standBy: string;
  /** The load balancers and target groups for tests that are left at the end. */
  dummiesLeft: number;
  tally: Tally;
}

export interface Site {
  clock: Clock;
  aws: EmbeddedAws;
  busName: string;
  fleet: Groups;
  prober: Prober;
  /** Of one deployment. */
  limitSeconds: number;
}

interface TimedEvent {
  event: BusEvent;
  at_ms: number;
}

/** The event with which each stage ends. */
const STAGE_ENDED_BY = new Map([
  ['DummyAttached', 'start'],
  ['Step1Passed', 'check-dummy'],
  ['RealAttached', 'attach-real'],
  ['Step2Passed', 'check-real'],
  ['Swapped', 'swap'],
  ['Completed', 'retire'],
  ['Cleaned', 'clean-up'],
]);
/** By the event that ends all: the mail that follows it. Only a failed one ends with its clean-up. */
const LAST_MAIL = new Map([
  ['Completed', /^\[Success\] Non-disruptive deployment/],
  ['Cleaned', /^\[(Success|Error)\] Deploy Clean/],
  ['Refused', /^\[Failed\] Deploy Start Failed/],
]);
/** For requests that are under way at the end. */
const ANSWERS_LIMIT_SECONDS = 120;
/** The last mail comes after the last event. */
const LAST_MAIL_SECONDS = 10;
const EMPTY_LIMIT_SECONDS = 30;
const LOOK_SECONDS = 0.05;

/**
 * Until the deployment has ended, or its failure is cleaned up, its last mail has come and the group that serves nothing
 * is empty, so that a request that breaks with an old instance counts too. Throws an error when that takes much too long.
 */
export async function follow(site: Site, begin: () => Promise<void>): Promise<Part> {
  const { clock, aws, busName, prober, fleet, limitSeconds } = site;
  const events: TimedEvent[] = [];
  const mailsBefore = aws.sns.mails.length;
  const tally = prober.startTally();
  let isOver = false;
  aws.eventBridge.onEvent((event, bus) => {
    if (bus === busName && !isOver) events.push({ event, at_ms: clock.now().getTime() });
  });
  const end = () => events.map(({ event }) => event).find(isEnd);
  const mails = () => aws.sns.mails.slice(mailsBefore).map(titleOf);
  const isLast = (mail: string) => LAST_MAIL.get(end()?.['detail-type'] ?? '')?.test(mail) ?? false;

  await begin();
  await until(
    clock,
    () => end() !== undefined,
    limitSeconds,
    () => `the deployment has not ended${faultsOf(aws)}`,
  );
  await until(clock, () => mails().some(isLast), LAST_MAIL_SECONDS, 'the last mail has not come');
  const { 'detail-type': type, detail } = end() as BusEvent;
  const isClean = type === 'Completed' || detail.outcome === 'cleaned';
  const isEmpty = async () => (await standByOf(aws, fleet)).instances === 0; // they go on their own, after the end
  if (isClean) await until(clock, isEmpty, EMPTY_LIMIT_SECONDS, 'the group that stands by is not empty');
  isOver = true;
  prober.startTally();
  await until(clock, () => tally.underWay === 0, ANSWERS_LIMIT_SECONDS, 'requests are still under way');
  const outcome = type === 'Cleaned' && !isClean ? 'Failed' : (type as Part['outcome']);
  return {
    outcome,
    ...(detail.code !== undefined && { code: String(detail.code) }),
    deploymentId: String(detail.deploymentId ?? ''),
    requests: tally.sent,
    failedRequests: tally.failed,
    events: events.map(({ event }) => event['detail-type']),
    mails: mails(),
    stages: stageSeconds(events),
    requestsThrough: Object.fromEntries(tally.through),
    standBy: (await standByOf(aws, fleet)).size,
    dummiesLeft: await countDummies(aws),
    tally,
  };
}

/** A function that breaks says so in no event: its invocation is repeated, a minute later and in vain. */
function faultsOf({ lambda }: EmbeddedAws): string {
  const faults = lambda.invocations.flatMap(({ function: name, outcome, response }) =>
    outcome === 'failed' || outcome === 'timed out' ? [`${name} ${outcome}: ${JSON.stringify(response)}`] : [],
  );
  return faults.length > 0 ? ` (${faults.join('; ')})` : '';
}

/** Lets time pass until the condition holds; throws an error that ends with `otherwise` when it does not. */
export async function until(
  clock: Clock,
  condition: () => boolean | Promise<boolean>,
  limitSeconds: number,
  otherwise: string | (() => string),
): Promise<void> {
  const end_ms = clock.now().getTime() + limitSeconds * 1000;
  while (!(await condition())) {
    if (clock.now().getTime() > end_ms) {
      throw new Error(`after ${limitSeconds} s ${typeof otherwise === 'string' ? otherwise : otherwise()}`);
    }
    await clock.sleep(LOOK_SECONDS);
  }
}

function isEnd({ 'detail-type': type }: BusEvent): boolean {
  return LAST_MAIL.has(type);
}

function titleOf({ subject, body }: Mail): string {
  return subject ?? body.split('\n')[0] ?? '';
}

function stageSeconds(events: TimedEvent[]): Record<string, number> {
  const stages: Record<string, number> = {};
  let since_ms = events[0]?.at_ms ?? 0;
  for (const { event, at_ms } of events) {
    const type = event['detail-type'];
    const stage = type === 'Failed' ? String(event.detail.stage) : STAGE_ENDED_BY.get(type);
    if (stage === undefined) continue;
    stages[stage] = Math.round((at_ms - since_ms) / 100) / 10;
    since_ms = at_ms;
  }
  return stages;
}
