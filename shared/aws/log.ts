/** One JSON object per line, so that nothing from an event can break a line or pass for another field. */
import type { Runtime } from './runtime';

export type Log = (message: string, fields?: Record<string, unknown>) => void;

export function logTo(runtime: Runtime, functionName: string): Log {
  return (message, fields = {}) =>
    runtime.log(JSON.stringify({ time: runtime.now().toISOString(), function: functionName, message, ...fields }));
}
