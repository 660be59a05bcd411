/** What a mail says of users where nobody has looked at them: what its event proves, and no more. */
import type { DetailOf } from '../../events/contract';
import type { Failed } from '../../events/failed';

type Groups = DetailOf<typeof Failed>['groups'];

/**
 * Of what has failed a moment ago in this stage: what the deployment has done by then, and not how users fare. What is said
 * of a stage holds from its beginning to its end, and whoever else may have changed something.
 */
export function unseen(stage: string, groups: Groups): string {
  return `${doneBy(stage, groups)} ${LOOKING}`;
}

const LOOKING = 'Who serves now was not looked at: clean-up looks, and its mail says it; to see it before, see below.';

function doneBy(stage: string, groups: Groups): string {
  const active = groups ? `${groups.oldGroup} (Active)` : 'Active';
  const standBy = groups ? groups.newGroup : 'the new version';
  switch (stage) {
    case 'start':
    case 'check-dummy':
      return `The deployment has not touched ${active}, and has given ${standBy} no place where users are.`;
    case 'attach-real':
    case 'check-real':
      return `The deployment has not touched ${active}; ${standBy}, which had passed step 1, may be attached beside it.`;
    case 'swap':
      return `${active} may be detached by now: then ${standBy} serves alone, which had passed step 2.`;
    case 'retire':
      return groups
        ? `Since the swap ${groups.newGroup} is Active and ${groups.oldGroup} is detached: ${groups.newGroup} serves alone, or nobody does.`
        : 'Since the swap only the new version is attached: it serves alone, or nobody does.';
    default:
      return `How far the deployment had come is not known: ${active} or ${standBy} may serve, or both.`;
  }
}

/** Of a request that was not run. */
export const USERS_UNTOUCHED = 'Nothing was changed for them. Who serves was not looked at.';
