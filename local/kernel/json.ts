/** JSON that strangers wrote. */

/** AWS names no limit. What is deeper than any event is only there to exhaust the stack of whoever goes through it. */
const MAXIMUM_LEVELS = 1000;

/** Undefined for a text that is no JSON, or whose arrays and objects are nested too deep. */
export function parsedJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isDeeper(value, MAXIMUM_LEVELS) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** As `parsedJson`, for a text that has to be an object. */
export function parsedObject(text: string): Record<string, unknown> | undefined {
  const value = parsedJson(text);
  return isObject(value) ? value : undefined;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1));
}
