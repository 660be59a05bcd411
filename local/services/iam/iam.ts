/**
 * IAM of the embedded AWS: a role of a deployed stack may do what the policies of its template say, and nothing else.
 * Whoever holds the account's own credentials may do everything; what services do for each other is for the policies of
 * the resources to decide (see resource-policy.ts).
 */
import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import type { Access, Surroundings } from '../../kernel/access';
import { AwsError, type Call, type Interceptor, type Service, type ServiceName } from '../../kernel/service';
import { assertAllowed, assertPolicySupported, type PolicyDocument, type ServiceSource } from './resource-policy';

export interface Decision {
  /** The key of the role in its template. */
  principal: string;
  access: Access;
  result: Result;
}

export interface Policy {
  PolicyName: string;
  PolicyDocument: { Version: string; Statement: Statement[] };
}

export interface Statement {
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

type Result = 'Allowed' | 'ExplicitlyDenied' | 'ImplicitlyDenied';

/** What of a deployed resource matters here. */
interface StackResource {
  type: string;
  properties: Readonly<Record<string, unknown>>;
  attributes: Readonly<Record<string, string>>;
}

interface Role {
  key: string;
  arn: string;
  /** Who can take it. */
  trust: PolicyDocument;
  policies: Policy[];
  /** The condition keys that its policies look at, in lower case: nothing else of a request matters to it. */
  conditionKeys: ReadonlySet<string>;
  /** Its policies can tell one identifier from another. */
  tellsIdentifiers: boolean;
  decided: Map<string, Result>;
}

/**
 * What services and functions make up: of a load balancer, a group, a deployment or a refused request. To policies that
 * name none of them, in full or in part, one is as good as another of the same length.
 */
const IDENTIFIER = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}|\d{8}T\d{6}Z-[0-9a-f]{6}/g;

const PART_OF_IDENTIFIER = /[0-9a-fTZ]-?[*?]|[*?]-?[0-9a-f]/;

