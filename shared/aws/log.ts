/** One JSON object per line, so that nothing from an event can break a line or pass for another field. */
import { fitted, shortened, sizeOf } from './findings';
import type { Runtime } from './runtime';

/** CloudWatch Logs takes more; nobody reads it. */
const LINE_BYTES = 16 * 1024;

export type Log = (message: string, fields?: Record<string, unknown>) => void;

export function logTo(runtime: Runtime, functionName: string): Log {
  return (message, fields = {}) => {
    const [time, invocationId] = [runtime.now().toISOString(), runtime.invocationId?.()];
    runtime.log(lineOf({ time, function: functionName, message, invocationId, ...fields }));
  };
}

function lineOf(said: Record<string, unknown>): string {
  if (sizeOf(said) <= LINE_BYTES) return JSON.stringify(said);
  const texts = Object.entries(said).map(([name, value]) => [name, isShortenable(value) ? value : jsonOf(value)]);
  return JSON.stringify(fitted(Object.fromEntries(texts), LINE_BYTES, Object.keys(said)));
}

/** A text, or a list of texts: it can be shortened and stay what it is. */
function isShortenable(value: unknown): boolean {
  return typeof value === 'string' || (Array.isArray(value) && value.every((item) => typeof item === 'string'));
}

function jsonOf(value: unknown): string {
  return shortened(JSON.stringify(value) ?? '', LINE_BYTES);
}
