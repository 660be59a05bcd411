/** A client that is no SDK: requests signed by hand with AWS Signature Version 4, sent by Node's own HTTP client. */
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { text } from 'node:stream/consumers';

export interface HandRequest {
  url: string;
  method: string;
  service: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

export interface HandResponse {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

const REGION = 'eu-central-1';
const ACCESS_KEY_ID = 'local';
const SECRET_ACCESS_KEY = 'local';

/** "Create a signed AWS API request", IAM User Guide. The query is taken as it is: at most one parameter. */
export async function sendSigned(request: HandRequest): Promise<HandResponse> {
  const { method, service, body = '' } = request;
  const url = new URL(request.url);
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const payloadHash = createHash('sha256').update(body).digest('hex');
  const given = Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const headers: Record<string, string> = {
    host: url.host,
    ...Object.fromEntries(given),
    'x-amz-content-sha256': payloadHash,
    'x-amz-date': time,
  };
  const names = Object.keys(headers).sort();
  const canonicalHeaders = names.map((name) => `${name}:${headers[name]?.trim()}\n`).join('');
  const query = url.search.slice(1);
  const canonical = [method, url.pathname, query, canonicalHeaders, names.join(';'), payloadHash].join('\n');
  const scope = [time.slice(0, 8), REGION, service, 'aws4_request'];
  const digest = createHash('sha256').update(canonical).digest('hex');
  const toSign = ['AWS4-HMAC-SHA256', time, scope.join('/'), digest].join('\n');
  let key: string | Buffer = `AWS4${SECRET_ACCESS_KEY}`;
  for (const part of scope) key = createHmac('sha256', key).update(part).digest();
  const signature = createHmac('sha256', key).update(toSign).digest('hex');
  const credential = `Credential=${ACCESS_KEY_ID}/${scope.join('/')}`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return send(request.url, method, { ...headers, authorization }, body);
}

async function send(
  url: string,
  method: string,
  headers: Record<string, string>,
  body: string | Uint8Array,
): Promise<HandResponse> {
  const request = http.request(url, { method, headers: { ...headers, 'content-length': Buffer.byteLength(body) } });
  // With `expect: 100-continue` the body waits for the server's word.
  if (headers.expect) {
    request.flushHeaders();
    await once(request, 'continue');
  }
  request.end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}
