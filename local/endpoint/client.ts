/** Lets unmodified SDK clients of this process talk to the embedded AWS: what their constructors take. */
import { Readable } from 'node:stream';
import { HttpResponse } from '@smithy/core/protocols';
import type { HttpRequest, RetryErrorInfo, RetryStrategyV2, RetryToken } from '@smithy/types';
import type { Clock } from '../kernel/clock';
import type { Caller } from '../kernel/service';
import { directSettings } from './direct-entry';
import type { Endpoint } from './endpoint';

/** As the SDK has them in its standard mode. */
const MAX_ATTEMPTS = 3;
const BASE_DELAY_SECONDS = 0.05;
const THROTTLING_BASE_DELAY_SECONDS = 1;
const MAX_DELAY_SECONDS = 20;

/**
 * What clients otherwise look up in the environment and in `~/.aws/config`: real input, which virtual time does not wait
 * for, and a developer's own settings, which must not matter here. The values are the SDK's defaults.
 */
const FIXED_SETTINGS = {
  authSchemePreference: [],
  disableClockSkewCorrection: false,
  defaultsMode: 'standard' as const,
  ignoreConfiguredEndpointUrls: true,
  maxAttempts: MAX_ATTEMPTS,
  retryMode: 'standard',
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  userAgentAppId: 'embedded',
  useQueueUrlAsEndpoint: false, // of SQS alone
  // Of S3 alone:
  disableS3ExpressSessionAuth: false,
  requestChecksumCalculation: 'WHEN_SUPPORTED' as const,
  responseChecksumValidation: 'WHEN_SUPPORTED' as const,
  sigv4aSigningRegionSet: [],
  useArnRegion: false,
};

/** Spread into the constructor of any client: `new S3Client({ ...clientDefaults(…) })`. */
export function clientDefaults(
  endpoint: Endpoint,
  clock: Clock,
  caller: Caller,
  region: string,
  entry: Entry = 'wire',
) {
  const defaults = {
    region,
    credentials: { accessKeyId: `LOCAL${caller.principal}`, secretAccessKey: 'local' },
    requestHandler: { handle: async (request: HttpRequest) => ({ response: await answer(endpoint, request, caller) }) },
    retryStrategy: new ClockedRetryStrategy(clock),
    ...FIXED_SETTINGS,
  };
  return entry === 'wire'
    ? defaults
    : ({ ...defaults, ...directSettings(endpoint, caller) } as unknown as typeof defaults);
}

/** Over the wire protocols, or past them. */
export type Entry = 'wire' | 'direct';

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
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return new Uint8Array(body); // the caller may go on writing into its own
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/**
 * The SDK's standard retries, on the clock of the embedded AWS. The SDK's own class pauses by `setTimeout`, for a random
 * part of the delay; here it is always the whole delay, so that the same program gives the same history every time.
 */
export class ClockedRetryStrategy implements RetryStrategyV2 {
  constructor(
    private readonly clock: Pick<Clock, 'sleep'>,
    private readonly maxAttempts = MAX_ATTEMPTS,
  ) {}

  async acquireInitialRetryToken(): Promise<RetryToken> {
    return retryToken(0);
  }

  async refreshRetryTokenForRetry(token: RetryToken, { errorType }: RetryErrorInfo): Promise<RetryToken> {
    const retries = token.getRetryCount();
    const isRetryable = errorType === 'THROTTLING' || errorType === 'TRANSIENT';
    if (!isRetryable || retries + 1 >= this.maxAttempts)
      throw new Error('no retry is left, or the error is not one to retry');
    const baseSeconds = errorType === 'THROTTLING' ? THROTTLING_BASE_DELAY_SECONDS : BASE_DELAY_SECONDS;
    await this.clock.sleep(Math.min(baseSeconds * 2 ** retries, MAX_DELAY_SECONDS));
    return retryToken(retries + 1);
  }

  recordSuccess(): void {}
}

/** The pause is over when a client gets its token: the delay that it names for the client itself is none. */
function retryToken(retries: number): RetryToken {
  return { getRetryCount: () => retries, getRetryDelay: () => 0 };
}
