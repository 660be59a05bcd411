import { EventEmitter, once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Rule } from '../services/elastic-load-balancing-v2/account';
import { HttpListener } from './http-listener';
import type { Address } from './machines';

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serverOf(handler: Handler): Promise<Address> {
  const server = http.createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

function forward(targetGroupArn: string, pattern?: string): Rule {
  return {
    arn: '',
    listenerArn: '',
    priority: pattern ? 1 : 'default',
    conditions: pattern ? [{ Field: 'path-pattern', Values: [pattern] }] : [],
    actions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    targetGroupArns: [targetGroupArn],
  };
}

/** A listener before these servers, by target group; the targets of a group may be changed while it runs. */
async function listenerBefore(
  servers: Record<string, Handler[]>,
  { rules = [forward('blue')], idleTimeoutSeconds }: { rules?: Rule[]; idleTimeoutSeconds?: number } = {},
) {
  const addresses = new Map<string, Address>();
  const targets = new Map<string, string[]>();
  for (const [targetGroup, handlers] of Object.entries(servers)) {
    for (const [index, handler] of handlers.entries())
      addresses.set(`${targetGroup}-${index}`, await serverOf(handler));
    targets.set(
      targetGroup,
      [...addresses.keys()].filter((id) => id.startsWith(targetGroup)),
    );
  }
  const listener = await HttpListener.open({
    rules: () => rules,
    targetsOf: (targetGroup) => (targets.get(targetGroup) ?? []).map((instanceId) => ({ instanceId })),
    addressOf: (instanceId) => addresses.get(instanceId),
    idleTimeoutSeconds,
  });
  closing.push(() => listener.close());
  const url = `http://127.0.0.1:${listener.address.port}`;
  const ask = async (path = '/') => {
    const response = await fetch(url + path);
    return `${response.status} ${(await response.text()).trim()}`;
  };
  return { ask, url, targets };
}

const says =
  (text: string): Handler =>
  (_, response) =>
    void response.end(text);

test('the first rule whose path pattern matches decides, and the default rule otherwise', async () => {
  const rules = [forward('app2', '/app2/*'), forward('blue')];
  const { ask } = await listenerBefore({ blue: [says('one')], app2: [says('two')] }, { rules });
  expect(await ask('/app2/version?x=1')).toBe('200 two');
  expect(await ask('/app1/version')).toBe('200 one');
  expect(await ask('/app2')).toBe('200 one');
});

test('requests go to the targets in turn', async () => {
  const { ask } = await listenerBefore({ blue: [says('a'), says('b')] });
  expect([await ask(), await ask(), await ask(), await ask()].sort()).toEqual(['200 a', '200 a', '200 b', '200 b']);
});

test('method, body and headers arrive, and the client is named', async () => {
  const { url } = await listenerBefore({
    blue: [
      (request, response) => {
        const { method, headers } = request;
        response.setHeader('x-answer', `${method} ${headers['x-question']} ${headers['x-forwarded-for']}`);
        request.pipe(response);
      },
    ],
  });
  const response = await fetch(url, { method: 'POST', body: 'a body', headers: { 'x-question': 'why' } });
  expect(response.headers.get('x-answer')).toBe('POST why 127.0.0.1');
  expect(await response.text()).toBe('a body');
});

test('a target that drains finishes what it works on and gets nothing new', async () => {
  const arrivals = new EventEmitter();
  const slow: Handler = (_, response) => void arrivals.emit('arrival', response);
  const { ask, targets } = await listenerBefore({ blue: [slow], green: [says('green')] });
  const arrival = once(arrivals, 'arrival');
  const open = ask();
  const [response] = (await arrival) as [http.ServerResponse];
  targets.set('blue', targets.get('green') ?? []);
  expect([await ask(), await ask()]).toEqual(['200 green', '200 green']);
  response.end('finished');
  expect(await open).toBe('200 finished');
});

test('without a target the answer is 503', async () => {
  const { ask } = await listenerBefore({ blue: [] });
  expect(await ask()).toBe('503 Service Unavailable');
});

test('a target that breaks before it answers makes a 502', async () => {
  const { ask } = await listenerBefore({ blue: [(request) => request.socket.destroy()] });
  expect(await ask()).toBe('502 Bad Gateway');
});

test('a target that breaks in the middle of its answer breaks the connection: half an answer is none', async () => {
  const breaks: Handler = (_, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half', () => response.destroy());
  };
  const { ask } = await listenerBefore({ blue: [breaks] });
  await expect(ask()).rejects.toThrow();
});

test('a target that is silent for too long makes a 504', async () => {
  const { ask } = await listenerBefore({ blue: [() => {}] }, { idleTimeoutSeconds: 0.1 });
  expect(await ask()).toBe('504 Gateway Timeout');
});

test('a fixed response needs no target', async () => {
  const actions: Rule['actions'] = [
    { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503', MessageBody: 'closed' } },
  ];
  const { ask } = await listenerBefore({}, { rules: [{ ...forward(''), actions }] });
  expect(await ask()).toBe('503 closed');
});

test('a rule that the proxy does not know is refused, not passed over', async () => {
  const unknown = { ...forward('blue'), conditions: [{ Field: 'host-header', Values: ['example.com'] }] };
  const { ask } = await listenerBefore({ blue: [says('one')] }, { rules: [unknown, forward('blue')] });
  expect(await ask()).toBe('501 This proxy does not know conditions of the field host-header.');
});
