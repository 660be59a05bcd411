/** What is served: the embedded AWS in real time, the stack in it, and an example fleet that serves its first version. */
import { randomInt } from 'node:crypto';
import type { DeployedStack } from '../cloudformation/stack';
import { packagedTemplate } from '../cloudformation/template';
import { EmbeddedAws } from '../embedded-aws';
import { healthOfWars, installWars } from '../example/application';
import { createExampleFleet, type ExampleFleet } from '../example/fleet';
import { VirtualInstances } from '../fleet/virtual-instances';
import { loadFunctions } from '../functions';
import type { RealClock } from '../kernel/clock';
import { HttpServer } from './http-server';

export interface LocalAwsOptions {
  port: number;
  clock: RealClock;
  /** Gets errors of the embedded AWS itself, which are never the fault of a client. */
  onDefect: (error: unknown) => void;
  /** Gets what functions log. */
  log?: (functionKey: string, line: string) => void;
  provisioningSeconds?: number;
  bootSeconds?: number;
  /** Of all that the embedded AWS makes up. By chance, if not given: whoever has not been told cannot name a bucket. */
  seed?: number;
}

export interface LocalAws {
  /** What clients take as their endpoint: `http://127.0.0.1:4566`. */
  url: string;
  aws: EmbeddedAws;
  stack: DeployedStack;
  fleet: ExampleFleet;
  instances: VirtualInstances;
  /** Nothing of it goes on afterwards. */
  close(): void;
}

/** As long as in AWS. */
const PROVISIONING_SECONDS = 150;
const BOOT_SECONDS = 90;
/** As deploying the stage `dev` names it. */
const STACK_NAME = 'bluegreen-dev';
const PARAMETERS = { AdminEmails: 'admin@example.com' };

/** Throws Node's error when the port cannot be listened on, and an Error when the template cannot be packaged. */
export async function openLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  const { port, clock, onDefect, provisioningSeconds = PROVISIONING_SECONDS, bootSeconds = BOOT_SECONDS } = options;
  const { seed = randomInt(2 ** 32) } = options;
  const server = await HttpServer.listen(port, onDefect);
  const close = () => {
    server.close();
    clock.stop();
  };
  try {
    const handlers = await loadFunctions();
    const healths = new Map<string, number>();
    const instances: VirtualInstances = new VirtualInstances({
      clock,
      bootSeconds,
      application(instance) {
        const health = healths.get(instance.instanceId) ?? healthOfWars(installWars(aws.s3, instance));
        healths.set(instance.instanceId, health);
        return health;
      },
    });
    const aws: EmbeddedAws = new EmbeddedAws({
      clock,
      instances,
      handlers,
      seed,
      log: options.log,
      queueOrigin: server.url,
      settings: { elasticLoadBalancingV2: { provisioningSeconds } },
    });
    const stack = aws.deploy(packagedTemplate(PARAMETERS), { stackName: STACK_NAME, nameSeed: seed });
    const fleet = await createExampleFleet(aws, { bucket: stack.outputs.WarBucketName ?? '' });
    server.serve(aws);
    return { url: server.url, aws, stack, fleet, instances, close };
  } catch (error) {
    close();
    throw error;
  }
}
