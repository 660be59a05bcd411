/** One value per event: its type, its validation on both sides, the pattern of its rule, and how it is published. */
import { closest, distance } from 'fastest-levenshtein';
import * as z from 'zod/mini';

/** The source of every event of this product. */
export const SOURCE = 'bluegreen';

export type Read<Detail> = { success: true; detail: Detail } | { success: false; problem: string };

export interface Contract<DetailType extends string, Detail> {
  readonly detailType: DetailType;
  /** Of its detail. */
  readonly fields: readonly string[];
  /** What others validate by: the JSON Schema of the detail is made of it. */
  readonly schema: z.ZodMiniType<Detail>;
  /** The event pattern that matches this event and no other. */
  readonly pattern: { source: [typeof SOURCE]; 'detail-type': [DetailType] };
  /** Reads a received detail. Keys that the contract does not know are ignored, so that adding one breaks nobody. */
  read(detail: unknown): Read<Detail>;
  /** As `read`, for what people put: a key that the contract does not know is a problem, for it asks for something. */
  readStrictly(detail: unknown): Read<Detail>;
  /** What goes on the bus. Throws where the detail does not fit the contract: that is a defect of the publisher. */
  entry(detail: Detail): Entry;
}

export interface Entry {
  detailType: string;
  detail: Record<string, unknown>;
}

/** The type of a contract's detail. */
export type DetailOf<Of> = Of extends Contract<string, infer Detail> ? Detail : never;

export function contract<const DetailType extends string, Detail extends object>(
  detailType: DetailType,
  schema: z.ZodMiniType<Detail> & { shape: object },
): Contract<DetailType, Detail> {
  const fields = Object.keys(schema.shape);
  const read = (detail: unknown): Read<Detail> => {
    const result = schema.safeParse(detail);
    return result.success
      ? { success: true, detail: result.data }
      : { success: false, problem: z.prettifyError(result.error).replace(/\s+/g, ' ') };
  };
  return {
    detailType,
    fields,
    schema,
    pattern: { source: [SOURCE], 'detail-type': [detailType] },
    read,
    readStrictly(detail) {
      const problem = unknownField(detail, fields);
      return problem === undefined ? read(detail) : { success: false, problem };
    },
    entry(detail) {
      const result = schema.safeParse(detail);
      if (!result.success) throw new Error(`${detailType} does not fit its contract: ${z.prettifyError(result.error)}`);
      return { detailType, detail: result.data as Record<string, unknown> };
    },
  };
}

/** The first key of `detail` that is not among `known`, and the one that was probably meant. */
function unknownField(detail: unknown, known: readonly string[]): string | undefined {
  if (typeof detail !== 'object' || detail === null) return undefined;
  const unknown = Object.keys(detail).find((key) => !known.includes(key));
  if (unknown === undefined) return undefined;
  const shown = unknown.slice(0, 80);
  const meant = meantBy(shown.toLowerCase(), known);
  return `there is no field '${shown}'${meant ? `, but '${meant}'` : ''} (known are ${known.join(', ')})`;
}

/** By its meaning, or because it is misspelt; nothing where no field is near. */
function meantBy(typed: string, known: readonly string[]): string | undefined {
  const synonym = SYNONYMS[typed];
  if (synonym && known.includes(synonym)) return synonym;
  const nearest = closest(typed, [...known]);
  const isNear = distance(typed, nearest.toLowerCase()) <= Math.max(1, Math.floor(typed.length * LETTERS_WRONG));
  return isNear || nearest.toLowerCase().startsWith(typed) || typed.startsWith(nearest.toLowerCase())
    ? nearest
    : undefined;
}

/** More than that is another word. */
const LETTERS_WRONG = 0.4;

/** What people call fields. */
const SYNONYMS: Readonly<Record<string, string>> = {
  because: 'reason',
  why: 'reason',
  comment: 'reason',
  message: 'reason',
  who: 'requestedBy',
  by: 'requestedBy',
  user: 'requestedBy',
  name: 'task',
  size: 'capacity',
  instances: 'capacity',
};

/**
 * A task's name as the tags carry it. It is inserted into mails as it is, hence on one line and without the characters of
 * markup; and it names the record, percent-encoded, for which S3 has room for 1024 bytes.
 */
