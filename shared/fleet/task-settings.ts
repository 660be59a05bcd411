/**
 * The settings of a task that existing fleets have as tags: either group may carry one, so that it stays when the two swap.
 * What cannot be read is told, and the default holds.
 */
import { findTag, type Tag, warSlots } from './tags';

export interface TaskSettings {
  /** Cycles per step, 2 to 9; undefined where no group says. */
  repetitions: number | undefined;
  /** Whether an upload is deployed by itself. */
  isDeployedByItself: boolean;
  /** How long an upload waits for companions: unless a group says, a minute where there are several wars. */
  settleSeconds: number;
  /** What the groups say that cannot be read, a line each. */
  notes: string[];
  /** Where they say different things: then nobody can say which one counts. */
  conflict: string | undefined;
}

interface Tagged {
  name: string;
  tags: readonly Tag[];
}

export function settingsOf(groups: readonly Tagged[]): TaskSettings {
  const repetitions = readSetting(groups, REPETITIONS);
  const deploysItself = readSetting(groups, AUTODEPLOY);
  const settleSeconds = readSetting(groups, SETTLE_SECONDS);
  const hasSeveralWars = groups.some(({ tags }) => warSlots(tags).length > 1);
  const all = [repetitions, deploysItself, settleSeconds];
  return {
    repetitions: repetitions.value,
    isDeployedByItself: deploysItself.value ?? true,
    settleSeconds: settleSeconds.value ?? (hasSeveralWars ? SETTLE_SECONDS_OF_SEVERAL : 0),
    notes: all.flatMap(({ notes }) => notes),
    conflict: all.flatMap(({ conflict }) => conflict ?? [])[0],
  };
}

interface Setting<Value> {
  /** The tag's key in lower case. */
  tag: string;
  /** In words, for who wrote something else. */
  form: string;
  /** Undefined where the text is none of these. */
  parse(text: string): Value | undefined;
}

export const REPETITIONS: Setting<number> = {
  tag: 'repetitions',
  form: 'a whole number from 2 to 9',
  parse: (text) => numberIn(text, 2, 9, true),
};

export const AUTODEPLOY: Setting<boolean> = {
  tag: 'autodeploy',
  form: 'true or false',
  parse: (text) => ({ true: true, false: false })[text.trim().toLowerCase()],
};

export const SETTLE_SECONDS: Setting<number> = {
  tag: 'settleseconds',
  form: 'a number of seconds from 0 to 3600',
  parse: (text) => numberIn(text, 0, 3600, false),
};

export const SETTLE_SECONDS_OF_SEVERAL = 60;

function numberIn(text: string, minimum: number, maximum: number, isWhole: boolean): number | undefined {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const isOne = isWhole ? Number.isInteger(value) : Number.isFinite(value);
  return isOne && value >= minimum && value <= maximum ? value : undefined;
}

interface Reading<Value> {
  value: Value | undefined;
  notes: string[];
  conflict: string | undefined;
}

function readSetting<Value>(groups: readonly Tagged[], { tag, form, parse }: Setting<Value>): Reading<Value> {
  const said = groups.flatMap(({ name, tags }) => {
    const text = findTag(tags, tag)?.value;
    return text === undefined ? [] : [{ value: parse(text), words: `${name} is tagged ${tag} = ${text}` }];
  });
  const read = said.filter(({ value }) => value !== undefined);
  const unread = said.filter(({ value }) => value === undefined);
  const [first] = read;
  const differs = read.some(({ value }) => value !== first?.value);
  return {
    value: differs ? undefined : first?.value,
    notes: unread.map(({ words }) => `${words}, which is not ${form}: it does not count.`),
    conflict: differs
      ? `${read.map(({ words }) => words).join(' and ')}: the groups of a task have to agree`
      : undefined,
  };
}
