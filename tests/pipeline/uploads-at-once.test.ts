/**
 * Wars of many tasks, uploaded in the same moment, in an account whose APIs take as many requests as AWS documents.
 * `npx tsx tests/tools/upload-crowd.ts 300` plays the same with more of them.
 */
import { Crowd } from '../harness/crowd';

const COUNT = 60;
const LIMIT_SECONDS = 4 * 3600;

test(`of ${COUNT} uploads at once none is lost: each is deployed, or taken back with a mail`, async () => {
  const crowd = await Crowd.create(COUNT);
  const { world, fleets } = crowd;
  const isBroken = (index: number) => index % 6 === 5;
  const versions = await crowd.uploadAll((index) => ({ health: isBroken(index) ? '500' : 'well' }));
  await crowd.settle(LIMIT_SECONDS);

  const expected = (index: number) => (isBroken(index) ? fleets[index]?.versionIds : [versions[index]]);
  expect(crowd.served()).toEqual(versions.map((_, index) => expected(index)));
  expect(await crowd.outcomes()).toEqual(versions.map((_, index) => (isBroken(index) ? 'cleaned' : 'completed')));
  const ends = fleets.map(({ task }, index) =>
    isBroken(index) ? `[Success] Deploy Clean(Task : ${task})` : `[Success] Non-disruptive deployment(Task : ${task})`,
  );
  expect(world.mails.filter((subject) => subject.startsWith('[Success]')).sort()).toEqual(ends.sort());
  // Nobody is to be alarmed because of what only had to wait.
  expect(world.aws.lambda.invocations.filter(({ outcome }) => outcome !== 'succeeded')).toEqual([]);
  expect(crowd.deadLetters()).toBe(0);
  expect(await world.dummies()).toEqual([]);
});
