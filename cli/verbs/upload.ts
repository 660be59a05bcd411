/** `bluegreen upload TASK FILE…`: puts wars where the task has them, which deploys them unless it says otherwise. */
import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod/mini';
import { refusalOfBuckets } from '../../shared/deployment/readiness';
import { settingsOf } from '../../shared/fleet/task-settings';
import { shownVersion, VERSION_ID_CHARACTERS } from '../../shared/fleet/war-name';
import { isOpen } from '../../shared/pipeline/record';
import { requestIdOfUpload, tasksDeployedBy } from '../../shared/pipeline/uploads';
import { type AskingOptions, answer, answerInWords, answerTo, warsDeployed, withAsking } from '../asking';
import { fileMeant, type Intended, metadataOf } from '../files-to-upload';
import { intentOf } from '../intent';
import { uploadObject } from '../object-upload';
import { EXIT, Problem, problemOf } from '../problem';
import type { Session } from '../session';
import { shown, versionOf } from '../shown-war';
import { readTaskNow, refused, type TaskNow } from '../task';
import { sizeInWords, UploadProgress } from '../upload-progress';
import { answerToUpload, type Uploaded, waitingInWords } from '../uploaded';
import type { Verb } from '../verb';
import { versionsCalled } from '../versions';
import { nameOf } from '../war-file';
import { exitCodeOf } from '../watching';

interface Given extends AskingOptions {
  task: string;
  files: string[];
  name?: string | undefined;
  commit?: string | undefined;
}

const uploadAnswer = z.extend(answer, {
  /** `uploaded`: it is not deployed by itself. `waiting`: another deployment runs before it. */
  outcome: z.union([answer.shape.outcome, z.enum(['uploaded', 'waiting'])]),
  uploads: z.array(
    z.object({ bucket: z.string(), key: z.string(), versionId: z.string(), name: z.optional(z.string()) }),
  ),
});
type UploadAnswer = z.infer<typeof uploadAnswer>;

export const upload: Verb<Given, UploadAnswer> = {
  command: 'upload <task> <files..>',
  describe: 'uploads wars, by which a deployment begins; says first whether they are any',
  examples: [
    ['upload WAS app.war --watch', 'ends when it serves'],
    ['upload WAS app.war=build/app-2.4.1.war --name 2.4.1 --commit "$GITHUB_SHA"', 'under a name for people'],
    ['upload WAS app.war api.war', 'wars that belong together become one deployment'],
  ],
  repeatable: ['files'],
  options: (yargs) =>
    withAsking(
      yargs
        .positional('task', { type: 'string', demandOption: true, describe: 'the task' })
        .positional('files', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: '[WAR=]FILE; a war is its number, its key, or the file name in that',
        })
        .option('name', { type: 'string', requiresArg: true, describe: 'what people call this version, as 2.4.1' })
        .option('commit', { type: 'string', requiresArg: true, describe: 'what it was built of' }),
    ),
  schema: uploadAnswer,
  exitCode: ({ outcome, ...more }) => {
    if (outcome === 'uploaded' || outcome === 'waiting') return EXIT.completed;
    // The upload is there: it is not that nothing was changed.
    return outcome === 'refused' ? EXIT.failed : exitCodeOf({ ...more, outcome });
  },

  async run({ task, files, name, commit, ...options }, session) {
    const metadata = metadataOf(name, commit);
    const now = await readTaskNow(session, task);
    const isDeployed = settingsOf([now.pair.active, now.pair.standBy]).isDeployedByItself;
    const uploads: NamedUpload[] = [];
    const intended: Intended[] = [];
    try {
      for (const typed of files) intended.push(await fileMeant(session, now, typed, intended));
      await refuseUndeployable(session, now, isDeployed, intended);
      await tellIntent(session, now, intended, metadata, isDeployed);
      await session.confirm('Upload?');
      await session.withOwnInterruption(async () => {
        for (const one of intended) uploads.push(await uploadOne(session, now, one, metadata, uploads));
      });
    } finally {
      for (const { file } of intended) await file.handle.close();
    }
    const answered = await deploymentOf(session, now, uploads, isDeployed, options).catch((error: unknown) => {
      throw unseen(problemOf(error, session.command, task), error, uploads, session.commandLine('watch', task));
    });
    return { ...answered, uploads: uploads.map(({ requestId: _, ...shown }) => shown) };
  },

  render({ uploads, outcome, ...more }, page) {
    const names = inWords(uploads);
    const step = more.nextStep === undefined ? [] : page.advice(more.nextStep);
    if (outcome === 'uploaded') return [...page.text(`Uploaded ${names}; not deployed yet.`), ...step];
    if (outcome === 'waiting') return [...page.text(`Uploaded ${names}. ${more.message}`), ...step];
    if (outcome === 'refused') {
      const why = `refused with ${more.code}: ${(more.message ?? '').replace(/[.!?]?$/, '.')}`;
      return [...page.text(`Uploaded ${names}. It is not deployed: ${why}`), ...step];
    }
    return [...page.text(`Uploaded ${names}.`), ...answerInWords({ ...more, outcome }, page)];
  },
};

