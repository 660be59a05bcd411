/** Load balancers that check slowly, or let nothing drain: the steps have room for it, and the mail of the start says so. */
import {
  ConfigureHealthCheckCommand,
  ElasticLoadBalancingClient,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing';
import { ElasticLoadBalancingV2Client, ModifyTargetGroupCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { World } from '../harness/world';

/** Behind one Classic Load Balancer that checks so; a cycle takes 60 s. */
async function behindClassic(HealthyThreshold: number, Interval: number): Promise<World> {
  const world = await World.quick({
    fleet: { loadBalancers: [{ kind: 'classic', way: 'direct', isAcrossZones: true, targetGroups: [] }] },
  });
  const LoadBalancerName = world.fleet.attachments[0]?.identifier;
  const HealthCheck = { Target: 'HTTP:8080/health', Interval, Timeout: 5, UnhealthyThreshold: 2, HealthyThreshold };
  const command = new ConfigureHealthCheckCommand({ LoadBalancerName, HealthCheck });
  await world.clock.run(new ElasticLoadBalancingClient(world.aws.operator).send(command));
  return world;
}

const startMail = (world: World) => world.mailBody(world.mails.findIndex((subject) => /Start/.test(subject)));

test('checks that take longer than the steps of the task lengthen them', async () => {
  const world = await behindClassic(10, 20);
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  expect((await world.record())?.plan?.repetitions).toBe(5);
  expect(startMail(world)).toContain(
    'was-web takes 200 s to call an instance healthy (10 checks, one every 20 s): each step has 5 cycles of 60 s in place of 2.',
  );
});

test('what does not fit nine cycles is refused with the numbers', async () => {
  const world = await behindClassic(10, 300);
  await world.upload('app.war', { version: '2' });
  expect((await world.until('Refused')).detail).toMatchObject({
    code: '413',
    message:
      'was-web takes 3000 s to call an instance healthy (10 checks, one every 300 s), and a step has 540 s at most ' +
      '(9 cycles of 60 s), one of them to start in: let it check more often, or give the stack a longer CycleSeconds',
  });
  await world.clock.advance(20);
  expect(world.mailBody(0)).toContain('after fewer checks, or after shorter ones; then deploy again:');
  expect(world.mailBody(0)).not.toContain('Raise the limit');
});

test('a target group that checks slowly lengthens them, too; of what fits nothing is said', async () => {
  const world = await World.quick();
  const TargetGroupArn = world.fleet.attachments[0]?.identifier;
  const slow = { TargetGroupArn, HealthCheckIntervalSeconds: 30, HealthyThresholdCount: 3 };
  await world.clock.run(new ElasticLoadBalancingV2Client(world.aws.operator).send(new ModifyTargetGroupCommand(slow)));
  await world.upload('app.war', { version: '2' });
  await world.until('Started');
  await world.clock.advance(20);
  expect(startMail(world)).toContain(
    'takes 90 s to call an instance healthy (3 checks, one every 30 s): each step has 3',
  );
  expect(startMail(world)).not.toContain('drain');
});

test('draining that is switched off is said at the start', async () => {
  const world = await behindClassic(2, 10);
  const LoadBalancerName = world.fleet.attachments[0]?.identifier;
  const LoadBalancerAttributes = { ConnectionDraining: { Enabled: false } };
  const command = new ModifyLoadBalancerAttributesCommand({ LoadBalancerName, LoadBalancerAttributes });
  await world.clock.run(new ElasticLoadBalancingClient(world.aws.operator).send(command));
  await world.upload('app.war', { version: '2' });
  await world.until('Started');
  await world.clock.advance(20);
  expect(startMail(world)).toContain(
    'was-web lets nothing drain (ConnectionDraining is switched off): requests under way there are cut when was-blue is detached.',
  );
  expect(startMail(world)).not.toContain('to call an instance healthy');
});
