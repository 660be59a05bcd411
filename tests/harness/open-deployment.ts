/** A record to try stages on: the embedded AWS with a bus and a state bucket, and no fleet. */
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { EmbeddedAws } from '../../local/embedded-aws';
import { VirtualInstances } from '../../local/fleet/virtual-instances';
import { VirtualClock } from '../../local/kernel/clock';
import type { BusEvent } from '../../local/services/eventbridge/event';
import type { CreateHandler, Invocation, Runtime } from '../../shared/aws/runtime';
import type { DeploymentRecord } from '../../shared/pipeline/record';
import { recordOf } from './plain-data';

export class OpenDeployment {
  readonly clock = new VirtualClock();
  readonly aws: EmbeddedAws;
  /** What was published, in order. */
  readonly events: BusEvent[] = [];
  readonly logs: Record<string, unknown>[] = [];
  private readonly handlers = new Map<CreateHandler, ReturnType<CreateHandler>>();

  constructor() {
    const instances = new VirtualInstances({ clock: this.clock, bootSeconds: 0, application: () => 200 });
    this.aws = new EmbeddedAws({ clock: this.clock, instances });
    this.aws.s3.createBucket('state');
    this.aws.eventBridge.rules.createBus('pipeline');
    this.aws.eventBridge.onEvent((event) => this.events.push(event));
  }

  /** The time so many seconds from now. */
  in(seconds: number): string {
    return new Date(this.clock.now().getTime() + seconds * 1000).toISOString();
  }

  async writeRecord(changes: Partial<DeploymentRecord> = {}): Promise<void> {
    const Body = JSON.stringify(recordOf(changes));
    const command = new PutObjectCommand({ Bucket: 'state', Key: 'tasks/WAS.json', Body });
    await this.clock.run(new S3Client(this.aws.operator).send(command));
  }

  async record(): Promise<DeploymentRecord> {
    const command = new GetObjectCommand({ Bucket: 'state', Key: 'tasks/WAS.json' });
    const read = new S3Client(this.aws.operator).send(command).then(({ Body }) => Body?.transformToString());
    return JSON.parse((await this.clock.run(read)) ?? '');
  }

  get runtime(): Runtime {
    return {
      environment: { EVENT_BUS_NAME: 'pipeline', STATE_BUCKET: 'state', REPUBLISH_AFTER_SECONDS: '45' },
      clientDefaults: this.aws.operator,
      now: () => this.clock.now(),
      uniqueId: () => this.aws.random.uuid(),
      log: (line) => this.logs.push(JSON.parse(line)),
    };
  }

  /** An invocation that ends in so many seconds. */
  invocation(seconds = 45): Invocation {
    const end_ms = this.clock.now().getTime() + seconds * 1000;
    const getRemainingTimeInMillis = () => end_ms - this.clock.now().getTime();
    return { functionName: 'bluegreen-dev-attach-real', awsRequestId: 'request', getRemainingTimeInMillis };
  }

  /** Invokes a handler with the event that is due, changed as given. Connects it once. */
  invoke(createHandler: CreateHandler, detail: object = {}, { detailType = 'Step1Passed', seconds = 45 } = {}) {
    const handle = this.handlers.get(createHandler) ?? createHandler(this.runtime);
    this.handlers.set(createHandler, handle);
    const event = {
      source: 'bluegreen',
      'detail-type': detailType,
      time: this.in(0),
      detail: { deploymentId: 'now', task: 'WAS', seq: 7, ...detail },
    };
    return this.clock.run(handle(event, this.invocation(seconds)));
  }

  /** What the last log line says. */
  get lastLog(): unknown {
    return this.logs.at(-1)?.message;
  }

  get eventTypes(): string[] {
    return this.events.map((event) => event['detail-type']);
  }
}
