/** A deployment that only an operator can decide about: nobody but the new group is well, and it is not alone yet. */
import { Operator } from './operator';
import type { World } from './world';

/** Answers once clean-up has asked for an operator. `mend` takes the cause away: the old group is well again. */
export async function blockDeployment(world: World): Promise<{ mend: () => Promise<void> }> {
  const { eventBridge } = world.aws;
  const operator = new Operator(world);
  eventBridge.deliveryPolicy = ({ target }) => (target.Arn?.endsWith('-swap') ? [] : [0.5]);
  await world.upload('app.war', { version: '2' });
  await world.until('Step2Passed');
  eventBridge.deliveryPolicy = () => [0.5];
  await operator.suspend(world.fleet.activeGroup, ['ReplaceUnhealthy']);
  await operator.setHealth(world.fleet.activeGroup, 500);
  await world.clock.advance(60);
  await world.put('AbortRequested', { task: world.fleet.task });
  const { detail } = await world.until('Cleaned');
  if (detail.outcome !== 'operator-needed') throw new Error(`clean-up ended in ${detail.outcome}`);
  await world.clock.advance(60);
  return { mend: () => operator.setHealth(world.fleet.activeGroup, undefined) };
}