/** More than four: the evaluator makes regular expressions of them, whose time is multiplied by each. */
const TOO_MANY_WILDCARDS = /(?:\*[^*"]*){5}/;

/** By account, role and policies: every deployment asks the same things again, and every stack of the same template. */
const decisions = new Map<string, Map<string, Result>>();

export class Authorization {
  private readonly roles = new Map<string, Role>();
  private readonly listeners: ((decision: Decision) => void)[] = [];

  constructor(
    private readonly services: Readonly<Record<ServiceName, Pick<Service, 'requiredAccess' | 'accessToLearn'>>>,
    private readonly surroundings: Surroundings,
  ) {}

  /** From now on the calls of a stack's roles are decided. Throws an Error on policies that it cannot see. */
  enforce(resources: ReadonlyMap<string, StackResource>): void {
    for (const [key, { type, properties, attributes }] of resources) {
      if (type !== 'AWS::IAM::Role') continue;
      if (properties.ManagedPolicyArns) throw new Error(`${key}: managed policies of roles are not supported here`);
      const { Policies: policies = [], AssumeRolePolicyDocument: trust = NOBODY } = properties;
      this.addRole(key, attributes.Arn ?? '', policies as Policy[], trust as PolicyDocument);
    }
  }

  private addRole(key: string, arn: string, policies: Policy[], trust: PolicyDocument): void {
    assertPolicySupported(trust);
    // Their values are not among those that a decision depends on here.
    const written = JSON.stringify(policies);
    if (written.includes('${')) throw new Error(`${key}: policy variables are not supported here`);
    if (TOO_MANY_WILDCARDS.test(written))
      throw new Error(`${key}: so many wildcards in one text are not supported here`);
    const conditions = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement).map(conditionKeysOf);
    const conditionKeys = new Set(conditions.flat().map((name) => name.toLowerCase()));
    const asked = [this.surroundings.accountId, arn, written].join();
    const decided = decisions.get(asked) ?? new Map<string, Result>();
    decisions.set(asked, decided);
    const tellsIdentifiers = written.search(IDENTIFIER) >= 0 || PART_OF_IDENTIFIER.test(written);
    this.roles.set(key, { key, arn, trust, policies, conditionKeys, tellsIdentifiers, decided });
  }

  /** Hears every decision about a role's calls. */
  onDecision(listener: (decision: Decision) => void): void {
    this.listeners.push(listener);
  }

  /**
   * A service takes a role, which its trust policy has to allow, and acts by it. Throws AccessDenied where it may not; the
   * role of no stack is one that may do everything, and that every service can take.
   */
  assertMayActBy(roleArn: string, access: Access, source: ServiceSource): void {
    const role = [...this.roles.values()].find(({ arn }) => arn === roleArn);
    if (!role) return;
    assertAllowed([role.trust], 'sts:AssumeRole', roleArn, source);
    const result = this.tell(role, access);
    if (result !== 'Allowed') throw new AwsError('AccessDenied', messageOf('events', role, access, result), 403);
  }

  /** Refuses what the caller's role may not do, as the called service refuses it, before it has an effect. */
  readonly interceptor: Interceptor = async (call, proceed) => {
    const role = this.roles.get(call.caller.principal);
    if (!role) return proceed();
    const service = this.services[call.service];
    const required = service.requiredAccess(call.operation, call.input, this.surroundings);
    for (const access of required) this.assertAllowed(role, call, access);
    try {
      return await proceed();
    } catch (error) {
      for (const access of service.accessToLearn?.(call, error) ?? []) this.assertAllowed(role, call, access);
      throw error;
    }
  };

  private assertAllowed(role: Role, call: Call, access: Access): void {
    const result = this.tell(role, access);
    if (result !== 'Allowed') throw denial(call, role, access, result);
  }

  private tell(role: Role, access: Access): Result {
    const result = this.decide(role, access);
    for (const listener of this.listeners) listener({ principal: role.key, access, result });
    return result;
  }

  private decide(role: Role, access: Access): Result {
    const seen = Object.entries(access.context).filter(([name]) => role.conditionKeys.has(name.toLowerCase()));
    const asked: Access = { ...access, context: Object.fromEntries(seen) };
    const written = JSON.stringify(asked);
    const question = role.tellsIdentifiers ? written : written.replace(IDENTIFIER, anyIdentifier);
    const known = role.decided.get(question);
    if (known) return known;
    const result = evaluate(role.policies, JSON.parse(question), role.arn, this.surroundings.accountId);
    role.decided.set(question, result);
    return result;
  }
}

/**
 * Asks the policies. The evaluator's other entry would also check that the request is one that AWS knows, but it reads
 * files to do so, which virtual time does not wait for.
 */
export function evaluate(policies: Policy[], access: Access, principalArn: string, accountId: string): Result {
  return runUnsafeSimulation(
    {
      request: {
        principal: principalArn,
        action: access.action,
        resource: { resource: access.resource, accountId },
        contextVariables: access.context,
      },
      identityPolicies: policies.map(({ PolicyName, PolicyDocument: { Version, Statement } }) => ({
        name: PolicyName,
        // An evaluation takes its time for each statement.
        policy: { Version, Statement: Statement.filter((statement) => mayConcern(statement, access.action)) },
      })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
}

function anyIdentifier(identifier: string): string {
  return identifier.replace(/[0-9a-f]/g, '0');
}

/** False for a statement that names other actions, and in full. */
function mayConcern({ Action = '*' }: Partial<Statement>, action: string): boolean {
  return [Action].flat().some((named) => /[*?]/.test(named) || named.toLowerCase() === action.toLowerCase());
}

function conditionKeysOf({ Condition = {} }: Statement): string[] {
  return Object.values(Condition).flatMap((keys) => Object.keys(keys));
}

/** "Access denied error messages", IAM user guide; each service has its own code for it. */
function denial({ service }: Call, role: Role, access: Access, result: Result): AwsError {
  const [code, status] = DENIALS[service] ?? ['AccessDenied', 403];
  return new AwsError(code, messageOf(service, role, access, result), status);
}

function messageOf(service: string, role: Role, { action, resource }: Access, result: Result): string {
  const user = `User: ${role.arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${role.key}`;
  const named = service === 's3' ? `"${resource}"` : resource;
  const on = resource === '*' ? '' : ` on resource: ${named}`;
  const why =
    result === 'ExplicitlyDenied'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  return `${user} is not authorized to perform: ${action}${on} ${why}`;
}

const NOBODY: PolicyDocument = { Statement: [] };

const DENIALS: Partial<Record<ServiceName, [code: string, status: number]>> = {
  'cloudwatch-logs': ['AccessDeniedException', 400],
  codedeploy: ['AccessDeniedException', 400],
  eventbridge: ['AccessDeniedException', 400],
  sns: ['AuthorizationError', 403],
};
