/** How many attachments of a group may change at once, and which of them change next: the rest waits for a later look. */
import { type Attachment, type AttachmentState, isLeaving, keyOf } from './attachment';

/**
 * While ten are Adding or Removing, a call that moves one more is refused as a whole, and passes later
 * (https://github.com/aws/aws-sdk-java/issues/746). One that is Removing is so until its targets are drained.
 */
const ATTACHMENTS_IN_MOTION = 10;

export interface Batch {
  /** What is to be asked for now; none where everything that may move does. */
  attachments: Attachment[];
  /** With these, everything is asked for. */
  isLast: boolean;
  /** ` (batch 2 of 5)`; nothing where one is enough. */
  name: string;
}

/** In so many batches a group is attached to so many, or detached from them. */
export function batchesOf(attachments: number): number {
  return Math.max(1, Math.ceil(attachments / ATTACHMENTS_IN_MOTION));
}

/**
 * What to attach next of `wanted`, in its order, where the group lists `listed` and all of `all` are
 * to be attached in the end. What it is still leaving is among them,
 * and takes no place, since it moves already: whether it can be attached before it has gone is unknown, so that it is
 * asked for at every look until it has gone or is attached.
 */
export function toAttach(
  listed: readonly AttachmentState[],
  wanted: readonly Attachment[],
  all: readonly Attachment[] = wanted,
): Batch {
  const states = statesOf(listed);
  const leaving = wanted.flatMap((one) => states.get(keyOf(one)) ?? []).filter(isLeaving);
  const absent = wanted.filter((one) => !states.has(keyOf(one)));
  const next = absent.slice(0, placesLeft(listed));
  const isLast = leaving.length === 0 && next.length === absent.length;
  const attached = all.length - absent.length - leaving.length;
  return { attachments: [...next, ...leaving], isLast, name: nameOf(all, attached + next.length) };
}

/** What to detach next of `wanted`, in its order, where all of `all` are to be detached in the end. */
export function toDetach(
  listed: readonly AttachmentState[],
  wanted: readonly Attachment[],
  all: readonly Attachment[] = wanted,
): Batch {
  const states = statesOf(listed.filter((attachment) => !isLeaving(attachment)));
  const attachedOf = (some: readonly Attachment[]) => some.flatMap((one) => states.get(keyOf(one)) ?? []);
  const attached = attachedOf(all);
  const next = attachedOf(wanted).slice(0, placesLeft(listed));
  const isLast = next.length === attached.length;
  return { attachments: next, isLast, name: nameOf(all, all.length - attached.length + next.length) };
}

function statesOf(listed: readonly AttachmentState[]): Map<string, AttachmentState> {
  return new Map(listed.map((state) => [keyOf(state), state]));
}

function placesLeft(listed: readonly AttachmentState[]): number {
  const moving = listed.filter((attachment) => attachment.state === 'Adding' || isLeaving(attachment));
  return Math.max(0, ATTACHMENTS_IN_MOTION - moving.length);
}

/** `asked`: how many have been asked for by now. */
function nameOf(all: readonly Attachment[], asked: number): string {
  const batches = batchesOf(all.length);
  return batches > 1 ? ` (batch ${batchesOf(asked)} of ${batches})` : '';
}
