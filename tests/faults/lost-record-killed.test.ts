/** A function that dies while it mends a lost record leaves nothing that its repetition does not finish. */
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { fleetState } from '../harness/fleet-state';
import { guard } from '../harness/guard';
import { RecordObject } from '../harness/record-object';
import { World } from '../harness/world';

function lastMail(world: World, subject: RegExp): string {
  return world.aws.sns.mails.findLast((mail) => subject.test(mail.subject ?? ''))?.body ?? '';
}

/** Kills the function at one of its calls, before or after it took effect. */
function killAt(world: World, at: number, moment: string): () => boolean {
  let [index, isKilled] = [0, false];
  world.aws.endpoint.intercept(async (call, proceed) => {
    const { caller } = call;
    const isOurs = isInvocationCaller(caller) && caller.invocation?.function === 'clean-up';
    if (!isOurs || isKilled || index++ !== at) return proceed();
    isKilled = true;
    if (moment === 'after') await proceed();
    if (caller.invocation) world.aws.lambda.kill(caller.invocation);
    return new Promise<never>(() => {});
  });
  return () => isKilled;
}

test.each([
  ['damaged', 'DummyAttached', 'before'],
  ['damaged', 'DummyAttached', 'after'],
  ['deleted', 'Swapped', 'before'],
  ['deleted', 'Swapped', 'after'],
  ['damaged', 'Completed', 'before'],
  ['deleted', 'Completed', 'after'],
] as const)(
  'a record that is %s after %s is mended also where clean-up is killed %s a call',
  async (way, lostAfter, moment) => {
    for (let index = 0; ; index++) {
      const world = await World.quick({ fleet: { instances: 1, healthCheckIntervalSeconds: 5 } });
      const violations = guard(world);
      await world.upload('app.war', { version: '2' });
      await world.until(lostAfter);
      await world.clock.advance(3);
      const record = new RecordObject(world);
      if (way === 'damaged') record.overwrite('{}');
      else record.delete();
      await world.clock.advance(30);
      const isOver = killAt(world, index, moment);
      const after = world.events.length;
      await world.put('CleanRequested', { task: 'WAS' });
      const has = (type: string) => world.events.slice(after).some((event) => event['detail-type'] === type);
      await world.clock.runUntil(() => has('Completed') || has('Cleaned'), 4 * 3600);
      await world.clock.advance(400);
      const { status, restored } = await world.record();
      const sizes = [await world.size('was-blue'), await world.size('was-green')].sort();
      const suspended = (await fleetState(world)).green?.suspendedProcesses;
      expect({ index, status, restored, sizes, suspended, violations, dummies: await world.dummies() }).toEqual({
        ...{ index, status: expect.stringMatching(/completed|failed/), restored: undefined, violations: [] },
        ...{ sizes: ['0/0/0', '1/1/4'], suspended: [], dummies: [] },
      });
      expect(lastMail(world, /Deploy Clean|Non-disruptive/)).toContain('The record of the task');
      if (!isOver() || index > 14) break; // later calls are those of any clean-up
    }
  },
);
