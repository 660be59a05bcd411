/** The path of the services is not made up: a deployer that always looks gets along it, and none gets along it faster. */
import { measureDeployment } from './deployment';
import { secondsOf, servicesPath } from './services-path';
import { ONE_ALB, SETTINGS, type Setting } from './settings';

/** Calls, events and cold starts take their time too, and more of it where there is more to call about. */
const OVERHEAD_SECONDS = 6;
const OVERHEAD_SECONDS_PER_ATTACHMENT = 0.4;

/** The embedded AWS drains targets of a Network Load Balancer for as long as it is told to, and no longer. */
const LONG_ENOUGH_FOR_NETWORK_SECONDS = 120;

function withLongDrain(name: string): Setting {
  const setting = SETTINGS.find((one) => one.name === name) ?? ONE_ALB;
  return { ...setting, name: `${name}, drained for long`, drainSeconds: LONG_ENOUGH_FOR_NETWORK_SECONDS };
}

const TRIED: readonly Setting[] = [
  ...SETTINGS.filter(({ name }) => ['1 ALB', '1 Classic', '15 ALBs × 3', 'boot 300 s', 'drain 0 s'].includes(name)),
  withLongDrain('1 NLB'),
  withLongDrain('mixed'),
];

test.each(TRIED.map((setting) => [setting.name, setting] as const))('%s', async (_, setting) => {
  const { seconds } = await measureDeployment(setting, { looksEverySeconds: 0 });
  const needed = secondsOf(servicesPath(setting));
  const attachments = setting.loadBalancers.reduce(
    (sum, { targetGroups }) => sum + Math.max(1, targetGroups.length),
    0,
  );
  expect(seconds).toBeGreaterThanOrEqual(needed);
  expect(seconds).toBeLessThanOrEqual(needed + OVERHEAD_SECONDS + OVERHEAD_SECONDS_PER_ATTACHMENT * attachments);
});
