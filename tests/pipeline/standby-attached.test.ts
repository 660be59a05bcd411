/** Infrastructure code has attached both groups, or somebody attaches StandBy: no user meets what is not proven. */
import type { LoadBalancerDescription } from '../../local/example/load-balancers';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { groupsOf, targetHealthOf } from '../harness/observe';
import { Operator } from '../harness/operator';
import { World, type WorldOptions } from '../harness/world';

const KINDS: LoadBalancerDescription[] = [
  { kind: 'application', way: 'direct', isAcrossZones: true, targetGroups: [{ protocol: 'HTTP' }] },
  { kind: 'application', way: 'traffic-source', isAcrossZones: true, targetGroups: [{ protocol: 'HTTP' }] },
  { kind: 'classic', way: 'direct', isAcrossZones: true, targetGroups: [] },
  { kind: 'classic', way: 'traffic-source', isAcrossZones: true, targetGroups: [] },
];

interface Scene {
  world: World;
  operator: Operator;
  /** Where instances of StandBy were registered with what has users before step 1 was passed. */
  met: Set<string>;
}

async function openScene(fleet: WorldOptions['fleet'] = { loadBalancers: KINDS }): Promise<Scene> {
  const world = await World.quick({ fleet });
  const met = new Set<string>();
  const look = () => {
    if (world.story.includes('Step1Passed')) return;
    const ids = groupsOf(world.aws).get('was-green')?.instanceIds ?? new Set();
    for (const [balancer, targets] of targetHealthOf(world.aws)) {
      if ([...ids].some((id) => targets.has(id))) met.add(balancer);
    }
    world.clock.after(1, look);
  };
  look();
  return { world, operator: new Operator(world), met };
}

async function attachEverywhere({ world, operator }: Scene): Promise<void> {
  for (const [index, attachment] of world.fleet.attachments.entries()) {
    if (index % 10 === 0) await world.clock.advance(10); // no more are taken up at once
    await operator.attachAs('was-green', attachment);
  }
  await world.clock.advance(10);
}

test('StandBy is detached before it is sized, and the mail of the start names where', async () => {
  const scene = await openScene();
  const { world, met } = scene;
  await attachEverywhere(scene);
  const version = await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  expect(met).toEqual(new Set());
  for (const name of ['was-web-1 of was-web', 'was-web-2-1 of was-web-2', 'was-web-3', 'was-web-4']) {
    expect(world.mailBody(0)).toContain(`was-green (StandBy) is attached to ${name}, where users may be`);
  }
  expect(world.servedVersions()).toEqual([version]);
});

test('no user meets a war that does not pass step 1, though both groups were attached', async () => {
  const scene = await openScene();
  const { world, met } = scene;
  await attachEverywhere(scene);
  await world.upload('app.war', { health: '500' });
  const { detail } = await world.until('Failed');
  expect(detail.code).toBe('T001');
  await world.until('Cleaned');
  expect(met).toEqual(new Set());
  expect((await world.group('was-green')).TrafficSources).toEqual([]);
});

test('of eleven, ten at most are being removed at the same time', async () => {
  const targetGroups = Array.from({ length: 11 }, () => ({ protocol: 'HTTP' }) as const);
  const scene = await openScene({
    loadBalancers: [{ kind: 'application', way: 'direct', isAcrossZones: true, targetGroups }],
  });
  const { world, met } = scene;
  await attachEverywhere(scene);
  const detached: number[] = [];
  world.aws.endpoint.intercept((call, proceed) => {
    const isOfStart = isInvocationCaller(call.caller) && call.caller.invocation?.function === 'start';
    const { TargetGroupARNs } = call.input as { TargetGroupARNs?: string[] };
    if (isOfStart && call.operation.startsWith('Detach')) detached.push(TargetGroupARNs?.length ?? 0);
    return proceed();
  });
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  expect(detached).toEqual([10, 1]);
  await world.until('Completed');
  expect(met).toEqual(new Set());
});

test.each(KINDS.map((_, index) => index))(
  'somebody attaches StandBy in step 1 (attachment %i): T000 names where, and it is taken back',
  async (index) => {
    const { world, operator } = await openScene();
    const attachment = world.fleet.attachments[index] as (typeof world.fleet.attachments)[number];
    await world.upload('app.war', { version: '2' });
    await world.until('DummyAttached');
    await operator.attachAs('was-green', attachment);
    const { detail } = await world.until('Failed');
    const name = attachment.identifier.split('/')[1] ?? attachment.identifier;
    expect(detail).toMatchObject({ code: 'T000', stage: 'check-dummy' });
    expect(detail.message).toMatch(new RegExp(`^somebody attached was-green \\(StandBy\\) to ${name}\\b`));
    await world.until('Cleaned');
    await world.clock.advance(300);
    expect((await world.group('was-green')).TrafficSources).toEqual([]);
    expect(world.servedVersions()).toEqual(world.fleet.versionIds);
  },
);

test('somebody attaches StandBy while it is being prepared: it is detached again before it is sized', async () => {
  const { world, operator, met } = await openScene();
  let isAttached = false;
  world.aws.endpoint.intercept(async (call, proceed) => {
    const isCloning = call.operation === 'CreateListener' && isInvocationCaller(call.caller);
    if (isCloning && !isAttached) {
      isAttached = true;
      const input = { AutoScalingGroupName: 'was-green', TargetGroupARNs: world.fleet.targetGroupArns.slice(0, 1) };
      await world.aws.autoScaling.operations.AttachLoadBalancerTargetGroups?.(input, { ...call, input });
    }
    return proceed();
  });
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  expect([isAttached, met]).toEqual([true, new Set()]);
  expect(await operator.instanceIds('was-green')).toHaveLength(2);
});

test('where somebody attaches StandBy again and again, it is never sized, and 412 says why', async () => {
  const { world, met } = await openScene();
  world.aws.endpoint.intercept(async (call, proceed) => {
    const answer = await proceed();
    if (call.operation === 'DetachLoadBalancers' && isInvocationCaller(call.caller)) {
      const input = { ...call.input, LoadBalancerNames: ['was-web-3'] };
      await world.aws.autoScaling.operations.AttachLoadBalancers?.(input, { ...call, input });
    }
    return answer;
  });
  await new Operator(world).attachClassic('was-green', ['was-web-3']);
  await world.clock.advance(10);
  await world.upload('app.war', { version: '2' });
  const { detail } = await world.until('Failed');
  expect(detail).toMatchObject({
    code: '412',
    message: expect.stringContaining('was-green (StandBy) is still attached'),
  });
  expect(detail.message).toContain('was-web-3');
  expect(met).toEqual(new Set());
});
