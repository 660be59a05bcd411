/** The admins' mails about copies that failed CodeDeploy deployments left behind. */
import { bounded } from '../aws/findings';
import { deleteGroupCommand } from '../codes/commands';
import { answering, counted, type Mail, section } from '../mail/mail';
import type { CodeDeployDeployment } from './code-deploy';
import type { CopiedGroup } from './copied-groups';

export function copyDeletedMail(deployment: CodeDeployDeployment, { name, instances }: CopiedGroup): Mail {
  const ids = instances.map(({ id }) => id);
  return answering(deployment.deploymentGroup, (shown) => `[Success] CodeDeploy Clean(Group : ${shown})`, {
    happened: 'A CodeDeploy deployment left a copied Auto Scaling group behind. It was unused, and is deleted.',
    users: 'None of its instances was registered with a load balancer of the deployment group.',
    leftOver: [],
    toDo: ['Nothing is to be done.'],
    why: [`The deployment ${endOf(deployment)}`],
    details: [
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
  { reason, nextStep }: { reason: string; nextStep: string },
): Mail {
  return answering(deployment?.deploymentGroup ?? name, (shown) => `[Error] CodeDeploy Clean(Group : ${shown})`, {
    happened:
      'A CodeDeploy deployment left a copied Auto Scaling group behind. It is kept, and its instances cost money.',
    users: 'Nothing was changed for them: the copy may serve some, or may not.',
    leftOver: [name, `with ${counted(instances.length, 'instance')}`],
    toDo: [nextStep, '# To delete it:', deleteGroupCommand(name)],
    why: [reason, ...(deployment ? [`The deployment ${endOf(deployment)}`] : [])],
    details: deployment ? deploymentSections(deployment) : [],
  });
}

/** `groupName` may be the beginning of all their names, where not even those could be read. */
export function copyDeniedMail(groupName: string, why: string): Mail {
  return answering(groupName, (shown) => `[Error] CodeDeploy Clean(Group : ${shown})`, {
    happened:
      'A copied Auto Scaling group that a CodeDeploy deployment may have left behind cannot be cleaned up: a permission is missing.',
    users: 'Nothing was changed for them: the copy may serve some, or may not.',
    leftOver: [groupName],
    toDo: [
      'Give the role this permission. The copy is then looked at again, within an hour after its deployment has ended or within ten minutes.',
    ],
    why: [why],
    details: ['It is mailed once a day for as long as it stays so.'],
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
