/** An event as it arrives from the bus. */
import * as z from 'zod/mini';

/** No event of ours has more; what is nested thousands deep breaks whoever writes it as JSON again. */
const LEVELS_KEPT = 100;

const schema = z.object({
  source: z.string(),
  'detail-type': z.string(),
  time: z.iso.datetime({ offset: true }),
  'replay-name': z.optional(z.string()),
  // A schema of names and values would lose `__proto__`, and with it that somebody asked for something.
  detail: z.custom<Record<string, unknown>>((detail) => typeof detail === 'object' && detail !== null),
});

export interface Envelope {
  source: string;
  detailType: string;
  /** When it happened, as far as that can be trusted. */
  time: string;
  /** What its sender says of that: the same for every delivery, also a replayed one. */
  statedTime: string;
  isReplayed: boolean;
  detail: Record<string, unknown>;
}

/** Undefined for what is not an event at all. */
export function readEnvelope(event: unknown, now: Date): Envelope | undefined {
  const { success, data } = schema.safeParse(event);
  if (!success) return undefined;
  const isReplayed = data['replay-name'] !== undefined;
  return {
    source: data.source,
    detailType: data['detail-type'],
    time: trustedTime(data.time, now, isReplayed),
    statedTime: new Date(data.time).toISOString(),
    isReplayed,
    detail: withinLevels(data.detail, LEVELS_KEPT) as Record<string, unknown>,
  };
}

function withinLevels(value: unknown, levels: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return '…';
  if (Array.isArray(value)) return value.map((item) => withinLevels(item, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withinLevels(member, levels - 1)]));
}

const EPOCH = new Date(0);

/**
 * An event cannot have happened after now: a clock that is ahead must not refuse what comes later. When a replayed one
 * happened is not known, if its time is still to come: before everything else.
 */
function trustedTime(stated: string, now: Date, isReplayed: boolean): string {
  const at = new Date(stated);
  if (at > now) return (isReplayed ? EPOCH : now).toISOString();
  return (at < EPOCH ? EPOCH : at).toISOString();
}
