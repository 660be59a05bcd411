/** Deployments that fail before StandBy meets a user. */
import { CLASSIC, DENIED, deploy, type FailureCase } from './failure-cases';

/** From the first change on, as far as step 1. */
export const FAILURES_OF_STEP_1: FailureCase[] = [
  ...(['before', 'after'] as const).map(
    (moment): FailureCase => ({
      code: '402',
      when: `tagging StandBy is denied ${moment} it took effect`,
      async provoke(scene) {
        scene.operator.failCalls('CreateOrUpdateTags', 'AccessDenied', { ...DENIED, moment, of: 'start' });
        await deploy(scene);
      },
      says: [/tagging was-green with the versions failed: User: \S+ is not authorized to perform/],
      ends: 'as before',
    }),
  ),
  {
    code: '406',
    when: 'somebody deletes the Classic Load Balancer while the deployment starts',
    fleet: CLASSIC,
    async provoke(scene) {
      await deploy(scene, 'Started');
      await scene.operator.deleteClassic('was-web');
    },
    says: [/was-web was deleted while the deployment started/],
    ends: 'as before',
    changesFleet: true,
    leavesUsersDown: true,
  },
  {
    code: '406',
    when: 'somebody detaches Active from the Classic Load Balancer while the deployment starts',
    fleet: CLASSIC,
    async provoke(scene) {
      await deploy(scene, 'Started');
      await scene.operator.detachClassic('was-blue', ['was-web']);
    },
    says: [/was-blue \(Active\) was detached from was-web while the deployment started/],
    ends: 'as before',
    changesFleet: true,
    leavesUsersDown: true,
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
    leavesUsersDown: true,
  },
  {
    code: '407',
    when: 'every name of the Classic Load Balancer’s clone is taken',
    fleet: CLASSIC,
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
    says: [/sizing was-green to 1\/1\/2 failed: User: \S+ is not authorized to perform/],
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
    (reason): FailureCase => ({
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
    when: 'reading instance refreshes breaks again and again',
    async provoke(scene) {
      scene.operator.failCalls('DescribeInstanceRefreshes', 'InternalFailure', { status: 500 });
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
    code: 'T000',
    when: 'somebody attaches StandBy to the real load balancers in step 1',
    async provoke(scene) {
      await deploy(scene, 'DummyAttached');
      await scene.operator.attach('was-green', scene.world.fleet.targetGroupArns);
    },
    says: [/somebody attached was-green \(StandBy\) to was-web-1 of was-web in step 1/],
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
    says: [
      /was-green was not tested: no instance came: Launching a new EC2 instance failed \d+ times: We currently do not have sufficient/,
      /was-green has 0 of 1 in service/,
    ],
    ends: 'as before',
  },
  {
    code: 'T013',
    when: 'somebody gives StandBy another type',
    async provoke(scene) {
      await deploy(scene, 'DummyAttached');
      await scene.operator.tag('was-green', 'type', 'Spare');
    },
    says: [/the tag type of was-green was changed from StandBy to Spare/],
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
