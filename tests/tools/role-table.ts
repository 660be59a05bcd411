/**
 * What the role of each function may change, as a table for docs/security.md, from the template: `npm run documents -- roles`
 * writes it.
 */
import { packagedTemplate } from '../../local/cloudformation/template';

export const SECURITY_FILE = 'docs/security.md';
const [BEGIN, END] = ['<!-- roles: made by tests/tools/role-table.ts -->', '<!-- roles: the end -->'];

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}

/** Reading changes nothing, and every function writes its own log. */
const HARMLESS = /:(Describe|Get|List|Receive)|^logs:/;

/** The first that is found in resource and condition together says what is changed. */
const SCOPES: readonly [found: RegExp, scope: string][] = [
  [/deploycheck-/, 'clones'],
  [/CodeDeploy_/, 'groups whose names begin with `CodeDeploy_`'],
  [/ResourceTag\/taskfordeploy/, 'groups of tasks'],
  [/StateBucket/, 'the state bucket'],
  [/"Bus"/, 'the bus'],
  [/AdminTopic/, 'the topic of the admins'],
  [/Queue|DeadLetters/, 'queues of the stack'],
];

export function roleTable(): string {
  const rows = Object.entries(packagedTemplate().Resources).flatMap(([name, { Type, Properties }]) => {
    if (Type !== 'AWS::IAM::Role') return [];
    const policies = (Properties?.Policies ?? []) as { PolicyDocument: { Statement: Statement[] } }[];
    return [`| \`${name}\` | ${changesOf(policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement))} |`];
  });
  return ['| role | what it may change |', '| --- | --- |', ...rows].join('\n');
}

function changesOf(statements: readonly Statement[]): string {
  const byScope = new Map<string, Set<string>>();
  for (const statement of statements) {
    const actions = [statement.Action].flat().filter((action) => !HARMLESS.test(action));
    if (statement.Effect !== 'Allow' || actions.length === 0) continue;
    const scope = scopeOf(statement);
    byScope.set(
      scope,
      new Set([...(byScope.get(scope) ?? []), ...actions.map((action) => action.split(':')[1] ?? '')]),
    );
  }
  return [...byScope].map(([scope, actions]) => `${scope}: ${[...actions].sort().join(', ')}`).join('; ');
}

function scopeOf({ Action, Resource, Condition }: Statement): string {
  const text = JSON.stringify({ Resource, Condition });
  const [, scope] = SCOPES.find(([found]) => found.test(text)) ?? [];
  if (scope === undefined) throw new Error(`nobody says what ${Action} changes: ${text}`);
  return scope;
}

/** All of the page, with the table as it has to be. */
export function withRoles(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`${SECURITY_FILE} has no ${BEGIN} with ${END} after it`);
  return `${before}${BEGIN}\n\n${roleTable()}\n\n${END}${after}`;
}
