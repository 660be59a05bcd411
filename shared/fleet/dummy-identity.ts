/** What tells a dummy from everything else in the account: its name and its tags. */
import { createHash } from 'node:crypto';
import { existing } from './existing';
import { TAG_VALUE_CHARACTERS } from './tags';

/** The names of all dummies, and of nothing else, start with this. */
export const DUMMY_PREFIX = 'deploycheck-';

/** Names are tried in turn when one is taken by something that is not ours. */
const NAME_ATTEMPTS = 15;

/** By its ARN, or the name of a Classic Load Balancer. */
export function isDummy(identifier: string): boolean {
  return /(^|\/)deploycheck-/.test(identifier);
}

/** The dummy's name, without the rest of its ARN; what is no dummy's is left as it is. */
export function dummyNameIn(identifier: string): string {
  return identifier.split('/').find(isDummy) ?? identifier;
}

/** Whose dummies these are. `stack` is the ARN of the stack's bus. */
export interface Ownership {
  task: string;
  deploymentId: string;
  stack: string;
  createdAt: string;
}

/** None of the names that the clone could have is free. */
export class NoFreeName extends Error {
  override readonly name = 'NoFreeName';
  readonly $fault = 'client';
}

interface Creation {
  /** The ARN or the name of what is cloned. */
  original: string;
  /** What of the deployment is there already, by name: it is not created again. */
  there: ReadonlyMap<string, string>;
  /** Answers the identifier of what has the name now; undefined where it is known to be something else. */
  create(name: string): Promise<string | undefined>;
  tagsOf(identifier: string): Promise<Record<string, string>>;
  /** It has no tags. Answers whether it may be so new that they are not to be read yet. */
  mayBeNew(identifier: string): boolean;
}

/**
 * Creates under the first name that is free or already ours, and answers the identifier. The services answer a create of
 * the same name and the same settings with the resource that exists, whosever it is: only its tags tell, as soon as they
 * can be read.
 */
export async function createNamed(
  ownership: Ownership,
  { original, there, create, tagsOf, mayBeNew }: Creation,
): Promise<string> {
  for (let attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
    const name = dummyName(ownership.deploymentId, original, attempt);
    const standing = there.get(name);
    if (standing !== undefined) return standing;
    const identifier = await create(name);
    if (identifier === undefined) continue;
    const tags = await existing([identifier], async () => [await tagsOf(identifier)]);
    const isBare = Object.keys(tags[0] ?? {}).length === 0;
    if (isBare ? mayBeNew(identifier) : isOwned(tags[0] ?? {}, ownership)) return identifier;
  }
  const names = dummyNames(ownership.deploymentId, original);
  throw new NoFreeName(`none of ${NAME_ATTEMPTS} names for a clone of ${original} is free: ${names.join(', ')}`);
}

/** The same for a repeated invocation, and within the 32 characters that a name may have. */
export function dummyName(deploymentId: string, original: string, attempt: number): string {
  const hash = createHash('sha256').update(`${deploymentId}\n${original}\n${attempt}`).digest('hex');
  return `${DUMMY_PREFIX}${hash.slice(0, 18)}`;
}

/** All that a clone may have. */
export function dummyNames(deploymentId: string, original: string): string[] {
  return Array.from({ length: NAME_ATTEMPTS }, (_, attempt) => dummyName(deploymentId, original, attempt));
}

const TASK_TAG = 'bluegreen:task';
const DEPLOYMENT_TAG = 'bluegreen:deployment';
const STACK_TAG = 'bluegreen:stack';
const CREATED_TAG = 'bluegreen:created';

export function tagsFor({ task, deploymentId, stack, createdAt }: Ownership): { Key: string; Value: string }[] {
  return [
    { Key: TASK_TAG, Value: tagText(task) },
    { Key: DEPLOYMENT_TAG, Value: deploymentId },
    { Key: STACK_TAG, Value: stack },
    { Key: CREATED_TAG, Value: createdAt },
  ];
}

/** Whose dummy this is, by its tags; undefined where they name no stack. What else they do not name is empty. */
export function ownerOf(tags: Record<string, string>): Ownership | undefined {
  const [task = '', deploymentId = '', stack, createdAt = ''] = [TASK_TAG, DEPLOYMENT_TAG, STACK_TAG, CREATED_TAG].map(
    (key) => tags[key],
  );
  return stack ? { task, deploymentId, stack, createdAt } : undefined;
}

function isOwned(tags: Record<string, string>, { deploymentId, stack }: Ownership): boolean {
  return tags[DEPLOYMENT_TAG] === deploymentId && tags[STACK_TAG] === stack;
}

/** What a name ends with that a tag could not take as it is. */
const HASHED = /:[0-9a-f]{24}$/;

/**
 * As the tag of a dummy names a task, and no other task: tag values take letters, digits, spaces and `+-=._:/@`, no spaces
 * at the ends, and no `aws:` in front (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-tags.html).
 * Other names get a hash; so do those that look as if they had one.
 */
export function tagText(text: string): string {
  const allowed = text.replace(/[^\p{L}\p{N} +\-=._:/@]|^ | $|^(?=aws:)/giu, '_');
  if (allowed === text && !HASHED.test(text)) return text;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 24);
  const beginning = [...allowed].slice(0, TAG_VALUE_CHARACTERS - hash.length - 1).join('');
  return `${beginning}:${hash}`;
}
