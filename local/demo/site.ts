/** The place where the demo plays: the embedded AWS in real time, the stack in it, the fleet, its traffic and its users. */
import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { installWars } from '../application';
import type { RealClock } from '../clock';
import { EmbeddedAws, type EmbeddedAwsOptions } from '../embedded-aws';
import { createExampleFleet, type ExampleFleet } from '../example-fleet';
import { functions } from '../functions';
import { packagedTemplate } from '../template';
import { DataPlane } from './data-plane';
import { until } from './follow';
import { HttpInstances } from './http-instances';
import { Narrator } from './narrator';
import { Prober } from './prober';
import type { Screen } from './screen';

/** What takes minutes in AWS takes seconds here, so that one can watch it. All of it is real time. */
export const DURATIONS = {
  provisioningSeconds: 3, // AWS: two to three minutes
  bootSeconds: 2,
  healthCheckIntervalSeconds: 5, // the shortest that AWS allows
  deregistrationDelaySeconds: 3, // AWS: 300 s unless it is set
};
const SETTINGS: EmbeddedAwsOptions['settings'] = {
  eventBridge: { deliveryDelaySeconds: 0.1 },
  elasticLoadBalancingV2: { provisioningSeconds: DURATIONS.provisioningSeconds, releaseSeconds: 1 },
  codeDeploy: { startSeconds: 0.5, installationSeconds: 2, pollSeconds: 0.5 },
  autoScaling: { reactionSeconds: 0.5, launchSeconds: 1, attachmentSeconds: 1, terminationSeconds: 0.5 },
};
const PARAMETERS = { AdminEmails: 'admin@example.com', CheckIntervalSeconds: '1', CycleSeconds: '8' };
export const WAR_KEYS = ['app1.war', 'app2.war'];
/** The entry of a war that users ask for. */
const PATHS = ['/app1/version', '/app2/version'];
const INSTANCES = 2;
const ANSWER_SECONDS = 0.005;
const REQUESTS_PER_SECOND = 220;
const REQUEST_TIMEOUT_SECONDS = 10;
const READY_LIMIT_SECONDS = 60;
const HTTP_PORT = 80;

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
  const aws: EmbeddedAws = new EmbeddedAws({ clock, instances, handlers: functions, settings: SETTINGS });
  const stack = aws.deploy(packagedTemplate(PARAMETERS));
  const busName = stack.outputs.EventBusName ?? '';
  const narrator = new Narrator(screen, clock);
  narrator.followFleet(aws, instances);
  const fleet = await createExampleFleet(aws, {
    bucket: stack.outputs.WarBucketName ?? '',
    warKeys: WAR_KEYS,
    instances: INSTANCES,
    targetGroups: WAR_KEYS.length,
    healthCheckIntervalSeconds: DURATIONS.healthCheckIntervalSeconds,
    deregistrationDelaySeconds: DURATIONS.deregistrationDelaySeconds,
    extraTags: { settleSeconds: '0' }, // one war at a time is uploaded: nothing to wait for
  });
  await until(clock, () => isHealthy(aws, fleet), READY_LIMIT_SECONDS, 'the fleet is not healthy');
  narrator.followPipeline(aws, busName); // from now on: the uploads of version 1 were no deployment

  const dataPlane = new DataPlane(aws.elasticLoadBalancingV2, instances);
  const address = (await dataPlane.open(fleet.loadBalancerArn)).get(HTTP_PORT);
  if (!address) throw new Error(`the load balancer of the fleet does not listen on port ${HTTP_PORT}`);
  const prober = new Prober({
    address,
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

async function isHealthy(aws: EmbeddedAws, { targetGroupArns }: ExampleFleet): Promise<boolean> {
  const client = new ElasticLoadBalancingV2Client(aws.operator);
  for (const TargetGroupArn of targetGroupArns) {
    const { TargetHealthDescriptions = [] } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    const healthy = TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy');
    if (healthy.length < INSTANCES) return false;
  }
  return true;
}
