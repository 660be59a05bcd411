/**
 * `npm run template [-- --param "AdminEmails=…"]`: packages the service and prints its CloudFormation template, so that two
 * versions of the sources can be compared to the byte: with sorted keys, and each bundle called by its name alone, which
 * otherwise begins with the time of packaging. What follows `--` goes to `serverless package`.
 */
import { basename } from 'node:path';
import { packageCopy } from '../../local/cloudformation/template';

/** What the bundles and the template are made of. */
const SOURCES = ['events', 'functions', 'shared', 'stack', 'package.json', 'serverless.yml', 'tsconfig.json'];

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

// Whoever reads may have seen enough: `npm run template | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
const template = JSON.parse(packageCopy(SOURCES, process.argv.slice(2)), withoutTimeOfPackaging);
process.stdout.write(`${JSON.stringify(sorted(template), null, 2)}\n`);
