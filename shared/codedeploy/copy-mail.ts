/** The admins' mails about copies that failed CodeDeploy deployments left behind. */
import { bounded } from '../aws/findings';
import { deleteGroupCommand } from '../codes/commands';
import { counted, type Mail, mail, section } from '../mail/mail';
import type { CodeDeployDeployment } from './code-deploy';
import type { CopiedGroup } from './copied-groups';

export function copyDeletedMail(deployment: CodeDeployDeployment, { name, instances }: CopiedGroup): Mail {
  const ids = instances.map(({ id }) => id);
  return mail(deployment.deploymentGroup, (shown) => `[Success] CodeDeploy Clean(Group : ${shown})`, [
    'A CodeDeploy deployment left a copied Auto Scaling group behind. It was unused, and is deleted.',
    section('Deleted', [name, `with ${counted(instances.length, 'instance')}`, ...bounded(ids, IDS_BYTES)]),
    ...deploymentSections(deployment),
  ]);
}

/** Of a mail. */
const IDS_BYTES = 4000;

/** `deployment` is undefined where CodeDeploy does not know it any more. */
export function copyKeptMail(
  deployment: CodeDeployDeployment | undefined,
  { name, instances }: CopiedGroup,
  { reason, nextStep }: { reason: string; nextStep: string },
): Mail {
  return mail(deployment?.deploymentGroup ?? name, (shown) => `[Error] CodeDeploy Clean(Group : ${shown})`, [
    'A CodeDeploy deployment left a copied Auto Scaling group behind. It is kept, and its instances cost money.',
    section('Kept', [name, `with ${counted(instances.length, 'instance')}`]),
    section('Why it was kept', [reason]),
    section('What to do', [nextStep]),
    section('To delete it', [deleteGroupCommand(name)]),
    ...(deployment ? deploymentSections(deployment) : []),
  ]);
}

/** `groupName` may be the beginning of all their names, where not even those could be read. */
export function copyDeniedMail(groupName: string, why: string): Mail {
  return mail(groupName, (shown) => `[Error] CodeDeploy Clean(Group : ${shown})`, [
    'A copied Auto Scaling group that a CodeDeploy deployment may have left behind cannot be cleaned up: a permission is missing.',
    section('Group', [groupName]),
    section('Why', [why]),
    section('What to do', [
      'Give the role this permission. The copy is then looked at again, within an hour after its deployment has ended or within ten minutes.',
    ]),
    'It is mailed once a day for as long as it stays so.',
  ]);
}

function deploymentSections({ id, application, deploymentGroup, status, endedAt, error }: CodeDeployDeployment) {
  return [
    section('Deployment', [
      `${id}: ${status}`,
      `application ${application}`,
      `deployment group ${deploymentGroup}`,
      `ended ${endedAt.toISOString()}`,
    ]),
    section('Why it failed', [error ?? (status === 'Stopped' ? 'it was stopped' : 'CodeDeploy does not say')]),
  ];
}
