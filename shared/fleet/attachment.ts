/** What a group is attached to. */
import * as z from 'zod/mini';

/**
 * How a group is attached to a target group (`identifier` is its ARN) or a Classic Load Balancer (its name): by the calls
 * for that kind, or as a traffic source. Each way has calls of its own.
 */
export const attachment = z.object({
  kind: z.enum(['target-group', 'classic']),
  way: z.enum(['direct', 'traffic-source']),
  identifier: z.string(),
});
export type Attachment = z.infer<typeof attachment>;

/**
 * What tells one from another: never the name alone. Those of Classic Load Balancers and of target groups are name spaces
 * of their own, so that there may be one of each that is called the same.
 */
export type AttachmentId = Pick<Attachment, 'kind' | 'identifier'>;

/** For maps and sets. */
export function keyOf({ kind, identifier }: AttachmentId): string {
  return `${kind} ${identifier}`;
}

/** However it is attached there. */
export function isSamePlace(one: AttachmentId, other: AttachmentId): boolean {
  return keyOf(one) === keyOf(other);
}

/** An attachment and how far it is. One that is being removed is listed until its targets are drained. */
export interface AttachmentState extends Attachment {
  state: string;
}

/** On its way out, but listed until its targets are drained. */
export function isLeaving({ state }: AttachmentState): boolean {
  return state.startsWith('Remov');
}