/** What would be refused once it is there, as `start` would; but for the wars themselves: this is how they are mended. */
async function refuseUndeployable(
  session: Session,
  now: TaskNow,
  isDeployed: boolean,
  intended: readonly Intended[],
): Promise<void> {
  const stranger = refusalOfBuckets(now.pair, (await session.stack).warBuckets);
  if (stranger) throw refused(session, now.task, stranger);
  if (!isDeployed) return;
  const { record, task } = now;
  if (record?.status === 'blocked') {
    const message = `The deployment ${record.deploymentId} of ${task} waits for an operator: nothing is deployed until then`;
    throw refused(session, task, { code: '401', message, remedy: { kind: 'clean' } });
  }
  if (record && isOpen(record)) return;
  await intentOf(session, now, {}).catch((error: unknown) => {
    if (!(error instanceof Problem) || error.code !== '402') throw error;
    return tellOtherProblems(session, now, intended);
  });
}

/** What is uploaded waits for the wars that it is deployed with. */
async function tellOtherProblems(session: Session, { slots, bucket }: TaskNow, intended: readonly Intended[]) {
  const { sources } = await session.stack;
  const keys = new Set(slots.map(({ key }) => key));
  for (const { slot } of intended) keys.delete(slot.key);
  for (const key of keys) {
    const latest = await sources.wars.prove(bucket, key);
    if ('problem' in latest) session.tellText(`It is not deployed until ${key} is mended: ${latest.problem}.`);
  }
}

async function tellIntent(
  session: Session,
  now: TaskNow,
  intended: readonly Intended[],
  metadata: Record<string, string>,
  isDeployed: boolean,
): Promise<void> {
  const { record, bucket, pair } = now;
  const { active, standBy } = pair;
  const { sources } = await session.stack;
  for (const { slot, file } of intended) {
    const { key, versionId } = slot;
    const from = shownVersion(versionId, await sources.wars.nameOf(bucket, key, versionId));
    const name = nameOf(file, metadata);
    const namesakes = name === undefined ? [] : await versionsCalled(await session.stack, bucket, key, name);
    const to = name === undefined ? 'a new version' : `${name}${namesakes.length > 0 ? ' (new)' : ''}`;
    session.tellText(`${key} ${from} → ${to}: ${file.path} (${sizeInWords(file.bytes)}) to s3://${bucket}/${key}.`);
    if (namesakes.length > 0) session.tellText(namesakesInWords(key, name, namesakes));
  }
  for (const other of await othersDeployed(session, now, intended))
    session.tellText(`It is deployed to ${other}, too.`);
  if (!isDeployed) {
    session.tellText(`A group of the task is tagged autodeploy = false: it is not deployed by itself.`);
  } else if (record && isOpen(record)) {
    session.tellText(`It waits until ${record.deploymentId} has ended, which runs (${record.stage}).`);
  } else {
    const { settleSeconds } = settingsOf([active, standBy]);
    const later = settleSeconds > 0 ? `, after ${settleSeconds} s in which other wars may come` : '';
    session.tellText(`It is deployed on ${standBy.name}${later}; ${active.name} serves until then.`);
  }
}

function namesakesInWords(key: string, name: string | undefined, ids: readonly string[]): string {
  const shown = ids.map((id) => id.slice(0, VERSION_ID_CHARACTERS)).join(', ');
  return `! A version of ${key} is called ${name} already (${shown}): only their ids will tell them apart.`;
}

/** Tasks may share a war. */
async function othersDeployed(session: Session, { task, bucket }: TaskNow, intended: readonly Intended[]) {
  const { sources } = await session.stack;
  const tasks = new Set<string>();
  for (const { slot } of intended) {
    const groups = await sources.fleet.groupsWithTagValue(slot.key);
    for (const one of tasksDeployedBy(groups, bucket, slot.key)) tasks.add(one);
  }
  tasks.delete(task);
  return tasks;
}

type NamedUpload = Uploaded & { name?: string | undefined };

