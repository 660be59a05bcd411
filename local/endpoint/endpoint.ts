/** The door of the embedded AWS: one function from wire request to wire response, for SDK clients and for HTTP. */
import * as autoScaling from '@aws-sdk/client-auto-scaling';
import * as codeDeploy from '@aws-sdk/client-codedeploy';
import * as elasticLoadBalancing from '@aws-sdk/client-elastic-load-balancing';
import * as elasticLoadBalancingV2 from '@aws-sdk/client-elastic-load-balancing-v2';
import * as eventBridge from '@aws-sdk/client-eventbridge';
import * as s3 from '@aws-sdk/client-s3';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import type { NormalizedSchema } from '@smithy/core/schema';
import type { Clock } from '../kernel/clock';
import { AwsError, type Call, type Caller, type Interceptor, type Service, type ServiceName } from '../kernel/service';
import { ec2QueryProtocol } from './wire/ec2-query';
import { jsonProtocol } from './wire/json';
import { onDemand } from './wire/on-demand';
import { missingMembers, type Operation, type Protocol, type WireRequest, type WireResponse } from './wire/protocol';
import { queryProtocol } from './wire/query';
import { restXmlProtocol } from './wire/rest-xml';

/** A killed invocation's calls never come back. */
const NEVER = new Promise<never>(() => {});

export class Endpoint {
  private readonly interceptors: Interceptor[] = [];
  private requests = 0;

  constructor(
    private readonly clock: Clock,
    private readonly services: Partial<Record<ServiceName, Pick<Service, 'operations'>>>,
    /** How long each call takes, in seconds: half on the way there, half on the way back. */
    private readonly latencySeconds: number,
  ) {}

  /** The time of day, as answers say it. */
  now(): Date {
    return this.clock.now();
  }

  /** Adds an interceptor around those that are there already; the returned function takes it away again. */
  intercept(interceptor: Interceptor): () => void {
    this.interceptors.push(interceptor);
    return () => {
      this.interceptors.splice(this.interceptors.indexOf(interceptor), 1);
    };
  }

  /** Answers one request. Errors of a service become its error responses; anything else is a defect and is thrown. */
  async handle(request: WireRequest, caller: Caller): Promise<WireResponse> {
    const service = serviceOf(request);
    if (!service) return this.refuse(request, unknownService(request));
    const requestId = this.newRequestId();
    const protocol = protocols[service]();
    let operation: Operation | undefined;
    try {
      const decoded = protocol.decode(request);
      if (!decoded) throw unknownOperation(request);
      const { input } = decoded;
      operation = decoded.operation;
      const missing = missingMembers(operation.input, input);
      const call: Call = { service, operation: operation.name, input, caller, requestId };
      const output = await this.invoke(call, () => {
        if (missing.length > 0) throw missingParameters(missing);
        return this.perform(call);
      });
      return protocol.encode(operation, (output ?? {}) as Record<string, unknown>, requestId);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return protocol.encodeError(error, requestId, operation);
    }
  }

  /** The answer to a request that nobody performs. Its shape is that of the protocol that the request seems to speak. */
  refuse(request: WireRequest, error: AwsError): WireResponse {
    const seems = request.headers['content-type']?.includes('json') ? 'eventbridge' : 'sns';
    return protocols[serviceOf(request) ?? seems]().encodeError(error, this.newRequestId());
  }

  /** One call without the wire: typed input and output, and a service's own errors. */
  async call(
    service: ServiceName,
    operation: string,
    schema: NormalizedSchema,
    input: Record<string, unknown>,
    caller: Caller,
  ): Promise<unknown> {
    const call: Call = { service, operation, input, caller, requestId: this.newRequestId() };
    return this.invoke(call, () => {
      const missing = missingMembers(schema, input);
      if (missing.length > 0) throw missingParameters(missing);
      return this.perform(call);
    });
  }

  private newRequestId(): string {
    return `00000000-0000-4000-8000-${String(++this.requests).padStart(12, '0')}`;
  }

  private async invoke(call: Call, perform: () => Promise<unknown>): Promise<unknown> {
    await this.travel(call);
    const chain = this.interceptors.reduce<() => Promise<unknown>>(
      (proceed, interceptor) => () => interceptor(call, proceed),
      perform,
    );
    try {
      return await chain();
    } finally {
      await this.travel(call);
    }
  }

  private async travel(call: Call): Promise<void> {
    if (this.latencySeconds > 0) await this.clock.sleep(this.latencySeconds / 2);
    await call.caller.whenRunning?.();
    if (!call.caller.isAlive()) await NEVER;
  }

