/** Protocols of services that few programs call: their clients are large, and loading them takes time in every process. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Protocol } from './protocol';

/** At once, and not by `import()`: virtual time does not wait for files. npm and jest run in the project's directory. */
const load = createRequire(join(process.cwd(), 'package.json'));

/** Makes it of the client's module when it is asked for first. */
export function onDemand(module: string, make: (client: object) => Protocol): () => Protocol {
  let made: Protocol | undefined;
  return () => {
    made ??= make(load(module));
    return made;
  };
}
