/**
 * Runs commands of mails with the real `aws` command, in the state that produced each mail: `npx tsx
 * tests/tools/run-mail-commands.ts`. It needs an `aws` in the PATH.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpServer } from '../../local/server/http-server';
import { REFUSALS } from '../faults/cases-refused';
import { FAILURES_OF_STEP_1 } from '../faults/cases-step-1';
import { FAILURES_OF_STEP_2 } from '../faults/cases-step-2';
import { type FailureCase, openScene } from '../faults/failure-cases';
import { commandsIn } from '../harness/mail-commands';
import type { World } from '../harness/world';

/** A dozen and more, of all kinds: the first case of each code. */
const CODES = [
  '400',
  '401',
  '402',
  '403',
  '404',
  '405',
  '406',
  '407',
  '409',
  '413',
  '415',
  'T000',
  'T001',
  'T011',
  'T013',
];

/** CloudWatch Logs is not part of the AWS in memory. */
const NOT_HERE = /^aws logs /;

async function main(): Promise<number> {
  let [ran, failed] = [0, 0];
  const all = [...REFUSALS, ...FAILURES_OF_STEP_1, ...FAILURES_OF_STEP_2];
  for (const code of CODES) {
    const found = all.find((one) => one.code === code);
    for (const { line, code: ended, errors } of found ? await runCase(found) : []) {
      ran += 1;
      failed += ended === 0 ? 0 : 1;
      process.stdout.write(
        `${ended === 0 ? 'ok    ' : 'FAILED'} ${code}  ${line.slice(0, 100)}\n${ended === 0 ? '' : errors}`,
      );
    }
  }
  process.stdout.write(`${ran} commands of mails were run by aws, ${failed} failed\n`);
  return ran < CODES.length - 3 || failed > 0 ? 1 : 0;
}

interface Ran {
  line: string;
  code: number | null;
  errors: string;
}

async function runCase(failure: FailureCase): Promise<Ran[]> {
  const scene = await openScene(failure.fleet);
  const { world } = scene;
  await failure.provoke(scene);
  await world.clock.advance(3600);
  const mail = world.aws.sns.mails.findLast(
    ({ subject }) => subject?.includes(failure.code) || /Deploy Clean/.test(subject ?? ''),
  );
  const ran: Ran[] = [];
  for (const line of commandsIn(mail?.body ?? '').filter((one) => !NOT_HERE.test(one)))
    ran.push(await run(world, line));
  return ran;
}

/** As a terminal does, in a folder that has a war. */
async function run(world: World, line: string): Promise<Ran> {
  const server = await HttpServer.listen(0, (error) => console.error(error));
  server.serve(world.aws);
  const folder = mkdtempSync(join(tmpdir(), 'mail-commands-'));
  writeFileSync(join(folder, 'app.war'), 'a war');
  // Versions before 2.13 know an endpoint by this option alone.
  const script = `aws() { command aws --endpoint-url ${server.url} "$@"; }\n${line}`;
  const program = spawn('sh', ['-c', script], { cwd: folder, env: { ...process.env, ...ENVIRONMENT } });
  let errors = '';
  program.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  let code: number | null | undefined;
  program.on('close', (ended) => {
    code = ended;
  });
  while (code === undefined) {
    await world.clock.advance(0.1); // what is asked waits for the clock
    await sleep(5);
  }
  server.close();
  rmSync(folder, { recursive: true });
  return { line, code, errors };
}

const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: 'operator',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_DEFAULT_REGION: 'eu-central-1',
  AWS_PAGER: '',
};

process.exitCode = await main();
