/** The parameters of the stack as a table for docs/parameters.md. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { table } from './markdown';

interface Parameter {
  default: string;
  isAskedFor?: boolean;
  schema: { meta(): { allowed?: string } | undefined };
  meaning: string;
}

const requireHere = createRequire(join(process.cwd(), 'package.json')); // the packager's own files are no modules
const { PARAMETERS }: { PARAMETERS: Record<string, Parameter> } = requireHere('./stack/parameters.cjs');

export function parameterTable(): string {
  const rows = Object.entries(PARAMETERS).map(([name, parameter]) => {
    const allowed = parameter.schema.meta()?.allowed;
    const otherwise = parameter.isAskedFor ? 'to be given' : parameter.default;
    return [`\`${name}\``, otherwise, parameter.meaning + (allowed ? ` (${allowed})` : '')];
  });
  return table([['parameter', 'default', 'what it is'], ...rows]);
}
