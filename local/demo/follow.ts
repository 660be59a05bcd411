/** Follows one request from its cause to its end, and counts what users saw meanwhile. */
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import type { Clock } from '../clock';
import type { EmbeddedAws } from '../embedded-aws';
import type { BusEvent } from '../event-bridge';
import type { Mail } from '../sns';
import type { Prober, Tally } from './prober';

export interface Part {
  outcome: 'Completed' | 'Failed' | 'Refused';
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
  tally: Tally;
}

export interface Site {
  clock: Clock;
  aws: EmbeddedAws;
  busName: string;
  prober: Prober;
}

/** The event with which each stage ends. */
const STAGE_ENDED_BY = new Map([
  ['DummyAttached', 'start'],
  ['Step1Passed', 'check-dummy'],
  ['RealAttached', 'attach-real'],
  ['Step2Passed', 'check-real'],
  ['Swapped', 'swap'],
  ['Completed', 'retire'],
]);
const LIMIT_SECONDS = 120;
/** The last mail comes after the last event. */
const LAST_MAIL_SECONDS = 10;
const EMPTY_LIMIT_SECONDS = 30;
const LOOK_SECONDS = 0.05;

/**
 * Until the deployment has ended, its last mail has come and the old group is empty, so that a request that breaks with
 * an old instance counts too. Throws an error when that takes much too long.
 */
export async function follow({ clock, aws, busName, prober }: Site, begin: () => Promise<void>): Promise<Part> {
  const events: { event: BusEvent; at_ms: number }[] = [];
  const mailsBefore = aws.sns.mails.length;
  const tally = prober.startTally();
  let isOver = false;
  aws.eventBridge.onEvent((event, bus) => {
    if (bus === busName && !isOver) events.push({ event, at_ms: clock.now().getTime() });
  });
  const end = () => events.map(({ event }) => event).find(isEnd);
  const mails = () => aws.sns.mails.slice(mailsBefore);

  await begin();
  await until(clock, () => end() !== undefined, LIMIT_SECONDS, 'the deployment has not ended');
  await until(clock, () => mails().some(isLastMail), LAST_MAIL_SECONDS, 'the last mail has not come');
  const { 'detail-type': outcome, detail } = end() as BusEvent;
  if (outcome === 'Completed') await untilEmpty(clock, aws, String(detail.oldGroup));
  isOver = true;
  prober.startTally();
  await until(clock, () => tally.underWay === 0, LIMIT_SECONDS, 'requests are still under way');
  return {
    outcome: outcome as Part['outcome'],
    ...(detail.code !== undefined && { code: String(detail.code) }),
    deploymentId: String(detail.deploymentId ?? ''),
    requests: tally.sent,
    failedRequests: tally.failed,
    events: events.map(({ event }) => event['detail-type']),
    mails: mails().map(titleOf),
    stages: stageSeconds(events),
    tally,
  };
}

/** The instances of the retired group go on their own, after the deployment has ended. */
function untilEmpty(clock: Clock, aws: EmbeddedAws, groupName: string): Promise<void> {
  const client = new AutoScalingClient(aws.operator);
  const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [groupName] });
  const isEmpty = async () => (await client.send(command)).AutoScalingGroups?.[0]?.Instances?.length === 0;
  return until(clock, isEmpty, EMPTY_LIMIT_SECONDS, `${groupName} is not empty`);
}

/** Lets time pass until the condition holds; throws an error that begins with `otherwise` when it does not. */
export async function until(
  clock: Clock,
  condition: () => boolean | Promise<boolean>,
  limitSeconds: number,
  otherwise: string,
): Promise<void> {
  const end_ms = clock.now().getTime() + limitSeconds * 1000;
  while (!(await condition())) {
    if (clock.now().getTime() > end_ms) throw new Error(`${otherwise} after ${limitSeconds} s`);
    await clock.sleep(LOOK_SECONDS);
  }
}

function isEnd({ 'detail-type': type }: BusEvent): boolean {
  return type === 'Completed' || type === 'Failed' || type === 'Refused';
}

/** EventBridge, which sends the failure mail, leaves the quotes of its template around each line. */
function isLastMail(mail: Mail): boolean {
  return /^"?\[(Success|Failed)\]/.test(titleOf(mail));
}

function titleOf({ subject, body }: Mail): string {
  return subject ?? body.split('\n')[0] ?? '';
}

function stageSeconds(events: { event: BusEvent; at_ms: number }[]): Record<string, number> {
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
