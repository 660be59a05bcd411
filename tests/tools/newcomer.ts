/** Somebody with a fresh clone and Node alone, who types what documents give. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Tried {
  command: string;
  seconds: number;
  code: number | null;
  /** What nobody should have to see, if anything. */
  odd: string[];
}

interface Ended {
  code: number | null;
  output: string;
}

const SERVER = /^npm run local\b/;
/** From there on it tells what happens. */
const IS_READY = 'From here on, what happens:';
/** It is deployed on purpose, and the command says by its exit code that this failed. */
const FAILS = /broken\.war/;

export class Newcomer {
  private server: ChildProcess | undefined;
  private exports: string[] = [];
  private hasInstalled = false;
  private installsAgain = false;

  private constructor(
    private readonly folder: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  static async arrive(): Promise<Newcomer> {
    const folder = mkdtempSync(join(tmpdir(), 'try-documents-'));
    execFileSync('git', ['clone', '--quiet', process.cwd(), cloneIn(folder)]);
    return new Newcomer(folder, environmentIn(folder));
  }

  /** Each document may begin with what one needs that is read alone. */
  beginDocument(): void {
    this.installsAgain = false;
  }

  async try(command: string): Promise<Tried> {
    if (command === 'npm ci') {
      const odd = this.installsAgain ? ['it is asked for again'] : [];
      this.installsAgain = true;
      if (this.hasInstalled) return { command, seconds: 0, code: 0, odd };
      this.hasInstalled = true;
    }
    const start_ms = performance.now();
    const { code, output } = SERVER.test(command) ? await this.serve(command) : await this.run(command);
    return { command, seconds: (performance.now() - start_ms) / 1000, code, odd: oddOf(command, code, output) };
  }

  endServer(): void {
    const { pid, exitCode } = this.server ?? {};
    if (pid !== undefined && exitCode === null) process.kill(-pid, 'SIGINT');
    this.server = undefined;
  }

  /** Takes away what it made. */
  leave(): void {
    this.endServer();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async run(command: string): Promise<Ended> {
    const heard = this.spawn([...this.exports, command].join('\n'));
    const [code] = await once(heard.program, 'close');
    return { code, output: heard.output };
  }

  /** In a terminal of its own, where it goes on, on a port that is free. It is there once: no second one is started. */
  private async serve(command: string): Promise<Ended> {
    if (this.server) return { code: 0, output: '' };
    const heard = this.spawn(`exec ${command}${command.includes(' -- ') ? '' : ' --'} --port 0`);
    const { program } = heard;
    this.server = program;
    const hasEnded = once(program, 'close');
    while (!heard.output.includes(IS_READY) && program.exitCode === null) {
      await Promise.race([once(program.stdout as NodeJS.ReadableStream, 'data'), hasEnded]);
    }
    this.exports = heard.output.match(/^export .*$/gm) ?? [];
    return { code: program.exitCode ?? 0, output: heard.output.split(IS_READY)[0] ?? '' };
  }

  private spawn(script: string): { program: ChildProcess; output: string } {
    const program = spawn('sh', ['-c', script], {
      cwd: cloneIn(this.folder),
      env: this.environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const heard = { program, output: '' };
    for (const stream of [program.stdout, program.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        heard.output += text;
      });
    }
    return heard;
  }
}

function cloneIn(folder: string): string {
  return join(folder, 'clone');
}

/** Node, what every machine has, and where there is no `aws` that of the tests. Nothing else of who runs it. */
function environmentIn(folder: string): NodeJS.ProcessEnv {
  const [programs, temporary] = [join(folder, 'programs'), join(folder, 'temporary')];
  for (const made of [programs, temporary]) mkdirSync(made);
  const clone = cloneIn(folder);
  const aws = `exec '${clone}/node_modules/.bin/tsx' '${clone}/tests/tools/aws-command.ts' "$@"`;
  writeFileSync(join(programs, 'aws'), `#!/bin/sh\n${aws}\n`);
  chmodSync(join(programs, 'aws'), 0o755);
  const { HOME, LANG } = process.env;
  const path = [dirname(process.execPath), '/usr/bin', '/bin', programs].join(':');
  return { HOME, LANG, PATH: path, TMPDIR: temporary };
}

/** What nobody should have to see: a failure that is not meant, a stack trace, a warning, a value that is none. */
export function oddOf(command: string, code: number | null, output: string): string[] {
  const isMeant = FAILS.test(command) && code === 1;
  const warnings = output.match(/^.*\b(deprecated|warning)\b.*$/gim) ?? [];
  return [
    ...(code === 0 || isMeant ? [] : [`it ends with ${code}: ${output.trim().split('\n').at(-1)}`]),
    ...(/^\s+at .+:\d+:\d+\)?$/m.test(output) ? ['a stack trace'] : []),
    ...(/\b(undefined|NaN)\b|\[object Object\]/.test(output) ? ['a value that is none'] : []),
    ...[...new Set(warnings)].map((line) => line.trim().slice(0, 120)),
  ];
}
