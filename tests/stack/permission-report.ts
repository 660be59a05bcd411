/** What each function is granted and uses, and what it is granted and never uses, as runs of deployments show. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Access } from '../../local/kernel/access';
import { type Decision, evaluate, type Policy, type Statement } from '../../local/services/iam/authorization';
import type { World } from '../harness/world';

export interface Grant {
  functionName: string;
  /** `sns:Publish on …:AdminTopic`. */
  permission: string;
  isUsed: boolean;
}

export interface Report {
  grants: Grant[];
  /** What was asked for and not granted, each once: `start: s3:GetObject on …`. */
  denials: string[];
}

const ACCOUNT_ID = '123456789012';
const PRINCIPAL = `arn:aws:iam::${ACCOUNT_ID}:role/any`;

export async function reportPermissions(): Promise<Report> {
  const asked = new Map<string, Map<string, Access>>();
  const denials = new Set<string>();
  const policies = new Map<string, Policy[]>();

  function watch(world: World): void {
    for (const [key, { type, properties }] of world.stack.resources) {
      if (type === 'AWS::IAM::Role') policies.set(key, properties.Policies as Policy[]);
    }
    world.aws.authorization.onDecision(({ principal, access, result }: Decision) => {
      if (result !== 'Allowed')
        denials.add(`${principal}: ${access.action} on ${access.resource} ${JSON.stringify(access.context)}`);
      const accesses = asked.get(principal) ?? new Map<string, Access>();
      accesses.set(JSON.stringify(access), access);
      asked.set(principal, accesses);
    });
  }

  for (const [name, run] of await allRuns()) {
    await run(watch).catch((cause: unknown) => {
      throw new Error(`this run did not end as it should: ${name}`, { cause });
    });
  }
  const grants = [...policies].flatMap(([principal, own]) => {
    return grantsOf(own, [...(asked.get(principal)?.values() ?? [])]);
  });
  return { grants, denials: [...denials] };
}

type Run = (watch: (world: World) => void) => Promise<void>;

/** Those of every file in `permission-runs/`, by their names. */
async function allRuns(): Promise<[string, Run][]> {
  const names = readdirSync(join('tests', 'stack', 'permission-runs')).map((file) => file.replace(/\.ts$/, ''));
  const files: { runs: Record<string, Run> }[] = await Promise.all(
    names.map((name) => import(`./permission-runs/${name}.ts`)),
  );
  return files.flatMap(({ runs }) => Object.entries(runs));
}

/** An item of a statement is used where, without it, something that was asked for would be denied. */
export function grantsOf(policies: Policy[], asked: Access[]): Grant[] {
  return policies.flatMap((policy) =>
    policy.PolicyDocument.Statement.flatMap((statement, index) =>
      itemsOf(statement).map(({ description, reduced }) => {
        const without = { ...policy.PolicyDocument, Statement: policy.PolicyDocument.Statement.with(index, reduced) };
        const others = policies.map((other) => (other === policy ? { ...policy, PolicyDocument: without } : other));
        const concerned = asked.filter(({ action }) => [statement.Action].flat().includes(action));
        const isUsed = concerned.some((access) => isAllowed(policies, access) && !isAllowed(others, access));
        return { functionName: policy.PolicyName, permission: description, isUsed };
      }),
    ),
  );
}

/** Every action, and, of lists, every resource and every value of a condition, with the statement that lacks it. */
function itemsOf(statement: Statement): { description: string; reduced: Statement }[] {
  const [actions, resources] = [[statement.Action].flat(), [statement.Resource].flat()];
  const byAction = actions.map((action) => ({
    description: `${action} on ${resources.map(short).join(', ')}`,
    reduced: { ...statement, Action: actions.filter((other) => other !== action) },
  }));
  const byResource = resources.map((resource) => ({
    description: `${actions.join(', ')} on ${short(resource)}`,
    reduced: { ...statement, Resource: resources.filter((other) => other !== resource) },
  }));
  const byValue = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).flatMap(([key, values]) =>
      [values].flat().map((value, _, all) => ({
        description: `${actions.join(', ')} with ${key} ${short(value)}`,
        reduced: {
          ...statement,
          Condition: { ...statement.Condition, [operator]: { ...keys, [key]: all.filter((other) => other !== value) } },
        },
        isAlone: all.length === 1,
      })),
    ),
  );
  return [
    ...byAction,
    ...(resources.length > 1 ? byResource : []),
    ...byValue.filter(({ isAlone }) => !isAlone),
  ].filter(({ description }, index, all) => all.findIndex((item) => item.description === description) === index);
}

export function isAllowed(policies: Policy[], access: Access): boolean {
  return evaluate(policies, access, PRINCIPAL, ACCOUNT_ID) === 'Allowed';
}

/** Without what all ARNs of a stack have in common. */
function short(resource: string): string {
  return resource.replace(/^arn:aws:[a-z0-9-]+:[a-z0-9-]*:\d*:/, '').replace(/-[A-Z0-9]{12}(?=\/|$)/i, '');
}

/** For people to read: by function, what is used, and what is not. */
export function printed({ grants, denials }: Report): string {
  const functionNames = [...new Set(grants.map(({ functionName }) => functionName))];
  const lines = functionNames.flatMap((name) => {
    const own = grants.filter(({ functionName }) => functionName === name);
    return ['', name, ...own.map(({ permission, isUsed }) => `  ${isUsed ? 'used  ' : 'UNUSED'}  ${permission}`)];
  });
  return [...lines, '', 'asked for, and not granted', ...denials.map((denial) => `  ${denial}`), ''].join('\n');
}
