/** The embedded AWS as a whole: every service, on one clock, behind one endpoint. */
import type { CreateHandler } from '../shared/aws/runtime';
import { Deployer } from './cloudformation/deployer';
import type { DeployedStack, DeployOptions } from './cloudformation/stack';
import type { Template } from './cloudformation/template';
import { clientDefaults, type Entry } from './endpoint/client';
import { Endpoint } from './endpoint/endpoint';
import { hideCreations } from './fleet/creations';
import type { InstanceHost } from './fleet/instances';
import { LaunchTemplates } from './fleet/launch-templates';
import { type Network, threeZoneNetwork } from './fleet/network';
import type { Clock } from './kernel/clock';
import { Lag, type LagSettings, NO_LAG } from './kernel/lag';
import { Random } from './kernel/random';
import type { Caller, Service, ServiceName } from './kernel/service';
import { AutoScaling, type AutoScalingOptions } from './services/auto-scaling/auto-scaling';
import { CloudFormation } from './services/cloudformation/cloudformation';
import { CloudWatchLogs, type CloudWatchLogsSettings } from './services/cloudwatch-logs/cloudwatch-logs';
import { CodeDeploy, type CodeDeploySettings } from './services/code-deploy/code-deploy';
import { Ec2 } from './services/ec2/ec2';
import {
  ElasticLoadBalancing,
  type ElasticLoadBalancingOptions,
} from './services/elastic-load-balancing/elastic-load-balancing';
import {
  ElasticLoadBalancingV2,
  type ElasticLoadBalancingV2Options,
} from './services/elastic-load-balancing-v2/elastic-load-balancing-v2';
import type { Targets } from './services/eventbridge/delivery';
import { EventBridge, type EventBridgeSettings } from './services/eventbridge/eventbridge';
import { Authorization } from './services/iam/authorization';
import { Iam } from './services/iam/iam';
import { LambdaService, type LambdaSettings } from './services/lambda/lambda';
import { S3 } from './services/s3/s3';
import { Sns } from './services/sns/sns';
import { Sqs } from './services/sqs/sqs';
import { Sts } from './services/sts/sts';

export interface EmbeddedAwsOptions {
  clock: Clock;
  /** The machines that Auto Scaling launches and load balancers probe. */
  instances: InstanceHost;
  /** The functions that a template may deploy, by the name of their file: `check-dummy`. */
  handlers?: Readonly<Record<string, CreateHandler>>;
  /** Gets what functions log. */
  log?: (functionKey: string, line: string) => void;
  seed?: number;
  /** How the clients of this process come in: over the wire (the default), or past it, which is quicker. */
  entry?: Entry;
  region?: string;
  accountId?: string;
  network?: Network;
  /** How long each call of a client takes. */
  latencySeconds?: number;
  /** How long functions may not be told of what was written; by default they are at once. */
  lag?: Partial<LagSettings>;
  /** Where queues are, if not at AWS's own address: clients send to the URL of the queue. */
  queueOrigin?: string;
  settings?: {
    eventBridge?: Partial<EventBridgeSettings>;
    lambda?: Partial<LambdaSettings>;
    autoScaling?: AutoScalingOptions['settings'];
    cloudWatchLogs?: Partial<CloudWatchLogsSettings>;
    codeDeploy?: Partial<CodeDeploySettings>;
    elasticLoadBalancing?: ElasticLoadBalancingOptions['settings'];
    elasticLoadBalancingV2?: ElasticLoadBalancingV2Options['settings'];
  };
}

export interface User {
  name: string;
  accessKeyId: string;
  policyArns: readonly string[];
}

/** Whoever holds the account's own credentials: an operator, a test. */
const OPERATOR: Caller = { principal: 'operator', isAlive: () => true };

/** CodeDeploy acts in other services by a service role, which may do all that it needs. */
const CODE_DEPLOY: Caller = { principal: 'codedeploy.amazonaws.com', isAlive: () => true };

