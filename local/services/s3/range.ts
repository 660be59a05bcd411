/** The part of an object that a `Range` header asks for. */
import { AwsError } from '../../kernel/service';

export interface ByteRange {
  start: number;
  /** Exclusive. */
  end: number;
  /** The `Content-Range` header. */
  contentRange: string;
}

/** `bytes=a-b`, `bytes=a-` or `bytes=-n`; a header that is none of these is ignored, as RFC 9110 says. */
export function rangeOf(header: string | undefined, size: number): ByteRange | undefined {
  const [, first = '', last = ''] = header?.match(/^bytes=(\d*)-(\d*)$/) ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(Number(last) + 1, size);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  if (start >= size) {
    throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416, {
      'content-range': `bytes */${size}`,
    });
  }
  return { start, end, contentRange: `bytes ${start}-${end - 1}/${size}` };
}
