import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Prober, type Tally } from './prober';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** However busy the machine is, what is answered counts as answered. */
const PATIENT_SECONDS = 60;

/** Sends requests to this server, usually 200 per second, until 50 were sent, and answers when all answers are there. */
async function probe(handler: http.RequestListener, { timeoutSeconds = PATIENT_SECONDS } = {}): Promise<Tally> {
  const prober = await proberOf(handler, 200, timeoutSeconds);
  const tally = prober.tally;
  while (tally.sent < 50) await sleep(5);
  prober.startTally();
  while (tally.underWay > 0) await sleep(5);
  return tally;
}

async function proberOf(
  handler: http.RequestListener,
  requestsPerSecond: number,
  timeoutSeconds = PATIENT_SECONDS,
): Promise<Prober> {
  const server = http.createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const prober = new Prober({
    entrances: [
      { name: 'web', address, keepsConnections: true },
      { name: 'net', address, keepsConnections: false },
    ],
    paths: ['/a', '/b'],
    requestsPerSecond,
    timeoutSeconds,
    accepts: (_, body) => body === 'good',
  });
  closing.push(() => {
    prober.stop();
    server.close();
    server.closeAllConnections();
  });
  return prober;
}

test('sends at its rate to every path through every entrance in turn, and counts each answer', async () => {
  const started_ms = performance.now();
  const tally = await probe((_, response) => void response.end('good'));
  const elapsedSeconds = (performance.now() - started_ms) / 1000;
  expect(tally.sent).toBeGreaterThanOrEqual(50);
  expect(tally.sent).toBeLessThanOrEqual(200 * elapsedSeconds);
  const [a = 0, b = 0] = ['/a: good', '/b: good'].map((answer) => tally.answers.get(answer));
  expect(a + b).toBe(tally.sent);
  expect(Math.abs(a - b)).toBeLessThanOrEqual(2);
  const [web = 0, net = 0] = ['web', 'net'].map((entrance) => tally.through.get(entrance));
  expect(web + net).toBe(tally.sent);
  expect(Math.abs(web - net)).toBeLessThanOrEqual(1);
  expect(tally.failed).toBe(0);
});

test('keeps its connections where it should, and makes one for each request where it should not', async () => {
  const ports = { kept: new Set<unknown>(), own: new Set<unknown>() };
  const tally = await probe((request, response) => {
    const { kept, own } = ports;
    (request.headers.connection === 'close' ? own : kept).add(request.socket.remotePort);
    response.end('good');
  });
  expect(ports.own.size).toBeGreaterThanOrEqual(tally.through.get('net') ?? 0);
  expect(ports.kept.size).toBeLessThan(ports.own.size);
});

test('goes on sending when no answers come, and counts each as failed', async () => {
  const tally = await probe(() => {}, { timeoutSeconds: 0.1 });
  expect(tally.sent).toBeGreaterThanOrEqual(50);
  expect(tally.failed).toBe(tally.sent);
  expect(new Set(tally.failures.keys())).toEqual(
    new Set(['web/a', 'net/a', 'web/b', 'net/b'].map((where) => `${where}: no answer within 0.1 s`)),
  );
});

test('does not drown a server that does not answer yet', async () => {
  const held: http.ServerResponse[] = [];
  const prober = await proberOf((_, response) => void held.push(response), 2000);
  const tally = prober.tally;
  while (tally.sent < 200) await sleep(5);
  await sleep(100); // as many again would be due
  expect(tally.sent).toBe(200);
  prober.startTally();
  while (tally.underWay > 0) {
    for (const response of held.splice(0)) response.end('good');
    await sleep(5);
  }
  expect(tally.failed).toBe(0);
});

test('a status but 200, a broken connection, and what no user may see are failures', async () => {
  const answers: http.RequestListener[] = [
    (_, response) => void response.writeHead(502).end(),
    (request) => void request.socket.destroy(),
    (_, response) => void response.end('bad'),
  ];
  let turn = 0;
  const tally = await probe((request, response) => answers[turn++ % answers.length]?.(request, response));
  expect(tally.failed).toBe(tally.sent);
  const kinds = new Set([...tally.failures.keys()].map((failure) => failure.slice('web/a: '.length)));
  expect(kinds).toEqual(new Set(['status 502', 'ECONNRESET', 'what no user may see: "bad"']));
});
