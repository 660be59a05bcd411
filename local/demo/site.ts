/** The place where the demo plays: the embedded AWS in real time, the stack in it, the fleet, its traffic and its users. */
import { packagedTemplate } from '../cloudformation/template';
import { EmbeddedAws, type EmbeddedAwsOptions } from '../embedded-aws';
import { installWars } from '../example/application';
import { createExampleFleet, type ExampleFleet } from '../example/fleet';
import type { LoadBalancerDescription } from '../example/load-balancers';
import { loadFunctions } from '../functions';
import type { RealClock } from '../kernel/clock';
import { DataPlane } from './data-plane';
import { isServing } from './fleet-state';
import { until } from './follow';
import { HttpInstances } from './http-instances';
import { Narrator } from './narrator';
import { type Entrance, Prober } from './prober';
import type { Screen } from './screen';

/** What takes minutes in AWS takes seconds here, so that one can watch it. All of it is real time. */
export const DURATIONS = {
  provisioningSeconds: 2, // AWS: two to three minutes
  bootSeconds: 1,
  healthCheckIntervalSeconds: 3, // AWS: 5 s at least
  networkRegistrationSeconds: 0.5, // AWS: about two minutes
  networkSendsSeconds: 2, // AWS: about two minutes
  deregistrationDelaySeconds: 2, // AWS: 300 s unless it is set
};
const SETTINGS: EmbeddedAwsOptions['settings'] = {
  eventBridge: { deliveryDelaySeconds: 0.1 },
  elasticLoadBalancingV2: {
    provisioningSeconds: DURATIONS.provisioningSeconds,
    networkRegistrationSeconds: DURATIONS.networkRegistrationSeconds,
    networkSendsSeconds: DURATIONS.networkSendsSeconds,
    shortestHealthCheckIntervalSeconds: DURATIONS.healthCheckIntervalSeconds,
    releaseSeconds: 1,
  },
  codeDeploy: { startSeconds: 0.5, installationSeconds: 2, pollSeconds: 0.5 },
  autoScaling: { reactionSeconds: 0.5, launchSeconds: 1.2, attachmentSeconds: 0.5, terminationSeconds: 0.5 },
};
/** Of each call of a client. */
const LATENCY_SECONDS = 0.01;
/** More than a Network Load Balancer goes on sending for: its end is counted from the call that deregisters. */
const PARAMETERS = {
  AdminEmails: 'admin@example.com',
  CheckIntervalSeconds: '1',
  CycleSeconds: '8',
  NetworkDrainSeconds: '3',
};
export const WAR_KEYS = ['app1.war', 'app2.war'];
/** One of each kind, all in front of the same instances. */
const LOAD_BALANCERS: LoadBalancerDescription[] = [
  {
    name: 'was-alb',
    kind: 'application',
    way: 'direct',
    isAcrossZones: true,
    targetGroups: WAR_KEYS.map(() => ({ protocol: 'HTTP' })),
  },
  { name: 'was-nlb', kind: 'network', way: 'direct', isAcrossZones: true, targetGroups: [{ protocol: 'TCP' }] },
  { name: 'was-clb', kind: 'classic', way: 'direct', isAcrossZones: true, targetGroups: [] },
];
/** The entry of a war that users ask for. */
const PATHS = ['/app1/version', '/app2/version'];
const INSTANCES = 2;
const ANSWER_SECONDS = 0.005;
const REQUESTS_PER_SECOND = 220;
const REQUEST_TIMEOUT_SECONDS = 10;
const READY_LIMIT_SECONDS = 60;
/** On which every load balancer listens. */
const LISTENER_PORT = 80;

export interface Site {
  clock: RealClock;
  aws: EmbeddedAws;
  busName: string;
  fleet: ExampleFleet;
  prober: Prober;
  close(): void;
}

/**
 * Answers when the first version serves and users have come. `acceptable` are the contents that users may see;
 * `clock` is the embedded AWS's.
 */
export async function openSite(screen: Screen, clock: RealClock, acceptable: ReadonlySet<string>): Promise<Site> {
  const instances: HttpInstances = new HttpInstances({
    clock,
    bootSeconds: DURATIONS.bootSeconds,
    answerSeconds: ANSWER_SECONDS,
    installWars: (instance) => installWars(aws.s3, instance),
  });
  const handlers = await loadFunctions();
  const aws: EmbeddedAws = new EmbeddedAws({
    ...{ clock, instances, handlers, settings: SETTINGS },
    latencySeconds: LATENCY_SECONDS,
  });
  const stack = aws.deploy(packagedTemplate(PARAMETERS));
  const busName = stack.outputs.EventBusName ?? '';
  const narrator = new Narrator(screen, clock);
  narrator.followFleet(aws, instances);
  const fleet = await createExampleFleet(aws, {
    bucket: stack.outputs.WarBucketName ?? '',
    warKeys: WAR_KEYS,
    instances: INSTANCES,
    loadBalancers: LOAD_BALANCERS,
    healthCheckIntervalSeconds: DURATIONS.healthCheckIntervalSeconds,
    deregistrationDelaySeconds: DURATIONS.deregistrationDelaySeconds,
    extraTags: { settleSeconds: '0' }, // one war at a time is uploaded: nothing to wait for
  });
  await until(clock, () => isServing(aws, fleet), READY_LIMIT_SECONDS, 'the fleet does not serve');
  narrator.followPipeline(aws, busName); // from now on: the uploads of version 1 were no deployment

  const dataPlane = new DataPlane(aws.elasticLoadBalancingV2, aws.elasticLoadBalancing, instances);
  const prober = new Prober({
    entrances: await openEntrances(dataPlane, fleet),
    paths: PATHS,
    requestsPerSecond: REQUESTS_PER_SECOND,
    timeoutSeconds: REQUEST_TIMEOUT_SECONDS,
    accepts: (_, body) => acceptable.has(body),
  });
  return {
    ...{ clock, aws, busName, fleet, prober },
    close() {
      prober.stop();
      dataPlane.close();
      clock.stop();
      instances.terminateAll();
    },
  };
}

async function openEntrances(dataPlane: DataPlane, { attachments }: ExampleFleet): Promise<Entrance[]> {
  const entrances: Entrance[] = [];
  for (const { name = '', kind } of LOAD_BALANCERS) {
    const arn = attachments.find(({ loadBalancerArn }) => loadBalancerArn?.includes(`/${name}/`))?.loadBalancerArn;
    const addresses = kind === 'classic' ? await dataPlane.openClassic(name) : await dataPlane.open(arn ?? '');
    const address = addresses.get(LISTENER_PORT);
    if (!address) throw new Error(`${name} does not listen on port ${LISTENER_PORT}`);
    entrances.push({ name, address, keepsConnections: kind === 'application' });
  }
  return entrances;
}
