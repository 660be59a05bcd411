/** The exact commands that mails tell operators to run. */
import { SOURCE } from '../events/contract';
import type { Plan } from './record';

/** Puts one request event on the pipeline's bus. */
export function putEventCommand(busName: string, detailType: string, detail: object): string {
  const entry = { EventBusName: busName, Source: SOURCE, DetailType: detailType, Detail: JSON.stringify(detail) };
  return `aws events put-events --entries ${quoted(JSON.stringify([entry]))}`;
}

/** What shows where the two groups stand, and takes the new one down once an operator has decided so. */
export function commandsToClean({ oldGroup, newGroup, attachments }: Plan): string[] {
  return [
    `aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names ${quoted(oldGroup)} ${quoted(newGroup)}`,
    ...attachments.map(({ kind, identifier }) =>
      kind === 'classic'
        ? `aws elb describe-instance-health --load-balancer-name ${quoted(identifier)}`
        : `aws elbv2 describe-target-health --target-group-arn ${quoted(identifier)}`,
    ),
    `aws autoscaling update-auto-scaling-group --auto-scaling-group-name ${quoted(newGroup)} --min-size 0 --desired-capacity 0 --max-size 0`,
  ];
}

/** Deletes an Auto Scaling group with its instances. */
export function deleteGroupCommand(groupName: string): string {
  return `aws autoscaling delete-auto-scaling-group --force-delete --auto-scaling-group-name ${quoted(groupName)}`;
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
