/** What is asked of AWS again is answered from memory: many checks look at the same things, at one moment. */
import { Readable } from 'node:stream';
import type { HttpHandlerOptions, HttpRequest, HttpResponse } from '@smithy/types';

interface RequestHandler {
  handle(request: HttpRequest, options?: HttpHandlerOptions): Promise<{ response: HttpResponse }>;
}

type Answer = Omit<HttpResponse, 'body'> & { body: Buffer };

/** Beside path and body these say what is asked. */
const TELLING_HEADERS = ['x-amz-target', 'range'];

const SUCCESS = 200;
const PARTIAL = 206;

/** For reads alone. What fails is asked again, as whoever asks repeats it. */
export function remembering(handler: RequestHandler): object {
  const known = new Map<string, Promise<Answer>>();
  const ask = async (key: string, ...request: Parameters<RequestHandler['handle']>): Promise<Answer> => {
    try {
      const { response } = await handler.handle(...request);
      const { statusCode } = response;
      if (statusCode !== SUCCESS && statusCode !== PARTIAL) known.delete(key);
      return { ...response, body: await bytesOf(response.body) };
    } catch (error) {
      known.delete(key);
      throw error;
    }
  };
  const handle: RequestHandler['handle'] = async (request, options) => {
    const key = keyOf(request);
    const asking = known.get(key) ?? ask(key, request, options);
    known.set(key, asking);
    const answer = await asking;
    return { response: { ...answer, body: Readable.from(answer.body, { objectMode: false }) } };
  };
  return Object.assign(Object.create(handler), { handle });
}

/** Without what is of one sending: its signature, its time and its id. */
function keyOf({ method, protocol, hostname, port, path, query, headers, body }: HttpRequest): string {
  const told = TELLING_HEADERS.map((name) => headers[name]);
  const isBinary = body instanceof Uint8Array;
  const text = isBinary ? Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64') : body;
  return JSON.stringify([method, protocol, hostname, port, path, query, told, text]);
}

async function bytesOf(body: AsyncIterable<Uint8Array> | undefined): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of body ?? []) parts.push(part);
  return Buffer.concat(parts);
}
