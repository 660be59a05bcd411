/** Deployments that fail after step 1. */
import { DENIED, deploy, type FailureCase } from './failure-cases';

/** The action of a stage that fails for good: refused, or done although the answer says so. */
interface FailingAction {
  code: string;
  operation: string;
  of: string;
  says: RegExp;
  /** Fail only from this event on. */
  from: string;
  ends: Record<'before' | 'after', FailureCase['ends']>;
  fleet?: FailureCase['fleet'];
}

const FAILING_ACTIONS: FailingAction[] = [
  {
    code: 'T002',
    operation: 'DetachLoadBalancerTargetGroups',
    of: 'attach-real',
    from: 'Step1Passed',
    says: /detaching the dummies from was-green failed: User: \S+ is not authorized to perform/,
    ends: { before: 'as before', after: 'as before' },
  },
  {
    code: 'T004',
    operation: 'AttachLoadBalancerTargetGroups',
    of: 'attach-real',
    from: 'Step1Passed',
    says: /attaching was-green to the real load balancers failed: User: \S+ is not authorized to perform/,
    ends: { before: 'as before', after: 'as before' },
  },
  {
    code: 'T008',
    operation: 'DetachLoadBalancerTargetGroups',
    of: 'swap',
    from: 'Step2Passed',
    says: /detaching was-blue \(Active\) failed: User: \S+ is not authorized to perform/,
    ends: { before: 'as before', after: 'new version' },
  },
  {
    code: 'T009',
    operation: 'UpdateAutoScalingGroup',
    of: 'retire',
    from: 'Swapped',
    says: /taking was-blue to 0\/0\/0 failed: User: \S+ is not authorized to perform/,
    ends: { before: 'operator needed', after: 'new version' },
    fleet: { minimum: 1 }, // the new group needs no other: its true sizes would fail next
  },
  {
    code: 'T010',
    operation: 'CreateOrUpdateTags',
    of: 'swap',
    from: 'Step2Passed',
    says: /tagging was-blue with type = StandBy and was-green with type = Active failed: User: \S+ is not authorized to perform/,
    ends: { before: 'operator needed', after: 'new version' },
  },
];

/** After step 1. */
export const FAILURES_OF_STEP_2: FailureCase[] = [
  ...FAILING_ACTIONS.flatMap(({ code, operation, of, from, says, ends, fleet }) =>
    (['before', 'after'] as const).map(
      (moment): FailureCase => ({
        code,
        fleet,
        when: `${operation} is denied to ${of} ${moment} it took effect`,
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
    says: [/reading the health of was-green.* failed: User: \S+ is not authorized to perform/],
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
    fleet: { deregistrationDelaySeconds: 60 },
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
