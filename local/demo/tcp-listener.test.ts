import { EventEmitter, once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import type { Address } from './machines';
import { TcpListener } from './tcp-listener';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serverOf(handler: http.RequestListener): Promise<Address> {
  const server = http.createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

/** A listener before these instances; `routable` may be changed while it runs. */
async function listenerBefore(handlers: Record<string, http.RequestListener>) {
  const addresses = new Map<string, Address>();
  for (const [instanceId, handler] of Object.entries(handlers)) addresses.set(instanceId, await serverOf(handler));
  const routable = [...addresses.keys()];
  const listener = await TcpListener.open({
    instances: () => routable,
    addressOf: (instanceId) => addresses.get(instanceId),
  });
  closing.push(() => listener.close());
  return { listener, routable, addresses };
}

/** Asks on a connection of its own, or on one that the agent keeps. */
function ask(address: Address, agent: http.Agent | false = false): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get({ ...address, agent }, async (response) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      resolve(body);
    });
    request.on('error', reject);
  });
}

const says =
  (text: string): http.RequestListener =>
  (_, response) =>
    void response.end(text);

test('connections go to the instances in turn', async () => {
  const { listener } = await listenerBefore({ 'i-1': says('one'), 'i-2': says('two') });
  const answers = [await ask(listener.address), await ask(listener.address), await ask(listener.address)];
  expect(answers).toEqual(['one', 'two', 'one']);
});

test('an instance that drains finishes what it works on and gets no new connection', async () => {
  const arrivals = new EventEmitter();
  const slow: http.RequestListener = (_, response) => void arrivals.emit('arrival', response);
  const { listener, routable } = await listenerBefore({ 'i-1': slow, 'i-2': says('two') });
  const arrival = once(arrivals, 'arrival');
  const open = ask(listener.address);
  const [response] = (await arrival) as [http.ServerResponse];
  routable.splice(0, 1);
  expect([await ask(listener.address), await ask(listener.address)]).toEqual(['two', 'two']);
  response.end('finished');
  expect(await open).toBe('finished');
});

test('a kept connection stays with its instance while that drains; closed at the end, the client makes a new one', async () => {
  const { listener, routable } = await listenerBefore({ 'i-1': says('one'), 'i-2': says('two') });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  closing.push(() => agent.destroy());
  expect(await ask(listener.address, agent)).toBe('one');
  routable.splice(0, 1);
  expect(await ask(listener.address, agent)).toBe('one');
  const [kept] = Object.values(agent.freeSockets).flatMap((sockets = []) => sockets);
  const closed = once(kept as net.Socket, 'close');
  listener.disconnect('i-1');
  await closed;
  expect(await ask(listener.address, agent)).toBe('two');
});

test('a client that has no more to say is still answered', async () => {
  const echo = net.createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  closing.push(() => echo.close());
  const { listener, routable, addresses } = await listenerBefore({});
  addresses.set('i-1', { host: '127.0.0.1', port: (echo.address() as AddressInfo).port });
  routable.push('i-1');
  const client = net.connect({ ...listener.address, allowHalfOpen: true });
  client.end('a question');
  let answer = '';
  for await (const chunk of client) answer += chunk;
  expect(answer).toBe('a question');
});

test('without an instance, and before one that is not there, the connection is reset', async () => {
  const { listener, routable, addresses } = await listenerBefore({});
  await expect(ask(listener.address)).rejects.toThrow();
  routable.push('i-1');
  await expect(ask(listener.address)).rejects.toThrow();
  addresses.set('i-1', { host: '127.0.0.1', port: 1 });
  await expect(ask(listener.address)).rejects.toThrow();
});
