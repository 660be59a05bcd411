import { VirtualClock } from '../kernel/clock';
import { VirtualInstances } from './virtual-instances';

const HTTP = { protocol: 'HTTP', port: 8080, path: '/health', timeoutSeconds: 5 } as const;
const TCP = { protocol: 'TCP', port: 8080, timeoutSeconds: 5 } as const;

function setUp() {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({
    clock,
    bootSeconds: 90,
    application: ({ tags }, path) => (path === '/health' && tags.get('version') === 'good' ? 200 : 500),
  });
  const launch = (instanceId: string, version: string) =>
    instances.launch({
      instanceId,
      availabilityZone: 'a',
      privateIp: '10.0.0.4',
      tags: new Map([['version', version]]),
    });
  return { clock, instances, launch };
}

test('an instance refuses connections while it boots, and then answers as its application says', async () => {
  const { clock, instances, launch } = setUp();
  launch('i-good', 'good');
  launch('i-bad', 'bad');
  await clock.advance(89);
  expect(instances.probe('i-good', HTTP)).toEqual({ failed: 'refused' });
  expect(instances.probe('i-good', TCP)).toEqual({ failed: 'refused' });
  await clock.advance(1);
  expect(instances.probe('i-good', HTTP)).toEqual({ status: 200 });
  expect(instances.probe('i-bad', HTTP)).toEqual({ status: 500 });
  expect(instances.probe('i-bad', TCP)).toEqual({ connected: true });
});

test('one instance can be made to answer otherwise, or not at all, and well again', async () => {
  const { clock, instances, launch } = setUp();
  for (const id of ['i-1', 'i-2']) launch(id, 'good');
  await clock.advance(90);
  instances.setHealth('i-1', 503);
  expect(instances.probe('i-1', HTTP)).toEqual({ status: 503 });
  expect(instances.probe('i-2', HTTP)).toEqual({ status: 200 });
  instances.setHealth('i-1', 'dead');
  expect(instances.probe('i-1', TCP)).toEqual({ failed: 'timeout' });
  instances.setHealth('i-1', undefined);
  expect(instances.probe('i-1', HTTP)).toEqual({ status: 200 });
});

test('a terminated instance answers nothing and runs no more', async () => {
  const { clock, instances, launch } = setUp();
  for (const id of ['i-1', 'i-2']) launch(id, 'good');
  await clock.advance(90);
  instances.terminate('i-1');
  expect(instances.probe('i-1', HTTP)).toEqual({ failed: 'timeout' });
  expect(instances.running().map((instance) => instance.instanceId)).toEqual(['i-2']);
  expect(() => instances.setHealth('i-1', 200)).toThrow('no such instance');
});
