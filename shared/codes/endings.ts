/** What to do once clean-up has ended or has stopped: in the state that it leaves, whatever the deployment had failed by. */
import type { ToDo, Users } from '../../events/contract';
import type { Plan } from '../deployment/plan';
import { another } from '../deployment/role-remedies';
import { isChecked, type Snapshot } from '../deployment/snapshot';
import { areDown } from '../deployment/users';
import { keyOf } from '../fleet/attachment';
import type { Group } from '../fleet/auto-scaling-groups';
import { attachCommands, describeCommands, readLogCommand, resizeCommand } from './commands';
import { emptyingSentence } from './elsewhere';
import { toDoOf } from './refusal-remedies';
import { inTheMorning, toDoOfEnd, toDoOfStop } from './remedies';

interface Failure {
  code: string;
  message: string;
}

/** As a stage is told of whose function broke off: with these its log is found. */
export function crashText({ functionName, requestId, error }: Record<'functionName' | 'requestId' | 'error', string>) {
  const said = error ? `: ${error}` : '';
  return `the function ${functionName} broke off on every attempt${said} (log of the function ${functionName}, request ${requestId})`;
}

const CRASHED = /\(log of the function ([\w-]+), request ([\w-]+)\)$/;

const NO_GROUP = /^the (?:StandBy )?group (.+) no longer exists$/;

/** Once everything is taken back. */
export function toDoOfCleaned(failure: Failure, plan: Plan | undefined, users: Users | undefined): ToDo {
  const { message } = failure;
  const request = 'DeployRequested' as const;
  const [, functionName, requestId] = CRASHED.exec(message) ?? [];
  if (functionName && requestId) {
    const sentence = 'The log of this invocation says why it broke off. Remove the cause, then deploy again:';
    return { sentence, commands: [readLogCommand(functionName, requestId)], request };
  }
  const [, group] = NO_GROUP.exec(message) ?? [];
  if (group) {
    const sentence = `Make another group in the place of ${group}, with its tags, at 0/0/0 and attached to nothing; then deploy again:`;
    return { sentence, request };
  }
  if (message.startsWith('somebody deleted the dummy ')) {
    const sentence =
      'Nothing is to be mended: keep whoever deletes what is called deploycheck- from it, and deploy again:';
    return { sentence, request };
  }
  if (message.startsWith('somebody attached ')) {
    return { sentence: `Keep whoever attached ${plan?.newGroup ?? 'StandBy'} from it, and deploy again:`, request };
  }
  return toDoOfEnd(failure, plan, users);
}

/** Clean-up stopped for `reason`, or a stage that it has let go on fails again and again, as the failure says. */
export function toDoOfBlocked(reason: string, failure: Failure | undefined, users: Users | undefined): ToDo {
  const denied = toDoOfStop([reason, failure?.message ?? '']);
  if (denied) return denied;
  const cleaned = (before: string) => ({
    sentence: `${before} ${UNTIL_CLEANED} Then clean it again:`,
    request: 'CleanRequested' as const,
  });
  const [, functionName] = IN_LOG.exec(reason) ?? [];
  if (functionName) {
    return { ...cleaned('The log says why. Remove the cause.'), commands: [readLogCommand(functionName)] };
  }
  const [, group] = NO_GROUP.exec(failure?.message ?? '') ?? [];
  if (group) return cleaned(`Give the task another group in the place of ${group}, as it stands below.`);
  return cleaned(
    users && areDown(users)
      ? 'Nothing helps users before somebody decides: run below what makes either version serve.'
      : 'Remove the cause.',
  );
}

const IN_LOG = /\(log of the function ([\w-]+)\)/;

const UNTIL_CLEANED = 'Until the task is cleaned, it is not deployed.';

/** Where nobody serves, nothing else comes first; undefined where somebody does. */
export function toDoWhereDown(snapshot: Snapshot<Group | undefined>, users: Users): ToDo | undefined {
  const { plan, oldGroup, gone } = snapshot;
  const down = plan.attachments.filter((planned) => isChecked(planned) && users.down.includes(planned.name));
  if (!oldGroup || down.length === 0) return undefined;
  const lost = down.filter((planned) => gone.has(keyOf(planned)));
  const missing = snapshot.missing().filter((planned) => down.includes(planned));
  const request = 'DeployRequested' as const;
  if (missing.length > 0) {
    const sentence = `Attach ${plan.oldGroup} again, so that users are served; then request the deployment again:`;
    return { sentence, commands: attachCommands('attach', plan.oldGroup, missing), request };
  }
  if (lost.length > 0) return { ...toDoOf({ kind: 'detach', group: plan.oldGroup, attachments: lost }, ''), request };
  if (users.isEmpty) {
    if (plan.isEmergency || plan.capacity.desired === 0) return undefined;
    const sentence = `${plan.oldGroup} is at 0. Unless that is meant, give it its instances again, so that users are served:`;
    return { sentence, commands: [resizeCommand(plan.oldGroup, plan.capacity)] };
  }
  const sentence = `Look why ${plan.oldGroup} is not healthy there, and mend it; then users are served again:`;
  return { sentence, commands: describeCommands([plan.oldGroup], down.slice(0, LOOKED_AT)) };
}

/** Where instances of the new group are registered by others, so that it keeps them. */
export function toDoOfKept({ newGroup }: Plan): ToDo {
  return { sentence: emptyingSentence(newGroup), request: 'CleanRequested' };
}

/** Without a group to stand by nothing is deployed: it is made as the other one is. */
export function toDoOfLostGroup(
  { plan, oldGroup, newGroup }: Snapshot<Group | undefined>,
  users: Users,
): ToDo | undefined {
  const remedy = newGroup ? undefined : another(oldGroup, plan.newGroup);
  return remedy && inTheMorning({ ...toDoOf(remedy, ''), request: 'DeployRequested' }, users);
}

/** Each has a command of its own. */
const LOOKED_AT = 3;