  private async perform(call: Call): Promise<unknown> {
    if (!call.caller.isAlive()) return NEVER;
    const operation = this.services[call.service]?.operations[call.operation];
    if (!operation) {
      throw new AwsError('UnknownOperationException', `${call.operation} is not part of this embedded AWS`, 400);
    }
    return operation(call.input, call);
  }
}

/** Of clients that functions have, at once; of those that only operators use, when the first request comes. */
const protocols: Record<ServiceName, () => Protocol> = {
  'auto-scaling': already(queryProtocol(autoScaling, 'http://autoscaling.amazonaws.com/doc/2011-01-01/')),
  cloudformation: onDemand('@aws-sdk/client-cloudformation', (client) =>
    queryProtocol(client, 'http://cloudformation.amazonaws.com/doc/2010-05-15/'),
  ),
  'cloudwatch-logs': onDemand('@aws-sdk/client-cloudwatch-logs', (client) => jsonProtocol(client, '1.1')),
  codedeploy: already(jsonProtocol(codeDeploy, '1.1')),
  ec2: onDemand('@aws-sdk/client-ec2', (client) =>
    ec2QueryProtocol(client, 'http://ec2.amazonaws.com/doc/2016-11-15/'),
  ),
  'elastic-load-balancing': already(
    queryProtocol(elasticLoadBalancing, 'http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/'),
  ),
  'elastic-load-balancing-v2': already(
    queryProtocol(elasticLoadBalancingV2, 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/'),
  ),
  eventbridge: already(jsonProtocol(eventBridge, '1.1')),
  iam: onDemand('@aws-sdk/client-iam', (client) => queryProtocol(client, 'https://iam.amazonaws.com/doc/2010-05-08/')),
  s3: already(restXmlProtocol(s3)),
  sns: already(queryProtocol(sns, 'http://sns.amazonaws.com/doc/2010-03-31/')),
  sqs: already(jsonProtocol(sqs, '1.0')),
  sts: onDemand('@aws-sdk/client-sts', (client) => queryProtocol(client, 'https://sts.amazonaws.com/doc/2011-06-15/')),
};

function already(protocol: Protocol): () => Protocol {
  return () => protocol;
}

/** Which service a request means: the signature's scope names it; the two load balancer APIs differ in version. */
function serviceOf(request: WireRequest): ServiceName | undefined {
  const scope = scopeOf(request);
  switch (scope) {
    case 'autoscaling':
      return 'auto-scaling';
    case 'events':
      return 'eventbridge';
    case 'logs':
      return 'cloudwatch-logs';
    case 'cloudformation':
    case 'codedeploy':
    case 'ec2':
    case 'iam':
    case 's3':
    case 'sns':
    case 'sqs':
    case 'sts':
      return scope;
    case 'elasticloadbalancing': {
      const form = `&${Buffer.from(request.body)}&${request.query}`;
      return form.includes('&Version=2012-06-01') ? 'elastic-load-balancing' : 'elastic-load-balancing-v2';
    }
    default:
      return undefined;
  }
}

/** Of a signed request: `s3`, say. */
function scopeOf(request: WireRequest): string | undefined {
  return credentialOf(request)?.scope;
}

/** The access key that a request is signed with. */
export function accessKeyOf(request: WireRequest): string | undefined {
  return credentialOf(request)?.accessKeyId;
}

/** A presigned URL has its credential in the query; only S3 takes such. */
function credentialOf({ headers, query }: WireRequest): { accessKeyId: string; scope: string } | undefined {
  const signed = headers.authorization?.match(/Credential=([^/]+)\/\d+\/[^/]+\/([a-z0-9-]+)\/aws4_request/);
  const presigned = query.get('X-Amz-Credential')?.match(/^([^/]+)\/\d+\/[^/]+\/(s3)\/aws4_request$/);
  const [, accessKeyId, scope] = signed ?? presigned ?? [];
  return accessKeyId === undefined || scope === undefined ? undefined : { accessKeyId, scope };
}

function unknownService(request: WireRequest): AwsError {
  const scope = scopeOf(request);
  return scope === undefined
    ? new AwsError('MissingAuthenticationToken', 'The request is not signed for any service', 403)
    : new AwsError('UnknownService', `This embedded AWS has no service "${scope}"`, 400);
}

function unknownOperation(request: WireRequest): AwsError {
  const named = request.headers['x-amz-target'] ?? `${request.method} ${request.path}`;
  return new AwsError('InvalidAction', `The action is not valid for this web service: ${named}`, 400);
}

function missingParameters(names: string[]): AwsError {
  const parts = names.map((name) => `Value null at '${name}' failed to satisfy constraint: Member must not be null`);
  return new AwsError('ValidationError', `${names.length} validation error(s) detected: ${parts.join('; ')}`);
}
