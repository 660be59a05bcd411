/** What a stage can answer, and what each answer says. */
import type { Contract } from '../../events/contract';
import type { Plan } from '../deployment/plan';
import type { StageName } from './flow';
import type { Progress } from './record';

/** What a stage's own event adds to `deploymentId`, `task` and `seq`, which the adapter fills in. */
export type Addition<Detail> = Omit<Detail, 'deploymentId' | 'task' | 'seq'>;

export type Outcome =
  /** Not done: look again after the delay. */
  | { kind: 'again'; waitingFor: string; progress: Progress; cycle?: string; plan?: Plan }
  /** What is to be deployed is known, and covers the pending request `covers`: the same stage goes on with the plan. */
  | { kind: 'planned'; plan: Plan; notes: string[]; covers: string | undefined }
  /** Done: the next stage is the one that reacts to the event. */
  | { kind: 'passed'; next: StageName; contract: Contract<string, object>; addition: object; plan?: Plan }
  /** Done for good: the record is closed. */
  | { kind: 'completed'; contract: Contract<string, object>; addition: object }
  | { kind: 'failed'; code: string; message: string }
  /** Not run after all, and nothing was changed: the record is closed, with a mail (`refused`) or without. */
  | { kind: 'refused'; code: string; message: string }
  | { kind: 'skipped'; reason: string }
  /** Clean-up is done with a failed deployment: the old version serves, or, `blocked`, an operator has to decide. */
  | { kind: 'cleaned'; summary: string; findings: string[] }
  | { kind: 'blocked'; code?: string; reason: string; findings: string[] }
  /** The new version is well, but what was done is not whole: the deployment goes on from there. */
  | { kind: 'forward'; next: 'swap' | 'retire'; progress: Progress };

export function again(
  waitingFor: string,
  { progress = {}, ...options }: { progress?: Progress; cycle?: string; plan?: Plan } = {},
): Outcome {
  return { kind: 'again', waitingFor, progress, ...options };
}

export function passed<Detail extends object>(
  contract: Contract<string, Detail>,
  next: StageName,
  addition: Addition<Detail>,
  plan?: Plan,
): Outcome {
  return { kind: 'passed', next, contract: contract as unknown as Contract<string, object>, addition, plan };
}

export function completed<Detail extends object>(
  contract: Contract<string, Detail>,
  addition: Addition<Detail>,
): Outcome {
  return { kind: 'completed', contract: contract as unknown as Contract<string, object>, addition };
}

export function failed(code: string, message: string): Outcome {
  return { kind: 'failed', code, message };
}
