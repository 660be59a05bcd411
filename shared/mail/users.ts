/** What a mail says of users where nobody has looked at them: what its event proves, and no more. */
import type { DetailOf } from '../../events/contract';
import type { Failed } from '../../events/failed';

/** Where the section of its name stands. */
export const SEE_BELOW = 'to see it, run what stands below, under "To see who serves".';

const LOOKING = `Who serves now was not looked at: clean-up looks, and its mail says it; ${SEE_BELOW}`;

type Groups = DetailOf<typeof Failed>['groups'];

/**
 * Of what has failed a moment ago in this stage: what the deployment has done by then, and not how users fare. What is said
 * of a stage holds from its beginning to its end, and whoever else may have changed something.
 */
export function unseen(stage: string, groups: Groups): string {
  return `${doneBy(stage, groups)} ${LOOKING}`;
}

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

/** Where no group is known that could be looked at. */
export const USERS_UNSEEN = 'Nothing was changed for them. Who serves was not looked at.';

/** Of a request that was not run. */
export const USERS_UNTOUCHED = `Nothing was changed for them. Who serves was not looked at; ${SEE_BELOW}`;

/** What the reason of a refusal proves of users: `alarm` before everything else. */
export function usersOfRefusal(message: string, canComeInElsewhere: boolean): { alarm?: string; users: string } {
  const [, detached] = /^(.+) \(Active\) is attached to no load balancer/.exec(message) ?? [];
  if (detached) {
    return {
      alarm: `USERS MAY BE DOWN: ${detached} (Active) is attached to nothing.`,
      users: `Nobody comes to ${detached} by a load balancer. ${WHETHER_ELSEWHERE}`,
    };
  }
  const [, group, gone] =
    /^(.+) \(Active\) names the (?:load balancer|target group) (.+), which does not exist/.exec(message) ?? [];
  if (group && gone) {
    const nobody = `Nobody comes to ${group} by ${nameIn(gone)}, which is gone.`;
    return canComeInElsewhere
      ? {
          alarm: `USERS MAY BE DOWN who came in by ${nameIn(gone)}.`,
          users: `${nobody} Whether who came in by it is served by anything else was not looked at: open their address. Who serves on its others was not looked at; ${SEE_BELOW}`,
        }
      : {
          alarm: `USERS MAY BE DOWN: ${group} (Active) is attached to nothing that exists.`,
          users: `${nobody} ${WHETHER_ELSEWHERE}`,
        };
  }
  if (UNFINISHED.test(message)) {
    return {
      users: `Nothing was changed for them. A deployment may be unfinished, and either group may serve: nothing looks until the task is cleaned; ${SEE_BELOW}`,
    };
  }
  if (RUNNING.test(message)) {
    return {
      users: `Nothing was changed for them. The running deployment goes on: its mails say how they fare; ${SEE_BELOW}`,
    };
  }
  return { users: USERS_UNTOUCHED };
}

const WHETHER_ELSEWHERE = `Nothing was changed for them. Whether they are served otherwise was not looked at; ${SEE_BELOW}`;

const UNFINISHED = / is not cleaned\b|^the record of .* (?:is damaged|was deleted)|clean-up has stopped/;

const RUNNING = /^the deployment \S+ of .* is in |^Nothing was cleaned: the deployment .* runs, |is detached already/;

/** Of what an ARN names. */
function nameIn(identifier: string): string {
  return /:(?:targetgroup|loadbalancer(?:\/(?:app|net))?)\/([^/]+)/.exec(identifier)?.[1] ?? identifier;
}
