/** That AWS refuses something, and with which error. */
import { fail } from 'node:assert/strict';

/** Of an error of the SDK: its name, its message and the HTTP status. */
export interface Refusal {
  name: string;
  message: string;
  status: number | undefined;
}

/** The error with which the call is refused; throws when it succeeds. With names given, one of them must be the error's. */
export async function refusalOf(call: Promise<unknown>, ...names: string[]): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    if (!$metadata) throw error; // of the client itself
    if (names.length > 0 && !names.includes(name))
      fail(`it is refused with ${name} (${message}), not ${names.join(' or ')}`);
    return { name, message, status: $metadata.httpStatusCode };
  }
  return fail(`it succeeds, and is not refused${names.length > 0 ? ` with ${names.join(' or ')}` : ''}`);
}
