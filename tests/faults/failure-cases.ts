/** What can go wrong with a deployment: for every code the things that people and AWS do which lead to it. */
import type { Operator } from '../harness/operator';
import type { World, WorldOptions } from '../harness/world';

export interface Cause {
  code: string;
  /** Completes the name of its test: "T001, where …". */
  when: string;
  options?: WorldOptions;
  /** Asks for a deployment and lets it go wrong. What it changes itself before, the deployment finds there. */
  provoke(scene: Scene): Promise<unknown>;
  /** What the mail must say beside the code and the next step: names and reasons. */
  says: RegExp[];
  /** How it ends once clean-up is done: with the fleet as it was, the new version, or an operator's decision. */
  ends: 'not begun' | 'as before' | 'new version' | 'operator needed';
  /** The code of the last mail, where it is another one. */
  endsWith?: string;
  /** The fleet as the cause leaves it is not as it was; then its own test says what must hold. */
  changesFleet?: boolean;
}

export interface Scene {
  world: World;
  operator: Operator;
}

/** Quick to run: one instance, short cycles. */
export const QUICK: WorldOptions = {
  bootSeconds: 5,
  provisioningSeconds: 10,
  parameters: { CycleSeconds: '30' },
  fleet: { instances: 1, maximum: 2, healthCheckIntervalSeconds: 5, deregistrationDelaySeconds: 5 },
};

export function quick(fleet: WorldOptions['fleet']): WorldOptions {
  return { ...QUICK, fleet: { ...QUICK.fleet, ...fleet } };
}

const CLASSIC = quick({
  loadBalancers: [{ kind: 'classic', way: 'direct', isAcrossZones: true, targetGroups: [] }],
});

const IDLE_TOO = quick({
  loadBalancers: [
    {
      kind: 'application',
      way: 'direct',
      isAcrossZones: true,
      targetGroups: [{ protocol: 'HTTP' }, { protocol: 'HTTP', isIdle: true }],
    },
  ],
});

const DENIED = { status: 403 };

async function deploy({ world }: Scene, until?: string): Promise<void> {
  await world.upload('app.war', { version: '2' });
  if (until) await world.until(until);
}

function request({ world }: Scene, more: object = {}): Promise<void> {
  return world.put('DeployRequested', { task: 'WAS', requestedBy: 'jane', ...more });
}

