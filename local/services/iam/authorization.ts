/**
 * Who may do what in the embedded AWS: a role of a deployed stack may do what the policies of its template say, and nothing
 * else; a user that was added, what the managed policies say that it has. Whoever holds the account's own credentials may do everything; what services do for each other is for the policies of
 * the resources to decide (see resource-policy.ts).
 */
import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import type { Access, Surroundings } from '../../kernel/access';
import { AwsError, type Call, type Interceptor, type Service, type ServiceName } from '../../kernel/service';
import { assertAllowed, assertPolicySupported, type PolicyDocument, type ServiceSource } from './resource-policy';

export interface Decision {
  /** The key of the role in its template, or `user:` and the name of a user. */
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

export type Result = 'Allowed' | 'ExplicitlyDenied' | 'ImplicitlyDenied';

/** What of a deployed resource matters here. */
interface StackResource {
  type: string;
  properties: Readonly<Record<string, unknown>>;
  attributes: Readonly<Record<string, string>>;
}

/** A role or a user. */
interface Principal {
  key: string;
  arn: string;
  /** Who can take it, if it is a role. */
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
  private readonly principals = new Map<string, Principal>();
  /** By ARN. */
  private readonly managedPolicies = new Map<string, Policy>();
  private readonly listeners: ((decision: Decision) => void)[] = [];

  constructor(
    private readonly services: Readonly<Record<ServiceName, Pick<Service, 'requiredAccess' | 'accessToLearn'>>>,
    private readonly surroundings: Surroundings,
  ) {}

  /** From now on the calls of a stack's roles are decided. Throws an Error on policies that it cannot see. */
  enforce(resources: ReadonlyMap<string, StackResource>): void {
    for (const [key, { type, properties, attributes }] of resources) {
      if (type === 'AWS::IAM::ManagedPolicy') {
        const PolicyDocument = properties.PolicyDocument as Policy['PolicyDocument'];
        this.managedPolicies.set(attributes.PolicyArn ?? '', { PolicyName: key, PolicyDocument });
      }
      if (type !== 'AWS::IAM::Role') continue;
      if (properties.ManagedPolicyArns) throw new Error(`${key}: managed policies of roles are not supported here`);
      const { Policies: policies = [], AssumeRolePolicyDocument: trust = NOBODY } = properties;
      this.add(key, attributes.Arn ?? '', policies as Policy[], trust as PolicyDocument);
    }
  }

  /**
   * A user with managed policies of deployed stacks, by their ARNs; answers the principal that its calls are decided as.
   * Throws an Error on a policy that is not there.
   */
  addUser(name: string, policyArns: readonly string[]): string {
    const policies = policyArns.map((arn) => {
      const policy = this.managedPolicies.get(arn);
      if (!policy) throw new Error(`no stack has the managed policy ${arn}`);
      return policy;
    });
    const key = `user:${name}`;
    this.add(key, `arn:aws:iam::${this.surroundings.accountId}:user/${name}`, policies, NOBODY);
    return key;
  }

  /** What the principal of this ARN has; undefined where it is not there. */
  policiesOf(arn: string): readonly Policy[] | undefined {
    if (arn === this.operatorArn) return [EVERYTHING];
    return [...this.principals.values()].find((principal) => principal.arn === arn)?.policies;
  }

  /** Of a caller, as STS and refusals name it: a role that was taken has a session, which is its key here. */
  arnOf(principal: string): string {
    const found = this.principals.get(principal);
    return found ? sessionOf(found) : this.operatorArn;
  }

  private get operatorArn(): string {
    return `arn:aws:iam::${this.surroundings.accountId}:user/operator`;
  }

  private add(key: string, arn: string, policies: Policy[], trust: PolicyDocument): void {
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
    this.principals.set(key, { key, arn, trust, policies, conditionKeys, tellsIdentifiers, decided });
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
    const role = [...this.principals.values()].find(({ arn }) => arn === roleArn);
    if (!role) return;
    assertAllowed([role.trust], 'sts:AssumeRole', roleArn, source);
    const result = this.tell(role, access);
    if (result !== 'Allowed') throw new AwsError('AccessDenied', messageOf('events', role, access, result), 403);
  }

