import type { InstalledWar } from '../example/application';
import type { HealthProbe } from '../fleet/instances';
import { RealClock } from '../kernel/clock';
import { HttpInstances } from './http-instances';

const HEALTH: HealthProbe = { protocol: 'HTTP', port: 8080, path: '/health', timeoutSeconds: 1 };
const WELL = { health: 'well', version: '7' };

let instances: HttpInstances;
let clock: RealClock;
afterEach(() => {
  instances.terminateAll();
  clock.stop();
});

function warsOf(...wars: Record<string, string>[]): InstalledWar[] {
  return wars.map((entries, index) => ({
    slot: index + 1,
    path: `/opt/tomcat/webapps/app${index + 1}.war`,
    versionId: '',
    entries: new Map(Object.entries(entries)),
  }));
}

/** Launches `i-1` with these wars, and answers when it listens. */
async function launch(wars: InstalledWar[], { answerSeconds = 0 } = {}): Promise<string> {
  clock = new RealClock();
  instances = new HttpInstances({ clock, bootSeconds: 0.05, answerSeconds, installWars: () => wars });
  const serving = new Promise<void>((resolve) => instances.onServing(() => resolve()));
  instances.launch({ instanceId: 'i-1', availabilityZone: 'a', privateIp: '10.0.0.4', tags: new Map() });
  expect(await instances.probe('i-1', HEALTH)).toEqual({ failed: 'refused' });
  await serving;
  const { host, port } = instances.addressOf('i-1') ?? {};
  return `http://${host}:${port}`;
}

test('an instance refuses connections until it has booted, and then serves the entries of its wars', async () => {
  const url = await launch(warsOf({ ...WELL, 'pages/a.txt': 'A' }, { ...WELL, version: '8' }));
  expect(await instances.probe('i-1', HEALTH)).toEqual({ status: 200 });
  expect(await instances.probe('i-1', { ...HEALTH, protocol: 'TCP' })).toEqual({ connected: true });
  expect(await (await fetch(`${url}/app1/version`)).text()).toBe('7');
  expect(await (await fetch(`${url}/app1/pages/a.txt`)).text()).toBe('A');
  expect(await (await fetch(`${url}/app2/version`)).text()).toBe('8');
  expect((await fetch(`${url}/app3/version`)).status).toBe(404);
  expect((await fetch(`${url}/app1/absent`)).status).toBe(404);
});

test('one war that is not well makes the whole instance so', async () => {
  await launch(warsOf(WELL, { health: '500 broken' }));
  expect(await instances.probe('i-1', HEALTH)).toEqual({ status: 500 });
});

test('a health check gives up after its time', async () => {
  await launch(warsOf(WELL), { answerSeconds: 1 });
  expect(await instances.probe('i-1', { ...HEALTH, timeoutSeconds: 0.05 })).toEqual({ failed: 'timeout' });
});

test('a terminated instance breaks the requests that it works on, and answers no more', async () => {
  const url = await launch(warsOf(WELL), { answerSeconds: 1 });
  const open = fetch(`${url}/app1/version`);
  const broken = expect(open).rejects.toThrow();
  await clock.sleep(0.1);
  instances.terminate('i-1');
  await broken;
  expect(await instances.probe('i-1', HEALTH)).toEqual({ failed: 'timeout' });
  expect(instances.addressOf('i-1')).toBeUndefined();
});
