/** Whoever is denied what it needs says so soon: which action, on what, to which role. Nothing is tried for an hour. */
import type { Template } from '../../local/cloudformation/template';
import { CodeDeployFleet } from '../harness/codedeploy-fleet';
import { commandsIn } from '../harness/mail-commands';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';
import { CLASSIC } from './failure-cases';

const SOON_SECONDS = 60;

type Statements = { Action: string | string[] }[];

/** The stack whose role may not do this, as one that somebody has narrowed. */
function without(role: string, action: string) {
  return (template: Template): Template => {
    const narrowed: Template = structuredClone(template);
    const properties = (narrowed.Resources[role]?.Properties ?? {}) as {
      Policies?: { PolicyDocument: { Statement: Statements } }[];
    };
    for (const { PolicyDocument } of properties.Policies ?? []) {
      PolicyDocument.Statement = PolicyDocument.Statement.map((statement) => ({
        ...statement,
        Action: [statement.Action].flat().filter((one) => one !== action),
      })).filter(({ Action }) => Action.length > 0);
    }
    expect(narrowed).not.toEqual(template);
    return narrowed;
  };
}

async function open(
  role: string,
  action: string,
  fleet = CLASSIC,
): Promise<{ world: World; firstDenial: () => Date | undefined }> {
  const world = await World.quick({ fleet, extend: without(role, action) });
  let deniedAt: Date | undefined;
  world.aws.authorization.onDecision(({ principal, access, result }) => {
    if (principal === role && access.action === action && result !== 'Allowed') deniedAt ??= world.clock.now();
  });
  return { world, firstDenial: () => deniedAt };
}

/** The mail that comes within a minute of the first denial, if any. */
async function mailAfter({ world, firstDenial }: Awaited<ReturnType<typeof open>>) {
  await world.clock.runUntil(() => firstDenial() !== undefined, 3600);
  await world.clock.advance(SOON_SECONDS);
  return world.aws.sns.mails.at(-1);
}

/** What says which permission of which role is missing. */
function denialOf(role: string, action: string): RegExp {
  return new RegExp(`assumed-role/\\S*${role}\\S* is not authorized to perform: ${action}\\b`);
}

const NEEDED_BY_CLEAN_UP = [
  'autoscaling:DescribeAutoScalingGroups',
  'autoscaling:DescribeLoadBalancers',
  'autoscaling:DetachLoadBalancers',
  'autoscaling:UpdateAutoScalingGroup',
  'elasticloadbalancing:DescribeTags',
];

test.each(NEEDED_BY_CLEAN_UP)('clean-up that is denied %s asks an operator within a minute', async (action) => {
  const opened = await open('CleanUpRole', action);
  await opened.world.upload('app.war', { health: '500' });
  const mail = await mailAfter(opened);
  expect(mail?.subject).toBe('[Error] Deploy Clean(Task : WAS)');
  expect(mail?.body).toMatch(denialOf('CleanUpRole', action));
  expect(mail?.body).toMatch(/\nWhy\n(?: {2}.*\n)*? {2}(Code T001|T001: )/); // of the failure itself
});

test('clean-up that may not delete the dummies ends within a minute, and says what is left, and why', async () => {
  const action = 'elasticloadbalancing:DeleteLoadBalancer';
  const opened = await open('CleanUpRole', action);
  await opened.world.upload('app.war', { health: '500' });
  const mail = await mailAfter(opened);
  expect(mail?.subject).toBe('[Success] Deploy Clean(Task : WAS)');
  expect(mail?.body).toMatch(denialOf('CleanUpRole', action));
});

