/** The files that serverless.yml is made of: what two of them define would be merged without a word. */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

const parts = readdirSync('stack').map((name) => ({ name, text: readFileSync(`stack/${name}`, 'utf8') }));
const service = readFileSync('serverless.yml', 'utf8');

test('every resource is defined in one place', () => {
  const defined = parts.flatMap(({ name, text }) =>
    name.endsWith('.yml') ? resourcesIn(parse(text, { merge: true })).map((resource) => ({ resource, name })) : [],
  );
  const names = (wanted: string) => defined.flatMap(({ resource, name }) => (resource === wanted ? [name] : []));
  const twice = defined.filter(({ resource }) => names(resource).length > 1);
  expect(twice).toEqual([]);
  expect(defined.length).toBeGreaterThan(50);
});

test('every file is part of the stack', () => {
  const isNamed = (name: string) =>
    [service, ...parts.flatMap((part) => (part.name === name ? [] : [part.text]))].some((text) =>
      [`file(stack/${name})`, `./stack/${name}`, `require('./${name}')`].some((way) => text.includes(way)),
    );
  expect(parts.map(({ name }) => name).filter((name) => !isNamed(name))).toEqual([]);
});

/** The logical ids of all resources in it, wherever they stand. */
function resourcesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [...(isResource(item) ? [key] : []), ...resourcesIn(item)]);
}

function isResource(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'Type' in value && String(value.Type).startsWith('AWS::');
}
