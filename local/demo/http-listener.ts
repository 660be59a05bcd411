/** One HTTP listener of an Application Load Balancer as a real proxy on loopback. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { globTest } from '../kernel/wildcard';
import { type Rule, targetGroupsOf } from '../services/elastic-load-balancing-v2/account';
import type { Address } from './machines';

export interface HttpListenerOptions {
  /** In the order in which they are tried, the default one last. Asked for every request. */
  rules: () => readonly Rule[];
  /** The targets that may get new requests now, each with what it gets of them, where 1 is a full share. */
  targetsOf: (targetGroupArn: string) => readonly Routable[];
  addressOf: (instanceId: string) => Address | undefined;
  /** How long a target may be silent; also how long unused connections are kept. */
  idleTimeoutSeconds?: number;
}

interface Routable {
  instanceId: string;
  share?: number;
}

const LOOPBACK = '127.0.0.1';
/** The standard value of `idle_timeout.timeout_seconds`. */
const IDLE_TIMEOUT_SECONDS = 60;
/** Concern one connection only, and are not passed on (RFC 9110, section 7.6.1). */
const CONNECTION_HEADERS = ['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade'];

/** A rule that these proxies cannot follow. */
class Unsupported extends Error {}

/**
 * Routes each request by the rules to a target of the moment. So a target that drains gets nothing new, and what it
 * works on already goes on: nobody but the instance ends it.
 */
export class HttpListener {
  private readonly server: http.Server;
  private readonly agent: http.Agent;
  private readonly idleTimeout_ms: number;
  /** What each target is owed, by target group: who is owed most has its turn. */
  private readonly owed = new Map<string, Map<string, number>>();

  private constructor(private readonly options: HttpListenerOptions) {
    this.idleTimeout_ms = (options.idleTimeoutSeconds ?? IDLE_TIMEOUT_SECONDS) * 1000;
    this.agent = new http.Agent({ keepAlive: true });
    this.server = http.createServer({ keepAliveTimeout: this.idleTimeout_ms }, (request, response) => {
      this.handle(request, response);
    });
  }

  static async open(options: HttpListenerOptions): Promise<HttpListener> {
    const listener = new HttpListener(options);
    listener.server.listen(0, LOOPBACK);
    await once(listener.server, 'listening');
    return listener;
  }

  get address(): Address {
    return { host: LOOPBACK, port: (this.server.address() as AddressInfo).port };
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
    this.agent.destroy();
  }

  private handle(request: http.IncomingMessage, response: http.ServerResponse): void {
    try {
      const path = (request.url ?? '/').replace(/[?#].*$/, '');
      const rule = this.options.rules().find((one) => one.conditions.every((condition) => holds(condition, path)));
      const [action] = rule?.actions ?? [];
      if (action?.Type === 'fixed-response') {
        const { StatusCode, MessageBody = '' } = action.FixedResponseConfig ?? {};
        answer(response, Number(StatusCode), MessageBody);
      } else if (rule && action?.Type === 'forward') {
        this.forward(request, response, onlyTargetGroupOf(rule));
      } else throw new Unsupported(`actions of the type ${action?.Type}`);
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      answer(response, 501, `This proxy does not know ${error.message}.`);
    }
  }

  private choose(targetGroupArn: string): Routable | undefined {
    const targets = this.options.targetsOf(targetGroupArn);
    const before = this.owed.get(targetGroupArn);
    const owed = new Map(
      targets.map(({ instanceId, share = 1 }) => [instanceId, (before?.get(instanceId) ?? 0) + share]),
    );
    this.owed.set(targetGroupArn, owed);
    const most = Math.max(...owed.values());
    const target = targets.find(({ instanceId }) => owed.get(instanceId) === most);
    const all = targets.reduce((sum, { share = 1 }) => sum + share, 0);
    if (target) owed.set(target.instanceId, most - all);
    return target;
  }

  private forward(request: http.IncomingMessage, response: http.ServerResponse, targetGroupArn: string): void {
    const target = this.choose(targetGroupArn);
    const address = target && this.options.addressOf(target.instanceId);
    if (!address) {
      answer(response, target ? 502 : 503);
      return;
    }
    const { method, url } = request;
    const headers = forwardedHeaders(request);
    const outgoing = http.request({ ...address, agent: this.agent, method, path: url, headers });
    outgoing.setTimeout(this.idleTimeout_ms, () => {
      answer(response, 504);
      outgoing.destroy();
    });
    outgoing.on('response', (incoming) => {
      response.writeHead(incoming.statusCode ?? 502, withoutConnectionHeaders(incoming.headers));
      // A target that breaks off breaks the client's connection too: half an answer must not look like a whole one.
      pipeline(incoming, response, () => {});
    });
    outgoing.on('error', () => answer(response, 502));
    response.on('close', () => {
      if (!response.writableFinished) outgoing.destroy(); // the client has gone
    });
    request.pipe(outgoing);
  }
}

function answer(response: http.ServerResponse, status: number, body = http.STATUS_CODES[status] ?? ''): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${body}\n`);
}

function holds({ Field, Values, PathPatternConfig }: Rule['conditions'][number], path: string): boolean {
  if (Field !== 'path-pattern') throw new Unsupported(`conditions of the field ${Field}`);
  return (PathPatternConfig?.Values ?? Values ?? []).some((pattern) => matchesPath(pattern, path));
}

/** `*` is any number of characters, `?` exactly one; case counts (user guide, path conditions). */
function matchesPath(pattern: string, path: string): boolean {
  return globTest(pattern)(path);
}

function onlyTargetGroupOf({ actions }: Rule): string {
  const [targetGroupArn, ...others] = targetGroupsOf(actions);
  if (targetGroupArn === undefined || others.length > 0) throw new Unsupported('weighted target groups');
  return targetGroupArn;
}

function forwardedHeaders(request: http.IncomingMessage): http.OutgoingHttpHeaders {
  const before = request.headers['x-forwarded-for'];
  const client = request.socket.remoteAddress ?? '';
  return {
    ...withoutConnectionHeaders(request.headers),
    'x-forwarded-for': before ? `${before}, ${client}` : client,
    'x-forwarded-proto': 'http',
  };
}

function withoutConnectionHeaders(headers: http.IncomingHttpHeaders): http.OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !CONNECTION_HEADERS.includes(name)));
}