  /** Refuses what the caller may not do, as the called service refuses it, before it has an effect. */
  readonly interceptor: Interceptor = async (call, proceed) => {
    const principal = this.principals.get(call.caller.principal);
    if (!principal) return proceed();
    const service = this.services[call.service];
    const required = service.requiredAccess(call.operation, call.input, this.surroundings);
    for (const access of required) this.assertAllowed(principal, call, access);
    try {
      return await proceed();
    } catch (error) {
      for (const access of service.accessToLearn?.(call, error) ?? []) this.assertAllowed(principal, call, access);
      throw error;
    }
  };

  /** What the caller is told where no policy of its role allows the call, whatever its policies are. */
  denialOf(call: Call): AwsError {
    const principal = this.principals.get(call.caller.principal);
    const [access] = this.services[call.service].requiredAccess(call.operation, call.input, this.surroundings);
    if (!principal || !access) throw new Error(`${call.caller.principal} cannot be denied ${call.operation}`);
    return denial(call, principal, access, 'ImplicitlyDenied');
  }

  private assertAllowed(principal: Principal, call: Call, access: Access): void {
    const result = this.tell(principal, access);
    if (result !== 'Allowed') throw denial(call, principal, access, result);
  }

  private tell(principal: Principal, access: Access): Result {
    const result = this.decide(principal, access);
    for (const listener of this.listeners) listener({ principal: principal.key, access, result });
    return result;
  }

  private decide(principal: Principal, access: Access): Result {
    const seen = Object.entries(access.context).filter(([name]) => principal.conditionKeys.has(name.toLowerCase()));
    const asked: Access = { ...access, context: Object.fromEntries(seen) };
    const written = JSON.stringify(asked);
    const question = principal.tellsIdentifiers ? written : written.replace(IDENTIFIER, anyIdentifier);
    const known = principal.decided.get(question);
    if (known) return known;
    const result = evaluate(principal.policies, JSON.parse(question), principal.arn, this.surroundings.accountId);
    principal.decided.set(question, result);
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
export function mayConcern({ Action = '*' }: Partial<Statement>, action: string): boolean {
  return [Action].flat().some((named) => /[*?]/.test(named) || named.toLowerCase() === action.toLowerCase());
}

export function conditionKeysOf({ Condition = {} }: Statement): string[] {
  return Object.values(Condition).flatMap((keys) => Object.keys(keys));
}

/** "Access denied error messages", IAM user guide; each service has its own code for it. */
function denial({ service }: Call, principal: Principal, access: Access, result: Result): AwsError {
  const [code, status] = DENIALS[service] ?? ['AccessDenied', 403];
  const message = messageOf(service, principal, access, result);
  return new AwsError(
    code,
    service === 'ec2' ? `You are not authorized to perform this operation. ${message}` : message,
    status,
  );
}

function messageOf(service: string, principal: Principal, { action, resource }: Access, result: Result): string {
  const user = `User: ${sessionOf(principal)}`;
  const named = service === 's3' ? `"${resource}"` : resource;
  const on = resource === '*' ? '' : ` on resource: ${named}`;
  const why =
    result === 'ExplicitlyDenied'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  return `${user} is not authorized to perform: ${action}${on} ${why}`;
}

function sessionOf({ arn, key }: Principal): string {
  if (!arn.includes(':role/')) return arn;
  return `${arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${key}`;
}

/** What whoever holds the account's own credentials has. */
const EVERYTHING: Policy = {
  PolicyName: 'AdministratorAccess',
  PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
};

const NOBODY: PolicyDocument = { Statement: [] };

const DENIALS: Partial<Record<ServiceName, [code: string, status: number]>> = {
  'cloudwatch-logs': ['AccessDeniedException', 400],
  codedeploy: ['AccessDeniedException', 400],
  ec2: ['UnauthorizedOperation', 403],
  eventbridge: ['AccessDeniedException', 400],
  sns: ['AuthorizationError', 403],
};
