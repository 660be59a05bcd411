/** What cannot be read for good ends a deployment with its code and its cause, also where a stage only reads. */
import { deploy, openScene } from './failure-cases';

test.each([
  ['check-real', 'DescribeTargetHealth', 'RealAttached', 'T007', 'reading the health of was-green failed'],
  [
    'check-dummy',
    'DescribeTargetHealth',
    'DummyAttached',
    'T001',
    'reading the health of was-green on the dummies failed',
  ],
  ['swap', 'DescribeTargetHealth', 'Step2Passed', 'T007', 'reading the health of was-green failed'],
  ['check-real', 'DescribeAutoScalingGroups', 'RealAttached', 'T999', 'InternalFailure happened'],
])('where %s gets no answer to %s, whatever it tries, that is said', async (of, operation, from, code, says) => {
  const scene = await openScene();
  const { world, operator } = scene;
  await deploy(scene, from);
  operator.failCalls(operation, 'InternalFailure', { status: 500, of });
  const { detail } = await world.until('Failed', { limitSeconds: 1200 });
  expect(detail).toMatchObject({ code, stage: of });
  expect(detail.message).toContain(says);
  expect(detail.message).toContain('InternalFailure');
  await world.until('Cleaned');
  expect(await world.size('was-green')).toBe('0/0/0');
  expect(world.servedVersions()).toEqual(world.fleet.versionIds);
});

test('what can be read again at the third attempt is no failure', async () => {
  const scene = await openScene();
  const { world, operator } = scene;
  await deploy(scene, 'RealAttached');
  // Each attempt of a stage asks three times.
  operator.failCalls('DescribeTargetHealth', 'InternalFailure', { status: 500, of: 'check-real', times: 6 });
  await world.until('Completed');
  expect(world.story).not.toContain('Failed');
});