/** Of the example: there before anybody is. */
const EXAMPLE_TEMPLATE = { id: 'lt-0123456789abcdef0', name: 'tomcat' };

export class EmbeddedAws {
  readonly clock: Clock;
  readonly random: Random;
  readonly region: string;
  readonly accountId: string;
  readonly network: Network;
  readonly s3: S3;
  readonly sns: Sns;
  readonly sqs: Sqs;
  readonly lambda: LambdaService;
  readonly eventBridge: EventBridge;
  readonly elasticLoadBalancing: ElasticLoadBalancing;
  readonly elasticLoadBalancingV2: ElasticLoadBalancingV2;
  readonly autoScaling: AutoScaling;
  readonly ec2: Ec2;
  readonly codeDeploy: CodeDeploy;
  readonly cloudFormation: CloudFormation;
  readonly cloudWatchLogs: CloudWatchLogs;
  readonly endpoint: Endpoint;
  readonly authorization: Authorization;
  /** Spread into the constructor of the operator's own SDK clients. */
  readonly operator: ReturnType<typeof clientDefaults>;
  private readonly deployer: Deployer;
  private readonly entry: Entry | undefined;
  /** Who calls with an access key: whoever is not among them holds the account's own credentials. */
  private readonly users = new Map<string, Caller>();

  constructor(options: EmbeddedAwsOptions) {
    const { clock, region = 'eu-central-1', accountId = '123456789012', settings = {} } = options;
    const random = new Random(options.seed ?? 1);
    const common = { clock, random, region, accountId };
    const lag = new Lag(clock, options.seed ?? 1, { ...NO_LAG, ...options.lag }, (caller) => this.isSpared(caller));
    this.clock = clock;
    this.entry = options.entry;
    this.random = random;
    this.region = region;
    this.accountId = accountId;
    this.network = options.network ?? threeZoneNetwork(region);

    this.s3 = new S3(common);
    this.sqs = new Sqs({ ...common, origin: options.queueOrigin });
    this.cloudWatchLogs = new CloudWatchLogs({ ...common, settings: settings.cloudWatchLogs });
    this.lambda = new LambdaService({
      ...common,
      logs: this.cloudWatchLogs,
      sqs: this.sqs,
      handlers: options.handlers ?? {},
      runtimeFor: (functionKey, caller, environment) => ({
        environment,
        clientDefaults: clientDefaults(this.endpoint, clock, caller, region, options.entry),
        now: () => clock.now(),
        uniqueId: () => random.uuid(),
        log: (line) => options.log?.(functionKey, line),
      }),
      settings: settings.lambda,
    });
    this.sns = new Sns({ ...common, lambda: this.lambda });
    const iam: Targets['iam'] = {
      assertMayActBy: (roleArn, access, source) => this.authorization.assertMayActBy(roleArn, access, source),
    };
    const targets: Targets = { lambda: this.lambda, sqs: this.sqs, sns: this.sns, iam };
    this.eventBridge = new EventBridge({ ...common, targets, settings: settings.eventBridge });
    this.s3.onEvent((event) => this.eventBridge.publish(event));

    const fleet = { ...common, network: this.network, instances: options.instances };
    const launchTemplates = new LaunchTemplates();
    launchTemplates.add({ ...EXAMPLE_TEMPLATE, createTime: clock.now() });
    this.elasticLoadBalancing = new ElasticLoadBalancing({ ...fleet, settings: settings.elasticLoadBalancing });
    this.elasticLoadBalancingV2 = new ElasticLoadBalancingV2({ ...fleet, settings: settings.elasticLoadBalancingV2 });
    this.autoScaling = new AutoScaling({
      ...fleet,
      loadBalancing: this.elasticLoadBalancingV2,
      classicLoadBalancing: this.elasticLoadBalancing,
      launchTemplates,
      lag,
      settings: settings.autoScaling,
    });

    this.ec2 = new Ec2({
      ...{ ...common, network: this.network, launchTemplates },
      instances: () => this.autoScaling.instances,
      instanceTags: () => this.autoScaling.instanceTags,
      usedAddresses: (subnetId) => {
        const zone = this.network.zoneOfSubnet.get(subnetId) ?? '';
        return (
          this.autoScaling.instancesIn(zone) +
          this.elasticLoadBalancing.loadBalancersIn(zone) +
          this.elasticLoadBalancingV2.loadBalancersIn(zone)
        );
      },
    });

    this.codeDeploy = new CodeDeploy({
      ...common,
      clientDefaults: () => clientDefaults(this.endpoint, clock, CODE_DEPLOY, region),
      publish: (event) => this.eventBridge.publish(event),
      settings: settings.codeDeploy,
    });

    this.deployer = new Deployer(this, (stack, description) => {
      this.authorization.enforce(stack.resources);
      this.cloudFormation.addStack(description);
    });
    this.cloudFormation = new CloudFormation({ ...common, deployer: this.deployer });

    const authorization = {
      arnOf: (principal: string) => this.authorization.arnOf(principal),
      policiesOf: (arn: string) => this.authorization.policiesOf(arn),
    };

    const services: Record<ServiceName, Service> = {
      'auto-scaling': this.autoScaling,
      cloudformation: this.cloudFormation,
      'cloudwatch-logs': this.cloudWatchLogs,
      codedeploy: this.codeDeploy,
      ec2: this.ec2,
      'elastic-load-balancing': this.elasticLoadBalancing,
      'elastic-load-balancing-v2': this.elasticLoadBalancingV2,
      eventbridge: this.eventBridge,
      iam: new Iam({ accountId, authorization }),
      s3: this.s3,
      sns: this.sns,
      sqs: this.sqs,
      sts: new Sts({ accountId, authorization }),
    };
    this.endpoint = new Endpoint(clock, services, options.latencySeconds ?? 0.03);
    this.authorization = new Authorization(services, {
      region,
      accountId,
      groupIdentity: (name) => this.autoScaling.identityOf(name),
      deploymentGroupOf: (deploymentId) => this.codeDeploy.deploymentGroupOf(deploymentId),
      loadBalancingTags: (arn) => {
        const classicName = /:loadbalancer\/([^/]+)$/.exec(arn)?.[1];
        return classicName ? this.elasticLoadBalancing.tagsOf(classicName) : this.elasticLoadBalancingV2.tagsOf(arn);
      },
    });
    this.endpoint.intercept(hideCreations(clock, lag));
    this.endpoint.intercept(this.authorization.interceptor);
    this.operator = clientDefaults(this.endpoint, clock, OPERATOR, region, options.entry);
  }

