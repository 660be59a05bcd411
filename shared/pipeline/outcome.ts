/** What can become of a deployment in one step, most of it as a stage answers it, and what each outcome says. */
import type { Contract, ToDo, Users } from '../../events/contract';
import { toDoOfRefusal } from '../codes/refusal-remedies';
import type { Plan } from '../deployment/plan';
import type { Refusal, Remedy } from '../deployment/refusal';
import type { ServedSet } from '../deployment/versions';
import type { Delay } from './delay';
import type { StageName } from './flow';
import type { DeploymentRecord, HandledRequest, Progress } from './record';

/** What a stage's own event adds to `deploymentId`, `task` and `seq`, which the adapter fills in. */
export type Addition<Detail> = Omit<Detail, 'deploymentId' | 'task' | 'seq' | 'next'>;

export type Outcome =
  /** Not done: look again after the delay. */
  | {
      kind: 'again';
      waitingFor: string;
      progress: Progress;
      cycle?: string;
      plan?: Plan;
      users?: Users;
      until?: string;
      /** Of a look that was throttled: when the next one is, at the earliest, and how many seconds count against no limit. */
      throttled?: { notBefore: string; lostSeconds: number };
      /** Where the stage knows better than by when it acted last. */
      delay?: Delay;
      /** Where it knows when, and that is longer than the delay: an ISO time. */
      notBefore?: string;
      /** It begins to wait, before anything was changed, for this: the admins are told. */
      tellsWaiting?: string;
    }
  /** Not done, and nobody looks: the stage runs again when it is woken, at the latest when its limit is over. */
  | { kind: 'parked'; waitingFor: string; progress: Progress }
  /**
   * What is to be deployed is known, and covers the pending request `covers`: the same stage goes on with the plan. So is
   * what has served until now.
   */
  | { kind: 'planned'; plan: Plan; notes: string[]; servedSets: ServedSet[]; covers: string | undefined }
  /** Done: the flow knows who takes over by this event. */
  | { kind: 'passed'; contract: Contract<string, object>; addition: object; plan?: Plan }
  /** Back, or on, to another stage: what had failed is resolved by that. */
  | { kind: 'moved'; to: StageName; progress: Progress; plan?: Plan }
  /** Done for good: the record is closed. */
  | { kind: 'completed'; contract: Contract<string, object>; addition: object }
  | { kind: 'failed'; code: string; message: string; toDo?: ToDo; users?: Users }
  /**
   * Failed from outside of its stages, of which one may be acting at this moment: its claim stays until it has lapsed.
   * `request`, here and below, is the one that this is the outcome of.
   */
  | { kind: 'ended'; code: string; message: string; dropsPending: boolean; request?: HandledRequest }
  /** Clean-up takes over from the stage that failed: from here on none can make anything last. */
  | {
      kind: 'taken-over';
      failure?: DeploymentRecord['failure'];
      request?: HandledRequest;
      ofTask?: boolean;
      plan?: Plan;
    }
  /** Not run after all, and nothing was changed: the record is closed, with a mail (`refused`) or without. */
  | { kind: 'refused'; code: string; message: string; remedy?: Remedy }
  | { kind: 'skipped'; reason: string }
  /** Clean-up is done with a failed deployment: everything is taken back, or, `blocked`, an operator has to decide. */
  | {
      kind: 'cleaned';
      summary: string;
      findings: string[];
      leftovers?: string[];
      removed?: string[];
      users?: Users;
      toDo?: ToDo;
    }
  | ({ kind: 'blocked'; code?: string; reason: string } & Partial<HandedOver>);

/** What an operator gets to decide by: how everything stands, and what to run for either way. */
export interface HandedOver {
  findings: string[];
  commands: string[];
  /** What is not as it should be, one line each. */
  leftovers?: string[];
  users?: Users;
}

export type Again = Extract<Outcome, { kind: 'again' }>;

export function again(
  waitingFor: string,
  { progress = {}, ...options }: Partial<Omit<Again, 'kind' | 'waitingFor'>> = {},
): Again {
  return { kind: 'again', waitingFor, progress, ...options };
}

/** The same wait, and more of where the stage stands. */
export function withProgress(outcome: Again, more: Progress): Outcome {
  return { ...outcome, progress: { ...outcome.progress, ...more } };
}

export function parked(waitingFor: string, progress: Progress = {}): Outcome {
  return { kind: 'parked', waitingFor, progress };
}

export function passed<Detail extends object>(
  contract: Contract<string, Detail>,
  addition: Addition<Detail>,
  plan?: Plan,
): Outcome {
  return { kind: 'passed', contract: contract as unknown as Contract<string, object>, addition, plan };
}

export function moveTo(to: StageName, { progress = {}, plan }: { progress?: Progress; plan?: Plan } = {}): Outcome {
  return { kind: 'moved', to, progress, plan };
}

export function completed<Detail extends object>(
  contract: Contract<string, Detail>,
  addition: Addition<Detail>,
): Outcome {
  return { kind: 'completed', contract: contract as unknown as Contract<string, object>, addition };
}

/** `users`: as the stage saw it, where it has looked. */
export function failed(code: string, message: string, users?: Users): Outcome {
  return { kind: 'failed', code, message, users };
}

/** Failed for what would have been refused, had it been so before. */
export function failedBy(refusal: Refusal, users?: Users): Outcome {
  const { code, message } = refusal;
  return { kind: 'failed', code, message, toDo: toDoOfRefusal(refusal), users };
}
