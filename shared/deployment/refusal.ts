/** Why something is not done: what readiness, planning and a look at the world may answer. */
import type { Attachment } from '../fleet/attachment';
import type { Launch } from '../fleet/auto-scaling-groups';
import type { Tag } from '../fleet/tags';

/** The code that the operator knows it by, and the words. Nothing was changed. */
export interface Refusal {
  code: string;
  message: string;
  /** What would help in the very state that was seen, where that is known. */
  remedy?: Remedy;
  /** Where it is to be seen who serves, as far as that is known. */
  look?: Look;
}

export interface Look {
  groups: string[];
  attachments: Attachment[];
}

/** Tags of groups, each in its own spelling. */
export type GroupTags = { group: string; key: string; value: string; propagateAtLaunch: boolean }[];

/** Mails make commands of it. */
export type Remedy =
  | { kind: 'tag'; tags: GroupTags }
  /** Only people know which group is meant. The first is the likeliest, where `isLikely`. */
  | { kind: 'choose'; isLikely: boolean; ways: { meaning: string; tags: GroupTags }[] }
  /** Another group as this one: StandBy. Without `launch` it is not told how that launches its instances. */
  | { kind: 'make-group'; name: string; like: string; launch: Launch | undefined; tags: Tag[] }
  /** The war is elsewhere, or the tag is wrong. */
  | { kind: 'tag-bucket'; bucket: string; tags: GroupTags }
  | { kind: 'untag'; group: string; keys: string[] }
  | { kind: 'look'; groups: string[]; task: string }
  /** Where users came in before, nobody remembers. */
  | { kind: 'find-places'; group: string }
  /** What users may come in by cannot be tested behind: nothing is to be changed for that. */
  | { kind: 'stay'; group: string }
  | { kind: 'attach' | 'detach'; group: string; attachments: Attachment[] }
  /** Leave what is no place for users, and take it away. `referring`: whose rules keep it, and have to be changed first. */
  | { kind: 'leave'; group: string; attachments: Attachment[]; clones: Clone[]; referring: string[] }
  | { kind: 'resume'; group: string; processes: string[] }
  | { kind: 'exit-standby'; group: string; instanceIds: string[] }
  | { kind: 'end-refresh'; groups: string[] }
  | { kind: 'end-warm-pool'; group: string }
  | { kind: 'check-faster' }
  | { kind: 'upload'; wars: { bucket: string; key: string }[] }
  /** `versions`: a request with VERSION where one has to be named. */
  | { kind: 'list-versions' | 'nothing-before' | 'too-many'; wars: { bucket: string; key: string }[]; versions: string }
  /** What was asked for, spelt as it was probably meant; `typed`: how each field was spelt. */
  | { kind: 'correct'; having: { versions?: string; capacity?: number }; typed: Partial<Record<string, string>> }
  | { kind: 'deploy-stack'; stack: string }
  | { kind: 'enable-rules'; busName: string; rules: string[] }
  /** Put CleanRequested. */
  | { kind: 'clean' | 'mend-record' | 'undo' }
  /** Why clean-up stopped. */
  | { kind: 'clean-again'; why?: string | undefined }
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
