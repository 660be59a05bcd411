/** Tags of groups: keys and values are case-sensitive, and reach instances only at their launch. */
import type {
  CreateOrUpdateTagsType,
  DeleteTagsType,
  DescribeTagsType,
  Filter,
  Tag,
  TagDescription,
} from '@aws-sdk/client-auto-scaling';
import { pageOf, pageSize } from '../../kernel/paging';
import { AwsError, type Call, type Operations, validationError } from '../../kernel/service';
import type { Fleet, Group, TagValue } from './fleet';

const PAGE_SIZE = 50;
const LARGEST_PAGE_SIZE = 100;
const TAGS_PER_GROUP = 50;

export function tagOperations(fleet: Fleet): Operations {
  return {
    /** All or nothing: a tag that is refused changes none. */
    CreateOrUpdateTags: (input: CreateOrUpdateTagsType) => {
      const changes = (input.Tags ?? []).map((tag) => ({ tag, group: taggedGroup(fleet, tag) }));
      for (const { tag } of changes) checkTag(tag);
      for (const { tag, group } of changes) {
        if (!group.tags.has(tag.Key as string) && group.tags.size >= TAGS_PER_GROUP) {
          throw new AwsError('LimitExceeded', `You have reached the limit of ${TAGS_PER_GROUP} tags for ${group.name}`);
        }
      }
      for (const { tag, group } of changes) {
        noteWrite(fleet, group, tag.Key as string);
        group.tags.set(tag.Key as string, { value: tag.Value ?? '', isPropagated: tag.PropagateAtLaunch ?? false });
      }
    },

    DeleteTags: (input: DeleteTagsType) => {
      const changes = (input.Tags ?? []).map((tag) => ({ tag, group: taggedGroup(fleet, tag) }));
      for (const { tag, group } of changes) {
        noteWrite(fleet, group, tag.Key as string);
        group.tags.delete(tag.Key as string);
      }
    },

    DescribeTags: (input: DescribeTagsType, call?: Call) => {
      const filters = (input.Filters ?? []).map(tagFilter);
      const all = [...fleet.groups.values()].flatMap((group) => describeTags(group, tagsToldOf(fleet, group, call)));
      const wanted = all.filter((tag) => filters.every((passes) => passes(tag)));
      const size = pageSize(input.MaxRecords, 'maxRecords', PAGE_SIZE, LARGEST_PAGE_SIZE);
      const { items, next } = pageOf(wanted, input.NextToken, size, 'InvalidNextToken');
      return { Tags: items, NextToken: next };
    },
  };
}

/** Whoever writes a tag may be told for a while what was there before. */
function noteWrite(fleet: Fleet, group: Group, key: string): void {
  group.tagWrites.unshift({ written_ms: fleet.now_ms(), key, before: group.tags.get(key) });
}

/** The tags of the group as a call is told of them. */
export function tagsToldOf({ options }: Fleet, group: Group, call: Call | undefined): ReadonlyMap<string, TagValue> {
  const { lag, clock } = options;
  const longestSeconds = lag?.settings.groupTagSeconds ?? 0;
  const since_ms = clock.now().getTime() - longestSeconds * 1000;
  group.tagWrites = group.tagWrites.filter(({ written_ms }) => written_ms > since_ms);
  if (!lag || !call || group.tagWrites.length === 0) return group.tags;
  const told = new Map(group.tags);
  const known = new Set<string>();
  for (const { written_ms, key, before } of group.tagWrites) {
    if (known.has(key)) continue;
    if (lag.isTold(call, `${group.name} ${written_ms}`, written_ms, longestSeconds)) known.add(key);
    else if (before) told.set(key, before);
    else told.delete(key);
  }
  return told;
}

export function describeTags(group: Group, tags: ReadonlyMap<string, TagValue>): TagDescription[] {
  return [...tags].map(([Key, { value, isPropagated }]) => ({
    ResourceId: group.name,
    ResourceType: 'auto-scaling-group',
    Key,
    Value: value,
    PropagateAtLaunch: isPropagated,
  }));
}

const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;

export function checkTag({ Key = '', Value = '' }: Tag): void {
  if (Key === '' || Key.length > LONGEST_KEY)
    throw validationError(`The tag key '${Key}' must have 1 to ${LONGEST_KEY} characters`);
  if (Value.length > LONGEST_VALUE)
    throw validationError(`The value of the tag '${Key}' must have at most ${LONGEST_VALUE} characters`);
  if (Key.startsWith('aws:')) throw validationError(`Tag keys starting with 'aws:' are reserved: '${Key}'`);
}

function taggedGroup(fleet: Fleet, tag: Tag): Group {
  if (tag.ResourceType !== undefined && tag.ResourceType !== 'auto-scaling-group') {
    throw validationError(`The resource type '${tag.ResourceType}' is not valid: it must be auto-scaling-group`);
  }
  return fleet.group(tag.ResourceId);
}

function tagFilter({ Name, Values = [] }: Filter): (tag: TagDescription) => boolean {
  switch (Name) {
    case 'auto-scaling-group':
      return (tag) => Values.includes(tag.ResourceId as string);
    case 'key':
      return (tag) => Values.includes(tag.Key as string);
    case 'value':
      return (tag) => Values.includes(tag.Value as string);
    case 'propagate-at-launch':
      return (tag) => Values.includes(String(tag.PropagateAtLaunch));
    default:
      throw validationError(
        `Filter type ${Name} is not correct. Allowed Filter types are: auto-scaling-group, key, value, propagate-at-launch`,
      );
  }
}
