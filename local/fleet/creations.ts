/**
 * Load balancers, target groups, listeners and rules that were just created: whoever names one may be told that it is not
 * there, and whoever lists them may not see it, for minutes. Reads and writes alike: terraform-provider-aws#16796 and #20454
 * (DescribeTargetGroups), #19920 (ModifyTargetGroupAttributes), cloud-provider-aws#275 (AddTags),
 * aws-load-balancer-controller#1433 and #1472 (CreateRule). That a delete is, too, nobody reports.
 */
import type { Clock } from '../kernel/clock';
import type { Lag } from '../kernel/lag';
import { AwsError, type Call, type Interceptor, validationError } from '../kernel/service';

type Described = Record<string, unknown>;

const CREATES = ['CreateLoadBalancer', 'CreateTargetGroup', 'CreateListener', 'CreateRule'];

/** Where answers list what they describe, and what names each of them. */
const LISTS: Record<string, string> = {
  LoadBalancers: 'LoadBalancerArn',
  LoadBalancerDescriptions: 'LoadBalancerName',
  TargetGroups: 'TargetGroupArn',
  Listeners: 'ListenerArn',
  Rules: 'RuleArn',
};

/** The interceptor that hides them. It knows of creates that went through it. */
export function hideCreations(clock: Clock, lag: Lag): Interceptor {
  const created_ms = new Map<string, number>();
  const longestSeconds = lag.settings.createdSeconds;
  const isHidden = (call: Call, identifier: string) => {
    const at = created_ms.get(identifier);
    return at !== undefined && !lag.isTold(call, identifier, at, longestSeconds);
  };

  return async (call, proceed) => {
    const { service, operation, input } = call;
    if (longestSeconds === 0 || !/^(auto-scaling|elastic-load-balancing)/.test(service)) return proceed();
    if (/^(Delete|Detach)/.test(operation)) return proceed();
    const isClassicCreate = service === 'elastic-load-balancing' && operation === 'CreateLoadBalancer';
    const hidden = isClassicCreate ? [] : named(input).filter((identifier) => isHidden(call, identifier));
    if (service === 'auto-scaling') {
      if (hidden.length > 0 && operation.startsWith('Attach')) throw invalid(hidden[0] as string);
      return proceed();
    }
    if (hidden.length > 0) {
      const isBare = operation === 'DescribeTags' && lag.draw(`bare ${hidden[0]}`) < 0.5;
      if (!isBare) throw notFound(service, hidden[0] as string);
    }
    const answer = ((await proceed()) ?? {}) as Described;
    if (CREATES.includes(operation)) {
      const identifiers = isClassicCreate ? [String(input.LoadBalancerName)] : listed(answer);
      for (const identifier of identifiers) {
        // Who creates it again is told of what is there.
        if (!created_ms.has(identifier)) created_ms.set(identifier, clock.now().getTime());
      }
      return answer;
    }
    return withoutHidden(answer, hidden, (identifier) => isHidden(call, identifier));
  };
}

/** Every text of the input: identifiers are what they are wherever they stand. */
function named(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(named);
}

function listed(answer: Described): string[] {
  return Object.entries(LISTS).flatMap(([list, key]) =>
    ((answer[list] as Described[] | undefined) ?? []).map((described) => String(described[key])),
  );
}

/** Lists lack what the reader does not know of; of what was asked for by name there are no tags. */
function withoutHidden(answer: Described, hidden: string[], isHidden: (identifier: string) => boolean): Described {
  const shown: Described = { ...answer };
  for (const [list, key] of Object.entries(LISTS)) {
    const all = answer[list] as Described[] | undefined;
    if (all) shown[list] = all.filter((described) => !isHidden(String(described[key])));
  }
  const tagged = answer.TagDescriptions as Described[] | undefined;
  if (tagged) {
    shown.TagDescriptions = tagged.map((described) => {
      const identifier = String(described.ResourceArn ?? described.LoadBalancerName);
      return hidden.includes(identifier) ? { ...described, Tags: [] } : described;
    });
  }
  return shown;
}

function notFound(service: string, identifier: string): AwsError {
  if (service === 'elastic-load-balancing') {
    return new AwsError('LoadBalancerNotFound', `There is no ACTIVE Load Balancer named '${identifier}'`);
  }
  const kinds = { targetgroup: 'TargetGroup', listener: 'Listener', 'listener-rule': 'Rule' };
  const kind = kinds[identifier.split(':')[5]?.split('/')[0] as keyof typeof kinds] ?? 'LoadBalancer';
  return new AwsError(`${kind}NotFound`, `One or more of '${identifier}' not found`);
}

function invalid(identifier: string): AwsError {
  const what = identifier.startsWith('arn:') ? 'Target Groups' : 'Load Balancers';
  return validationError(`Provided ${what} may not be valid. Please ensure they exist and try again.`);
}
