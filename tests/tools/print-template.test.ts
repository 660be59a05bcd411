/** The template as it is really packaged, bundles and all, against the one that everything here is tested with. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { packagedTemplate, type Template } from '../../local/cloudformation/template';
import { functionNames } from '../../local/functions';

const LIMIT_MILLISECONDS = 120_000;

let printed: string;
beforeAll(async () => {
  const print = ['--import', 'tsx', 'tests/tools/print-template.ts'];
  const options = { timeout: LIMIT_MILLISECONDS, maxBuffer: 16 * 1024 * 1024 };
  printed = (await promisify(execFile)(process.execPath, print, options)).stdout;
}, LIMIT_MILLISECONDS);

test('what is deployed is what is tested', () => {
  expect(withoutBundles(JSON.parse(printed))).toEqual(withoutBundles(packagedTemplate(givenToDev())));
});

test('two prints of the same sources can be compared to the byte', () => {
  const { Resources }: Template = JSON.parse(printed);
  expect(Object.keys(Resources)).toEqual(Object.keys(Resources).sort());
  const bundles = Object.values(Resources).flatMap(({ Properties }) => (Properties?.Code ? [Properties.Code] : []));
  expect(bundles.map((code) => (code as { S3Key: string }).S3Key).sort()).toEqual(
    functionNames()
      .map((name) => `${name}.zip`)
      .sort(),
  );
  expect(printed).not.toMatch(/\d{4}-\d{2}-\d{2}T/); // the time of packaging
});

/** What the file of the stage says is part of what is deployed, and of nothing else that is tested. */
function givenToDev(): Record<string, string> {
  const content: Record<string, unknown> = parse(readFileSync('deploy/dev.yml', 'utf8')) ?? {};
  return Object.fromEntries(Object.entries(content).map(([name, value]) => [name, String(value)]));
}

/** Tests are about what the functions are given and may do, not about what is in them: their template has no bundles. */
function withoutBundles(template: Template): unknown {
  return JSON.parse(JSON.stringify(template), (key, value) => (key === 'S3Key' ? undefined : value));
}