test('clean-up that is denied something for a moment, and something else much later, goes on', async () => {
  const world = await World.quick({ fleet: CLASSIC });
  const operator = new Operator(world);
  for (const operation of ['DetachLoadBalancers', 'UpdateAutoScalingGroup']) {
    operator.failCalls(operation, 'AccessDenied', { status: 403, times: 4, of: 'clean-up' });
  }
  const deniedAt: number[] = [];
  world.aws.endpoint.intercept(async (_, proceed) =>
    proceed().catch((error: Error) => {
      if (error.name === 'AccessDenied') deniedAt.push(world.clock.now().getTime() / 1000);
      throw error;
    }),
  );
  await world.upload('app.war', { health: '500' });
  await world.clock.runUntil(() => world.story.some((type) => /^Clean/.test(type)), 3600);
  const [first = 0, last = 0] = [deniedAt.at(0), deniedAt.at(-1)];
  expect(last - first).toBeGreaterThan(30); // for which one denial is tried
  await world.clock.advance(SOON_SECONDS);
  expect(world.aws.sns.mails.at(-1)?.subject).toBe('[Success] Deploy Clean(Task : WAS)');
});

test.each([
  ['autoscaling:UpdateAutoScalingGroup', '[Error] Deploy Clean(Task : WAS)'],
  ['autoscaling:DescribeAutoScalingGroups', '[Refused] Clean(Task : WAS)'],
])('a CleanRequested while clean-up is denied %s is answered within a minute', async (action, subject) => {
  const opened = await open('CleanUpRole', action);
  const { world, firstDenial } = opened;
  await world.upload('app.war', { health: '500' });
  await world.clock.runUntil(() => firstDenial() !== undefined, 3600);
  await world.put('CleanRequested', { task: 'WAS' });
  await world.clock.advance(SOON_SECONDS);
  const answers = world.aws.sns.mails.filter((mail) => mail.subject === subject);
  expect(answers.length).toBeGreaterThan(0);
  for (const { body } of answers) expect(body).toMatch(denialOf('CleanUpRole', action));
});

test.each([
  ['StartRole', 'autoscaling:DescribeInstanceRefreshes', '[Failed] Deploy Start Failed(Task : WAS, errCode : 500)'],
  ['CheckDummyRole', 'autoscaling:DescribeAutoScalingGroups', 'errCode : T999, Task : WAS'],
  ['CheckDummyRole', 'elasticloadbalancing:DescribeInstanceHealth', 'errCode : T001, Task : WAS'],
  ['AttachRealRole', 'autoscaling:DescribeAutoScalingGroups', 'errCode : T999, Task : WAS'],
  ['SwapRole', 'autoscaling:DescribeScheduledActions', 'errCode : T999, Task : WAS'],
])('a deployment whose %s may not do %s fails within a minute', async (role, action, subject) => {
  const opened = await open(role, action);
  const { world } = opened;
  await world.upload('app.war', { version: '2' });
  await mailAfter(opened);
  const mails = world.aws.sns.mails.map((mail) => `${mail.subject ?? ''}\n${mail.body}`);
  const told = mails.find((text) => text.includes(subject));
  expect(told).toMatch(denialOf(role, action));
});

test.each(['codedeploy:GetDeployment', 'autoscaling:DescribeAutoScalingGroups', 'autoscaling:DeleteAutoScalingGroup'])(
  'what CodeDeploy left behind is mailed once a day where the function may not do %s',
  async (action) => {
    const role = 'CodeDeployCleanUpRole';
    const opened = await open(role, action, {});
    const { world } = opened;
    const fleet = await CodeDeployFleet.open(world);
    const id = await fleet.fail();
    const mail = await mailAfter(opened);
    expect(mail?.subject).toBe(`[Error] CodeDeploy Clean(Group : ${fleet.copyOf(id)})`);
    expect(mail?.body).toMatch(denialOf(role, action));
    expect(mail?.body).not.toContain('The log says more');
    expect(commandsIn(mail?.body ?? '', 'To see more')).toEqual([
      expect.stringMatching(/^aws logs tail \S+codedeploy-clean-up /),
    ]);
    const count = world.aws.sns.mails.length;
    await world.clock.advance(12 * 3600);
    expect(world.aws.sns.mails.length - count).toBeLessThanOrEqual(2); // of another day, and of the sweep itself
  },
);
