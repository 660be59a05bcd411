/** The admins' mails about copies that failed CodeDeploy deployments left behind. */
import { bounded, named } from '../aws/findings';
import { denied } from '../codes/causes';
import { deleteGroupCommand, describeCommands } from '../codes/commands';
import { lookAtCopiesCommand, lookAtGroupsOfCommand } from '../codes/look-commands';
import { answering, counted, type Mail, section } from '../mail/mail';
import { SEE_BELOW } from '../mail/users';
import type { CodeDeployDeployment } from './code-deploy';
import type { CopiedGroup } from './copied-groups';
import type { Keeping, Seen } from './copy-verdict';

export function copyDeletedMail(deployment: CodeDeployDeployment, { name, instances }: CopiedGroup): Mail {
  const ids = instances.map(({ id }) => id);
  return answering(deployment.deploymentGroup, (shown) => `[Success] CodeDeploy Clean(Group : ${shown})`, {
    happened: 'A CodeDeploy deployment left a copied Auto Scaling group behind. It was unused, and is deleted.',
    users: `None of its instances was registered with a load balancer of the deployment group. Nothing was changed for them. Who serves was not looked at; ${SEE_BELOW}`,
    leftOver: [],
    toDo: ['Nothing is to be done.'],
    why: [`The deployment ${endOf(deployment)}`],
    details: [
      section('To see who serves', [lookAtGroupsOfCommand(deployment.application, deployment.deploymentGroup)]),
      section('Deleted', [name, `with ${counted(instances.length, 'instance')}`, ...bounded(ids, IDS_BYTES)]),
      ...deploymentSections(deployment),
    ],
  });
}

/** Of a mail. */
const IDS_BYTES = 4000;

/** `deployment` is undefined where CodeDeploy does not know it any more. */
export function copyKeptMail(
  deployment: CodeDeployDeployment | undefined,
  { name, instances }: CopiedGroup,
  { reason, nextStep, seen, isFleet }: Keeping,
): Mail {
  return answering(deployment?.deploymentGroup ?? name, (shown) => `[Error] CodeDeploy Clean(Group : ${shown})`, {
    happened:
      'A CodeDeploy deployment left a copied Auto Scaling group behind. It is kept, and its instances cost money.',
    users: seen ? usersOf(seen) : UNKNOWN_USERS,
    leftOver: [name, `with ${counted(instances.length, 'instance')}`],
    toDo: [nextStep, ...(isFleet ? [] : deletionLines(name, seen))],
    why: [reason, ...(deployment ? [`The deployment ${endOf(deployment)}`] : [])],
    details: deployment ? deploymentSections(deployment) : [],
  });
}

const SEEING_COPY = 'What it has can be seen by what stands below, under "To see who serves".';

const UNKNOWN_USERS = 'Nothing was changed for them: the copy may serve some, or may not.';

function usersOf({ listing, healthyOn, healthyInstances }: Seen): string {
  const registered = named(listing.map(({ name }) => name));
  const seen =
    healthyInstances > 0
      ? `The copy has ${counted(healthyInstances, 'healthy instance')} on ${named(healthyOn)}, so it may serve some.`
      : `The copy is registered on ${registered}, but no instance of it is healthy there.`;
  return `${seen} Nothing was changed for them.`;
}

/** Whoever runs all of what a mail says looks first, and has read the condition before the deletion. */
function deletionLines(name: string, seen: Seen | undefined): string[] {
  const places = (seen?.listing ?? []).flatMap(({ place }) => (place ? [{ ...place, way: 'direct' as const }] : []));
  const looking = describeCommands([name], places.slice(0, PLACES_LOOKED_AT));
  return [
    seen ? '# See whether it serves:' : '# See what it has:',
    ...looking,
    ...(seen
      ? ['# Only when no load balancer lists any of its instances, delete it:', `# ${deleteGroupCommand(name)}`]
      : ['# Only when nothing needs it:', deleteGroupCommand(name)]),
  ];
}

/** Of a mail. */
const PLACES_LOOKED_AT = 20;

/** `groupName` may be the beginning of all their names, where not even those could be read. */
export function copyDeniedMail(groupName: string, why: string, functionName: string): Mail {
  const log = `${why} (AccessDenied, log of the function ${functionName})`;
  const { sentence, commands = [], more = [] } = denied(log);
  return answering(groupName, (shown) => `[Error] CodeDeploy Clean(Group : ${shown})`, {
    happened:
      'A copied Auto Scaling group that a CodeDeploy deployment may have left behind cannot be cleaned up: a permission is missing.',
    users: `${UNKNOWN_USERS} ${SEEING_COPY}`,
    leftOver: [`${groupName}, and its instances, which cost money`],
    toDo: [
      `${sentence} The copy is looked at again by itself, every ten minutes: once the permission is there, nothing more is to be done. To give it is safe: a copy that serves, or that CodeDeploy still has, is kept, and mailed.`,
      ...commands,
    ],
    why: [why],
    details: [
      section('To see more', more),
      section('To see who serves', [lookAtCopiesCommand(groupName)]),
      'It is mailed once a day for as long as it stays so.',
    ],
  });
}

function endOf({ status, error }: CodeDeployDeployment): string {
  const why = error ?? (status === 'Stopped' ? 'it was stopped' : 'CodeDeploy does not say why');
  return `is ${status}: ${why}`;
}

function deploymentSections({ id, application, deploymentGroup, endedAt }: CodeDeployDeployment) {
  return [
    section('Deployment', [
      id,
      `application ${application}`,
      `deployment group ${deploymentGroup}`,
      `ended ${endedAt.toISOString()}`,
    ]),
  ];
}
