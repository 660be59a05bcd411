/** The tags by which a task asks for more than the plain chain of stages. */
import type { Group } from '../fleet/auto-scaling-groups';
import type { Pair } from './readiness';
import type { Refusal } from './refusal';

export interface TaskOption {
  /** The tag's key in lower case. */
  tag: string;
  values: readonly string[];
}

/** By tag. Either group may carry one; two that say different things are refused, and so is one that says nothing known. */
export function optionsOf(known: readonly TaskOption[], { active, standBy }: Pair): Record<string, string> | Refusal {
  const chosen: Record<string, string> = {};
  for (const { tag, values } of known) {
    const found = [...valuesOn(active, tag), ...valuesOn(standBy, tag)];
    const texts = [...new Set(found.map(({ value }) => value))];
    const said = found.map(({ name, value }) => `${name} is tagged ${tag} = ${value}`).join(' and ');
    if (texts.length > 1) return { code: '400', message: `${said}: the groups of a task have to agree` };
    const [text] = texts;
    if (text === undefined) continue;
    if (!values.includes(text)) return { code: '400', message: `${said}, which is none of ${values.join(', ')}` };
    chosen[tag] = text;
  }
  return chosen;
}

/** In whatever spelling of its key. */
function valuesOn({ name, tags }: Group, tag: string): { name: string; value: string }[] {
  return tags.flatMap(({ key, value }) => (key.toLowerCase() === tag ? [{ name, value }] : []));
}
