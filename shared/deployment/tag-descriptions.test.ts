/** What is said of tags is what their parsers answer. */
import { isTaskName } from '../../events/contract';
import { groupOf, tagsOf } from '../../tests/harness/plain-data';
import { hasOptedOut, OPT_OUT_KEY } from '../codedeploy/copied-groups';
import { ambiguousKeys, FIXED_KEYS, SLOT_KEYS, SLOTS } from '../fleet/tags';
import { settingsOf } from '../fleet/task-settings';
import { taskOptions } from '../pipeline/flow';
import { optionsOf } from './options';
import { PAIR_DIFFERS } from './pair-differences';
import { pairOf, refusalOfBuckets, refusalOfWarTags } from './readiness';
import { isRefusal } from './refusal';
import { TAG_DESCRIPTIONS, type Verdict } from './tag-descriptions';

const SLOT = 3;
const WAR_BUCKETS = ['wars'];

const said = Object.entries(TAG_DESCRIPTIONS)
  .filter(([key]) => key !== OPT_OUT_KEY)
  .flatMap(([key, { examples }]) => examples.map(({ value, verdict }) => ({ key, value, verdict })));

/** Both groups of a task as they should be, but for one tag of Active. */
function verdictOn(key: string, value: string): Verdict {
  const written = (SLOT_KEYS as readonly string[]).includes(key) ? `${key}${SLOT}` : key;
  const war = { [`apps3key${SLOT}`]: 'app.war', [`s3versionidapp${SLOT}`]: 'v1', [`apppath${SLOT}`]: '/app.war' };
  const tags = { taskfordeploy: 'WAS', type: 'Active', bucket: 'wars', ...war };
  const active = groupOf('was-blue', { tags: tagsOf({ ...tags, [written]: value }) });
  const isOfBoth = ['apps3key', 'apppath'].includes(key); // the two have to say the same
  const other = { ...tags, type: 'StandBy', ...(isOfBoth ? { [written]: value } : {}) };
  const standBy = groupOf('was-green', { tags: tagsOf(other) });

  if (key === 'taskfordeploy' && !isTaskName(value)) return 'not found';
  const pair = pairOf('WAS', [active, standBy], WAR_BUCKETS);
  if (isRefusal(pair)) return pair.code as Verdict;
  const options = optionsOf([PAIR_DIFFERS], pair);
  const refusal =
    refusalOfBuckets(pair, WAR_BUCKETS) ?? refusalOfWarTags('WAS', pair) ?? (isRefusal(options) ? options : undefined);
  if (refusal) return refusal.code as Verdict;
  return settingsOf([pair.active, pair.standBy]).notes.length > 0 ? 'told' : 'taken';
}

test.each(said)('$key = "$value" is $verdict', ({ key, value, verdict }) => {
  expect(verdictOn(key, value)).toBe(verdict);
});

test('each has an example that is taken, and each that can be wrong one that is not', () => {
  for (const [key, { examples }] of Object.entries(TAG_DESCRIPTIONS)) {
    const verdicts = examples.map(({ verdict }) => verdict);
    expect({ key, verdicts }).toEqual({ key, verdicts: expect.arrayContaining(['taken']) });
    if (key !== OPT_OUT_KEY) expect(verdicts.some((verdict) => verdict !== 'taken')).toBe(true);
  }
});

test('every key that is ours is described, and no other', () => {
  const options = taskOptions().map(({ tag }) => tag);
  expect(Object.keys(TAG_DESCRIPTIONS).sort()).toEqual([...FIXED_KEYS, ...SLOT_KEYS, OPT_OUT_KEY, ...options].sort());
  const twice = SLOT_KEYS.flatMap((key) => SLOTS.map((slot) => `${key}${slot}`));
  const spelled = [...FIXED_KEYS, ...twice].flatMap((key) => [key, key.toUpperCase()]);
  expect(ambiguousKeys(tagsOf(Object.fromEntries(spelled.map((key) => [key, 'x']))))).toHaveLength(spelled.length / 2);
});

test.each(TAG_DESCRIPTIONS[OPT_OUT_KEY].examples)('of a copied group $value says: $why', ({ value, why }) => {
  expect(why).toMatch(/^copies (are kept|go)/);
  expect(hasOptedOut(tagsOf({ AutoCleanUp: value }))).toBe(why.startsWith('copies are kept'));
});
