/** One deployment of a setting, in virtual time: how long it took, what it called, and what it will be billed for. */
import { CreateTargetGroupCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Call, ServiceName } from '../../local/kernel/service';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { metricsIn } from '../harness/metrics';
import { World } from '../harness/world';
import type { Kind } from './services-path';
import { type Setting, worldOptions } from './settings';

/** What follows the end of a deployment, such as its mail, comes within this time. */
const AFTERMATH_SECONDS = 60;

/** One call of a function. */
export interface Called {
  service: ServiceName;
  operation: string;
  stage: string;
}

/** What is billed, but for load balancers and instances. */
export interface Usage {
  calls: readonly Called[];
  /** How long each took: its calls, of 30 ms each, and no computing. */
  invocations: readonly { stage: string; seconds: number }[];
  /** Of the pipeline's bus. */
  events: readonly { type: string; bytes: number }[];
  mails: number;
  logBytes: number;
  /** How many custom metrics have a value: each combination of a name and the values of its dimensions is one. */
  metrics: number;
}

export interface DeploymentFigures extends Usage {
  setting: Setting;
  /** Of each clone of a load balancer that was made, its kind. */
  clones: readonly Kind[];
  /** From the upload to `Completed`. */
  seconds: number;
}

/** Which functions run by the clock, whether anything is deployed or not: what they cost is in the idle month. */
const SCHEDULED = ['watchdog', 'codedeploy-clean-up'];

/** Notes from now on what functions do. */
export class UsageMeter {
  readonly loadBalancers: Kind[] = [];
  private readonly calls: Called[] = [];
  private readonly seen: { invocations: number; events: number; mails: number; logs: number };

  constructor(private readonly world: World) {
    const { aws, events, logs } = world;
    this.seen = {
      invocations: aws.lambda.invocations.length,
      events: events.length,
      mails: aws.sns.mails.length,
      logs: logs.length,
    };
    aws.endpoint.intercept(async (call, proceed) => {
      const answer = await proceed();
      this.note(call);
      return answer;
    });
  }

  /** Of the functions that `isMeant` says. */
  read(isMeant: (stage: string) => boolean): Usage {
    const { aws, events, logs } = this.world;
    const { seen } = this;
    const lines = logs.slice(seen.logs).filter((line) => isMeant(line.function));
    return {
      calls: this.calls.filter(({ stage }) => isMeant(stage)),
      invocations: aws.lambda.invocations
        .slice(seen.invocations)
        .filter(({ function: stage }) => isMeant(stage))
        .map(({ function: stage, startedAt, endedAt }) => {
          if (!endedAt) throw new Error(`an invocation of ${stage} has not ended yet`);
          return { stage, seconds: (endedAt.getTime() - startedAt.getTime()) / 1000 };
        }),
      events: events
        .slice(seen.events)
        .map((event) => ({ type: event['detail-type'], bytes: Buffer.byteLength(JSON.stringify(event)) })),
      mails: aws.sns.mails.length - seen.mails,
      logBytes: lines.reduce((sum, { line }) => sum + Buffer.byteLength(line), 0),
      metrics: new Set(metricsIn(lines.map(({ line }) => line)).map(({ metric }) => metric)).size,
    };
  }

  private note({ service, operation, input, caller }: Call): void {
    if (!isInvocationCaller(caller) || !caller.invocation) return; // Lambda itself polls queues
    if (operation === 'CreateLoadBalancer') this.loadBalancers.push(kindOf(service, input));
    this.calls.push({ service, operation, stage: caller.invocation.function });
  }
}

/** `looksEverySeconds`: how long a stage that waits does so. Throws an Error where the deployment does not complete. */
export async function measureDeployment(setting: Setting, { looksEverySeconds = 10 } = {}): Promise<DeploymentFigures> {
  const world = await World.create({
    ...worldOptions(setting),
    parameters: { CheckIntervalSeconds: String(looksEverySeconds) },
  });
  await world.clock.run(createForeignTargetGroups(world, setting.foreignTargetGroups));
  const meter = new UsageMeter(world);
  const uploadedAt_ms = world.clock.now().getTime();
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  const seconds = (world.clock.now().getTime() - uploadedAt_ms) / 1000;
  await world.clock.advance(AFTERMATH_SECONDS);
  const usage = meter.read((stage) => !SCHEDULED.includes(stage));
  return { setting, seconds, clones: meter.loadBalancers, ...usage };
}

function kindOf(service: ServiceName, { Type }: Readonly<Record<string, unknown>>): Kind {
  if (service === 'elastic-load-balancing') return 'classic';
  return Type === 'network' ? 'network' : 'application';
}

async function createForeignTargetGroups(world: World, count: number): Promise<void> {
  const client = new ElasticLoadBalancingV2Client(world.aws.operator);
  for (let index = 0; index < count; index++) {
    await client.send(
      new CreateTargetGroupCommand({ Name: `other-${index}`, Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1' }),
    );
  }
}
