/** A case of the conformance table: one behaviour of AWS, where it is documented, what showing it needs, and how. */
import type { Context } from './context';
import type { Need } from './given';

export interface ConformanceCase {
  /** A sentence that states the behaviour; with the outcome it fits 80 columns. */
  name: string;
  /** Where the behaviour is documented, or that it was observed. */
  source: string;
  /** None: nothing beyond an account. */
  needs: readonly Need[];
  /** Throws, where the behaviour is another. What it makes it registers with the context, which takes it away. */
  run(context: Context): Promise<void>;
}

export interface Section {
  service: string;
  cases: readonly ConformanceCase[];
}
