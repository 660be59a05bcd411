/** A machine that runs the user data of examples/ in a folder of its own: a real Tomcat, as the script starts it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, mkdtempSync, rmSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Address } from './machines';

export const USER_DATA = resolve('examples/user-data/user-data.sh');

export interface TomcatMachineOptions {
  /** Where its instance metadata are. */
  metadataUrl: string;
  /** Where AWS answers. */
  awsUrl: string;
  /** Of the script's settings, those that are not as they are there. */
  settings?: Record<string, string>;
  /** Gets what the script says, line by line. */
  onLine?: (line: string) => void;
}

/** Small and soon up: what it answers is files. */
const JAVA_OPTIONS = '-Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1';

export class TomcatMachine {
  /** Everything that the script has said so far. */
  readonly console: string[] = [];
  /** The exit code of the script; Tomcat goes on. Null where it was killed. */
  readonly ended: Promise<number | null>;

  private constructor(
    readonly address: Address,
    /** In place of `/`. */
    readonly root: string,
    private readonly script: ChildProcess,
    onLine: (line: string) => void,
  ) {
    const lines = createInterface({ input: script.stdout as NodeJS.ReadableStream });
    lines.on('line', (line) => {
      this.console.push(line);
      onLine(line);
    });
    const isRead = once(lines, 'close');
    this.ended = once(script, 'exit').then(async ([code]) => {
      await isRead;
      return code as number | null;
    });
  }

  static async launch(options: TomcatMachineOptions): Promise<TomcatMachine> {
    const { metadataUrl, awsUrl, settings = {}, onLine = () => {} } = options;
    const address = await freeAddress();
    const root = mkdtempSync(join(tmpdir(), 'bluegreen-tomcat-'));
    const script = spawn('bash', ['-c', 'exec bash "$0" 2>&1', USER_DATA], {
      detached: true, // a group of processes of its own, in which Tomcat stays
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...withoutAws(process.env),
        ...{ ROOT: root, METADATA: metadataUrl, LISTEN_ADDRESS: address.host, PORT: String(address.port) },
        ...{ AWS_ENDPOINT_URL: awsUrl, AWS_ACCESS_KEY_ID: 'instance', AWS_SECRET_ACCESS_KEY: 'instance' },
        ...{ AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
        ...{ NO_PROXY: '*', no_proxy: '*', JAVA_OPTIONS },
        ...settings,
      },
    });
    return new TomcatMachine(address, root, script, onLine);
  }

  /** The machine is gone at once, with every connection to it. */
  terminate(): void {
    const { pid } = this.script;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // all of it has ended
    }
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Says in one line what such a machine needs and this one lacks; undefined where it has everything. */
export function missingForTomcat(path = process.env.PATH ?? ''): string | undefined {
  const hasTomcat = existsSync('/usr/share/tomcat10/bin/bootstrap.jar') && isCommand('java', path);
  const packages = [
    ...(hasTomcat ? [] : ['tomcat10']),
    ...(isCommand('aws', path) ? [] : ['awscli']),
    ...(isCommand('curl', path) ? [] : ['curl']),
  ];
  return packages.length === 0 ? undefined : `not installed here: apt-get install ${packages.join(' ')} (Debian)`;
}

function isCommand(name: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function withoutAws(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('AWS_')));
}

/** Of the loopback addresses one that nothing else is likely to use, so that its port stays free until Tomcat takes it. */
async function freeAddress(): Promise<Address> {
  const part = () => 1 + Math.floor(Math.random() * 254);
  const host = `127.${part()}.${part()}.${part()}`;
  const server = net.createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return { host, port };
}
