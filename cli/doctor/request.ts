/** What would become of a request to deploy the latest versions now: as `start` decides it. */
import { isRefusal } from '../../shared/deployment/refusal';
import type { DeploymentRecord } from '../../shared/pipeline/record';
import { refusalOfLoss } from '../../shared/pipeline/request-adapter';
import { changesInWords } from '../intent';
import { refusalBeside } from '../planning';
import { wentWrong } from '../went-wrong';
import type { Examination } from './examination';
import { type Check, doubtful, refused, type Said, well } from './finding';

/** As `start` answers whoever asks where the record is lost. */
const LOST = '401';

export function requestCheck(examination: Examination): Check {
  const { stack, task } = examination;
  return {
    area: 'request',
    question: 'What would become of a request',
    async look() {
      const { stored, lost } = await examination.record;
      if (lost) return [refused(refusalOfLoss(task, lost, LOST), task, stack)];
      const busy = stored && saidOfBusy(examination, stored.record);
      if (busy) return [busy];
      const planned = await examination.planned;
      if (isRefusal(planned)) return [refused(planned, task, stack)];
      const cloned = await examination.originals;
      if (cloned && isRefusal(cloned.originals)) return [refused(cloned.originals, task, stack)];
      const warnings = await wentWrong(stack, task, planned.plan, examination.now);
      return [
        well(`A deployment would be taken: ${changesInWords(planned.plan.wars)}.`),
        ...warnings.map((warning) => doubtful(`A deployment would take it, and ${warning}.`)),
        ...planned.notes.map(noted),
      ];
    },
  };
}

function noted(note: string): Said {
  return doubtful(note);
}

/** What runs ends by itself, what is blocked does not. */
function saidOfBusy({ stack, task, now }: Examination, record: DeploymentRecord): Said | undefined {
  const refusal = refusalBeside(task, record, now);
  if (!refusal) return undefined;
  const said = refused(refusal, task, stack);
  return record.status === 'blocked' ? said : { ...said, verdict: 'doubtful' };
}
