/** What people and AWS do to a fleet in the middle of a deployment, and how the deployment has to end then. */
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { fleetState } from '../harness/fleet-state';
import { guard } from '../harness/guard';
import type { World } from '../harness/world';
import { openScene, type Scene } from './failure-cases';

/** When it happens. `draining`: Active is detached and its last requests end. */
export type Moment = 'DummyAttached' | 'Step1Passed' | 'RealAttached' | 'Step2Passed' | 'draining' | 'Swapped';

/** The version that serves when everything is over, where that is not left to an operator. */
export type End = 'new' | 'old' | 'nobody' | 'operator needed';

const FLEET = { instances: 2, maximum: 4, deregistrationDelaySeconds: 60 };

/** Answers the world when everything is over: nothing is left behind and no action of ours has taken users down. */
export async function interfere(moment: Moment, act: (scene: Scene) => Promise<unknown>, end: End): Promise<World> {
  const scene = await openScene(FLEET);
  const { world } = scene;
  const violations = guard(world);
  const version = await world.upload('app.war', { version: '2' });
  await world.until(moment === 'draining' ? 'Step2Passed' : moment);
  if (moment === 'draining') await world.until('CheckPending', { after: world.events.length });
  await act(scene);
  const last = await world.until(end === 'new' ? 'Completed' : 'Cleaned');
  await world.clock.advance(600);

  expect(violations).toEqual([]);
  expect(await world.dummies()).toEqual([]);
  if (end === 'operator needed') {
    expect(last.detail.outcome).toBe('operator-needed');
    return world;
  }
  if (end === 'nobody') return world;
  const [old] = world.fleet.versionIds;
  expect(world.servedVersions()).toEqual([end === 'new' ? version : old]);
  const { blue, green } = await fleetState(world);
  const [serving, empty] = end === 'new' ? [green, blue] : [blue, green];
  expect(serving?.tags).toMatchObject({ 'type false': 'Active' });
  expect(serving?.suspendedProcesses).toEqual([]);
  expect(serving?.attachments).toEqual(world.fleet.targetGroupArns);
  if (empty) {
    expect(empty).toMatchObject({ size: '0/0/0', attachments: [] });
  }
  return world;
}

export async function deleteRecord({ world }: Scene): Promise<void> {
  const object = { Bucket: world.stack.outputs.StateBucketName, Key: `tasks/${world.fleet.task}.json` };
  await world.clock.run(new S3Client(world.aws.operator).send(new DeleteObjectCommand(object)));
}
