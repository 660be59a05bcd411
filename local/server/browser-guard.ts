/** Pages of a browser on this machine reach loopback too: what none of them, from wherever it came, gets done here. */
import type { WireRequest } from '../endpoint/wire/protocol';
import { AwsError } from '../kernel/service';

/** Nobody can register these or names below them (RFC 6761, 6.3); `bucket.localhost` is a bucket. */
const OWN_NAME = /^(?:.+\.)?(?:localhost|127\.0\.0\.1)$|^\[::1\]$/i;

const READING = ['GET', 'HEAD'];

/** With these a page sends a body and asks nobody: CORS-safelisted request-headers, https://fetch.spec.whatwg.org */
const SAFELISTED_TYPES = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain', ''];

/** The error to answer with instead of looking at the request, if any: it says nothing about what is there. */
export function guard(request: Omit<WireRequest, 'body'>): AwsError | undefined {
  if (!OWN_NAME.test(request.host)) {
    // A page at a name that now resolves to loopback ("DNS rebinding") is of one origin with what it asks.
    return denied(`This server answers to 127.0.0.1 and to localhost and names below it, not to "${request.host}"`);
  }
  if (READING.includes(request.method)) return undefined; // what it answers, a page of another site cannot read
  if (isFromAnotherSite(request)) return denied('The page that sent this request is not of this server');
  return needsNoPreflight(request) ? denied('Any page could have sent this request: sign its headers') : undefined;
}

/** Browsers say so, and pages cannot make them say something else. */
function isFromAnotherSite({ headers }: Omit<WireRequest, 'body'>): boolean {
  const { origin, 'sec-fetch-site': site = 'none' } = headers;
  return (origin !== undefined && origin !== `http://${headers.host}`) || !['same-origin', 'none'].includes(site);
}

/** True for what a form can send. Before all else browsers ask by OPTIONS, and are never given the permission. */
function needsNoPreflight({ method, headers }: Omit<WireRequest, 'body'>): boolean {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  return (
    method === 'POST' &&
    SAFELISTED_TYPES.includes(type.trim().toLowerCase()) &&
    !headers.authorization?.startsWith('AWS4-') && // `http://user:password@…` makes one of another kind
    !Object.keys(headers).some((name) => name.startsWith('x-amz-'))
  );
}

function denied(message: string): AwsError {
  return new AwsError('AccessDenied', message, 403);
}
