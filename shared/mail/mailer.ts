/**
 * Sends each mail once, however often it is asked for, also at the same moment: a mail has a mark in the state bucket,
 * which is claimed before it is sent.
 */
import * as z from 'zod/mini';
import type { Deadline } from '../aws/deadline';
import type { Invocation, Runtime } from '../aws/runtime';
import type { StateBucket } from '../aws/state-bucket';
import { addSeconds, time } from '../aws/time';
import { AdminTopic, type MailConfiguration } from './admin-topic';
import type { Mail } from './mail';

/** A claim outlives its invocation by so much. */
const LEASE_MARGIN_SECONDS = 5;

const CLAIM_ATTEMPTS = 5;

/** A mark that is not this says that the mail was sent. */
const claimed = z.object({
  claim: z.object({
    token: z.string(),
    /** Of the invocation; its repetitions have the same. */
    requestId: z.string(),
    until: time,
  }),
});
type Claim = z.infer<typeof claimed>['claim'];

export type Sending = 'sent' | 'sent before' | 'being sent';

export class Mailer {
  constructor(
    private readonly topic: AdminTopic,
    private readonly state: StateBucket,
    private readonly runtime: Runtime,
  ) {}

  static connect(runtime: Runtime, deadline: Deadline, configuration: MailConfiguration, state: StateBucket): Mailer {
    return new Mailer(AdminTopic.connect(runtime, deadline, configuration), state, runtime);
  }

  /**
   * `key` is that of the mark. An invocation that dies after it has sent and before it has marked leaves a claim that
   * lapses: the mail may then come twice, which is better than never.
   */
  async sendOnce(key: string, mail: Mail, invocation: Invocation): Promise<Sending> {
    const found = await this.claim(key, invocation);
    if (found !== 'claimed') return found;
    await this.topic.send(mail);
    await this.state.write(key, JSON.stringify({ subject: mail.subject, at: this.runtime.now().toISOString() }));
    return 'sent';
  }

  /**
   * Whoever does not get the mark looks at what stands there: its own token, where only the answer to its write was lost;
   * a claim that has lapsed, or nothing, is written over.
   */
  private async claim(key: string, invocation: Invocation): Promise<'claimed' | Exclude<Sending, 'sent'>> {
    const { awsRequestId: requestId } = invocation;
    const leaseSeconds = invocation.getRemainingTimeInMillis() / 1000 + LEASE_MARGIN_SECONDS;
    const claim: Claim = {
      token: this.runtime.uniqueId(),
      requestId,
      until: addSeconds(this.runtime.now(), leaseSeconds),
    };
    for (let attempt = 0; attempt < CLAIM_ATTEMPTS; attempt++) {
      const stored = await this.state.read(key);
      const found = stored && claimIn(stored.body);
      if (stored && !found) return 'sent before';
      if (found?.token === claim.token) return 'claimed';
      if (found && new Date(found.until) > this.runtime.now()) return leaveTo(found, requestId, key);
      const { result } = await this.state.writeOver(stored?.etag, key, JSON.stringify({ claim }));
      if (result === 'written') return 'claimed';
    }
    throw new Error(`whether ${key} was claimed is not known after ${CLAIM_ATTEMPTS} attempts`);
  }
}

/**
 * Another invocation is at it. Should that fail, Lambda itself repeats it, a minute later at the earliest, by when the
 * claim of an invocation of 30 s has lapsed (and the third failure ends in a dead-letter queue with an alarm): so this
 * one may go. But where it is a repetition of that very invocation there is nobody else: Lambda repeats what broke off by
 * an error of its own after a second, and delivers some events twice. That one throws, and so is repeated in its turn.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
function leaveTo(found: Claim, requestId: string, key: string): 'being sent' {
  if (found.requestId === requestId) throw new Error(`${key} is claimed by this invocation's own earlier attempt`);
  return 'being sent';
}

function claimIn(body: string): Claim | undefined {
  try {
    return claimed.parse(JSON.parse(body)).claim;
  } catch {
    return undefined;
  }
}