async function uploadOne(
  session: Session,
  { bucket, task }: TaskNow,
  { slot: { key }, file }: Intended,
  metadata: Record<string, string>,
  before: readonly NamedUpload[],
): Promise<NamedUpload> {
  const client = (await session.stack).client(S3Client);
  const progress = new UploadProgress(session, key);
  try {
    session.throwIfInterrupted();
    const sent = { file, bucket, key, metadata };
    const versionId = await uploadObject(client, sent, session.interrupted, (...so) => progress.show(...so));
    if (versionId !== undefined && versionId !== 'null') {
      const requestId = requestIdOfUpload(bucket, key, versionId);
      return { bucket, key, versionId, requestId, name: nameOf(file, metadata) };
    }
    const message = `The bucket ${bucket} keeps no versions`;
    throw new Problem(message, 'Enable versioning, then upload it again.', EXIT.failed);
  } catch (error) {
    progress.end();
    const problem = before.length > 0 && problemOf(error, session.command, task);
    throw problem ? besides(problem, key, before) : error;
  }
}

function inWords(uploads: readonly Omit<NamedUpload, 'requestId'>[]): string {
  return uploads.map(({ key, versionId, name }) => `${key} ${shownVersion(versionId, name)}`).join(', ');
}

/** What is there already is deployed, without the one that is not. */
function besides({ message, nextStep, code }: Problem, key: string, before: readonly NamedUpload[]): Problem {
  const what = message === 'Interrupted' ? 'it was interrupted' : message;
  return new Problem(`Uploaded ${inWords(before)}; but not ${key}: ${what}`, nextStep, EXIT.failed, code);
}

/** It is there, whatever is wrong with looking at it: repeated, it would be uploaded twice. */
function unseen(
  problem: Problem | undefined,
  error: unknown,
  uploads: readonly NamedUpload[],
  follow: string,
): unknown {
  if (!problem) return error;
  const { message, code } = problem;
  const exitCode = error instanceof Problem ? error.exitCode : EXIT.stillRunning;
  // What goes on says by itself how to come back.
  const isGoingOn = problem.exitCode === EXIT.stillRunning;
  const step = isGoingOn
    ? problem.nextStep
    : `It is deployed by itself. ${problem.nextStep} Then come back to it:${follow}`;
  return new Problem(
    `Uploaded ${inWords(uploads)}, but what becomes of it is not seen: ${message}`,
    step,
    exitCode,
    code,
  );
}

/** The last one covers the others, or comes after them. */
async function deploymentOf(
  session: Session,
  { task }: TaskNow,
  uploads: readonly NamedUpload[],
  isDeployed: boolean,
  options: AskingOptions,
): Promise<Omit<UploadAnswer, 'uploads'>> {
  const last = uploads.at(-1);
  if (!isDeployed || !last) {
    return { task, outcome: 'uploaded', nextStep: `Deploy it:${session.commandLine('deploy', task, '--watch')}` };
  }
  const { watch: isPatient = false, timeout } = options;
  const untilMilliseconds = timeout === undefined ? Number.POSITIVE_INFINITY : session.now().getTime() + timeout * 1000;
  const answered = await answerToUpload(session, task, last, { isPatient, untilMilliseconds });
  const follow = session.commandLine('watch', task);
  if ('waitsFor' in answered) {
    return {
      task,
      outcome: 'waiting',
      message: waitingInWords(answered.waitsFor),
      nextStep: `Follow what runs:${follow}`,
    };
  }
  if ('deploymentId' in answered) {
    const left = timeout === undefined ? undefined : (untilMilliseconds - session.now().getTime()) / 1000;
    const ended = await answerTo(session, task, answered, { ...options, timeout: left });
    return { ...ended, wars: await warsInPlace(session, task, answered.deploymentId, uploads) };
  }
  const { ending } = answered;
  const isOpenEnded = ending.outcome === 'unanswered' || ending.outcome === 'still running';
  const comeBack = ending.message === undefined ? 'Come back to it' : 'Follow what runs';
  const step = isOpenEnded ? `${comeBack}:${follow}` : `How it stands:${session.commandLine('status', task)}`;
  return { task, ...ending, nextStep: step };
}

/** The newest upload of a war is deployed, whoever has made it. */
async function warsInPlace(session: Session, task: string, deploymentId: string, uploads: readonly NamedUpload[]) {
  const { sources } = await session.stack;
  const wars = await warsDeployed(session, task, deploymentId);
  for (const { bucket, key, versionId, name } of uploads) {
    const other = wars?.find((war) => war.key === key && war.to.versionId !== versionId);
    if (!other) continue;
    const { to } = other;
    const isNamed = Object.keys(to).length > 1;
    const newer = isNamed ? to : versionOf(to.versionId, await sources.wars.nameOf(bucket, key, to.versionId));
    session.tellText(
      `Of ${key} another upload, ${shown(newer)}, is deployed in place of ${shownVersion(versionId, name)}.`,
    );
  }
  return wars;
}
