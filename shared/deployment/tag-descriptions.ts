/**
 * What each tag means to whoever writes it: `docs/tags.md` is made of this. Keys, forms and limits are the parsers' own; that
 * they answer each example as it is said here is tested.
 */
import { type FIXED_KEYS, type SLOT_KEYS, TAG_VALUE_CHARACTERS } from '../fleet/tags';
import { AUTODEPLOY, REPETITIONS, SETTLE_SECONDS, SETTLE_SECONDS_OF_SEVERAL } from '../fleet/task-settings';
import { PAIR_DIFFERS } from './pair-differences';

export type DescribedKey = (typeof FIXED_KEYS)[number] | (typeof SLOT_KEYS)[number] | 'autocleanup';

/** What becomes of a value: nobody finds the task, the start mail tells that it does not count, or the code of a refusal. */
export type Verdict = 'taken' | 'not found' | 'told' | '400' | '402';

export interface TagDescription {
  on: 'both groups' | 'either group' | 'the original group';
  /** Whether instances need it, too: then it is propagated at launch. */
  isForInstances?: boolean;
  meaning: string;
  form: string;
  /** What holds where it is not there. */
  without: string;
  examples: readonly { value: string; verdict: Verdict; why: string }[];
}

const EMPTY_SLOT = {
  value: '',
  verdict: '402',
  why: 'an empty tag makes the slot incomplete, and a task with no complete slot has nothing to deploy',
} as const;

export const TAG_DESCRIPTIONS: Readonly<Record<DescribedKey, TagDescription>> = {
  taskfordeploy: {
    on: 'both groups',
    meaning: 'the task: the name of the pair, by which mails and requests know it',
    form: `1 to ${TAG_VALUE_CHARACTERS} characters on one line, without " \\ < >; at most 900 bytes when it is percent-encoded`,
    without: 'the group belongs to no task',
    examples: [
      { value: 'WAS', verdict: 'taken', why: 'a name' },
      { value: '결제 WAS+1', verdict: 'taken', why: 'in any language' },
      { value: '<WAS>', verdict: 'not found', why: 'no request can name it: it would be markup in a mail' },
      { value: '', verdict: 'not found', why: 'no request can name it' },
    ],
  },
  type: {
    on: 'both groups',
    meaning: 'which of the two serves. A deployment writes it when it swaps them; you write it once',
    form: '`Active` on the one, `StandBy` on the other, spelled like this',
    without: 'refused with 400: a task has exactly one of each',
    examples: [
      { value: 'Active', verdict: 'taken', why: 'the other one is StandBy' },
      { value: 'active', verdict: '400', why: 'values are matched as they are written; only keys are not' },
      { value: 'StandBy', verdict: '400', why: 'where the other one is StandBy, too' },
    ],
  },
  bucket: {
    on: 'both groups',
    isForInstances: true,
    meaning: 'where the wars are: the war bucket of the stack, or one of `WarBuckets`, and of no other stack',
    form: 'the name of the bucket',
    without: 'refused with 402',
    examples: [
      { value: 'wars', verdict: 'taken', why: 'where the stack has a war bucket of this name' },
      { value: 'wras', verdict: '402', why: 'the stack has no such bucket' },
      { value: 's3://wars', verdict: '402', why: 'a bucket is named, not addressed' },
    ],
  },
  apps3key: {
    on: 'both groups',
    isForInstances: true,
    meaning: 'the S3 key of the war: an upload to it is what is deployed',
    form: 'a key, the same on both groups',
    without: 'the slot does not count',
    examples: [
      { value: 'app.war', verdict: 'taken', why: 'a key' },
      { value: 'shop/app.war', verdict: 'taken', why: 'with a prefix' },
      EMPTY_SLOT,
    ],
  },
  s3versionidapp: {
    on: 'both groups',
    isForInstances: true,
    meaning: 'the version that instances of this group install at launch. A deployment writes it to StandBy',
    form: 'a version id of S3',
    without: 'the slot does not count',
    examples: [{ value: '3S4g7tKrbW1cXyZ0', verdict: 'taken', why: 'a version id' }, EMPTY_SLOT],
  },
  apppath: {
    on: 'both groups',
    isForInstances: true,
    meaning: 'where an instance puts the war',
    form: 'a path, the same on both groups',
    without: 'the slot does not count',
    examples: [
      { value: '/opt/tomcat/webapps/app.war', verdict: 'taken', why: 'a path of the instance' },
      { ...EMPTY_SLOT },
    ],
  },
  repetitions: {
    on: 'either group',
    meaning: 'so many cycles of checking has each step, of `CycleSeconds` each',
    form: REPETITIONS.form,
    without: 'the parameter `Repetitions`',
    examples: [
      { value: '3', verdict: 'taken', why: 'three cycles' },
      { value: ' 9 ', verdict: 'taken', why: 'spaces around it do not matter' },
      { value: '1', verdict: 'told', why: 'too few' },
      { value: '2.5', verdict: 'told', why: 'not whole' },
      { value: 'three', verdict: 'told', why: 'not a number' },
    ],
  },
  autodeploy: {
    on: 'either group',
    meaning: '`false`: an upload does not start a deployment; requests do',
    form: AUTODEPLOY.form,
    without: '`true`',
    examples: [
      { value: 'false', verdict: 'taken', why: 'uploads are kept, and not deployed by themselves' },
      { value: 'True', verdict: 'taken', why: 'in any spelling' },
      { value: 'off', verdict: 'told', why: 'neither of the two: uploads are deployed' },
    ],
  },
  settleseconds: {
    on: 'either group',
    meaning: 'how long an upload waits for others that belong to it',
    form: SETTLE_SECONDS.form,
    without: `${SETTLE_SECONDS_OF_SEVERAL} where a group has several wars, else 0`,
    examples: [
      { value: '90', verdict: 'taken', why: 'a minute and a half' },
      { value: '0', verdict: 'taken', why: 'at once, also with several wars' },
      { value: '3601', verdict: 'told', why: 'too long' },
      { value: '2m', verdict: 'told', why: 'not a number of seconds' },
    ],
  },
  pairdiffers: {
    on: 'either group',
    meaning:
      'the two may differ in weights, unit of capacity, share of Spot or architecture, which is refused with 415 else: ' +
      'the same size would be another fleet. What else differs is a line of the start mail',
    form: PAIR_DIFFERS.values.map((value) => `\`${value}\``).join(' or '),
    without: 'such a difference is refused with 415',
    examples: [
      { value: 'accepted', verdict: 'taken', why: 'it is known, and meant' },
      { value: 'yes', verdict: '400', why: 'only this word says that somebody has looked' },
    ],
  },
  autocleanup: {
    on: 'the original group',
    meaning:
      'of a group that CodeDeploy copies: whether its copies are deleted that a failed deployment left behind, once they are ' +
      'proven unused. A copy carries it, too',
    form: '`true`; any other value keeps every copy',
    without: '`true`',
    examples: [
      { value: 'false', verdict: 'taken', why: 'copies are kept' },
      { value: 'no', verdict: 'taken', why: 'copies are kept: what is not `true` keeps' },
      { value: 'TRUE', verdict: 'taken', why: 'copies go, in whatever spelling' },
    ],
  },
};
