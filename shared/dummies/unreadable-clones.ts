/** Clones that were just created and are not to be read yet, as the record keeps them between two looks. */
import { errorCode, errorMessage } from '../aws/errors';
import { secondsBetween } from '../aws/time';
import { dummyNameIn } from '../fleet/dummy-identity';
import { isNotFound } from '../fleet/existing';
import { CREATED_LAG_SECONDS } from '../fleet/lag';
import { LookAgain } from '../pipeline/session';

export class UnreadableClones {
  /** By name: ARNs are long, and the record is small. */
  private readonly since: Record<string, string> = {};

  /** `before` says since when each is looked for, by name: none of them was created later than that. */
  constructor(
    private readonly before: Readonly<Record<string, string>>,
    private readonly now: () => Date,
  ) {}

  /** Notes that this one is not to be read. False where it should be by now. */
  note(identifier: string): boolean {
    const name = dummyNameIn(identifier);
    const since = this.before[name] ?? this.now().toISOString();
    this.since[name] = since;
    return secondsBetween(since, this.now()) < CREATED_LAG_SECONDS;
  }

  has(identifier: string): boolean {
    return this.since[dummyNameIn(identifier)] !== undefined;
  }

  /**
   * Acts on what was just created. Where the service does not know it yet, that is noted in place of an error. Where it is
   * made one after the other, `identifierOf` says by the error which of it that is: each has its time.
   */
  async tolerate(identifierOf: string | ((error: unknown) => string), act: () => Promise<unknown>): Promise<void> {
    await act().catch((error: unknown) => {
      if (!isUnknown(error)) throw error;
      if (!this.note(typeof identifierOf === 'string' ? identifierOf : identifierOf(error))) throw error;
    });
  }

  /** Everything is to be read, or it is looked at again. */
  check(): void {
    const names = Object.keys(this.since);
    if (names.length === 0) return;
    const progress = { unreadableSince: { ...this.before, ...this.since } };
    throw new LookAgain(`what was just created to be found: ${names.join(', ')}`, progress);
  }
}

/** Auto Scaling has words of its own: `Provided Target Groups may not be valid. Please ensure they exist and try again.` */
function isUnknown(error: unknown): boolean {
  return isNotFound(error) || (errorCode(error) === 'ValidationError' && /may not be valid/.test(errorMessage(error)));
}
