/** Whether a resource's own policy lets an AWS service call it on behalf of a rule: queues, topics, functions. */
import { isObject } from '../../kernel/json';
import { AwsError } from '../../kernel/service';
import { globTest } from '../../kernel/wildcard';

/** Who acts: EventBridge for a rule. */
export interface ServiceSource {
  /** The service principal: `events.amazonaws.com`. */
  service: string;
  /** The ARN of the resource that causes the call, e.g. of the rule; undefined where the called resource does not learn it. */
  arn?: string;
  account?: string;
}

export interface PolicyDocument {
  Version?: string;
  Id?: string;
  Statement: PolicyStatement | PolicyStatement[];
}

export interface PolicyStatement {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Principal: '*' | Record<string, string | string[]>;
  Action: string | string[];
  Resource?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** Throws AccessDenied unless a statement allows `source` the action on the resource and none denies it. */
export function assertAllowed(
  policies: PolicyDocument[],
  action: string,
  resourceArn: string,
  source: ServiceSource,
): void {
  const statements = policies.flatMap((policy) => policy.Statement);
  const applying = statements.filter((statement) => applies(statement, action, resourceArn, source));
  if (applying.length === 0 || applying.some((statement) => statement.Effect === 'Deny')) {
    const why = applying.length === 0 ? 'because no resource-based policy allows' : 'with an explicit deny of';
    const message = `${source.service} is not authorized to perform: ${action} on resource: ${resourceArn} ${why} the ${action} action`;
    throw new AwsError('AccessDenied', message, 403);
  }
}

/** Throws an Error on what is no statement, and on what this evaluation does not know: it must never be skipped. */
export function assertPolicySupported(policy: PolicyDocument): void {
  for (const statement of [policy.Statement].flat()) {
    if (!isStatement(statement)) throw new Error('resource policy: a statement has Effect, Principal and Action');
    const [unknown] = Object.keys(statement).filter((name) => !ELEMENTS.includes(name));
    if (unknown) throw new Error(`resource policy: ${unknown} is not supported here`);
    for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
      for (const key of Object.keys(keys)) {
        if (Object.hasOwn(comparisons, operator) && contextKeys.has(key.toLowerCase())) continue;
        throw new Error(`resource policy: the condition ${operator} on ${key} is not supported here`);
      }
    }
  }
}

const ELEMENTS = ['Sid', 'Effect', 'Principal', 'Action', 'Resource', 'Condition'];

function isStatement(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { Effect, Principal, Action, Resource = '*', Condition = {} } = value;
  const names = isObject(Principal) ? Object.values(Principal) : [Principal];
  const keys = isObject(Condition) ? Object.values(Condition) : [undefined];
  return (
    (Effect === 'Allow' || Effect === 'Deny') &&
    [...names, Action, Resource].flat().every((text) => typeof text === 'string') &&
    keys.every((wanted) => isObject(wanted) && !Object.values(wanted).flat().some(isObject))
  );
}

function applies(statement: PolicyStatement, action: string, resourceArn: string, source: ServiceSource): boolean {
  return (
    isPrincipal(statement.Principal, source.service) &&
    [statement.Action].flat().some((pattern) => like(pattern.toLowerCase(), action.toLowerCase())) &&
    [statement.Resource ?? '*'].flat().some((pattern) => like(pattern, resourceArn)) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) => {
        const actual = contextKeys.get(key.toLowerCase())?.(source);
        return actual !== undefined && [values].flat().some((value) => comparisons[operator]?.(String(value), actual));
      }),
    )
  );
}

/** A key that the request does not have meets no condition: "Condition operators", IAM user guide. */
const contextKeys = new Map<string, (source: ServiceSource) => string | undefined>([
  ['aws:sourcearn', (source) => source.arn],
  ['aws:sourceaccount', (source) => source.account],
  ['aws:securetransport', () => 'true'],
]);

const comparisons: Record<string, (wanted: string, actual: string) => boolean> = {
  ArnEquals: like, // the same as ArnLike, as the IAM documentation says
  ArnLike: like,
  StringEquals: (wanted, actual) => wanted === actual,
  StringLike: like,
  Bool: (wanted, actual) => wanted === actual,
};

function isPrincipal(principal: PolicyStatement['Principal'], service: string): boolean {
  if (principal === '*') return true;
  return [principal.Service ?? []].flat().includes(service) || [principal.AWS ?? []].flat().includes('*');
}

function like(pattern: string, value: string): boolean {
  return globTest(pattern)(value);
}
