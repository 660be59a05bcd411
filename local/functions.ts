/** Every function of the product, by the name of its file: what the embedded AWS runs for the template's functions. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CreateHandler } from '../shared/aws/runtime';

export type Functions = Readonly<Record<string, CreateHandler>>;

const FOLDER = join(process.cwd(), 'functions');

/** The names that the template knows the functions by. */
export function functionNames(): string[] {
  return readdirSync(FOLDER).flatMap((file) => /^([\w-]+)\.ts$/.exec(file)?.[1] ?? []);
}

export async function loadFunctions(): Promise<Functions> {
  const load = async (name: string): Promise<[string, CreateHandler]> => {
    const { createHandler } = await import(`../functions/${name}.ts`);
    if (!createHandler) throw new Error(`functions/${name}.ts has no createHandler`);
    return [name, createHandler];
  };
  return Object.fromEntries(await Promise.all(functionNames().map(load)));
}