  /** The lag is for functions: whoever else looks is to see how the account is. */
  private isSpared(caller: Caller): boolean {
    return [OPERATOR, CODE_DEPLOY, ...this.users.values()].some(({ principal }) => principal === caller.principal);
  }

  /**
   * Limits whoever signs with this access key to managed policies of deployed stacks, by their ARNs: also over HTTP, as a
   * user of this name. What is answered is spread into the constructor of clients of this process that are that user.
   */
  addUser({ name, accessKeyId, policyArns }: User): ReturnType<typeof clientDefaults> {
    const caller: Caller = { principal: this.authorization.addUser(name, policyArns), isAlive: () => true };
    this.users.set(accessKeyId, caller);
    return clientDefaults(this.endpoint, this.clock, caller, this.region, this.entry);
  }

  /** Who calls by a request that is signed with this access key. */
  callerOf(accessKeyId: string | undefined): Caller {
    return this.users.get(accessKeyId ?? '') ?? OPERATOR;
  }

  /** Deploys a template (see `deploy` of stack.ts), and limits its roles to what their policies allow. */
  deploy(
    template: Template,
    options: Pick<DeployOptions, 'parameters' | 'stackName' | 'nameSeed'> = {},
  ): DeployedStack {
    return this.deployer.deploy(template, options);
  }
}