/** Found before anything is changed. */
export const REFUSALS: Cause[] = [
  {
    code: '400',
    when: 'there is a second Active group',
    async provoke(scene) {
      await scene.operator.createGroup('second', { taskForDeploy: 'WAS', type: 'Active' });
      await request(scene);
    },
    says: [/the task WAS needs exactly one Active/, /was-blue, second|second, was-blue/, /tagged StandBy: was-green/],
    ends: 'as before',
  },
  {
    code: '400',
    when: 'somebody deleted StandBy',
    async provoke(scene) {
      await scene.operator.deleteGroup('was-green');
      await scene.world.clock.advance(300);
      await request(scene);
    },
    says: [/tagged Active: was-blue/, /tagged StandBy: none/],
    ends: 'as before',
  },
  {
    code: '401',
    when: 'StandBy is not empty',
    async provoke(scene) {
      await scene.operator.setSize('was-green', 1, 1, 1);
      await scene.world.clock.advance(120);
      await request(scene);
    },
    says: [/StandBy group was-green is not empty \(desired 1, instances 1\)/],
    ends: 'as before',
  },
  {
    code: '402',
    when: 'the requested version does not exist',
    provoke: (scene) => request(scene, { versions: 'a'.repeat(32) }),
    says: [/key\(app\.war\) versionId\(a{32}\) does not exist/],
    ends: 'as before',
  },
  {
    code: '402',
    when: 'the uploaded war is no zip',
    async provoke({ world }) {
      await world.uploadBytes('app.war', 'no war');
    },
    says: [/key\(app\.war\) versionId\(\S+\) is not a war: not a zip/, /upload of app\.war/],
    ends: 'as before',
  },
  {
    code: '402',
    when: 'a tag names a bucket that is not one of the stack’s',
    async provoke(scene) {
      await scene.operator.tag('was-blue', 'bucket', 'elsewhere');
      await request(scene);
    },
    says: [/was-blue names the bucket elsewhere, which is not one of the stack's war buckets/],
    ends: 'as before',
  },
  {
    code: '403',
    when: 'Active is attached to nothing',
    async provoke(scene) {
      await scene.operator.detach('was-blue', scene.world.fleet.targetGroupArns);
      await scene.world.clock.advance(60);
      await request(scene);
    },
    says: [/was-blue \(Active\) is attached to no load balancer and no target group/],
    ends: 'as before',
  },
  {
    code: '404',
    when: 'Active is on a dummy Classic Load Balancer',
    async provoke(scene) {
      await scene.operator.createClassic('deploycheck-left');
      await scene.operator.attachClassic('was-blue', ['deploycheck-left']);
      await request(scene);
    },
    says: [/was-blue \(Active\) is attached to the dummy load balancer deploycheck-left/],
    ends: 'as before',
  },
  {
    code: '405',
    when: 'Active is on a dummy target group',
    async provoke(scene) {
      await scene.operator.attach('was-blue', [await scene.operator.addTargetGroup('deploycheck-left')]);
      await request(scene);
    },
    says: [/was-blue \(Active\) is attached to the dummy target group deploycheck-left/],
    ends: 'as before',
  },
  {
    code: '406',
    when: 'Active names a Classic Load Balancer that somebody deleted',
    options: CLASSIC,
    async provoke(scene) {
      await scene.operator.deleteClassic('was-web');
      await request(scene);
    },
    says: [/was-blue \(Active\) names the load balancer was-web, which does not exist/],
    ends: 'as before',
  },
  {
    code: '408',
    when: 'Active names a target group that somebody deleted',
    options: IDLE_TOO,
    async provoke(scene) {
      const [, idle = ''] = scene.world.fleet.targetGroupArns;
      await scene.operator.deleteTargetGroup(idle);
      await request(scene);
    },
    says: [/was-blue \(Active\) names the target group arn:aws:\S+, which does not exist/],
    ends: 'as before',
  },
  {
    code: '413',
    when: 'a target group of Active speaks what no clone can listen to',
    async provoke(scene) {
      scene.operator.answerDifferently('DescribeTargetGroups', (answer) => {
        for (const targetGroup of answer.TargetGroups as { Protocol: string }[]) targetGroup.Protocol = 'GENEVE';
      });
      await request(scene);
    },
    says: [/target group was-web-1 has the protocol GENEVE, which cannot be cloned/],
    ends: 'as before',
  },
  {
    code: '414',
    when: 'the request names more versions than there are wars',
    provoke: (scene) => request(scene, { versions: 'v1,v2,v3' }),
    says: [/3 versions for 1 war slot$/m],
    ends: 'as before',
  },
  {
    code: '415',
    when: 'Launch is suspended on StandBy',
    async provoke(scene) {
      await scene.operator.suspend('was-green', ['Launch']);
      await request(scene);
    },
    says: [/on the StandBy group was-green is suspended: Launch/],
    ends: 'as before',
  },
];

/** From the first change on, as far as step 1. */
export const FAILURES_OF_STEP_1: Cause[] = [
  ...(['before', 'after'] as const).map(
    (moment): Cause => ({
      code: '402',
      when: `tagging StandBy is denied ${moment} it took effect`,
      async provoke(scene) {
        scene.operator.failCalls('CreateOrUpdateTags', 'AccessDenied', { ...DENIED, moment, of: 'start' });
        await deploy(scene);
      },
      says: [/tagging was-green with the versions failed: AccessDenied happened/],
      ends: 'as before',
    }),
  ),
  {
    code: '406',
    when: 'somebody deletes the Classic Load Balancer while the deployment starts',
    options: CLASSIC,
    async provoke(scene) {
      await deploy(scene, 'Started');
      await scene.operator.deleteClassic('was-web');
    },
    says: [/was-web was deleted while the deployment started/],
    ends: 'as before',
    changesFleet: true,
  },
  {
    code: '406',
    when: 'somebody detaches Active from the Classic Load Balancer while the deployment starts',
    options: CLASSIC,
    async provoke(scene) {
      await deploy(scene, 'Started');
      await scene.operator.detachClassic('was-blue', ['was-web']);
    },
    says: [/was-blue \(Active\) was detached from was-web while the deployment started/],
    ends: 'as before',
    changesFleet: true,
  },
  {
    code: '408',
    when: 'somebody detaches Active from the target group while the deployment starts',
    async provoke(scene) {
      await deploy(scene, 'Started');
      await scene.operator.detach('was-blue', scene.world.fleet.targetGroupArns);
    },
    says: [/was-blue \(Active\) was detached from was-web-1 of was-web while the deployment started/],
    ends: 'as before',
    changesFleet: true,
  },
  {
    code: '407',
    when: 'every name of the Classic Load Balancer’s clone is taken',
    options: CLASSIC,
    async provoke(scene) {
      scene.operator.takeNames('CreateLoadBalancer');
      await deploy(scene);
    },
    says: [/none of 15 names for a clone of was-web is free/],
    ends: 'as before',
  },
  {
    code: '409',
    when: 'every name of the target group’s clone is taken',
    async provoke(scene) {
      scene.operator.takeNames('CreateTargetGroup');
      await deploy(scene);
    },
    says: [/none of 15 names for a clone of arn:aws:\S+targetgroup\/was-web-1\/\S+ is free/],
    ends: 'as before',
  },
  {
    code: '410',
    when: 'every name of the load balancer’s clone is taken',
    async provoke(scene) {
      scene.operator.takeNames('CreateLoadBalancer');
      await deploy(scene);
    },
    says: [/none of 15 names for a clone of arn:aws:\S+loadbalancer\/app\/was-web\/\S+ is free/],
    ends: 'as before',
  },
  {
    code: '412',
    when: 'sizing StandBy is denied',
    async provoke(scene) {
      scene.operator.failCalls('UpdateAutoScalingGroup', 'AccessDenied', { ...DENIED, of: 'start' });
      await deploy(scene);
    },
    says: [/sizing was-green to 1\/1\/2 failed: AccessDenied happened/],
    ends: 'as before',
  },
  {
    code: '412',
    when: 'StandBy is sized, but the answer says that it is denied',
    async provoke(scene) {
      scene.operator.failCalls('UpdateAutoScalingGroup', 'AccessDenied', { ...DENIED, moment: 'after', of: 'start' });
      await deploy(scene);
    },
    says: [/sizing was-green to 1\/1\/2 failed/],
    ends: 'as before',
  },
  ...(['TooManyLoadBalancers', 'InvalidSubnet'] as const).map(
    (reason): Cause => ({
      code: '413',
      when: `the clone is beyond the account: ${reason}`,
      async provoke(scene) {
        scene.operator.failCalls('CreateLoadBalancer', reason);
        await deploy(scene);
      },
      says: [new RegExp(`creating the dummy load balancers failed: ${reason} happened`)],
      ends: 'as before',
    }),
  ),
  {
    code: '500',
    when: 'start may not read instance refreshes',
    async provoke(scene) {
      scene.operator.failCalls('DescribeInstanceRefreshes', 'AccessDenied', DENIED);
      await deploy(scene);
    },
    says: [/bluegreen-dev-start/, /Else nothing was changed/],
    ends: 'not begun',
  },
  {
    code: '500',
    when: 'reading the target groups breaks again and again once the record is open',
    async provoke(scene) {
      await deploy(scene, 'Started');
      scene.operator.failCalls('DescribeTargetGroups', 'InternalFailure', { status: 500, of: 'start' });
    },
    says: [/bluegreen-dev-start/],
    ends: 'as before',
  },
  {
    code: '500',
    when: 'somebody deletes StandBy while the deployment starts',
    async provoke(scene) {
      await deploy(scene, 'Started');
      await scene.operator.deleteGroup('was-green');
    },
    says: [/the StandBy group was-green no longer exists/],
    ends: 'as before',
    changesFleet: true,
  },
  {
    code: 'T000',
    when: 'somebody deletes a dummy',
    async provoke(scene) {
      await deploy(scene, 'DummyAttached');
      await scene.operator.deleteDummyLoadBalancers();
    },
    says: [/somebody deleted the dummy .*deploycheck-/],
    ends: 'as before',
  },
  {
    code: 'T001',
    when: 'the application answers its health check with 500',
    async provoke({ world }) {
      await world.upload('app.war', { health: '500 out of order' });
    },
    says: [/i-\w+ on was-web-1 of was-web: unhealthy, Target\.ResponseCodeMismatch, .*500/],
    ends: 'as before',
  },
  {
    code: 'T001',
    when: 'no instance can be launched',
    async provoke(scene) {
      scene.world.aws.autoScaling.setLaunchFailure('was-green', 'We currently do not have sufficient capacity');
      await deploy(scene);
    },
    says: [/was-green has 0 of 1 in service/, /last failed scaling activity: .*We currently do not have sufficient/],
    ends: 'as before',
  },
  {
    code: 'T013',
    when: 'somebody gives StandBy another type',
    async provoke(scene) {
      await deploy(scene, 'DummyAttached');
      await scene.operator.tag('was-green', 'type', 'Spare');
    },
    says: [/was-blue is tagged type = Active and was-green type = Spare/],
    ends: 'as before',
    changesFleet: true,
  },
  {
    code: 'T015',
    when: 'an operator aborts',
    async provoke(scene) {
      await deploy(scene, 'DummyAttached');
      await scene.world.put('AbortRequested', { task: 'WAS', requestedBy: 'jane', reason: 'wrong war' });
    },
    says: [/aborted by jane: wrong war/],
    ends: 'as before',
  },
  {
    code: 'T999',
    when: 'check-dummy may not read the groups',
    async provoke(scene) {
      scene.operator.failCalls('DescribeAutoScalingGroups', 'AccessDenied', { ...DENIED, of: 'check-dummy' });
      await deploy(scene);
    },
    says: [/bluegreen-dev-check-dummy/],
    ends: 'as before',
  },
];

/** The action of a stage that fails for good: refused, or done although the answer says so. */
interface FailingAction {
  code: string;
  operation: string;
  of: string;
  says: RegExp;
  options?: WorldOptions;
  /** Fail only from this event on. */
  from: string;
  ends: Record<'before' | 'after', Cause['ends']>;
}

const FAILING_ACTIONS: FailingAction[] = [
  {
    code: 'T002',
    operation: 'DetachLoadBalancerTargetGroups',
    of: 'attach-real',
    from: 'Step1Passed',
    says: /detaching the dummies from was-green failed: AccessDenied happened/,
    ends: { before: 'as before', after: 'as before' },
  },
  {
    code: 'T003',
    operation: 'DeleteLoadBalancer',
    of: 'attach-real',
    from: 'Step1Passed',
    options: CLASSIC,
    says: /deleting the dummy Classic Load Balancers failed: AccessDenied happened/,
    ends: { before: 'as before', after: 'as before' },
  },
  {
    code: 'T004',
    operation: 'AttachLoadBalancerTargetGroups',
    of: 'attach-real',
    from: 'Step1Passed',
    says: /attaching was-green to the real load balancers failed: AccessDenied happened/,
    ends: { before: 'as before', after: 'as before' },
  },
  {
    code: 'T005',
    operation: 'DeleteLoadBalancer',
    of: 'attach-real',
    from: 'Step1Passed',
    says: /deleting the dummy load balancers failed: AccessDenied happened/,
    ends: { before: 'as before', after: 'as before' },
  },
  {
    code: 'T006',
    operation: 'DeleteTargetGroup',
    of: 'attach-real',
    from: 'Step1Passed',
    says: /deleting the dummy target groups failed: AccessDenied happened/,
    ends: { before: 'as before', after: 'as before' },
  },
  {
    code: 'T008',
    operation: 'DetachLoadBalancerTargetGroups',
    of: 'swap',
    from: 'Step2Passed',
    says: /detaching was-blue \(Active\) failed: AccessDenied happened/,
    ends: { before: 'as before', after: 'new version' },
  },
  {
    code: 'T009',
    operation: 'UpdateAutoScalingGroup',
    of: 'retire',
    from: 'Swapped',
    says: /taking was-blue to 0\/0\/0 failed: AccessDenied happened/,
    ends: { before: 'operator needed', after: 'operator needed' },
  },
  {
    code: 'T010',
    operation: 'CreateOrUpdateTags',
    of: 'swap',
    from: 'Step2Passed',
    says: /tagging was-blue with type = StandBy and was-green with type = Active failed: AccessDenied happened/,
    ends: { before: 'operator needed', after: 'new version' },
  },
];

/** After step 1. */
export const FAILURES_OF_STEP_2: Cause[] = [
  ...FAILING_ACTIONS.flatMap(({ code, operation, of, from, says, options, ends }) =>
    (['before', 'after'] as const).map(
      (moment): Cause => ({
        code,
        when: `${operation} is denied to ${of} ${moment} it took effect`,
        options,
        async provoke(scene) {
          await deploy(scene, from);
          scene.operator.failCalls(operation, 'AccessDenied', { ...DENIED, moment, of });
        },
        says: [says],
        ends: ends[moment],
      }),
    ),
  ),
  {
    code: 'T000',
    when: 'somebody detaches Active before the swap',
    async provoke(scene) {
      await deploy(scene, 'Step2Passed');
      await scene.operator.detach('was-blue', scene.world.fleet.targetGroupArns);
    },
    says: [/was-blue \(Active\) is no longer attached to was-web-1 of was-web/],
    ends: 'new version',
  },
  {
    code: 'T007',
    when: 'check-real may not read the health of the targets',
    async provoke(scene) {
      await deploy(scene, 'RealAttached');
      scene.operator.failCalls('DescribeTargetHealth', 'AccessDenied', { ...DENIED, of: 'check-real' });
    },
    says: [/reading the health of was-green.* failed: AccessDenied happened/],
    ends: 'as before',
  },
  {
    code: 'T011',
    when: 'the application is ill behind the real load balancers',
    async provoke(scene) {
      await deploy(scene, 'RealAttached');
      await scene.operator.setHealth('was-green', 503);
    },
    says: [/was-green is not healthy behind the real load balancers: i-\w+ on was-web-1 of was-web: unhealthy/],
    ends: 'as before',
  },
  {
    code: 'T011',
    when: 'StandBy falls ill while Active drains',
    options: quick({ deregistrationDelaySeconds: 60 }),
    async provoke(scene) {
      await deploy(scene, 'Step2Passed');
      await scene.world.until('CheckPending', { after: scene.world.events.length });
      await scene.operator.suspend('was-green', ['HealthCheck']);
      await scene.operator.setHealth('was-green', 503);
    },
    says: [/was-green fell ill on was-web-1 of was-web while Active was drained: i-\w+ on was-web-1/],
    ends: 'as before',
  },
  {
    code: 'T011',
    when: 'taking StandBy to 0/0/0 is denied afterwards: T012',
    async provoke(scene) {
      await deploy(scene, 'RealAttached');
      await scene.operator.setHealth('was-green', 503);
      scene.operator.failCalls('UpdateAutoScalingGroup', 'AccessDenied', { ...DENIED, of: 'clean-up' });
    },
    says: [/was-green is not healthy behind the real load balancers/],
    ends: 'operator needed',
    endsWith: 'T012',
  },
];
