/** Lets unmodified SDK clients of this process talk to the embedded AWS: what their constructors take. */
import { Readable } from 'node:stream';
import { HttpResponse } from '@smithy/core/protocols';
import { StandardRetryStrategy } from '@smithy/core/retry';
import type { HttpRequest, RetryErrorInfo, RetryStrategyV2, RetryToken, StandardRetryToken } from '@smithy/types';
import type { Clock } from './clock';
import type { Endpoint } from './endpoint';
import type { Caller } from './service';

/** Spread into the constructor of any client: `new S3Client({ ...clientDefaults(…) })`. */
export function clientDefaults(endpoint: Endpoint, clock: Clock, caller: Caller, region: string) {
  return {
    region,
    credentials: { accessKeyId: `LOCAL${caller.principal}`, secretAccessKey: 'local' },
    requestHandler: { handle: async (request: HttpRequest) => ({ response: await answer(endpoint, request, caller) }) },
    retryStrategy: new ClockedRetryStrategy(clock),
  };
}

async function answer(endpoint: Endpoint, request: HttpRequest, caller: Caller): Promise<HttpResponse> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) {
    for (const single of Array.isArray(value) ? value : [value ?? '']) query.append(name, single);
  }
  const response = await endpoint.handle(
    {
      method: request.method,
      host: request.hostname,
      path: request.path,
      query,
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value])),
      body: await bytesOf(request.body),
    },
    caller,
  );
  const body = Buffer.from(response.body);
  return new HttpResponse({ statusCode: response.status, headers: response.headers, body: Readable.from([body]) });
}

async function bytesOf(body: unknown): Promise<Uint8Array> {
  if (body === undefined || body === null) return new Uint8Array();
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body);
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** The SDK's standard retries, except that the pause between two attempts passes on the clock of the embedded AWS. */
class ClockedRetryStrategy implements RetryStrategyV2 {
  private readonly standard = new StandardRetryStrategy(3);

  constructor(private readonly clock: Clock) {}

  acquireInitialRetryToken(scope: string): Promise<RetryToken> {
    return this.standard.acquireInitialRetryToken(scope);
  }

  async refreshRetryTokenForRetry(token: RetryToken, error: RetryErrorInfo): Promise<RetryToken> {
    const next = await this.standard.refreshRetryTokenForRetry(token as StandardRetryToken, error);
    await this.clock.sleep(next.getRetryDelay() / 1000);
    return Object.create(next, { getRetryDelay: { value: () => 0 } }) as RetryToken;
  }

  recordSuccess(token: RetryToken): void {
    this.standard.recordSuccess(token as StandardRetryToken);
  }
}
