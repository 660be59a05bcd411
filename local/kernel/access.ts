/** What a call needs to be allowed: actions on resources, with the values that policies may set conditions on. */

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

export function undescribed(service: string, operation: string): Error {
  return new Error(`which permission ${service} ${operation} needs is not described in the access.ts of its service`);
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
