/** Records that somebody damages or deletes, and when an operator notices that. */
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { objectText } from '../harness/observe';
import type { Loss } from './scenario';
import { fleetOf, type Place } from './site';
import { recordOf } from './uploads';

/** An operator who has no mail notices after so long that a task does not move. */
const NOTICED_AFTER_SECONDS = 900;

/** And waits so long for what he has asked for, before he asks again. */
const PATIENCE_SECONDS = 420;

interface Lost {
  at_ms: number;
  noticedAfterSeconds: number;
  /** How many mails there were before. */
  mails: number;
  askedAt_ms?: number;
}

export class Losses {
  private readonly lost = new Map<number, Lost>();

  constructor(private readonly place: Place) {}

  async lose(act: Loss): Promise<void> {
    const { clock, aws, stack } = this.place.world;
    const Bucket = stack.outputs.StateBucketName;
    const Key = `tasks/${encodeURIComponent(fleetOf(this.place, act).task)}.json`;
    const client = new S3Client(aws.operator);
    if (act.kind === 'delete record') await clock.run(client.send(new DeleteObjectCommand({ Bucket, Key })));
    else {
      const found = objectText(aws, Bucket ?? '', Key) ?? '{}';
      await clock.run(client.send(new PutObjectCommand({ Bucket, Key, Body: damaged(found, act.how) })));
    }
    const { noticedAfterSeconds = NOTICED_AFTER_SECONDS } = act;
    this.lost.set(act.fleet, { at_ms: this.now_ms, noticedAfterSeconds, mails: aws.sns.mails.length });
  }

  wasLost(fleet: number): boolean {
    return this.lost.has(fleet);
  }

  /** The fleets whose record is still lost, that an operator has noticed, and not asked to be mended just now. */
  noticed(): number[] {
    const due = [...this.lost].filter(([fleet, lost]) => this.isNoticed(fleet, lost));
    for (const [, lost] of due) lost.askedAt_ms = this.now_ms;
    return due.map(([fleet]) => fleet);
  }

  private isNoticed(fleet: number, { at_ms, noticedAfterSeconds, mails, askedAt_ms }: Lost): boolean {
    const described = fleetOf(this.place, { fleet });
    if (recordOf(this.place, described)) return false;
    if (askedAt_ms !== undefined) return this.now_ms - askedAt_ms >= PATIENCE_SECONDS * 1000;
    const isTold = this.place.world.aws.sns.mails.slice(mails).some(({ body }) => saysSo(body, described.task));
    return isTold || this.now_ms - at_ms >= noticedAfterSeconds * 1000;
  }

  private get now_ms(): number {
    return this.place.world.clock.now().getTime();
  }
}

/** The watchdog's mail, or that of a refusal. */
function saysSo(body: string, task: string): boolean {
  const line = body.replace(/\s+/g, ' ');
  return ['cannot be looked after', 'is damaged', 'was deleted'].some((text) =>
    [`task ${task} ${text}`, `record of ${task} ${text}`].some((said) => line.includes(said)),
  );
}

/** As an editor leaves it that was stopped, closed too early, or used by somebody who mistypes. */
function damaged(body: string, how: Extract<Loss, { kind: 'damage record' }>['how']): string {
  switch (how) {
    case 'garbage':
      return `${body.slice(0, body.length / 2)}\u0000`;
    case 'empty':
      return '';
    case 'no record':
      return '{"task":7,"seq":"one"}';
    case 'misspelt':
      return body.replace('"seq":', '"sqe":');
  }
}
