/** Whether the wars can be read: what serves, which Active launches again when it scales out, and what a rollback needs. */
import { mapSome } from '../../shared/aws/calls';
import { listVersionsCommand } from '../../shared/codes/commands';
import { isRefusal } from '../../shared/deployment/refusal';
import { tagValue, warSlots } from '../../shared/fleet/tags';
import { shownVersion } from '../../shared/fleet/war-name';
import { changesInWords } from '../intent';
import type { Examination } from './examination';
import { broken, type Check, doubtful, refused, type Said, well } from './finding';

export function versionsCheck(examination: Examination): Check {
  const { stack } = examination;
  return {
    area: 'versions',
    question: 'Whether the wars that serve can be read',
    async look() {
      const groups = await examination.pair;
      if (isRefusal(groups)) return [];
      const { active } = groups;
      const bucket = tagValue(active.tags, 'bucket') ?? '';
      const slots = warSlots(active.tags);
      const proofs = await mapSome(slots, ({ key, versionId }) => stack.sources.wars.prove(bucket, key, versionId));
      const deploy = stack.command('deploy', examination.task, '--latest', '--watch');
      const problems = proofs.flatMap((proven, index): Said[] => {
        const { key = '' } = slots[index] ?? {};
        if (!('problem' in proven)) return [];
        return [
          broken(`${proven.problem}: what ${active.name} (Active) launches now has no such war. Deploy another:`, [
            listVersionsCommand({ bucket, key }),
            deploy,
          ]),
        ];
      });
      if (problems.length > 0) return problems;
      const serve = slots.map(({ key, versionId }, index) => {
        const proven = proofs[index];
        return `${key} ${shownVersion(versionId, proven && 'name' in proven ? proven.name : undefined)}`;
      });
      return [well(`What serves can be read: ${serve.join(', ')}.`)];
    },
  };
}

/** As a request for `previous` would find it. */
export function wayBackCheck(examination: Examination): Check {
  const { stack, task } = examination;
  return {
    area: 'way back',
    question: 'Whether a rollback is possible',
    async look() {
      // What keeps any deployment from being taken is said of the request.
      if (isRefusal(await examination.planned)) return [];
      const planned = await examination.plan('previous');
      if (!isRefusal(planned))
        return [well(`A rollback would find its versions: ${changesInWords(planned.plan.wars)}.`)];
      if (planned.code === '414') return [doubtful(`There is no way back: ${reasonIn(planned.message)}.`)];
      return [refused(planned, task, stack)];
    },
  };
}

function reasonIn(message: string): string {
  return message.replace(/^the request is not valid: /, '');
}
