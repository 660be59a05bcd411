/** Where the table runs: its clients, its time, and its name. Only `--aws` lets the SDK find an account by itself. */
import { setTimeout as realSleep } from 'node:timers/promises';
import { type ClientSettings, type Clients, clientsOf, type Sleep } from './context';
import { startEmbedded } from './embedded';
import type { Options } from './options';
import type { Place } from './runner';

export interface OpenedPlace extends Place {
  name: string;
  close: () => void;
}

const ACCOUNT_ATTEMPTS = 10;

const LOCAL = { region: 'eu-central-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

/** Throws where an account cannot be reached for want of a region or credentials. `onDefect`: see startEmbedded. */
export async function openPlace(
  { target, given, speed }: Options,
  environment: NodeJS.ProcessEnv,
  onDefect: (error: unknown) => void,
): Promise<OpenedPlace> {
  const sleep: Sleep = (seconds, signal) => realSleep((seconds * 1000) / speed, undefined, { signal });
  switch (target.is) {
    case 'embedded': {
      const embedded = await startEmbedded(onDefect);
      const clients = clientsOf({ endpoint: embedded.url, ...LOCAL });
      const close = () => {
        destroy(clients);
        embedded.close();
      };
      return { name: 'an embedded AWS of its own', clients, given, sleep: embedded.sleep, close };
    }
    case 'endpoint': {
      const clients = clientsOf({ endpoint: target.url, ...settingsOf(environment) });
      return { name: target.url, clients, given, sleep, close: () => destroy(clients) };
    }
    case 'account': {
      const clients = clientsOf({ maxAttempts: ACCOUNT_ATTEMPTS });
      const region = await clients.s3.config.region();
      await clients.s3.config.credentials();
      return {
        name: `the AWS account of your credentials, ${region}`,
        clients,
        given,
        sleep,
        close: () => destroy(clients),
      };
    }
  }
}

/** An endpoint that is not AWS needs a region and credentials only to be given some. */
function settingsOf({
  AWS_REGION,
  AWS_DEFAULT_REGION,
  AWS_ACCESS_KEY_ID,
  AWS_PROFILE,
}: NodeJS.ProcessEnv): ClientSettings {
  const hasCredentials = AWS_ACCESS_KEY_ID !== undefined || AWS_PROFILE !== undefined;
  return {
    region: AWS_REGION ?? AWS_DEFAULT_REGION ?? LOCAL.region,
    ...(!hasCredentials && { credentials: LOCAL.credentials }),
  };
}

function destroy(clients: Clients): void {
  for (const client of Object.values(clients)) client.destroy();
}
