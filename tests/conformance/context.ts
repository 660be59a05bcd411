/** What a case runs with: plain clients, what it was given, names of its own, time, and the clean-up. */
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingClient } from '@aws-sdk/client-elastic-load-balancing';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import type { Given } from './given';

/** Undefined members are for the SDK's own default chain to find. */
export interface ClientSettings {
  endpoint?: string;
  region?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
  /** More than the SDK's three where requests are throttled, as in an account. */
  maxAttempts?: number;
}

export type Clients = ReturnType<typeof clientsOf>;

export function clientsOf({ endpoint, region, credentials, maxAttempts }: ClientSettings) {
  const settings = {
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    ...(credentials !== undefined && { credentials }),
    ...(maxAttempts !== undefined && { maxAttempts }),
  };
  return {
    autoScaling: new AutoScalingClient(settings),
    classicLoadBalancing: new ElasticLoadBalancingClient(settings),
    cloudFormation: new CloudFormationClient(settings),
    cloudWatchLogs: new CloudWatchLogsClient(settings),
    codeDeploy: new CodeDeployClient(settings),
    ec2: new EC2Client(settings),
    eventBridge: new EventBridgeClient(settings),
    iam: new IAMClient(settings),
    loadBalancing: new ElasticLoadBalancingV2Client(settings),
    s3: new S3Client({ ...settings, forcePathStyle: endpoint !== undefined }),
    sns: new SNSClient(settings),
    sqs: new SQSClient(settings),
    sts: new STSClient(settings),
  };
}

/** Lets so many seconds pass at the endpoint; ends early, by an error, with the signal. */
export type Sleep = (seconds: number, signal?: AbortSignal) => Promise<void>;

export interface ContextOptions {
  clients: Clients;
  given: Given;
  sleep: Sleep;
  /** Begins every name: what is found later is known by it. */
  prefix: string;
  /** Ends the case where it waits; what it made is taken away all the same. */
  signal?: AbortSignal;
}

const POLL_SECONDS = 5;

export class Context {
  readonly clients: Clients;
  readonly given: Given;
  private readonly undoings: (() => Promise<unknown>)[] = [];
  private named = 0;
  private isCleaning = false;

  constructor(private readonly options: ContextOptions) {
    ({ clients: this.clients, given: this.given } = options);
  }

  /** Lets so many seconds pass at the endpoint; throws when it is interrupted. */
  async sleep(seconds: number): Promise<void> {
    const { sleep, signal } = this.options;
    if (!signal || this.isCleaning) return sleep(seconds);
    signal.throwIfAborted();
    await sleep(seconds, signal).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : error;
    });
    signal.throwIfAborted();
  }

  /** A new name of letters, digits and hyphens, short enough for a load balancer. */
  name(): string {
    this.named += 1;
    return `${this.options.prefix}-${this.named}`;
  }

  /** Undone when the case is over, however it ends, in reverse order. */
  afterwards(undo: () => Promise<unknown>): void {
    this.undoings.push(undo);
  }

  /** Asks until the answer is there; throws, saying what did not come, when it is not within the limit. */
  async until<Answer>(
    what: string,
    limitSeconds: number,
    ask: () => Promise<Answer | undefined | false>,
    pollSeconds = POLL_SECONDS,
  ): Promise<Answer> {
    for (let waitedSeconds = 0; ; waitedSeconds += pollSeconds) {
      const answer = await ask();
      if (answer) return answer;
      if (waitedSeconds >= limitSeconds) throw new Error(`within ${limitSeconds} s it did not come that ${what}`);
      await this.sleep(pollSeconds);
    }
  }

  /** Throws the first error after trying everything. */
  async cleanUp(): Promise<void> {
    this.isCleaning = true;
    const errors: unknown[] = [];
    for (const undo of this.undoings.reverse()) await undo().catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw errors[0];
  }
}
