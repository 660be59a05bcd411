/** The exact commands that mails tell operators to run. */
import { SOURCE } from '../../events/contract';
import type { Plan } from '../deployment/plan';
import type { Attachment } from '../fleet/attachment';

/** Puts one request event on the pipeline's bus. */
export function putEventCommand(busName: string, detailType: string, detail: object): string {
  const entry = { EventBusName: busName, Source: SOURCE, DetailType: detailType, Detail: JSON.stringify(detail) };
  return `aws events put-events --entries ${quoted(JSON.stringify([entry]))}`;
}

/**
 * What shows where the two groups stand, and what makes either version the one that serves. Lines that start with `#` say
 * which commands belong together; nothing here is to be run without a decision.
 */
export function commandsToDecide({ oldGroup, newGroup, attachments, typeTag }: Plan): string[] {
  const tagging = (active: string, standBy: string) => {
    const tag = (group: string, type: string) =>
      `ResourceType=auto-scaling-group,ResourceId=${group},Key=${typeTag.key},Value=${type},PropagateAtLaunch=${typeTag.propagateAtLaunch}`;
    return `aws autoscaling create-or-update-tags --tags ${quoted(tag(active, 'Active'))} ${quoted(tag(standBy, 'StandBy'))}`;
  };
  const emptying = (group: string) =>
    `aws autoscaling update-auto-scaling-group --auto-scaling-group-name ${quoted(group)} --min-size 0 --desired-capacity 0 --max-size 0`;
  const health = attachments.map(({ kind, identifier }) =>
    kind === 'classic'
      ? `aws elb describe-instance-health --load-balancer-name ${quoted(identifier)}`
      : `aws elbv2 describe-target-health --target-group-arn ${quoted(identifier)}`,
  );
  return [
    '# See who serves.',
    `aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names ${quoted(oldGroup)} ${quoted(newGroup)}`,
    ...health,
    `# Either keep the new version, where ${newGroup} is healthy:`,
    ...attachments.map((attachment) => attachCommand('detach', oldGroup, attachment)),
    tagging(newGroup, oldGroup),
    `# wait until ${oldGroup} is drained, then`,
    emptying(oldGroup),
    `# Or go back, where ${oldGroup} has instances:`,
    ...attachments.map((attachment) => attachCommand('attach', oldGroup, attachment)),
    `# wait until ${oldGroup} is healthy, then`,
    ...attachments.map((attachment) => attachCommand('detach', newGroup, attachment)),
    tagging(oldGroup, newGroup),
    `# wait until ${newGroup} is drained, then`,
    emptying(newGroup),
  ];
}

function attachCommand(verb: 'attach' | 'detach', group: string, { kind, way, identifier }: Attachment): string {
  const name = `--auto-scaling-group-name ${quoted(group)}`;
  if (way === 'traffic-source') {
    const source = `Identifier=${identifier},Type=${kind === 'classic' ? 'elb' : 'elbv2'}`;
    return `aws autoscaling ${verb}-traffic-sources ${name} --traffic-sources ${quoted(source)}`;
  }
  return kind === 'classic'
    ? `aws autoscaling ${verb}-load-balancers ${name} --load-balancer-names ${quoted(identifier)}`
    : `aws autoscaling ${verb}-load-balancer-target-groups ${name} --target-group-arns ${quoted(identifier)}`;
}

/** Deletes an Auto Scaling group with its instances. */
export function deleteGroupCommand(groupName: string): string {
  return `aws autoscaling delete-auto-scaling-group --force-delete --auto-scaling-group-name ${quoted(groupName)}`;
}

/** Deletes the dummy of an Application or Network Load Balancer, of a target group or of a Classic Load Balancer. */
export function deleteDummyCommand(kind: Attachment['kind'] | 'load-balancer', identifier: string): string {
  switch (kind) {
    case 'classic':
      return `aws elb delete-load-balancer --load-balancer-name ${quoted(identifier)}`;
    case 'target-group':
      return `aws elbv2 delete-target-group --target-group-arn ${quoted(identifier)}`;
    case 'load-balancer':
      return `aws elbv2 delete-load-balancer --load-balancer-arn ${quoted(identifier)}`;
  }
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
