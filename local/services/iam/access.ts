/** What a call needs to be allowed: actions on resources, with the values that policies may set conditions on. */
import type { Call } from '../../kernel/service';
import { autoScalingAccess } from '../auto-scaling/access';
import { codeDeployAccess } from '../code-deploy/access';
import { elasticLoadBalancingAccess, elasticLoadBalancingV2Access } from '../elastic-load-balancing-v2/access';
import { eventBridgeAccess, snsAccess, sqsAccess } from '../eventbridge/access';
import { s3Access } from '../s3/access';

export interface Access {
  /** `autoscaling:UpdateAutoScalingGroup`. */
  action: string;
  /** An ARN, or `*` for an action that knows no resources. What has no id yet has `*` in its place, as in AWS's errors. */
  resource: string;
  context: Context;
}

/** Condition keys and their values; a key that has several values has an array, even where it is one. */
export type Context = Readonly<Record<string, string | string[]>>;

/** Where a call acts, and what is there. */
export interface Surroundings {
  region: string;
  accountId: string;
  /** Undefined for a group that does not exist. */
  groupIdentity(name: string): { arn: string; tags: ReadonlyMap<string, string> } | undefined;
  /** `application/deployment group` of a CodeDeploy deployment; undefined for one that does not exist. */
  deploymentGroupOf(deploymentId: string): string | undefined;
  /** The tags of a load balancer, target group, listener or rule; none for what does not exist. */
  loadBalancingTags(arn: string): ReadonlyMap<string, string>;
}

/** As the service authorization reference lists them. Throws an Error for an operation that is not described here. */
export function requiredAccess(call: Call, surroundings: Surroundings): Access[] {
  const { operation } = call;
  // biome-ignore lint/suspicious/noExplicitAny: every operation has an input type of its own
  const input = call.input as any;
  switch (call.service) {
    case 'auto-scaling':
      return autoScalingAccess(operation, input, surroundings);
    case 'codedeploy':
      return codeDeployAccess(operation, input, surroundings);
    case 'elastic-load-balancing':
      return elasticLoadBalancingAccess(operation, input, surroundings);
    case 'elastic-load-balancing-v2':
      return elasticLoadBalancingV2Access(operation, input, surroundings);
    case 'eventbridge':
      return eventBridgeAccess(operation, input, surroundings);
    case 's3':
      return s3Access(operation, input);
    case 'sns':
      return snsAccess(operation, input);
    case 'sqs':
      return sqsAccess(operation, input, surroundings);
  }
}

export function undescribed(service: string, operation: string): Error {
  return new Error(`which permission ${service} ${operation} needs is not described in local/authorization`);
}

/** The condition keys of tags that a request carries. */
export function requestTags(tags: { Key?: string; Value?: string }[] = []): Context {
  if (tags.length === 0) return {};
  return {
    'aws:TagKeys': tags.map(({ Key = '' }) => Key),
    ...Object.fromEntries(tags.map(({ Key, Value = '' }) => [`aws:RequestTag/${Key}`, Value])),
  };
}

/** The condition keys of the tags of the resource, which most services have under a name of their own too. */
export function resourceTags(service: string, tags: ReadonlyMap<string, string>): Context {
  const keys = [...tags].flatMap(([key, value]) => [
    [`aws:ResourceTag/${key}`, value],
    [`${service}:ResourceTag/${key}`, value],
  ]);
  return Object.fromEntries(keys);
}

/** Without the keys that the request does not have. */
export function present(context: Record<string, string | string[] | undefined>): Context {
  const entries = Object.entries(context).filter(([, value]) => value !== undefined && value.length > 0);
  return Object.fromEntries(entries) as Context;
}
