/** What a deployment and an idle month cost, by the prices of prices.ts. Instances are the fleet's own, and not counted. */
import { functions, nameOf, ofType } from '../stack/packaged';
import type { Called, DeploymentFigures, Usage } from './deployment';
import { PRICES } from './prices';
import type { Kind } from './services-path';

export interface Cost {
  what: string;
  dollars: number;
}

const GIGABYTE = 1e9;
const CHUNK_BYTES = 64 * 1024;

/** What a message of the delay queue is billed for: sent, received, deleted. */
const REQUESTS_PER_MESSAGE = 3;

const WRITES = /^(Put|Copy|Post|List|CreateMultipart|UploadPart|CompleteMultipart)/;
const FREE = /^(Delete|AbortMultipart)/;

export function costsOf(usage: Usage): Cost[] {
  const ofS3 = usage.calls.filter(({ service, operation }) => service === 's3' && !FREE.test(operation));
  const writes = ofS3.filter(({ operation }) => WRITES.test(operation)).length;
  const eventBytes = usage.events.reduce((sum, { bytes }) => sum + bytes, 0);
  const chunks = usage.events.reduce((sum, { bytes }) => sum + Math.ceil(bytes / CHUNK_BYTES), 0);
  const messages = usage.events.filter(({ type }) => type === 'CheckPending').length;
  return [
    {
      what: 'Lambda',
      dollars:
        usage.invocations.length * PRICES.invocation.dollars + gigabyteSeconds(usage) * PRICES.gigabyteSecond.dollars,
    },
    {
      what: 'EventBridge',
      dollars: chunks * PRICES.event.dollars + (eventBytes / GIGABYTE) * PRICES.archivedGigabyte.dollars,
    },
    {
      what: 'SQS',
      dollars: (messages * REQUESTS_PER_MESSAGE + callsOf(usage.calls, 'sqs')) * PRICES.queueRequest.dollars,
    },
    { what: 'SNS', dollars: usage.mails * (PRICES.publish.dollars + PRICES.mail.dollars) },
    { what: 'S3', dollars: writes * PRICES.write.dollars + (ofS3.length - writes) * PRICES.read.dollars },
    { what: 'CloudWatch Logs', dollars: (usage.logBytes / GIGABYTE) * PRICES.loggedGigabyte.dollars },
    { what: 'CloudWatch metrics', dollars: usage.metrics * PRICES.metricHour.dollars },
  ];
}

export function dollarsOf(costs: readonly Cost[]): number {
  return costs.reduce((sum, { dollars }) => sum + dollars, 0);
}

/** No clone is kept for longer than an hour. */
export function dollarsOfClones({ clones }: Pick<DeploymentFigures, 'clones'>): number {
  return clones.reduce((sum, kind) => sum + HOURS[kind].dollars, 0);
}

const HOURS: Record<Kind, { dollars: number }> = {
  application: PRICES.applicationHour,
  network: PRICES.networkHour,
  classic: PRICES.classicHour,
};

/**
 * What an event source of Lambda asks an empty queue: five pollers, each waiting for twenty seconds.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html, https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
const POLLERS = 5;
const POLL_SECONDS = 20;

/** What is billed by the month, and not by use. */
export function standingCosts(daysOfMonth: number): Cost[] {
  const alarms = ofType('AWS::CloudWatch::Alarm').length;
  const dashboards = ofType('AWS::CloudWatch::Dashboard').length;
  const polls = (ofType('AWS::Lambda::EventSourceMapping').length * POLLERS * daysOfMonth * 86_400) / POLL_SECONDS;
  return [
    { what: `${alarms} alarms`, dollars: alarms * PRICES.alarmMonth.dollars },
    { what: `${dashboards} dashboard`, dollars: dashboards * PRICES.dashboardMonth.dollars },
    { what: 'polling of the queues', dollars: polls * PRICES.queueRequest.dollars },
  ];
}

function callsOf(calls: readonly Called[], service: Called['service']): number {
  return calls.filter((call) => call.service === service).length;
}

function gigabyteSeconds({ invocations }: Usage): number {
  return invocations.reduce((sum, { stage, seconds }) => sum + seconds * memoryGigabytes(stage), 0);
}

function memoryGigabytes(stage: string): number {
  const definition = functions.find((one) => nameOf(one) === stage);
  if (!definition) throw new Error(`the stack has no function ${stage}`);
  return definition.MemorySize / 1024;
}
