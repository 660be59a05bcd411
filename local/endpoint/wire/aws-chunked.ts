/** The `aws-chunked` encoding, by which S3 clients send a body whose length or checksum they do not know beforehand. */

export interface Unchunked {
  content: Uint8Array;
  /** The headers that follow the body, e.g. `x-amz-checksum-crc32`. Names are lower case. */
  trailers: Record<string, string>;
}

export function isChunked(headers: Record<string, string>): boolean {
  return (
    (headers['content-encoding'] ?? '').includes('aws-chunked') ||
    (headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-')
  );
}

/**
 * Each chunk is `size[;signature]\r\n…\r\n` with the size in hexadecimal; trailers follow the empty one. Returns
 * undefined where the body is not so, or ends too early.
 */
export function unchunk(body: Uint8Array): Unchunked | undefined {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const chunks: Buffer[] = [];
  let position = 0;
  for (;;) {
    const lineEnd = buffer.indexOf('\r\n', position);
    const line = buffer.toString('latin1', position, lineEnd);
    const size = Number.parseInt(line, 16);
    const start = lineEnd + 2;
    // A number with a sign would lead back to what was read before.
    if (lineEnd < 0 || !/^[0-9a-f]/i.test(line) || start + size > buffer.length) return undefined;
    if (size === 0) return { content: Buffer.concat(chunks), trailers: trailersOf(buffer.toString('latin1', start)) };
    chunks.push(buffer.subarray(start, start + size));
    position = start + size + 2;
  }
}

function trailersOf(text: string): Record<string, string> {
  const trailers: Record<string, string> = {};
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return trailers;
}
