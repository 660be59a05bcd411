/** The last mail of a failure names whatever is not as it should be, also what was so before, and what to run in that state. */
import { commandsIn } from '../harness/mail-commands';
import { FAILURES_OF_STEP_1 } from './cases-step-1';
import { FAILURES_OF_STEP_2 } from './cases-step-2';
import { deploy, openScene, type Scene } from './failure-cases';

const CASES = [...FAILURES_OF_STEP_1, ...FAILURES_OF_STEP_2];

/** Clean-up ends what the deployment has made, and not what it failed by. */
const STANDING = 'Nothing of the deployment. Still there, unless somebody has mended it:';

/** The last mail of the case whose name begins so. */
async function endOf(code: string, when: string): Promise<{ scene: Scene; body: string }> {
  const found = CASES.find((one) => one.code === code && one.when.startsWith(when));
  if (!found) throw new Error(`no case of ${code} is called ${when}`);
  const scene = await openScene(found.fleet);
  await found.provoke(scene);
  return { scene, body: await lastMail(scene) };
}

async function lastMail({ world }: Scene): Promise<string> {
  await world.until('Cleaned', { limitSeconds: 4 * 3600 });
  await world.clock.advance(60);
  return world.aws.sns.mails.findLast(({ subject }) => subject?.includes('Deploy Clean'))?.body ?? '';
}

