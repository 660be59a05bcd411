/** How long a deployment takes: what the fleet itself needs, and one polling interval for each stage that waits. */
import { World } from '../harness/world';

const PROVISIONING_SECONDS = 150;
const HEALTH_CHECK_SECONDS = 2 * 10;
const DRAINING_SECONDS = 30;
const INTERVAL_SECONDS = 10;
const WAITING_STAGES = 4; // check-dummy, attach-real, check-real, swap

test('a deployment adds at most one interval per waiting stage to what the load balancers need', async () => {
  const world = await World.create({
    bootSeconds: 90,
    provisioningSeconds: PROVISIONING_SECONDS,
    fleet: { healthCheckIntervalSeconds: 10, deregistrationDelaySeconds: DRAINING_SECONDS },
    parameters: { CheckIntervalSeconds: String(INTERVAL_SECONDS) },
  });
  const uploadedAt = world.clock.now().getTime();
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  const seconds = (world.clock.now().getTime() - uploadedAt) / 1000;

  const needed = PROVISIONING_SECONDS + HEALTH_CHECK_SECONDS + HEALTH_CHECK_SECONDS + DRAINING_SECONDS;
  expect(seconds).toBeLessThanOrEqual(needed + WAITING_STAGES * INTERVAL_SECONDS);
  // Not faster than the fleet allows, or the embedded AWS would be pretending.
  expect(seconds).toBeGreaterThan(PROVISIONING_SECONDS + DRAINING_SECONDS);
});
