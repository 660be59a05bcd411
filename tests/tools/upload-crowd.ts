/**
 * `npx tsx tests/tools/upload-crowd.ts 300`: so many tasks, all of whose wars are uploaded at the same moment, in an account
 * whose APIs take as many requests as AWS documents. Says how long it took and what was lost, and meanwhile how far it is.
 */
import { Crowd } from '../harness/crowd';

/** A day: whatever has no outcome by then has none. */
const LIMIT_SECONDS = 24 * 3600;

const MINUTES_TOLD = 5;

const count = Number(process.argv[2] ?? 300);
const begun = Date.now();
const crowd = await Crowd.create(count);
const versions = await crowd.uploadAll();
const seconds = await crowd.settle(LIMIT_SECONDS, (minute, ended) => {
  if (minute % MINUTES_TOLD === 0)
    process.stderr.write(`after ${minute} virtual minutes: ${ended} of ${count} ended\n`);
});
const served = crowd.served();
const outcomes = await crowd.outcomes();
const lost = crowd.fleets.filter((_, index) => outcomes[index] === undefined);
const isServed = (index: number) => served[index]?.join() === versions[index];
process.stdout.write(
  `${count} uploads at once: the last outcome after ${Math.round(seconds)} virtual seconds ` +
    `(${Math.round((Date.now() - begun) / 1000)} s of this machine). ` +
    `${countsOf(outcomes)}. ` +
    `Uploaded versions that serve: ${versions.filter((_, index) => isServed(index)).length}. ` +
    `Dead letters: ${crowd.deadLetters()}.\n`,
);
process.exitCode = lost.length > 0 ? 1 : 0;

/** `completed: 299, lost: 1` */
function countsOf(outcomes: (string | undefined)[]): string {
  const named = outcomes.map((outcome) => outcome ?? 'lost');
  const counts = [...new Set(named)].map((name) => `${name}: ${named.filter((one) => one === name).length}`);
  return counts.join(', ');
}
