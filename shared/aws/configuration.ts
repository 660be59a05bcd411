/** A function's environment, read once by schema. Names of resources have no defaults. */
import * as z from 'zod/mini';

/** Throws, naming every variable that is missing or wrong. */
export function readConfiguration<Output>(
  schema: z.ZodMiniType<Output>,
  environment: Readonly<Record<string, string | undefined>>,
): Output {
  const result = schema.safeParse(environment);
  if (!result.success) throw new Error(`the environment is not usable: ${z.prettifyError(result.error)}`);
  return result.data;
}

export const name = z.string().check(z.minLength(1));

/** A whole number as environment variables carry it: it ends in records, in which another could not be read again. */
export const number = z.pipe(
  z.string(),
  z.transform((text, context) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value)) {
      context.issues.push({ code: 'custom', message: 'not a whole number of at least 0', input: text });
    }
    return value;
  }),
);

/** `a,b` as a list. */
export const list = z.pipe(
  name,
  z.transform((text) => text.split(',').map((item) => item.trim())),
);
