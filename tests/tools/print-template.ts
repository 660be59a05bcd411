/**
 * `npm run template [-- --param "AdminEmails=…"]`: packages the service and prints its CloudFormation template, so that two
 * versions of the sources can be compared to the byte: with sorted keys, and each bundle called by its name alone, which
 * otherwise begins with the time of packaging. What follows `--` goes to `serverless package`, which packages into
 * .serverless/ and takes it away with what was there before.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const TEMPLATE = 'cloudformation-template-update-stack.json';

function main(options: readonly string[]): void {
  const directory = mkdtempSync(join(tmpdir(), 'template-'));
  try {
    // Its own words go to standard error: what is printed is the template alone.
    execFileSync('node_modules/.bin/serverless', ['package', '--package', directory, ...options], {
      stdio: ['ignore', process.stderr, process.stderr],
      env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    });
    const template = JSON.parse(readFileSync(join(directory, TEMPLATE), 'utf8'), withoutTimeOfPackaging);
    process.stdout.write(`${JSON.stringify(sorted(template), null, 2)}\n`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function withoutTimeOfPackaging(key: string, value: unknown): unknown {
  return key === 'S3Key' && typeof value === 'string' ? basename(value) : value;
}

/** The order of keys says nothing in a template; that of lists may. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

main(process.argv.slice(2));
