/** The parameters of the stack as a table for docs/parameters.md. `tsx tests/tools/parameter-table.ts` prints it. */
import { createRequire } from 'node:module';
import { join } from 'node:path';

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
  const head = ['parameter', 'default', 'what it is'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

if (process.argv[1]?.endsWith('parameter-table.ts')) console.log(parameterTable());
