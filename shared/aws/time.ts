/** Times as records and events carry them: ISO 8601 in UTC, with milliseconds. */
import * as z from 'zod/mini';

export const time = z.iso.datetime();

export function addSeconds(at: Date, seconds: number): string {
  return new Date(at.getTime() + seconds * 1000).toISOString();
}

export function secondsBetween(from: string, to: Date): number {
  return (to.getTime() - Date.parse(from)) / 1000;
}
