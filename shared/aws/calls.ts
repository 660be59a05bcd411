/** Calls are made some at once: the account's limits are shared with everything else in it. */

/** How many calls of one invocation are under way at the same time. */
export const CALLS_AT_ONCE = 5;

/** As `Promise.all` over `map`, a few at once; the order of the results is that of the items. */
export async function mapSome<Item, Result>(
  items: readonly Item[],
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += CALLS_AT_ONCE) {
    results.push(...(await Promise.all(items.slice(start, start + CALLS_AT_ONCE).map(map))));
  }
  return results;
}

export function batches<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
