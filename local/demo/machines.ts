/** Machines that really listen on this one: what the demo asks of them, and how a load balancer probes them. */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import type { InstalledWar } from '../example/application';
import type { HealthProbe, InstanceHost, ProbeAnswer } from '../fleet/instances';
import type { Clock } from '../kernel/clock';

/** Where something listens on this machine. */
export interface Address {
  host: string;
  port: number;
}

export interface Machines extends InstanceHost {
  /**
   * Where the instance really listens, whatever its port is in the fleet: all of them share this machine. Undefined
   * where it cannot listen yet, or has ended.
   */
  addressOf(instanceId: string): Address | undefined;
  /** Calls back when an instance has its wars and listens. */
  onServing(listener: (instanceId: string, wars: InstalledWar[]) => void): void;
  terminateAll(): void;
}

/** As load balancers do it: a connection of its own, or a request. */
export async function probeAddress(clock: Clock, address: Address, probe: HealthProbe): Promise<ProbeAnswer> {
  switch (probe.protocol) {
    case 'HTTP':
      return probeHttp(clock, address, probe);
    case 'TCP':
      return probeConnection(clock, address, probe);
    case 'HTTPS':
    case 'TLS':
    case 'SSL':
      return { failed: 'refused' }; // these machines have no certificate
  }
}

async function probeHttp(clock: Clock, address: Address, probe: HealthProbe): Promise<ProbeAnswer> {
  const request = http.get({ ...address, path: probe.path, agent: false });
  return answerOf(clock, request, probe.timeoutSeconds, async () => {
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    response.resume();
    return { status: response.statusCode ?? 0 };
  });
}

async function probeConnection(clock: Clock, address: Address, probe: HealthProbe): Promise<ProbeAnswer> {
  const socket = net.connect(address);
  return answerOf(clock, socket, probe.timeoutSeconds, async () => {
    await once(socket, 'connect');
    return { connected: true };
  });
}

async function answerOf(
  clock: Clock,
  connection: http.ClientRequest | net.Socket,
  timeoutSeconds: number,
  answer: () => Promise<ProbeAnswer>,
): Promise<ProbeAnswer> {
  let isLate = false;
  connection.on('error', () => {}); // one that comes after the answer
  const timer = clock.after(timeoutSeconds, () => {
    isLate = true;
    connection.destroy(new Error('timeout'));
  });
  try {
    return await answer();
  } catch {
    return { failed: isLate ? 'timeout' : 'refused' };
  } finally {
    timer.cancel();
    connection.destroy();
  }
}
