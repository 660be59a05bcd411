import { once } from 'node:events';
import http from 'node:http';
import type net from 'node:net';
import {
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { EmbeddedAws } from '../embedded-aws';
import type { InstalledWar } from '../example/application';
import { createLoadBalancer, type LoadBalancerDescription } from '../example/load-balancers';
import { RealClock } from '../kernel/clock';
import { DataPlane } from './data-plane';
import { HttpInstances } from './http-instances';
import type { Address } from './machines';

const SPEED = 50;
const DRAINING_SECONDS = 40;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A load balancer of this kind that serves from `i-1` alone; `replace` lets `i-2` take over. */
async function serving(kind: LoadBalancerDescription['kind'], protocol: 'HTTP' | 'TCP' = 'TCP') {
  const clock = new RealClock(SPEED);
  const instances = new HttpInstances({ clock, bootSeconds: 0.1, answerSeconds: 0, installWars: warOf });
  const settings = { elasticLoadBalancingV2: { provisioningSeconds: 0.1, networkRegistrationSeconds: 0.1 } };
  const aws = new EmbeddedAws({ clock, instances, settings });
  const dataPlane = new DataPlane(aws.elasticLoadBalancingV2, aws.elasticLoadBalancing, instances);
  closing.push(() => {
    dataPlane.close();
    clock.stop();
    instances.terminateAll();
  });
  const place = { aws, name: 'was', subnets: ['subnet-a', 'subnet-b'], port: 8080 };
  const times = { healthCheckIntervalSeconds: 5, deregistrationDelaySeconds: DRAINING_SECONDS };
  const description: LoadBalancerDescription = {
    ...{ kind, way: 'direct', isAcrossZones: true },
    targetGroups: [{ protocol }],
  };
  const [attachment] = await createLoadBalancer({ ...place, ...times }, description);
  const { identifier = '', loadBalancerArn = '' } = attachment ?? {};
  const balancing = kind === 'classic' ? aws.elasticLoadBalancing : aws.elasticLoadBalancingV2;

  const register = async (instanceId: string) => {
    instances.launch({ instanceId, availabilityZone: 'a', privateIp: '10.0.0.4', tags: new Map() });
    await clock.sleep(1);
    balancing.register(identifier, [instanceId]);
    while (balancing.stateOf(identifier, instanceId) !== 'healthy') await clock.sleep(1);
  };
  await register('i-1');
  const addresses =
    kind === 'classic' ? await dataPlane.openClassic(identifier) : await dataPlane.open(loadBalancerArn);
  const replace = async () => {
    await register('i-2');
    balancing.deregister(identifier, ['i-1']);
  };
  return { clock, aws, address: addresses.get(80) as Address, register, replace, targetGroupArn: identifier };
}

/** A war whose only entry says which instance serves it. */
function warOf({ instanceId }: { instanceId: string }): InstalledWar[] {
  const entries = new Map([
    ['health', 'well'],
    ['version', instanceId],
  ]);
  return [{ slot: 1, path: '/opt/app.war', versionId: '', entries }];
}

async function ask(address: Address, agent: http.Agent | false = false): Promise<string> {
  const request = http.get({ ...address, path: '/app/version', agent });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let body = '';
  for await (const chunk of response) body += chunk;
  return body;
}

/** A client that keeps its connection, and the socket of it. */
async function keeping(address: Address): Promise<{ agent: http.Agent; socket: net.Socket }> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  closing.push(() => agent.destroy());
  await ask(address, agent);
  const [socket] = Object.values(agent.freeSockets).flatMap((sockets = []) => sockets);
  return { agent, socket: socket as net.Socket };
}

test.each([
  ['application', 'HTTP'],
  ['classic', 'TCP'],
] as const)(
  'new requests through a load balancer of the kind %s leave the instance that drains',
  async (kind, protocol) => {
    const { address, replace } = await serving(kind, protocol);
    expect(await ask(address)).toBe('i-1');
    await replace();
    expect([await ask(address), await ask(address)]).toEqual(['i-2', 'i-2']);
  },
);

test('with slow start, who is new beside who is warm gets its share by and by, and who is alone all', async () => {
  const { clock, aws, address, register, targetGroupArn } = await serving('application', 'HTTP');
  const Attributes = [{ Key: 'slow_start.duration_seconds', Value: '900' }];
  const balancers = new ElasticLoadBalancingV2Client(aws.operator);
  await balancers.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: targetGroupArn, Attributes }));
  await register('i-2');
  const start_ms = clock.now().getTime();
  const shareOfNew = async () => {
    const answers: string[] = [];
    while (answers.length < 20) answers.push(await ask(address));
    return answers.filter((instance) => instance === 'i-2').length;
  };
  expect(await shareOfNew()).toBeLessThanOrEqual(2);
  await clock.sleep(300 - (clock.now().getTime() - start_ms) / 1000);
  const afterThird = await shareOfNew();
  expect(afterThird).toBeGreaterThanOrEqual(4);
  expect(afterThird).toBeLessThanOrEqual(7);
  aws.elasticLoadBalancingV2.deregister(targetGroupArn, ['i-1']);
  expect(await shareOfNew()).toBe(20);
});

test('new connections through a Network Load Balancer go on to what was deregistered, for two minutes', async () => {
  const { clock, address, replace } = await serving('network');
  await replace();
  const start_ms = clock.now().getTime();
  const taken = async () => new Set([await ask(address), await ask(address)]);
  await clock.sleep(DRAINING_SECONDS + 20);
  expect(await taken()).toEqual(new Set(['i-1', 'i-2']));
  while ((await taken()).has('i-1')) await clock.sleep(5);
  const seconds = (clock.now().getTime() - start_ms) / 1000;
  expect(seconds).toBeGreaterThan(110);
  expect(seconds).toBeLessThan(150);
});

test('a Classic Load Balancer closes the kept connection to an instance when its draining is over', async () => {
  const { clock, address, replace } = await serving('classic');
  const { agent, socket } = await keeping(address);
  const closed = once(socket, 'close');
  await replace();
  const start_ms = clock.now().getTime();
  expect(await ask(address, agent)).toBe('i-1');
  await closed;
  expect(clock.now().getTime() - start_ms).toBeGreaterThan((DRAINING_SECONDS - 10) * 1000);
  expect(await ask(address, agent)).toBe('i-2');
});

test('a Network Load Balancer leaves it open, as its attributes say at first', async () => {
  const { clock, address, replace } = await serving('network');
  const { agent } = await keeping(address);
  await replace();
  await clock.sleep(DRAINING_SECONDS + 5);
  expect(await ask(address, agent)).toBe('i-1');
});
