/** What becomes of an upload: the deployment that it starts or joins, what it waits for, or why there is none. */
import { type DeploymentRecord, isHandled, type Request } from '../shared/pipeline/record';
import { answerKey } from '../shared/pipeline/request-adapter';
import { Looks } from './going-on';
import type { Session } from './session';
import type { Stack } from './stack';
import { ANSWER_SECONDS, type Ending } from './watching';

export interface Uploaded {
  bucket: string;
  key: string;
  versionId: string;
  /** That of the request that it makes. */
  requestId: string;
}

/** `waitsFor` is the deployment that runs before it. */
export type AnsweredUpload = { deploymentId: string } | { waitsFor: string } | { ending: Ending };

const INTERVAL_SECONDS = 2;

/** Waits until it has a deployment, also behind another one where `isPatient`. It is there: that AWS does not answer undoes nothing. */
export function answerToUpload(
  session: Session,
  task: string,
  uploaded: Uploaded,
  { isPatient, untilMilliseconds }: { isPatient: boolean; untilMilliseconds: number },
): Promise<AnsweredUpload> {
  return session.withOwnInterruption(async () => {
    const stack = await session.stack;
    const answeredUntil = session.now().getTime() + ANSWER_SECONDS * 1000;
    const goingOn = () => ({ what: `The upload of ${uploaded.key}`, comeBack: session.command('watch', task) });
    const looks = new Looks(session, INTERVAL_SECONDS, goingOn, (text) => session.tellText(text));
    let behind: string | undefined;
    while (!session.interrupted.aborted && session.now().getTime() < untilMilliseconds) {
      const seen = await looks.once(async () => ({ answered: await answerNow(stack, task, uploaded, behind) }));
      const answered = seen?.answered;
      if (answered && !('waitsFor' in answered && isPatient)) return answered;
      if (answered && 'waitsFor' in answered && behind !== answered.waitsFor) {
        session.tellText(`${uploaded.key} waits until ${answered.waitsFor} has ended.`);
        behind = answered.waitsFor;
      }
      if (seen && behind === undefined && session.now().getTime() > answeredUntil)
        return { ending: { outcome: 'unanswered' } };
      await looks.wait(untilMilliseconds);
    }
    if (behind === undefined) return { ending: { outcome: 'still running' } };
    return { ending: { outcome: 'still running', message: waitingInWords(behind) } };
  });
}

export function waitingInWords(deploymentId: string): string {
  return `It waits until ${deploymentId} has ended, and is deployed then.`;
}

/** `behind` is the deployment that it was last seen waiting for. */
async function answerNow(
  stack: Stack,
  task: string,
  uploaded: Uploaded,
  behind: string | undefined,
): Promise<AnsweredUpload | undefined> {
  const record = (await stack.records.find(task)).stored?.record;
  if (record && (record.request.requestId === uploaded.requestId || brings(record, uploaded))) {
    return { deploymentId: record.deploymentId };
  }
  if (record?.pending && standsFor(record.pending, uploaded)) return waiting(record);
  const said = await stack.state.read(answerKey({ task, requestId: uploaded.requestId }));
  if (said) {
    const { code, message } = (JSON.parse(said.body) as { detail: { code: string; message: string } }).detail;
    return { ending: { outcome: 'refused', code, message } };
  }
  // A request is never put in two ways: whatever it said, it was this one.
  if (!record || isHandled(record, { type: 'upload', requestId: uploaded.requestId }) === false) return undefined;
  const { deploymentId, request } = record;
  const isDeployedWithIt = behind !== undefined && deploymentId !== behind && standsFor(request, uploaded);
  return isDeployedWithIt ? { deploymentId } : { ending: { outcome: 'refused', code: 'T015', message: GIVEN_UP } };
}

const BEFORE_IT = 'the upload waits until that is cleaned';
const GIVEN_UP = 'what waited was given up by an abort';

/** While companions are waited for it joins them; then it waits for the end, which may need an operator. */
function waiting({ deploymentId, plan, status, failure }: DeploymentRecord): AnsweredUpload {
  if (!plan && status === 'running') return { deploymentId };
  if (status !== 'blocked') return { waitsFor: deploymentId };
  return { ending: { outcome: 'blocked', deploymentId, code: failure?.code ?? 'T999', message: BEFORE_IT } };
}

/** A version is deployed anew at any time: of one that was just uploaded this is its first deployment. */
function brings({ plan }: DeploymentRecord, { bucket, key, versionId }: Uploaded): boolean {
  return plan?.wars.some((war) => war.bucket === bucket && war.key === key && war.to === versionId) ?? false;
}

/** The newest upload stands for those that it takes the place of. */
function standsFor({ requestId, upload, covers = [] }: Request, uploaded: Uploaded): boolean {
  return requestId === uploaded.requestId || upload?.key === uploaded.key || covers.includes(uploaded.key);
}
