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
  /** When it happened. Kept by a replay. */
  time: string;
  isReplayed: boolean;
  detail: Record<string, unknown>;
}

/** Undefined for what is not an event at all. */
export function readEnvelope(event: unknown): Envelope | undefined {
  const { success, data } = schema.safeParse(event);
  if (!success) return undefined;
  return {
    source: data.source,
    detailType: data['detail-type'],
    time: new Date(data.time).toISOString(),
    isReplayed: data['replay-name'] !== undefined,
    detail: data.detail,
  };
}
