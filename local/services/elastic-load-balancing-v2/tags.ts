/** Tags of load balancers, target groups, listeners and rules, by ARN. */
import type { AddTagsInput, DescribeTagsInput, RemoveTagsInput, Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, type Operations, validationError } from '../../kernel/service';
import type { Account } from './account';

const RESOURCES_PER_CALL = 20;
const TAGS_PER_RESOURCE = 50;

export function tagOperations(account: Account): Operations {
  return {
    AddTags: (input: AddTagsInput) => {
      for (const arn of resources(account, input.ResourceArns)) setTags(account, arn, input.Tags ?? []);
    },
    RemoveTags: (input: RemoveTagsInput) => {
      for (const arn of resources(account, input.ResourceArns)) {
        for (const key of input.TagKeys ?? []) account.tags.get(arn)?.delete(key);
      }
    },
    DescribeTags: (input: DescribeTagsInput) => ({
      TagDescriptions: resources(account, input.ResourceArns).map((arn) => ({
        ResourceArn: arn,
        Tags: [...(account.tags.get(arn) ?? [])].map(([Key, Value]) => ({ Key, Value })),
      })),
    }),
  };
}

export function setTags(account: Account, arn: string, tags: Tag[]): void {
  const keys = tags.map((tag) => tag.Key as string);
  if (new Set(keys).size < keys.length) {
    throw new AwsError('DuplicateTagKeys', 'Tag keys must be unique: a key is given more than once');
  }
  const reserved = keys.find((key) => key.startsWith('aws:'));
  if (reserved) throw validationError(`Tag keys starting with 'aws:' are reserved: '${reserved}'`);
  const merged = new Map(account.tags.get(arn));
  for (const { Key, Value } of tags) merged.set(Key as string, Value ?? '');
  if (merged.size > TAGS_PER_RESOURCE) {
    throw new AwsError('TooManyTags', `The maximum number of tags on '${arn}' has been reached`);
  }
  account.tags.set(arn, merged);
}

function resources(account: Account, arns: string[] = []): string[] {
  if (arns.length > RESOURCES_PER_CALL) {
    throw validationError(`Up to ${RESOURCES_PER_CALL} resources can be given in one call`);
  }
  for (const arn of arns) {
    const kind = arn.split(':')[5]?.split('/')[0];
    if (kind === 'targetgroup') account.targetGroup(arn);
    else if (kind === 'listener') account.listener(arn);
    else if (kind === 'listener-rule') {
      if (!account.rules.has(arn)) throw new AwsError('RuleNotFound', `Rule '${arn}' not found`);
    } else account.loadBalancer(arn);
  }
  return arns;
}
