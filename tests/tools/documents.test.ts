/** What is made of the code lies there as the code is now. What takes runs to make is tested beside what makes it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fromJSONSchema } from 'zod';
import * as z from 'zod/mini';
import type { EventName } from '../../shared/pipeline/flow';
import { DOCUMENTS } from './documents';
import { SCHEMAS_FOLDER, samples, schemaOf } from './events-document';
import { anchorOf, withTable } from './markdown';

test.each(['tags', 'events', 'tables', 'codes'])('%s: else npm run documents -- %s', async (name) => {
  for (const [path, text] of (await DOCUMENTS[name]?.files()) ?? []) {
    const there = existsSync(path) ? readFileSync(path, 'utf8') : '';
    expect({ path, text: there }).toEqual({ path, text });
  }
});

test('of an event that is gone no schema stays', async () => {
  const made = [...((await DOCUMENTS.events?.files()) ?? new Map()).keys()].filter(
    (path) => dirname(path) === SCHEMAS_FOLDER,
  );
  expect(
    readdirSync(SCHEMAS_FOLDER)
      .map((file) => `${SCHEMAS_FOLDER}/${file}`)
      .sort(),
  ).toEqual(made.sort());
});

/** Zod reads patterns without the flag by which `\p{…}` is a kind of character, which JSON Schema asks for: see below. */
function withoutPatterns(schema: object): Parameters<typeof fromJSONSchema>[0] {
  return JSON.parse(JSON.stringify(schema), (key, value) => (key === 'pattern' ? undefined : value));
}

describe.each(samples())('the sample $file', ({ name, detail }) => {
  const schema = fromJSONSchema(withoutPatterns(schemaOf(name as EventName)));

  test('is valid by the schema that is published, also with a field that came later, unless people put it', () => {
    const isOfPeople = /^(Deploy|Abort|Clean)Requested$/.test(name);
    expect(z.safeParse(schema, detail)).toMatchObject({ success: true });
    expect(z.safeParse(schema, { ...detail, addedLater: 1 }).success).toBe(!isOfPeople);
  });

  test('has texts that fit the patterns of its fields', () => {
    const { properties = {} } = schemaOf(name as EventName);
    for (const [field, { pattern }] of Object.entries(properties as Record<string, { pattern?: string }>)) {
      if (pattern === undefined) continue;
      const text = detail[field] ?? new Date(0).toISOString();
      expect({ field, text }).toEqual({ field, text: expect.stringMatching(new RegExp(pattern, 'u')) });
      expect(new RegExp(pattern, 'u').test('\n')).toBe(false);
    }
  });

  test('is not, without a field that is always there, or with one of another type', () => {
    const { required = [] } = schemaOf(name as EventName);
    expect(required.length).toBeGreaterThan(0);
    for (const field of required) {
      const { [field]: _, ...without } = detail;
      expect({ field, success: z.safeParse(schema, without).success }).toEqual({ field, success: false });
      expect(z.safeParse(schema, { ...detail, [field]: { not: 'this' } }).success).toBe(false);
    }
  });
});

test.each([
  ['`apps3key1` … `9`', 'apps3key1--9'],
  ['Where do I change…', 'where-do-i-change'],
  ['The rooms, and which way imports go', 'the-rooms-and-which-way-imports-go'],
  ['그때까지 진행된 일', '그때까지-진행된-일'],
  ['a [link](elsewhere.md) & `code_with_lines`', 'a-link--code_with_lines'],
])('the heading "%s" is at #%s', (heading, anchor) => {
  expect(anchorOf(heading)).toBe(anchor);
});

test('a table is made in the place of the one with its head, and nothing else is touched', () => {
  const made = '| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |';
  expect(withTable('before\n\n| a | b |\n| --- | --- |\n| 0 | 0 |\n\nafter | a\n', made)).toBe(
    `before\n\n${made}\n\nafter | a\n`,
  );
  expect(() => withTable('| b | a |\n| --- | --- |\n', made)).toThrow('there is no table with the head | a | b |');
});
