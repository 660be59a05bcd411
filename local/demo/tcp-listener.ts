/** One TCP listener of a Network or Classic Load Balancer as a real proxy on loopback. */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import type { Address } from './machines';

export interface TcpListenerOptions {
  /** The instances that may get new connections now. Asked for every connection. */
  instances: () => readonly string[];
  addressOf: (instanceId: string) => Address | undefined;
}

const LOOPBACK = '127.0.0.1';

/**
 * Takes each connection to an instance of the moment, and leaves it there: it knows nothing of the requests in it. So an
 * instance that drains gets no new connections, while the open ones live until either side ends them, or `disconnect`.
 */
export class TcpListener {
  private readonly server: net.Server;
  /** The instance of each open connection of a client. */
  private readonly connections = new Map<net.Socket, string>();
  private turn = 0;

  private constructor(private readonly options: TcpListenerOptions) {
    this.server = net.createServer({ allowHalfOpen: true }, (client) => this.accept(client));
  }

  static async open(options: TcpListenerOptions): Promise<TcpListener> {
    const listener = new TcpListener(options);
    listener.server.listen(0, LOOPBACK);
    await once(listener.server, 'listening');
    return listener;
  }

  get address(): Address {
    return { host: LOOPBACK, port: (this.server.address() as AddressInfo).port };
  }

  /** Closes what is still open to the instance. */
  disconnect(instanceId: string): void {
    for (const [client, connected] of this.connections) if (connected === instanceId) client.destroy();
  }

  close(): void {
    this.server.close();
    for (const client of this.connections.keys()) client.destroy();
  }

  private accept(client: net.Socket): void {
    const instances = this.options.instances();
    const instanceId = instances[this.turn++ % instances.length];
    const address = instanceId === undefined ? undefined : this.options.addressOf(instanceId);
    if (instanceId === undefined || !address) {
      client.on('error', () => {}).resetAndDestroy();
      return;
    }
    const target = net.connect({ ...address, allowHalfOpen: true });
    this.connections.set(client, instanceId);
    client.on('close', () => this.connections.delete(client));
    // One side that breaks off breaks the other; one that only has no more to say may still be answered.
    pipeline(client, target, () => {});
    pipeline(target, client, () => {});
  }
}
