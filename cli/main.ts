/** The process of the command `bluegreen`. */
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { endWithReader } from '../local/terminal/command-line';
import { isTerminal } from '../local/terminal/lines';
import { run } from './command';
import type { Surroundings } from './surroundings';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'; // it runs on Node 20 too
endWithReader();

const interruption = new AbortController();
process.once('SIGINT', () => interruption.abort());

const surroundings: Surroundings = {
  output: process.stdout,
  errors: process.stderr,
  environment: process.env,
  clientDefaults: {},
  userName: userInfo().username,
  now: () => new Date(),
  wait: (seconds) => sleep(seconds * 1000, undefined, { signal: interruption.signal }).catch(() => {}),
  confirm: isTerminal(process.stderr, process.env) && process.stdin.isTTY ? confirm : undefined,
  interrupted: interruption.signal,
  uniqueId: () => crypto.randomUUID(),
};

async function confirm(question: string): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await reader.question(`${question} [y/N] `, { signal: interruption.signal }).catch(() => 'n');
  reader.close();
  return /^y(es)?$/i.test(answer.trim());
}

process.exitCode = await run(process.argv.slice(2), surroundings);
