/** The machines of the demo: each is a real HTTP server on loopback that serves what is in the wars it fetched. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { healthOfWars, type InstalledWar } from '../example/application';
import type { HealthProbe, LaunchedInstance, ProbeAnswer } from '../fleet/instances';
import type { Clock, Timer } from '../kernel/clock';
import { type Address, type Machines, probeAddress } from './machines';

export interface HttpInstancesOptions {
  clock: Clock;
  /** From the launch until the application has fetched its wars and listens. */
  bootSeconds: number;
  /** How long the application takes for a request. */
  answerSeconds: number;
  /** Fetches the wars that the instance's tags name. */
  installWars: (instance: LaunchedInstance) => InstalledWar[];
}

const LOOPBACK = '127.0.0.1';
/** Longer than a load balancer keeps an idle connection: else it may send a request while the instance hangs up. */
const KEEP_ALIVE_SECONDS = 75;

interface Machine {
  boot: Timer;
  server?: http.Server;
}

export class HttpInstances implements Machines {
  private readonly machines = new Map<string, Machine>();
  private readonly listeners: ((instanceId: string, wars: InstalledWar[]) => void)[] = [];

  constructor(private readonly options: HttpInstancesOptions) {}

  /** Calls back when an instance has fetched its wars and listens. */
  onServing(listener: (instanceId: string, wars: InstalledWar[]) => void): void {
    this.listeners.push(listener);
  }

  launch(instance: LaunchedInstance): void {
    const { clock, bootSeconds } = this.options;
    const boot = clock.after(bootSeconds, () => this.start(instance));
    this.machines.set(instance.instanceId, { boot });
  }

  /** The machine is gone at once, with every connection to it: a request that is under way fails. */
  terminate(instanceId: string): void {
    const machine = this.machines.get(instanceId);
    this.machines.delete(instanceId);
    machine?.boot.cancel();
    machine?.server?.close();
    machine?.server?.closeAllConnections();
  }

  terminateAll(): void {
    for (const instanceId of [...this.machines.keys()]) this.terminate(instanceId);
  }

  /**
   * Where the instance really listens, whatever its port is in the fleet: all of them share this machine. Undefined
   * before it has booted and after its end.
   */
  addressOf(instanceId: string): Address | undefined {
    const address = this.machines.get(instanceId)?.server?.address() as AddressInfo | null | undefined;
    return address ? { host: LOOPBACK, port: address.port } : undefined;
  }

  async probe(instanceId: string, probe: HealthProbe): Promise<ProbeAnswer> {
    const address = this.addressOf(instanceId);
    if (!address) return { failed: this.machines.has(instanceId) ? 'refused' : 'timeout' };
    return probeAddress(this.options.clock, address, probe);
  }

  private async start(instance: LaunchedInstance): Promise<void> {
    const machine = this.machines.get(instance.instanceId);
    if (!machine) return;
    const wars = this.options.installWars(instance);
    const server = http.createServer({ keepAliveTimeout: KEEP_ALIVE_SECONDS * 1000 }, (request, response) => {
      const answer = answerTo(request.url ?? '/', wars);
      this.options.clock.after(this.options.answerSeconds, () => {
        response.writeHead(answer.status, { 'content-type': 'text/plain; charset=utf-8' }).end(answer.body);
      });
    });
    server.listen(0, LOOPBACK);
    await once(server, 'listening');
    if (this.machines.get(instance.instanceId) !== machine) return void server.close();
    machine.server = server;
    for (const listener of this.listeners) listener(instance.instanceId, wars);
  }
}

/** As in Tomcat, `/app1/version` is the entry `version` of the war at `…/app1.war`. */
function answerTo(url: string, wars: readonly InstalledWar[]): { status: number; body: string } {
  const { pathname } = new URL(url, 'http://instance');
  if (pathname === '/health') {
    const status = healthOfWars(wars);
    return { status, body: status === 200 ? 'well\n' : 'not well\n' };
  }
  const [, context = '', ...file] = pathname.split('/');
  const war = wars.find(({ path }) => basename(path, '.war') === context);
  const content = war?.entries?.get(file.join('/'));
  return content === undefined ? { status: 404, body: 'not found\n' } : { status: 200, body: content };
}
