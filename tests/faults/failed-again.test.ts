/** What fails again for the same cause, each time that clean-up has gone forward, is mailed once; so is that it stopped. */
import { Operator } from '../harness/operator';
import { World } from '../harness/world';
import { DENIED } from './failure-cases';

test.each([
  ['T009', 'UpdateAutoScalingGroup', 'retire', 'Swapped'],
  ['T010', 'CreateOrUpdateTags', 'swap', 'Step2Passed'],
])('%s, where %s stays denied to %s, is one mail, and one of clean-up', async (code, operation, of, from) => {
  const world = await World.quick();
  const operator = new Operator(world);
  await world.upload('app.war', { version: '2' });
  await world.until(from);
  operator.failCalls(operation, 'AccessDenied', { ...DENIED, of });
  expect((await world.until('Cleaned')).detail).toMatchObject({ outcome: 'operator-needed', code });
  await world.clock.advance(3 * 3600);
  const mailed = () => world.mails.filter((subject) => /\[(Failed|Error|Success)\]/.test(subject));
  const once = [
    `"[Failed] Non-disruptive deployment(errCode : ${code}, Task : WAS)"`,
    `[Failed] Non-disruptive deployment(errCode : ${code}, Task : WAS)`,
    '[Error] Deploy Clean(Task : WAS)',
  ];
  expect(mailed()).toEqual(once);

  // Asked for before the cause is gone: clean-up says that it stopped again.
  await world.put('CleanRequested', { task: 'WAS' });
  await world.clock.advance(1800);
  expect(mailed()).toEqual([...once, '[Error] Deploy Clean(Task : WAS)']);
});

test('another cause than the one that clean-up has resolved is mailed too', async () => {
  const world = await World.quick();
  const operator = new Operator(world);
  await world.upload('app.war', { version: '2' });
  await world.until('Step2Passed');
  operator.failCalls('CreateOrUpdateTags', 'AccessDenied', { ...DENIED, of: 'swap', times: 1 });
  operator.failCalls('UpdateAutoScalingGroup', 'AccessDenied', { ...DENIED, of: 'retire', times: 1 });
  await world.until('Completed');
  await world.clock.advance(600);
  expect(world.mails.filter((subject) => subject.includes('[Failed]'))).toEqual([
    '"[Failed] Non-disruptive deployment(errCode : T010, Task : WAS)"',
    '[Failed] Non-disruptive deployment(errCode : T010, Task : WAS)',
    '"[Failed] Non-disruptive deployment(errCode : T009, Task : WAS)"',
    '[Failed] Non-disruptive deployment(errCode : T009, Task : WAS)',
  ]);
});
