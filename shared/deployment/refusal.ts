/** Why something is not done: what readiness, planning and a look at the world may answer. */
import type { Attachment } from '../fleet/attachment';

/** The code that the operator knows it by, and the words. Nothing was changed. */
export interface Refusal {
  code: string;
  message: string;
  /** What would help in the very state that was seen, where that is known. */
  remedy?: Remedy;
}

/** Mails make commands of it. */
export type Remedy =
  | { kind: 'tag'; tags: { group: string; key: string; value: string; propagateAtLaunch: boolean }[] }
  | { kind: 'untag'; group: string; keys: string[] }
  | { kind: 'look'; groups: string[]; task: string }
  /** Where users came in before, nobody remembers. */
  | { kind: 'find-places'; group: string }
  /** What users may come in by cannot be tested behind: nothing is to be changed for that. */
  | { kind: 'stay'; group: string }
  | { kind: 'attach' | 'detach'; group: string; attachments: Attachment[] }
  /** Leave what is no place for users, and take it away. */
  | { kind: 'leave'; group: string; attachments: Attachment[]; clones: Clone[] }
  | { kind: 'resume'; group: string; processes: string[] }
  | { kind: 'end-refresh'; groups: string[] }
  | { kind: 'end-warm-pool'; group: string }
  | { kind: 'upload' | 'list-versions'; wars: { bucket: string; key: string }[] }
  | { kind: 'deploy-stack'; stack: string }
  | { kind: 'enable-rules'; busName: string; rules: string[] }
  /** Put CleanRequested. */
  | { kind: 'clean' | 'mend-record' | 'undo' }
  /** Once the deployment that runs has ended. */
  | { kind: 'go-back' }
  /** Since when a deployment runs, and since when it is in its stage, in ISO. */
  | { kind: 'wait'; since: string; stage: string; stageSince: string };

export interface Clone {
  kind: Attachment['kind'] | 'load-balancer';
  identifier: string;
}

export function isRefusal(value: object): value is Refusal {
  return 'code' in value && 'message' in value;
}
