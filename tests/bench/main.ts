/** `npm run bench`: every figure that the product is held to, beside its budget. */
import { endWithReader, runProgram } from '../../local/terminal/command-line';
import { BUDGETS } from './budgets';
import { type Options, PROGRAM } from './options';
import { AS_OF, PRICES } from './prices';
import { type Figure, figuresOf, missedLines, tableOf } from './report';
import { SECTIONS } from './sections';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'; // it runs on Node 20 too

/** Answers the exit code: 1 where a budget is missed. */
async function main({ json: isJson, only }: Options): Promise<number> {
  endWithReader();
  const all: Figure[] = [];
  for (const [name, measure] of Object.entries(SECTIONS)) {
    if (!only.includes(name)) continue;
    const section = await measure();
    const figures = figuresOf(section, BUDGETS);
    all.push(...figures);
    if (!isJson) console.log(`${tableOf(section, figures)}\n`);
  }
  const missed = missedLines(all);
  if (isJson) console.log(JSON.stringify({ figures: all, missed, prices: { asOf: AS_OF, ...PRICES } }));
  else for (const line of missed) console.log(`MISSED ${line}`);
  return missed.length > 0 ? 1 : 0;
}

process.exitCode = await runProgram(PROGRAM, process.argv.slice(2), main);
