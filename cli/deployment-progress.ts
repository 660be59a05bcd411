/** How far a deployment is, as it is told while somebody follows it: a block, plain lines, or an object a line. */
import * as z from 'zod/mini';
import { isDenied } from '../shared/aws/errors';
import { secondsBetween } from '../shared/aws/time';
import type { Plan } from '../shared/deployment/plan';
import { historyOf } from '../shared/pipeline/history';
import { type DeploymentRecord, isOpen, isStill, STILL_AFTER_SECONDS } from '../shared/pipeline/record';
import { standingOf } from '../shared/view/sentence';
import { type DeploymentView, type Seen, type StageView, viewOf } from '../shared/view/view';
import { LiveBlock } from './live-block';
import { matrixLines } from './matrix-page';
import { outcomeInWords } from './outcome-words';
import { limitsOf, lookAt, notAllowed, readTask } from './reading';
import type { Session } from './session';
import type { Stack } from './stack';
import { chainLines, sections } from './task-page';
import { clockTime, duration, inWords } from './times';

/** What `--json` prints where something has changed. */
export const change = z.object({
  at: z.string(),
  task: z.string(),
  deploymentId: z.string(),
  status: z.string(),
  stage: z.string(),
  waitingFor: z.optional(z.string()),
  failure: z.optional(z.object({ code: z.string(), stage: z.string(), message: z.string() })),
  /** The stage takes longer than it may. */
  isBeyondLimit: z.optional(z.literal(true)),
  /** Nobody works on it, for so many minutes at least. */
  stillMinutes: z.optional(z.int()),
});
export type Change = z.infer<typeof change>;

/** How old what is shown of groups and health may be. */
const LOOK_SECONDS = 10;

export class DeploymentProgress {
  private told = '';
  private toldReason = '';
  private readonly block: LiveBlock | undefined;
  /** What could not be seen at the last look, and why. */
  private unseen: string | undefined;
  private look: { at: Date; etag: string | undefined; seen: Pick<Seen, 'snapshot' | 'cloneHealth'> } | undefined;

  constructor(
    private readonly session: Session,
    private readonly stack: Stack,
    private readonly emitsChanges: boolean,
  ) {
    const isLive = session.page.isTerminal && !session.isJson;
    this.block = isLive ? new LiveBlock(session.surroundings.errors) : undefined;
  }

  async show(record: DeploymentRecord, etag: string | undefined): Promise<void> {
    const now = this.session.now();
    const limits = limitsOf(this.stack, record.plan);
    if (this.block) {
      const last = isOpen(record) ? undefined : await this.lastLook(record);
      if (last) return this.draw(last, record, now);
      const seen = record.plan && isOpen(record) ? await this.looked(record.plan, etag, now) : {};
      return this.draw(viewOf({ record, ...seen, limits, now }), record, now);
    }
    const one = changeOf(record, viewOf({ record, limits, now }), now);
    const { at, ...rest } = one;
    const said = JSON.stringify(rest);
    if (said === this.told) return;
    this.told = said;
    if (this.session.isJson && this.emitsChanges) this.session.emit(one);
    else
      for (const line of this.session.page.hanging(`${clockTime(at)}  `, this.words(one, record)))
        this.session.tell(line);
  }

  /** Why it failed is said once. */
  private words({ failure, ...rest }: Change, record: DeploymentRecord): string {
    const reason = failure ? `${failure.code} in ${failure.stage}: ${failure.message}` : '';
    const isNews = reason !== this.toldReason;
    this.toldReason = reason;
    const isOver = rest.status !== 'running' && rest.status !== 'cleaning';
    return changeInWords(rest, isOver ? outcomeInWords(historyOf(record)) : rest.stage, isNews ? reason : '');
  }

  /** Something beside the course of the deployment. */
  note(text: string): void {
    this.block?.end();
    const time = clockTime(this.session.now());
    for (const line of this.session.page.hanging(`${time}  `, text)) this.session.tell(line);
  }

  end(): void {
    this.block?.end();
  }

  /** Anew where the record has changed, and now and then. Whoever may not look at health sees the rest. */
  private async looked(
    plan: Plan,
    etag: string | undefined,
    now: Date,
  ): Promise<Pick<Seen, 'snapshot' | 'cloneHealth'>> {
    const { look } = this;
    if (look && look.etag === etag && secondsBetween(look.at.toISOString(), now) < LOOK_SECONDS) return look.seen;
    this.unseen = undefined;
    const seen = await lookAt(this.stack, plan, true).catch((error: unknown) => {
      if (isDenied(error)) this.unseen = notAllowed(error);
      return look?.seen ?? {};
    });
    this.look = { at: now, etag, seen };
    return seen;
  }

  /** It is over: what serves is looked at anew. */
  private async lastLook({ task, deploymentId }: DeploymentRecord): Promise<DeploymentView | undefined> {
    const { view, unseen } = await readTask(this.stack, task).catch(() => ({ view: undefined, unseen: undefined }));
    this.unseen = unseen;
    return view?.deploymentId === deploymentId ? view : undefined;
  }

  private draw(view: DeploymentView, record: DeploymentRecord, now: Date): void {
    const { page } = this.session;
    const stillSeconds = stillFor(record, now);
    const lines = sections([
      page.text(standingOf(view, { stillSeconds, command: this.session.command }), 'bold'),
      chainLines(view.stages, page),
      matrixLines(view, page),
      page.text(this.unseen ?? '').filter(Boolean),
    ]);
    const most = page.rows - 1;
    const more = lines.length - most + 1;
    this.block?.draw(lines.length <= most ? lines : [...lines.slice(0, most - 1), `… ${more} more lines (status)`]);
  }
}

function changeOf(record: DeploymentRecord, view: DeploymentView, now: Date): Change {
  const { task, deploymentId, status, stage, failure } = record;
  const current = currentOf(view);
  const stillSeconds = stillFor(record, now);
  return {
    at: now.toISOString(),
    ...{ task, deploymentId, status, stage },
    ...(current?.waitingFor && { waitingFor: current.waitingFor }),
    ...(failure && { failure }),
    ...(current && isLate(current) && { isBeyondLimit: true as const }),
    // In steps: each of them is a change.
    ...(stillSeconds !== undefined && { stillMinutes: Math.floor(stillSeconds / 300) * 5 || 4 }),
  };
}

function currentOf({ stages }: DeploymentView): StageView | undefined {
  return stages.findLast(({ state }) => state === 'running' || state === 'waiting');
}

function isLate({ seconds = 0, limitSeconds = Number.POSITIVE_INFINITY }: StageView): boolean {
  return seconds > limitSeconds;
}

function stillFor(record: DeploymentRecord, now: Date): number | undefined {
  const mayMove = record.status === 'running' || record.status === 'cleaning';
  return mayMove && isStill(record, now, STILL_AFTER_SECONDS)
    ? secondsBetween(record.outbox.writtenAt, now)
    : undefined;
}

function changeInWords(
  { waitingFor, isBeyondLimit, stillMinutes }: Omit<Change, 'failure'>,
  where: string,
  reason: string,
): string {
  const parts = [
    where,
    reason,
    waitingFor && `waits for ${inWords(waitingFor)}`,
    isBeyondLimit && 'takes longer than it may',
    stillMinutes !== undefined &&
      `has not moved for ${duration(stillMinutes * 60)}; the watchdog sees to that every 5 minutes`,
  ];
  return parts.filter(Boolean).join('; ');
}
