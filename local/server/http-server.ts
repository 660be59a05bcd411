/** The embedded AWS over HTTP: what arrives on a port of 127.0.0.1 goes through the same door as in-process clients. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { accessKeyOf, type Endpoint } from '../endpoint/endpoint';
import type { WireRequest, WireResponse } from '../endpoint/wire/protocol';
import { AwsError, type Caller } from '../kernel/service';
import { guard } from './browser-guard';

const LOOPBACK = '127.0.0.1';
/** Everything is kept in memory. Larger objects are for multipart uploads, as in S3. */
const MAXIMUM_BODY_BYTES = 1024 ** 3;
/** Longer than clients keep unused connections, so that none sends a request while this side hangs up. */
const KEEP_ALIVE_SECONDS = 75;

/** What is served: whoever reaches the port is believed to be whose access key it names. */
export interface Served {
  endpoint: Endpoint;
  callerOf(accessKeyId: string | undefined): Caller;
}

export class HttpServer {
  private readonly server: http.Server;
  private served: Served | undefined;

  private constructor(private readonly onDefect: (error: unknown) => void) {
    this.server = http.createServer({ keepAliveTimeout: KEEP_ALIVE_SECONDS * 1000 }, (request, response) => {
      this.handle(request, response).catch((error) => {
        response.destroy();
        this.onDefect(error);
      });
    });
  }

  /**
   * Listens, and answers 503 until it serves an endpoint. Errors of the embedded AWS itself are answered with 500 and
   * given to `onDefect`. Throws Node's error when the port is taken (`EADDRINUSE`) or not ours to take (`EACCES`).
   */
  static async listen(port: number, onDefect: (error: unknown) => void): Promise<HttpServer> {
    const one = new HttpServer(onDefect);
    one.server.listen(port, LOOPBACK);
    await once(one.server, 'listening');
    return one;
  }

  get url(): string {
    return `http://${LOOPBACK}:${(this.server.address() as AddressInfo).port}`;
  }

  serve(served: Served): void {
    this.served = served;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    // Clients learn from it how far their own clock is from that of AWS, which may go faster here.
    if (this.served) response.setHeader('date', this.served.endpoint.now().toUTCString());
    const refused = this.refusal(wireRequest(request));
    if (refused) return send(response, refused); // whatever its body is
    const body = await bodyOf(request);
    if (body === 'broken off') return;
    if (body === 'too large') {
      response.setHeader('connection', 'close'); // the rest of it is not read
      send(response, plain(413, `a request may have ${MAXIMUM_BODY_BYTES} bytes at most`));
    } else send(response, await this.answer({ ...wireRequest(request), body }));
  }

  private refusal(request: WireRequest): WireResponse | undefined {
    const error = guard(request);
    return error && (this.served?.endpoint.refuse(request, error) ?? plain(error.status, error.message));
  }

  private async answer(request: WireRequest): Promise<WireResponse> {
    if (!this.served) return plain(503, 'the embedded AWS is not ready yet');
    const { endpoint } = this.served;
    try {
      return await endpoint.handle(request, this.served.callerOf(accessKeyOf(request)));
    } catch (error) {
      this.onDefect(error);
      const message = 'The embedded AWS failed; what it printed says why';
      return endpoint.refuse(request, new AwsError('InternalFailure', message, 500));
    }
  }
}

async function bodyOf(request: http.IncomingMessage): Promise<Buffer | 'too large' | 'broken off'> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAXIMUM_BODY_BYTES) return 'too large';
      chunks.push(chunk);
    }
  } catch {
    return 'broken off';
  }
  return Buffer.concat(chunks);
}

function wireRequest(request: http.IncomingMessage): WireRequest {
  const [, path = '/', query = ''] = (request.url ?? '/').match(/^([^?]*)\??(.*)$/s) ?? [];
  const headers = Object.entries(request.headers).map(([name, value]) => [name, fromLatin1(String(value))]);
  return {
    method: request.method ?? 'GET',
    host: (request.headers.host ?? '').replace(/:\d+$/, ''),
    path,
    query: new URLSearchParams(query),
    headers: Object.fromEntries(headers),
    body: new Uint8Array(),
  };
}

function send(response: http.ServerResponse, { status, headers, body }: WireResponse): void {
  const bytes = Buffer.from(body);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, toLatin1(value));
  // The answer to HEAD says how long the body is that it does not have.
  if (!response.hasHeader('content-length')) response.setHeader('content-length', bytes.length);
  response.writeHead(status).end(bytes);
}

/** Node reads and writes headers as Latin-1; clients that send others send UTF-8. */
function fromLatin1(value: string): string {
  return Buffer.from(value, 'latin1').toString('utf8');
}

function toLatin1(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}

function plain(status: number, text: string): WireResponse {
  return { status, headers: { 'content-type': 'text/plain' }, body: `${text}\n` };
}
