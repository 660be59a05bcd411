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
  userName: userName(),
  now: () => new Date(),
  wait: (seconds) => sleep(seconds * 1000, undefined, { signal: interruption.signal }).catch(() => {}),
  confirm: isTerminal(process.stderr, process.env) && process.stdin.isTTY ? confirm : undefined,
  interrupted: interruption.signal,
  uniqueId: () => crypto.randomUUID(),
};

/** A container may run as a user that its system does not know. */
function userName(): string {
  const { USER, LOGNAME } = process.env;
  try {
    return userInfo().username;
  } catch {
    return USER || LOGNAME || `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

async function confirm(question: string): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  // It reads keys as they come: Ctrl-C is no signal then, and Ctrl-D leaves the question without an answer.
  reader.once('SIGINT', () => interruption.abort());
  const closed = new Promise<string>((resolve) => reader.once('close', () => resolve('n')));
  const asked = reader.question(`${question} [y/N] `, { signal: interruption.signal }).catch(() => 'n');
  const answer = await Promise.race([asked, closed]);
  reader.close();
  return /^y(es)?$/i.test(answer.trim());
}

process.exitCode = await run(process.argv.slice(2), surroundings);
// What is still asked of AWS would keep the process for as long as that takes.
if (interruption.signal.aborted) process.exit();
