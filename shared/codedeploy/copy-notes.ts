/**
 * What is remembered of each copy, so that its deployment makes one mail: both triggers, their duplicates and the sweep
 * may come at the same moment, and any of them may be cut off anywhere.
 */
import * as z from 'zod/mini';
import type { Invocation, Runtime } from '../aws/runtime';
import type { StateBucket } from '../aws/state-bucket';

const time = z.iso.datetime();

const schema = z.object({
  /** Who is at it: an invocation, whose repetitions have the same id. */
  claim: z.optional(z.object({ requestId: z.string(), until: time })),
  /** Since when something has kept it from being deleted that may pass. */
  waitingSince: z.optional(time),
  /** Which target groups of the account were looked at so far for its instances, where not all of them were. */
  looked: z.optional(z.array(z.string())),
  /** Written before the group is deleted: afterwards nothing would be left to tell of. */
  mail: z.optional(z.object({ subject: z.string(), body: z.string() })),
  /** The end: the copy is never looked at again. */
  mailedAt: z.optional(time),
});
export type Note = z.infer<typeof schema>;

/** A claim outlives its invocation by so much. */
const MARGIN_SECONDS = 5;

export class CopyNotes {
  constructor(
    private readonly state: StateBucket,
    private readonly runtime: Runtime,
  ) {}

  async read(deploymentId: string): Promise<Note> {
    return (await this.stored(deploymentId)).note;
  }

  /**
   * The note, from now on ours; undefined where the copy is mailed about already, or another invocation is at it, which is
   * repeated by its own invoker if it breaks.
   */
  async claim(deploymentId: string, invocation: Invocation): Promise<Note | undefined> {
    const { note, etag } = await this.stored(deploymentId);
    const now = this.runtime.now();
    const { awsRequestId } = invocation;
    const isTaken = note.claim && note.claim.requestId !== awsRequestId && new Date(note.claim.until) > now;
    if (note.mailedAt !== undefined || isTaken) return undefined;
    const until = new Date(now.getTime() + invocation.getRemainingTimeInMillis() + MARGIN_SECONDS * 1000).toISOString();
    const claimed = { ...note, claim: { requestId: awsRequestId, until } };
    const { result } = await this.state.writeOver(etag, keyOf(deploymentId), JSON.stringify(claimed));
    if (result === 'unknown') throw new Error(`whether ${deploymentId} was claimed is not known`);
    return result === 'written' ? claimed : undefined;
  }

  async write(deploymentId: string, note: Note): Promise<void> {
    await this.state.write(keyOf(deploymentId), JSON.stringify(note));
  }

  private async stored(deploymentId: string): Promise<{ note: Note; etag: string | undefined }> {
    const stored = await this.state.read(keyOf(deploymentId));
    return { note: stored ? schema.parse(JSON.parse(stored.body)) : {}, etag: stored?.etag };
  }
}

function keyOf(deploymentId: string): string {
  return `codedeploy/${deploymentId}.json`;
}
