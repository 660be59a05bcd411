/** Keys of KMS, as far as objects are encrypted with them: one that cannot be used makes what it has encrypted unreadable. */
import { AwsError } from '../../kernel/service';
import type { ObjectVersion } from './bucket';

export type KeyState = 'disabled' | 'pending deletion';

/** S3 puts the name of the service before the codes of KMS (localstack/localstack#8423, which was tried in AWS). */
const CODES: Record<KeyState, string> = {
  disabled: 'KMS.DisabledException',
  'pending deletion': 'KMS.KMSInvalidStateException',
};

export class Keys {
  /** By ARN; those that can be used are not here. */
  private readonly states = new Map<string, KeyState>();

  set(arn: string, state: KeyState | undefined): void {
    if (state) this.states.set(arn, state);
    else this.states.delete(arn);
  }

  /** Throws for what is encrypted, or to be, with a key that cannot be used. Describing needs none. */
  check({ SSEKMSKeyId: arn = '' }: ObjectVersion['headers']): void {
    const state = this.states.get(arn);
    if (state) throw new AwsError(CODES[state], `${arn} is ${state}.`);
  }

  isUsable({ SSEKMSKeyId: arn = '' }: ObjectVersion['headers']): boolean {
    return !this.states.has(arn);
  }
}