function below(heading: string, body: string): string[] {
  const [, lines = ''] = new RegExp(`\\n${heading}\\n((?: {2}.*\\n)+)`).exec(body) ?? [];
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

test.each<[string, string, (string | RegExp)[]]>([
  ['T013', 'somebody gives StandBy another type', ['was-green is tagged type = Spare, and is to be StandBy.']],
  ['500', 'somebody deletes StandBy', ['was-green does not exist: the task has no group to stand by.']],
  ['406', 'somebody deletes the Classic', ['was-blue still names was-web, which does not exist any more.']],
  ['408', 'somebody detaches Active', ['was-blue is not attached to was-web-1 of was-web.']],
  [
    '407',
    'every name',
    [
      STANDING,
      /^Classic Load Balancers that were there before have these names: (deploycheck-\w{18}, ){14}deploycheck-\w{18}\.$/,
    ],
  ],
  ['409', 'every name', [STANDING, /^Target groups that were there before have these names: deploycheck-/]],
  ['410', 'every name', [STANDING, /^Load balancers that were there before have these names: deploycheck-/]],
  ['402', 'tagging StandBy is denied', [STANDING, lacking('StartRole', 'autoscaling:CreateOrUpdateTags')]],
  ['413', 'the clone is beyond the account: TooMany', [STANDING, 'The account is at its limit of load balancers.']],
  [
    '413',
    'the clone is beyond the account: InvalidSubnet',
    [STANDING, 'AWS has no room for another load balancer in the subnets.'],
  ],
  [
    'T009',
    'UpdateAutoScalingGroup is denied to retire before',
    [
      'was-blue is still at 1/1/2, with 1 instance: it is to be empty, at 0/0/0.',
      'Suspended on was-green: ScheduledActions.',
      lacking('RetireRole', 'autoscaling:UpdateAutoScalingGroup'),
    ],
  ],
  [
    'T010',
    'CreateOrUpdateTags is denied to swap before',
    [
      'was-blue is still at 1/1/2, with 1 instance: it is to be empty, at 0/0/0.',
      'was-green is tagged type = StandBy, and is to be Active.',
      'was-blue is tagged type = Active, and is to be StandBy.',
      'Suspended on was-green: ScheduledActions.',
      lacking('SwapRole', 'autoscaling:CreateOrUpdateTags'),
    ],
  ],
  [
    'T011',
    'taking StandBy to 0/0/0 is denied',
    [
      'was-green is still at 1/1/2, with 1 instance: it is to be empty, at 0/0/0.',
      lacking('CleanUpRole', 'autoscaling:UpdateAutoScalingGroup'),
    ],
  ],
  ['T001', 'the application', ['Nothing.']],
  [
    'T008',
    'DetachLoadBalancerTargetGroups is denied to swap before',
    [STANDING, lacking('SwapRole', 'autoscaling:DetachLoadBalancerTargetGroups')],
  ],
])('%s, where %s', async (code, when, expected) => {
  const { body } = await endOf(code, when);
  const matching = expected.map((line) => (line instanceof RegExp ? expect.stringMatching(line) : line));
  expect(below('Left over', body)).toEqual(matching);
});

test('a permission that keeps clean-up from ending is named in the first line, and by what to do', async () => {
  const { body } = await endOf('T009', 'UpdateAutoScalingGroup is denied to retire before');
  expect(body.split('\n')[0]).toMatch(
    /taking was-blue to 0\/0\/0 failed: autoscaling:UpdateAutoScalingGroup is denied \(T009\)\.$/,
  );
  expect(below('Users', body)).toEqual([expect.stringMatching(/^was-green serves on was-web-1 of was-web \(seen at/)]);
  expect(below('What to do', body)[0]).toMatch(
    /give the role stack-RetireRole-\w+ autoscaling:UpdateAutoScalingGroup on was-blue, and any group of a task\./,
  );
  expect(commandsIn(body)).toEqual(['npx serverless deploy --stage dev', expect.stringContaining('CleanRequested')]);
  expect(commandsIn(body, 'To see more')).toEqual([
    expect.stringContaining('aws logs tail /aws/lambda/bluegreen-dev-retire '),
  ]);
});

test.each([
  ['402', 'tagging StandBy is denied', lacking('StartRole', 'autoscaling:CreateOrUpdateTags')],
  ['413', 'the clone is beyond the account: TooMany', 'The account is at its limit of load balancers.'],
])(
  'the mail of the failure names what stands, and no step of the deployment: %s, where %s',
  async (code, when, line) => {
    const { scene } = await endOf(code, when);
    const body = scene.world.aws.sns.mails.findLast(({ subject }) => subject?.startsWith('[Failed]'))?.body ?? '';
    expect(below('Left over', body)).toEqual([
      line instanceof RegExp ? expect.stringMatching(line) : line,
      'What the deployment has made so far is being taken away; the mail "Deploy Clean" says what is left.',
    ]);
  },
);

test('a function that broke off is named in the first line, and the log of that invocation is what to look at', async () => {
  const scene = await openScene();
  await deploy(scene, 'DummyAttached');
  scene.operator.failCalls('PutObject', 'InternalFailure', { status: 500, of: 'check-dummy' });
  const body = await lastMail(scene);
  expect(body.split('\n')[0]).toMatch(
    /: the function bluegreen-dev-check-dummy broke off on every attempt: .* \(T999\)\./,
  );
  const ofFailure = scene.world.aws.sns.mails.findLast(({ subject }) => subject?.startsWith('[Failed]'))?.body ?? '';
  const [log] = commandsIn(ofFailure);
  expect(log).toMatch(/^aws logs tail \/aws\/lambda\/bluegreen-dev-check-dummy .*--filter-pattern/);
  expect(commandsIn(body)).toEqual([log, expect.stringContaining('DeployRequested')]);
});

test('a stage that an error of AWS has ended is named in the first line', async () => {
  const { body } = await endOf('500', 'reading the target groups');
  expect(body.split('\n')[0]).toMatch(
    /: start broke off: AWS answered with an error of its own \(InternalFailure\) \(500\)\./,
  );
});

describe('where users are down, nothing comes before what helps them, whatever the deployment had failed by', () => {
  async function brokenWar(interfere: (scene: Scene) => Promise<unknown>): Promise<string> {
    const scene = await openScene();
    await scene.world.upload('app.war', { health: '500' });
    await scene.world.until('Failed');
    await interfere(scene);
    return lastMail(scene);
  }

  test('Active is not attached', async () => {
    const body = await brokenWar(({ operator, world }) => operator.detach('was-blue', world.fleet.targetGroupArns));
    expect(commandsIn(body)[0]).toMatch(/^aws autoscaling attach-load-balancer-target-groups .*was-blue /);
    expect(below('Left over', body)).toEqual(['was-blue is not attached to was-web-1 of was-web.']);
  });

  test('Active is at 0', async () => {
    const body = await brokenWar(({ operator }) => operator.setSize('was-blue', 0, 0, 2));
    expect(commandsIn(body)).toEqual([
      'aws autoscaling update-auto-scaling-group --auto-scaling-group-name was-blue --min-size 0 --desired-capacity 1 --max-size 2',
    ]);
  });

  test('Active is ill', async () => {
    const body = await brokenWar(async ({ operator }) => {
      await operator.suspend('was-blue', ['HealthCheck']);
      await operator.setHealth('was-blue', 503);
    });
    expect(commandsIn(body).at(-1)).toMatch(/^aws elbv2 describe-target-health /);
    expect(body).not.toMatch(/What to do\n {2}The same war/);
  });
});

test('a clone that could not be deleted is what is to be done about a deployment that went well', async () => {
  const scene = await openScene();
  scene.operator.failCalls('DeleteTargetGroup', 'AccessDenied', { status: 403 });
  await deploy(scene, 'Completed');
  await scene.world.clock.advance(60);
  const body = scene.world.aws.sns.mails.findLast(({ subject }) => subject?.startsWith('[Success]'))?.body ?? '';
  expect(body).toMatch(/^The deployment of WAS is complete, after [^,]+, but something of it is left over\.\n/);
  expect(below('Left over', body)[0]).toMatch(
    /^T006: the clone deploycheck-\w+ \(target group\) could not be deleted: /,
  );
  expect(below('What to do', body)).toEqual([
    expect.stringMatching(/^Remove what is left over, by the commands there/),
    expect.stringMatching(
      /^A permission is missing: give the role stack-AttachRealRole-\w+ elasticloadbalancing:DeleteTargetGroup on deploycheck-/,
    ),
    'npx serverless deploy --stage dev',
    expect.stringMatching(/^# or, where there is no such checkout/),
    expect.stringMatching(/^# aws iam put-role-policy --role-name stack-AttachRealRole-/),
  ]);
});

test('that an operator has ended a deployment is not called its failure', async () => {
  const { body } = await endOf('T015', 'an operator aborts');
  expect(body).toMatch(/^The deployment of WAS was ended, and is taken back: aborted by jane: wrong war \(T015\)\./);
});

test('users who met the sick version are told of where clean-up stopped, too', async () => {
  const { body } = await endOf('T011', 'taking StandBy to 0/0/0 is denied');
  expect(below('Users', body)[0]).toMatch(
    /^was-blue serves on .*\. From .* they could meet was-green, too, on was-web-1/,
  );
});

test.each([
  [false, /^What was asked for by the upload of app\.war waits: it is deployed by itself once clean-up is done\.$/],
  [true, /^What the deployment has made so far is being taken away/],
])('an abort that gives up what waits, %s, says what becomes of it', async (dropPending, ofFailure) => {
  const { world } = await openScene(undefined);
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  await world.upload('app.war', { version: '3' });
  await world.until('Postponed');
  await world.put('AbortRequested', { task: 'WAS', dropPending });
  await world.until('Cleaned');
  await world.clock.advance(5);
  const bodyOf = (subject: string) => world.aws.sns.mails.find((mail) => mail.subject?.includes(subject))?.body ?? '';
  const failure = bodyOf('errCode : T015');
  expect(below('Left over', failure)[0]).toMatch(ofFailure);
  expect(failure.includes('Request a deployment when you want one')).toBe(dropPending);
  expect(below('Left over', bodyOf('Deploy Clean'))).toEqual(
    dropPending
      ? [
          'Nothing of a deployment.',
          'What was asked for by the upload of app.war, which waited, was dropped: it is not deployed by itself. To deploy again takes it, as the latest.',
        ]
      : ['Nothing.'],
  );
});

/** CloudFormation names the role, by its key. */
function lacking(key: string, action: string): RegExp {
  return new RegExp(`^The role stack-${key}-\\w+ lacks ${action} on was-(?:blue|green), and any group of a task\\.$`);
}
