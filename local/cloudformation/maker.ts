/** What makes and changes the resources of one type, and what it is told. */
import type { Network } from '../fleet/network';
import type { Random } from '../kernel/random';
import { type Caller, type Service, validationError } from '../kernel/service';
import type { AutoScaling } from '../services/auto-scaling/auto-scaling';
import type { CloudWatchLogs } from '../services/cloudwatch-logs/cloudwatch-logs';
import type { Ec2 } from '../services/ec2/ec2';
import type { ElasticLoadBalancing } from '../services/elastic-load-balancing/elastic-load-balancing';
import type { ElasticLoadBalancingV2 } from '../services/elastic-load-balancing-v2/elastic-load-balancing-v2';
import type { EventBridge } from '../services/eventbridge/eventbridge';
import type { LambdaService } from '../services/lambda/lambda';
import type { S3 } from '../services/s3/s3';
import type { Sns } from '../services/sns/sns';
import type { Sqs } from '../services/sqs/sqs';

/** The services that resources are made in, and what they stand in. */
export interface Aws {
  s3: S3;
  sns: Sns;
  sqs: Sqs;
  eventBridge: EventBridge;
  lambda: LambdaService;
  cloudWatchLogs: CloudWatchLogs;
  ec2: Ec2;
  autoScaling: AutoScaling;
  elasticLoadBalancing: ElasticLoadBalancing;
  elasticLoadBalancingV2: ElasticLoadBalancingV2;
  network: Network;
  random: Random;
}

export interface DeployedResource {
  type: string;
  /** What `Ref` gives. */
  physicalId: string;
  /** What `Fn::GetAtt` gives. */
  attributes: Readonly<Record<string, string>>;
  /** As the template says, resolved: the policies of roles are read from here. */
  properties: Readonly<Record<string, unknown>>;
}

export interface Making {
  logicalId: string;
  /** Resolved. Their shape is what CloudFormation documents for the type. */
  // biome-ignore lint/suspicious/noExplicitAny: every type of resource has properties of its own
  properties: any;
  /** As CloudFormation names what has no name: `stack-Bus-1A2B3C4D5E6F`. */
  generatedName: string;
  region: string;
  accountId: string;
  aws: Aws;
  resources: ReadonlyMap<string, DeployedResource>;
}

export interface Changing extends Making {
  before: DeployedResource;
  /** The properties that are not what they were, by what the template says: how the resource is by now is not looked at. */
  changed: ReadonlySet<string>;
  updatePolicy: Record<string, unknown>;
}

export interface Maker {
  /** A template that sets any other property is not deployed; `A.B`: of what is in A, no other than those that are named so. */
  properties: string[];
  required?: string[];
  make(making: Making): { physicalId: string; attributes?: Record<string, string> };
  /** In place. What it does not change, it refuses; a type without it is not changed at all. Answers attributes that are new. */
  change?(changing: Changing): Record<string, string>;
  /** Throws what the service throws where it is still in use: then it is tried again. A type without it is not removed. */
  remove?(resource: DeployedResource, aws: Aws): void;
}

/** Throws an Error on a property that is not known here, and on one that has to be there. */
export function checkProperties(logicalId: string, { properties, required = [] }: Maker, given: object): void {
  checkNames(logicalId, properties, '', given);
  const missing = required.find((name) => !(name in given));
  if (missing === undefined) return;
  // As CloudFormation's provisioning of resource types says it: the words were observed.
  throw validationError(
    `Properties validation failed for resource ${logicalId} with message: #: required key [${missing}] not found`,
  );
}

function checkNames(logicalId: string, known: readonly string[], path: string, value: unknown): void {
  if (Array.isArray(value)) {
    for (const item of value) checkNames(logicalId, known, path, item);
    return;
  }
  const isOpen = path !== '' && !known.some((name) => name.startsWith(path));
  if (isOpen || typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    const inner = `${path}${name}`;
    const isKnown = known.some((one) => one === inner || one.startsWith(`${inner}.`));
    if (!isKnown) throw new Error(`${logicalId}: the property ${inner} is not supported here`);
    checkNames(logicalId, known, `${inner}.`, member);
  }
}

/** Throws an Error where something else has changed: CloudFormation would replace the resource, or change what is not here. */
export function refuseOtherChanges({ logicalId, changed }: Changing, changeable: readonly string[]): void {
  const other = [...changed].find((name) => !changeable.includes(name));
  if (other !== undefined) throw new Error(`${logicalId}: changing the property ${other} is not supported here`);
}

/** Whoever deploys is allowed what the stack needs: nobody asks here. */
const CALLER: Caller = { principal: 'cloudformation', isAlive: () => true };

/** Runs an operation of a service, as a client would. */
export function perform<Output = void>(service: Service, operation: string, input: object): Output {
  const run = service.operations[operation];
  if (!run) throw new Error(`there is no operation ${operation}`);
  const call = { service: 'cloudformation', operation, input: { ...input }, caller: CALLER, requestId: '' } as const;
  return run(input, call) as Output;
}
