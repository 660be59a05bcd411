/** Recurrences of scheduled actions: the five fields of Unix cron, in UTC or a time zone. */
import { validationError } from '../../kernel/service';

interface Cron {
  minutes: Set<number>;
  hours: Set<number>;
  days: Set<number>;
  months: Set<number>;
  weekdays: Set<number>;
  /** Cron's old rule: where both day fields are restricted, either may match. */
  eitherDay: boolean;
}

const FIELDS: [keyof Omit<Cron, 'eitherDay'>, low: number, high: number][] = [
  ['minutes', 0, 59],
  ['hours', 0, 23],
  ['days', 1, 31],
  ['months', 1, 12],
  ['weekdays', 0, 7],
];

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** The 29th of February comes within eight years. */
const HORIZON_MS = 8 * 366 * 24 * HOUR_MS;

/** Throws a ValidationError for what is not five fields of numbers, `*`, lists, ranges and steps. */
export function parseCron(text: string): Cron {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) throw invalid(text);
  const cron = { eitherDay: parts[2] !== '*' && parts[4] !== '*' } as Cron;
  FIELDS.forEach(([name, low, high], index) => {
    cron[name] = parseField(text, parts[index] as string, low, high);
  });
  if (cron.weekdays.has(7)) cron.weekdays.add(0);
  return cron;
}

export function checkTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone });
  } catch {
    throw validationError(`The time zone '${timeZone}' is not valid`);
  }
}

/** The first time after `after` that the recurrence names; undefined if none comes within eight years. */
export function nextTime(recurrence: string, timeZone: string | undefined, after: Date): Date | undefined {
  const cron = parseCron(recurrence);
  const wallClock = wallClockOf(timeZone);
  const end_ms = after.getTime() + HORIZON_MS;
  let time_ms = Math.floor(after.getTime() / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  while (time_ms < end_ms) {
    const local = wallClock(time_ms);
    if (isDay(cron, local) && cron.hours.has(local.getUTCHours())) {
      if (cron.minutes.has(local.getUTCMinutes())) return new Date(time_ms);
      time_ms += MINUTE_MS;
    } else {
      time_ms += HOUR_MS - (local.getTime() % HOUR_MS);
    }
  }
  return undefined;
}

function isDay(cron: Cron, local: Date): boolean {
  if (!cron.months.has(local.getUTCMonth() + 1)) return false;
  const byDate = cron.days.has(local.getUTCDate());
  const byWeekday = cron.weekdays.has(local.getUTCDay());
  return cron.eitherDay ? byDate || byWeekday : byDate && byWeekday;
}

function parseField(text: string, field: string, low: number, high: number): Set<number> {
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const match = part.match(/^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/);
    if (!match) throw invalid(text);
    const step = Number(match[3] ?? 1);
    const from = match[1] === undefined ? low : Number(match[1]);
    const to =
      match[1] === undefined || (match[2] === undefined && match[3] !== undefined) ? high : Number(match[2] ?? from);
    if (from < low || to > high || from > to || step < 1) throw invalid(text);
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return values;
}

/** The local time of a moment, as a Date whose UTC fields are what a clock on the wall shows. */
function wallClockOf(timeZone: string | undefined): (time_ms: number) => Date {
  if (!timeZone) return (time_ms) => new Date(time_ms);
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return (time_ms) => {
    const parts = Object.fromEntries(format.formatToParts(time_ms).map(({ type, value }) => [type, Number(value)]));
    return new Date(Date.UTC(parts.year as number, (parts.month as number) - 1, parts.day, parts.hour, parts.minute));
  };
}

function invalid(text: string) {
  return validationError(`The recurrence '${text}' is not a valid cron expression of five numeric fields`);
}