export const taskName = z.string().check(
  z.minLength(1),
  z.maxLength(256),
  z.regex(/^[^"\\<>\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u),
  z.refine((task) => !task.isWellFormed() || encodeURIComponent(task).length <= 900, 'too long'),
);

export function isTaskName(value: unknown): value is string {
  return taskName.safeParse(value).success;
}

/** What every event of a deployment carries. `seq` is that of the record write that made it. */
export const ofDeployment = {
  /** When it began, in UTC, and a part by chance. */
  deploymentId: z.string().check(z.minLength(1), z.maxLength(64)),
  /** As its groups are tagged. */
  task: taskName,
  /** The number of the write of the record that made the event: what is behind it was handled before. */
  seq: z.int().check(z.gte(1)),
};

/** The fields of events that are for people alone: where one is too large, they are shortened. */
export const TOLD = [
  'message',
  'summary',
  'waitingFor',
  'waiting',
  'toldBefore',
  'findings',
  'commands',
  'notes',
  'lost',
  'leftovers',
  'staying',
  'removed',
  'nextStep',
];

/** What an event carries by which a stage hands on: `next` is the stage that it is for, where that is not of the plain chain. */
export const handedOn = { ...ofDeployment, next: z.optional(z.string()) };

/**
 * A text that an input transformer inserts into a mail without escaping it: one line, and none of the characters that
 * would break the template. `plainLine` makes any text one.
 */
export const insertedLine = z.string().check(z.regex(/^[^"\\<>\p{Cc}]*$/u), z.maxLength(4000));

/** What breaks lines, moves the cursor or turns the direction of what follows; what joins letters and emoji stays. */
export const UNPRINTABLE = /(?:(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}])+/gu;

/** The text on one line, of what can be seen alone. Half a character can neither be mailed nor published. */
export function oneLine(text: string): string {
  return text.toWellFormed().replace(UNPRINTABLE, ' ');
}

/** What is cut off may be half of a character. */
export function plainLine(text: string, maximumCharacters = 4000): string {
  return oneLine(text)
    .replace(/["\\<>]/g, "'")
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, maximumCharacters)
    .toWellFormed();
}

/**
 * What people write for people: it is shown and kept, and nothing depends on it. So any value is taken, as one line of
 * at most 256 characters; a blank one says nothing.
 */
export const shownText = z.optional(z.pipe(z.unknown(), z.transform(shownTextOf)));

const SHOWN_CHARACTERS = 256;

export function shownTextOf(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
  const line = plainLine(text, SHOWN_CHARACTERS).trim();
  return line || undefined;
}

/** What a request asked for, so that a mail can name the very same request again. */
export const asked = z.object({ versions: z.optional(z.string()), capacity: z.optional(z.int()) });

/**
 * What to do in the very state that an event tells of: a sentence, and what to run for it, line by line; then, if any, the
 * event `request` is put, with what is in `having`. `isFinal`: the very same request would be refused again.
 */
export const toDo = z.object({
  sentence: z.string(),
  commands: z.optional(z.array(z.string())),
  /** What shows more about the cause, and changes nothing. */
  more: z.optional(z.array(z.string())),
  request: z.optional(z.enum(['DeployRequested', 'CleanRequested'])),
  /** The request has words in capitals that only people can replace: it is shown, and not to be run as it stands. */
  isSketch: z.optional(z.literal(true)),
  having: z.optional(
    z.object({
      versions: z.optional(z.string()),
      capacity: z.optional(z.int()),
      abort: z.optional(z.literal(true)),
    }),
  ),
  isFinal: z.optional(z.literal(true)),
  /** Where that request fails again by the same: what to run then, as comments, line by line. */
  otherwise: z.optional(z.array(z.string())),
});
export type ToDo = z.infer<typeof toDo>;

/** The version of one war: from what the old group runs to what the new one gets; and what people call them, if anything. */
export const warChange = z.object({
  slot: z.int().check(z.gte(1), z.lte(9)),
  key: z.string(),
  from: z.string(),
  to: z.string(),
  fromName: z.optional(z.string()),
  toName: z.optional(z.string()),
});

/** The slots of the wars whose former version, `from`, is not brought back by a plain deployment. */
export const heldBack = z.array(z.int());

/** How long each stage took, in seconds, in the order in which they ran. */
export const stageTimes = z.array(z.object({ stage: z.string(), seconds: z.number() }));

/** Nobody served there: since when that was seen, and until when, where it is over. In ISO. */
export const outage = z.object({ on: z.array(z.string()), since: z.string(), until: z.optional(z.string()) });
export type Outage = z.infer<typeof outage>;

/**
 * Who served users when somebody last looked. They are served on a real load balancer that has a healthy target; `group` is
 * the one that is to serve on so many (`loadBalancers`). Nothing else is known of users.
 */
export const users = z.object({
  /** When the look began, in ISO. */
  seenAt: z.string(),
  group: z.string(),
  loadBalancers: z.int(),
  /** What the first few of these are called; events of earlier versions do not say. */
  on: z.optional(z.array(z.string())),
  /** The groups with a healthy target on each, else those with any, where their health was looked at. */
  serving: z.optional(z.array(z.string())),
  /** The names of load balancers where nobody serves, or, without a look at health, where `group` is not attached. */
  down: z.array(z.string()),
  /** Since when that is known, in ISO. */
  downSince: z.optional(z.string()),
  /** Of all that are down: what users came in by is gone, or `group` is not attached there. */
  because: z.optional(z.enum(['gone', 'unattached'])),
  /** The group that is to serve has no size. */
  isEmpty: z.optional(z.literal(true)),
  /** By its own scheduled action: nobody is to be served. */
  isBySchedule: z.optional(z.literal(true)),
  /** No listener refers to anything that it is attached to: of users nothing can be seen. */
  isIdle: z.optional(z.literal(true)),
  /** The other group, where it has instances and none of them is registered with any of these. */
  apart: z.optional(z.string()),
  /** Where users could meet the other group beside it, since when, and how many of the targets there were its own. */
  met: z.optional(
    z.object({ group: z.string(), since: z.string(), on: z.array(z.string()), targets: z.int(), ofTargets: z.int() }),
  ),
  /** The same of what is over: until when at the latest. */
  hadMet: z.optional(z.object({ group: z.string(), since: z.string(), until: z.string(), on: z.array(z.string()) })),
  /** Where nobody served, when that was seen first, and when it was first seen to be over. */
  outage: z.optional(outage),
});
export type Users = z.infer<typeof users>;
