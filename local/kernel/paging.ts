/** Lists that answers give page by page, as the Query services of AWS do. */
import { AwsError } from './service';

export interface Page<Item> {
  items: Item[];
  /** Opaque to callers; undefined on the last page. */
  next: string | undefined;
}

/** The page after the one that gave `token`. `invalidToken` is the code of the error for a token we never gave. */
export function pageOf<Item>(all: Item[], token: string | undefined, size: number, invalidToken: string): Page<Item> {
  const start =
    token === undefined
      ? 0
      : Number(
          Buffer.from(token, 'base64url')
            .toString()
            .match(/^after-(\d+)$/)?.[1],
        );
  if (Number.isNaN(start)) throw new AwsError(invalidToken, `The token '${token}' is invalid.`);
  const end = start + size;
  return {
    items: all.slice(start, end),
    next: end < all.length ? Buffer.from(`after-${end}`).toString('base64url') : undefined,
  };
}

/** The page size that a caller asked for; out of bounds it is refused in the words that AWS uses. */
export function pageSize(asked: number | undefined, parameter: string, standard: number, maximum: number): number {
  if (asked === undefined) return standard;
  if (asked >= 1 && asked <= maximum) return asked;
  const bound = asked < 1 ? 'greater than or equal to 1' : `less than or equal to ${maximum}`;
  throw new AwsError(
    'ValidationError',
    `1 validation error detected: Value '${asked}' at '${parameter}' failed to satisfy constraint: ` +
      `Member must have value ${bound}`,
  );
}
