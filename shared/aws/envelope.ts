/** An event as it arrives from the bus. */
import * as z from 'zod/mini';

const schema = z.object({
  source: z.string(),
  'detail-type': z.string(),
  time: z.iso.datetime({ offset: true }),
  'replay-name': z.optional(z.string()),
  detail: z.record(z.string(), z.unknown()),
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
    detail: data.detail,
  };
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
