/** Request throttling by token buckets, as an interceptor of the endpoint: switched on by whoever wants to meet it. */
import type { Clock } from './clock';
import { AwsError, type Call, type Interceptor, type ServiceName } from './service';

export interface BucketSize {
  /** How many requests may come at once. */
  burst: number;
  refillPerSecond: number;
}

/** What a request of a load balancer API counts as; each counts towards `account` too. */
type Family = 'create-load-balancer' | 'mutating' | 'registration' | 'describe' | 'account';

export interface ThrottleLimits {
  /** Of each of the two load balancer APIs, which do not share buckets. */
  elasticLoadBalancing: Record<Family, BucketSize>;
  /** One bucket for every Auto Scaling operation. */
  autoScaling: BucketSize;
  /** Of all operations but PutEvents, which takes more than is asked for here: hundreds a second at least. */
  eventBridge: BucketSize;
}

/**
 * Those of Elastic Load Balancing are documented ("Request throttling for the ELB API", user guide). For Auto Scaling
 * AWS only says that there is "a single, shared API limit"; the number here is a cautious guess. For EventBridge an edition
 * of its quotas says 50 requests per second for everything but PutEvents (user guide, "cloudwatch-limits-eventbridge").
 */
export const STANDARD_LIMITS: ThrottleLimits = {
  elasticLoadBalancing: {
    'create-load-balancer': { burst: 10, refillPerSecond: 0.2 },
    mutating: { burst: 20, refillPerSecond: 3 },
    registration: { burst: 20, refillPerSecond: 4 },
    describe: { burst: 40, refillPerSecond: 10 },
    account: { burst: 40, refillPerSecond: 10 },
  },
  autoScaling: { burst: 40, refillPerSecond: 10 },
  eventBridge: { burst: 50, refillPerSecond: 50 },
};

/** Calls beyond the limits fail as the service's do, before they have an effect; other services are never throttled. */
export function throttle(clock: Clock, limits: ThrottleLimits = STANDARD_LIMITS): Interceptor {
  const buckets = new Map<string, Bucket>();
  const bucket = (name: string, size: BucketSize) => {
    const existing = buckets.get(name) ?? new Bucket(clock, size);
    buckets.set(name, existing);
    return existing;
  };

  return async (call, proceed) => {
    const wanted = bucketsOf(call, limits).map(([name, size]) => bucket(name, size));
    if (!wanted.every((one) => one.hasToken())) throw throttlingOf(call.service);
    for (const one of wanted) one.take();
    return proceed();
  };
}

/**
 * How a service refuses requests that are too many, as the errors in its API reference, or those common to it, say. Where they
 * name none (Auto Scaling, both load balancer APIs) it is what AWS's other Query services answer.
 */
export function throttlingOf(service: ServiceName): AwsError {
  const [code, message, status] = THROTTLINGS[service] ?? ['Throttling', 'Rate exceeded', 400];
  return new AwsError(code, message, status);
}

const THROTTLINGS: Partial<Record<ServiceName, [code: string, message: string, status: number]>> = {
  'cloudwatch-logs': ['ThrottlingException', 'Rate exceeded', 400],
  codedeploy: ['ThrottlingException', 'Rate exceeded', 400],
  ec2: ['RequestLimitExceeded', 'Request limit exceeded.', 503],
  eventbridge: ['ThrottlingException', 'Rate exceeded', 400],
  s3: ['SlowDown', 'Please reduce your request rate.', 503],
  sqs: ['RequestThrottled', 'Rate exceeded', 400],
};

class Bucket {
  private tokens: number;
  private filled_ms: number;

  constructor(
    private readonly clock: Clock,
    private readonly size: BucketSize,
  ) {
    this.tokens = size.burst;
    this.filled_ms = clock.now().getTime();
  }

  hasToken(): boolean {
    const now_ms = this.clock.now().getTime();
    const refill = ((now_ms - this.filled_ms) / 1000) * this.size.refillPerSecond;
    this.tokens = Math.min(this.size.burst, this.tokens + refill);
    this.filled_ms = now_ms;
    return this.tokens >= 1;
  }

  take(): void {
    this.tokens -= 1;
  }
}

function bucketsOf({ service, operation }: Call, limits: ThrottleLimits): [name: string, size: BucketSize][] {
  if (service === 'auto-scaling') return [[service, limits.autoScaling]];
  if (service === 'eventbridge' && operation !== 'PutEvents') return [[service, limits.eventBridge]];
  if (!isLoadBalancing(service)) return [];
  const families: Family[] = [familyOf(operation), 'account'];
  return families.map((family) => [`${service} ${family}`, limits.elasticLoadBalancing[family]]);
}

function isLoadBalancing(service: ServiceName): boolean {
  return service === 'elastic-load-balancing' || service === 'elastic-load-balancing-v2';
}

function familyOf(operation: string): Family {
  if (operation === 'CreateLoadBalancer') return 'create-load-balancer';
  if (operation.startsWith('Describe')) return 'describe';
  return /^(Register|Deregister)/.test(operation) ? 'registration' : 'mutating';
}
