/** What makes a pair of the groups of a task that are none. */
import type { Group } from '../fleet/auto-scaling-groups';
import { TYPE_KEY, tagValue, typeTagOf } from '../fleet/tags';
import type { GroupTags, Remedy } from './refusal';

/** Where one tag makes a pair of the groups, by what they are: the one that is empty stands by, or is one too many. */
export function remedyOfRoles(task: string, groups: readonly Group[]): Remedy {
  const ofType = (type: string) => groups.filter((group) => tagValue(group.tags, TYPE_KEY) === type);
  const [actives, standBys] = [ofType('Active'), ofType('StandBy')];
  const only = (found: Group[]) => (found.length === 1 ? found[0] : undefined);
  const isEmpty = ({ capacity }: Group) => capacity.desired === 0;
  const isUp = (group: Group) => !isEmpty(group);
  const tagged = (group: Group | undefined, value: string): Remedy | undefined =>
    group && { kind: 'tag', tags: [{ group: group.name, ...typeTagOf(group.tags), value }] };
  const others = groups.filter((group) => !actives.includes(group) && !standBys.includes(group));
  const choosing = (found: Group[], isRight: (group: Group) => boolean, besides: string): Remedy => ({
    kind: 'choose',
    isLikely: found.filter(isRight).length === 1,
    ways: found
      .toSorted((one, other) => Number(isRight(other)) - Number(isRight(one)))
      .map((kept) => waysOf(kept, found, besides)),
  });
  const remedies: Record<string, () => Remedy | undefined> = {
    '1 0': () =>
      tagged(only(others.filter(isEmpty)), 'StandBy') ?? (others.length === 0 ? another(actives[0]) : undefined),
    '0 1': () => tagged(only(others), 'Active'),
    '2 0': () => choosing(actives, isUp, 'StandBy'),
    '0 2': () => choosing(standBys, isEmpty, 'Active'),
    '2 1': () => choosing(actives, isUp, 'Spare'),
    '1 2': () => choosing(standBys, isEmpty, 'Spare'),
  };
  const looking: Remedy = { kind: 'look', task, groups: groups.map(({ name }) => name) };
  return remedies[`${actives.length} ${standBys.length}`]?.() ?? looking;
}

/** One keeps its type, and the others get what it leaves to them. */
function waysOf(kept: Group, groups: readonly Group[], value: string): { meaning: string; tags: GroupTags } {
  const others = groups.filter((group) => group !== kept);
  return {
    meaning: `${kept.name} is to stay ${tagValue(kept.tags, TYPE_KEY)}`,
    tags: others.map(({ name, tags }) => ({ group: name, ...typeTagOf(tags), value })),
  };
}

/** StandBy as Active is, empty, and called as it: of what the service keeps for itself it gets nothing. */
export function another(active: Group | undefined, name = `${active?.name}-standby`): Remedy | undefined {
  if (!active) return undefined;
  const type = typeTagOf(active.tags).key;
  const tags = active.tags
    .filter(({ key }) => !key.toLowerCase().startsWith('aws:'))
    .map((tag) => (tag.key === type ? { ...tag, value: 'StandBy' } : tag));
  return { kind: 'make-group', name, like: active.name, launch: active.launch, tags };
}
