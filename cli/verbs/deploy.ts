/** `bluegreen deploy TASK`: says what it will do, asks, and asks the stack for it. */
import {
  type Answer,
  type AskingOptions,
  answer,
  answerInWords,
  askToDeploy,
  withAsking,
  withChanges,
} from '../asking';
import { assertSame, heldAfter, intentOf, inWords } from '../intent';
import { assertCount } from '../number-options';
import { Problem } from '../problem';
import type { Session } from '../session';
import { readTaskNow, type TaskNow } from '../task';
import type { Verb } from '../verb';
import { versionsMeant } from '../versions';
import { exitCodeOf } from '../watching';

interface Given extends AskingOptions {
  task: string;
  version?: string[] | undefined;
  latest?: boolean | undefined;
  capacity?: number | undefined;
}

export const deploy: Verb<Given, Answer> = {
  command: 'deploy <task>',
  describe: 'deploys the latest version of each war, or the ones given',
  examples: [
    ['deploy WAS --watch', 'the latest version of each war; ends when it serves'],
    ['deploy WAS --version 2.4.1', 'the version that is called so, or has this id'],
    ['deploy WAS --version api.war=2.4.1 --version 2=3.0', 'of several wars; the others stay'],
  ],
  repeatable: ['version'],
  options: (yargs) =>
    withAsking(
      yargs
        .positional('task', { type: 'string', demandOption: true, describe: 'the task' })
        .option('version', {
          type: 'string',
          array: true,
          nargs: 1,
          describe: '[WAR=]NAME or id, or the beginning of that; a war is its number or its file name',
        })
        .option('latest', { type: 'boolean', describe: 'also what was rolled back' })
        .option('capacity', { type: 'number', requiresArg: true, describe: 'instances, where Active was taken to 0' })
        .check(({ capacity }) => {
          assertCount('--capacity', capacity, 'instances', 2);
          return true;
        }),
    ),
  schema: answer,
  exitCode: exitCodeOf,

  async run({ task, version = [], latest, capacity, ...options }, session) {
    if (latest && version.length > 0) {
      throw new Problem('--latest and --version contradict each other', 'Give one of them.');
    }
    const now = await readTaskNow(session, task);
    const wanted = { versions: await versionsOf(session, now, version, latest), capacity };
    const { plan, notes } = await intentOf(session, now, wanted);
    session.tellText(inWords(plan));
    for (const note of notes) session.tellText(note);
    const held = version.length > 0 ? await heldAfter(session, now, plan) : undefined;
    if (held?.keys.length) session.tellText(held.sentences.join(' '));
    if (await session.confirm('Deploy?')) await assertSame(session, task, wanted, plan);
    const answered = await askToDeploy(session, task, wanted, options);
    return withChanges(session, now, answered, plan, held?.keys);
  },

  render: (answered, page) => answerInWords(answered, page),
};

async function versionsOf(session: Session, now: TaskNow, typed: string[], latest: boolean | undefined) {
  if (latest) return 'latest';
  return typed.length === 0 ? undefined : versionsMeant(await session.stack, now, typed);
}
