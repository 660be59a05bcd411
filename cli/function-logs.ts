/** What the functions have logged of one deployment. */
import { CloudWatchLogsClient, type FilteredLogEvent, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { mapSome } from '../shared/aws/calls';
import { errorCode, errorMessage, isDenied } from '../shared/aws/errors';
import { STAGES } from '../shared/pipeline/flow';
import { EXIT, Problem } from './problem';
import type { Stack } from './stack';

/** Those that have the id of a deployment in their lines. */
const FUNCTIONS = [...STAGES, 'notify', 'watchdog'] as const;

/** Nobody reads more: of each function. */
const LINES_READ = 10_000;

export interface LogLine {
  /** ISO, by the function's own clock. */
  at: string;
  function: string;
  message: string;
  fields: Record<string, unknown>;
  /** What tells it from all others. */
  eventId: string;
  /** As it stands in the log. */
  whole: Record<string, unknown>;
}

export interface FoundLines {
  /** In order of time. */
  lines: LogLine[];
  /** What could not be read, and why: a sentence each. */
  lacking: string[];
}

export interface Between {
  from: Date;
  to?: Date | undefined;
}

/** Throws a `Problem` where no log can be read at all, unless `mayLack`: then `lacking` says so. */
export async function linesOf(
  stack: Stack,
  { task, deploymentId }: { task: string; deploymentId: string },
  { from, to }: Between,
  mayLack = false,
): Promise<FoundLines> {
  const client = stack.client(CloudWatchLogsClient);
  const lacking: string[] = [];
  const found = await mapSome(FUNCTIONS, async (name) => {
    try {
      return await linesOfFunction(client, stack, name, deploymentId, { from, to });
    } catch (error) {
      // Nothing was logged by it yet.
      if (errorCode(error) === 'ResourceNotFoundException') return [];
      if (!isDenied(error)) throw error;
      lacking.push(`the log of ${name} was not read: ${errorMessage(error)}`);
      return [];
    }
  });
  if (lacking.length === FUNCTIONS.length && !mayLack) {
    throw new Problem(
      `AWS does not let you read the functions’ logs: ${lacking[0]}`,
      `Have logs:FilterLogEvents allowed on ${groupOf(stack, '*')}. What is known without them:\n  ${stack.command('history', task)}`,
      EXIT.unavailable,
    );
  }
  const lines = found.flat().toSorted((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
  return { lines, lacking };
}

/** Functions are called as the bus is: by service and stage. */
function groupOf(stack: Stack, name: string): string {
  return `/aws/lambda/${stack.output('EventBusName')}-${name}`;
}

async function linesOfFunction(
  client: CloudWatchLogsClient,
  stack: Stack,
  name: string,
  deploymentId: string,
  { from, to }: Between,
): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  const pages = paginateFilterLogEvents(
    { client },
    {
      logGroupName: groupOf(stack, name),
      filterPattern: `"${deploymentId.replace(/["\\]/g, '')}"`,
      startTime: from.getTime(),
      endTime: to?.getTime(),
    },
  );
  for await (const { events = [] } of pages) {
    // What is there for CloudWatch to make metrics of, the history says in words.
    lines.push(...events.map((event) => lineOf(name, event)).filter(({ whole }) => !('_aws' in whole)));
    if (lines.length >= LINES_READ) break;
  }
  return lines;
}

/** What is not ours, such as what Lambda says of a crash, is a message as a whole. */
function lineOf(name: string, { message: text = '', timestamp = 0, eventId = '' }: FilteredLogEvent): LogLine {
  const whole = parsed(text) ?? { message: text.trim() };
  const { time, function: of, message, stage, ...fields } = whole;
  const at = typeof time === 'string' && !Number.isNaN(Date.parse(time)) ? time : new Date(timestamp).toISOString();
  return {
    ...{ at, eventId, whole },
    fields: stage === of ? fields : { stage, ...fields },
    function: typeof of === 'string' ? of : name,
    message: String(message ?? ''),
  };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** When lines of it may have been written: an event may come late, and mails do. */
export function timesOf({ begunAt, endedAt }: { begunAt: string; endedAt: string }, isUnderWay: boolean): Between {
  const from = new Date(Date.parse(begunAt) - 60_000);
  return isUnderWay ? { from } : { from, to: new Date(Date.parse(endedAt) + 15 * 60_000) };
}
