/** The place where the demo plays: the embedded AWS in real time, the stack in it, the fleet, its traffic and its users. */
import { packagedTemplate } from '../cloudformation/template';
import { EmbeddedAws, type EmbeddedAwsOptions } from '../embedded-aws';
import { type InstalledWar, installWars } from '../example/application';
import { createExampleFleet, type ExampleFleet } from '../example/fleet';
import type { LoadBalancerDescription } from '../example/load-balancers';
import type { LaunchedInstance } from '../fleet/instances';
import { loadFunctions } from '../functions';
import type { RealClock } from '../kernel/clock';
import { HttpServer } from '../server/http-server';
import { DataPlane } from './data-plane';
import { isServing } from './fleet-state';
import { until } from './follow';
import { HttpInstances } from './http-instances';
import type { Machines } from './machines';
import { Narrator } from './narrator';
import { type Entrance, Prober } from './prober';
import type { Screen } from './screen';
import { TomcatInstances } from './tomcat-instances';

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
  NetworkDrainSeconds: '3',
};
/** As the embedded AWS has it where nothing is said. */
const REGION = 'eu-central-1';
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
const ANSWER_SECONDS = 0.005;
const REQUEST_TIMEOUT_SECONDS = 10;
/**
 * A Tomcat takes eight seconds of a processor to come up, on a busy machine much longer: so there are fewer, and fewer
 * users.
 */
const PACES = {
  served: {
    instances: 2,
    requestsPerSecond: 220,
    cycleSeconds: 8,
    readyLimitSeconds: 60,
    limitSeconds: 120,
    graceSeconds: 60,
  },
  tomcat: {
    instances: 1,
    requestsPerSecond: 40,
    cycleSeconds: 120,
    readyLimitSeconds: 300,
    limitSeconds: 600,
    graceSeconds: 600,
  },
};
/** On which every load balancer listens. */
const LISTENER_PORT = 80;

export interface Site {
  clock: RealClock;
  aws: EmbeddedAws;
  busName: string;
  fleet: ExampleFleet;
  prober: Prober;
  /** Of one deployment. */
  limitSeconds: number;
  close(): void;
}

export interface SiteOptions {
  /** What users may see. */
  acceptable: ReadonlySet<string>;
  /** Whether the instances are Tomcats. */
  tomcat: boolean;
}

/** Answers when the first version serves and users have come. `clock` is the embedded AWS's. */
export async function openSite(screen: Screen, clock: RealClock, options: SiteOptions): Promise<Site> {
  const pace = options.tomcat ? PACES.tomcat : PACES.served;
  const narrator = new Narrator(screen, clock);
  const handlers = await loadFunctions();
  const installedWars = (instance: LaunchedInstance) => installWars(aws.s3, instance);
  const { instances, serve, close } = options.tomcat
    ? await openTomcats(clock, narrator, installedWars)
    : openHttpInstances(clock, installedWars);
  const aws: EmbeddedAws = new EmbeddedAws({
    ...{ clock, instances, handlers, settings: SETTINGS },
    latencySeconds: LATENCY_SECONDS,
  });
  serve(aws);
  const stack = aws.deploy(packagedTemplate({ ...PARAMETERS, CycleSeconds: String(pace.cycleSeconds) }));
  const busName = stack.outputs.EventBusName ?? '';
  narrator.followFleet(aws, instances);
  const fleet = await createExampleFleet(aws, {
    bucket: stack.outputs.WarBucketName ?? '',
    warKeys: WAR_KEYS,
    instances: pace.instances,
    loadBalancers: LOAD_BALANCERS,
    healthCheckGraceSeconds: pace.graceSeconds,
    healthCheckIntervalSeconds: DURATIONS.healthCheckIntervalSeconds,
    deregistrationDelaySeconds: DURATIONS.deregistrationDelaySeconds,
    extraTags: { settleSeconds: '0' }, // one war at a time is uploaded: nothing to wait for
  });
  await until(clock, () => isServing(aws, fleet), pace.readyLimitSeconds, 'the fleet does not serve');
  narrator.followPipeline(aws, busName); // from now on: the uploads of version 1 were no deployment

  const dataPlane = new DataPlane(aws.elasticLoadBalancingV2, aws.elasticLoadBalancing, instances);
  const prober = new Prober({
    entrances: await openEntrances(dataPlane, fleet),
    paths: PATHS,
    requestsPerSecond: pace.requestsPerSecond,
    timeoutSeconds: REQUEST_TIMEOUT_SECONDS,
    accepts: (_, body) => options.acceptable.has(body),
  });
  return {
    ...{ clock, aws, busName, fleet, prober, limitSeconds: pace.limitSeconds },
    close() {
      prober.stop();
      dataPlane.close();
      clock.stop();
      close();
    },
  };
}

type InstalledWars = (instance: LaunchedInstance) => InstalledWar[];

/** `serve` lets instances reach AWS. */
interface OpenMachines {
  instances: Machines;
  serve(aws: EmbeddedAws): void;
  close(): void;
}

function openHttpInstances(clock: RealClock, installedWars: InstalledWars): OpenMachines {
  const { bootSeconds } = DURATIONS;
  const instances = new HttpInstances({
    clock,
    bootSeconds,
    answerSeconds: ANSWER_SECONDS,
    installWars: installedWars,
  });
  return { instances, serve: () => {}, close: () => instances.terminateAll() };
}

async function openTomcats(clock: RealClock, narrator: Narrator, installedWars: InstalledWars): Promise<OpenMachines> {
  const server = await HttpServer.listen(0, (error) => {
    throw error;
  });
  const instances = await TomcatInstances.open({ clock, region: REGION, awsUrl: server.url, installedWars });
  narrator.followConsoles(instances);
  const terminate = () => instances.terminateAll();
  process.on('exit', terminate); // Ctrl-C, too: else the Tomcats stay
  return {
    instances,
    serve: (aws) => server.serve(aws),
    close() {
      process.off('exit', terminate);
      terminate();
      server.close();
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
