/** Commands that change nothing: they show who serves, or by what users may come in. */
import type { Look } from '../deployment/refusal';
import { TASK_KEY } from '../fleet/tags';
import { describeCommands, jsonOf, ofGroup, quoted } from './commands';

/** What shows who serves where; the embedded list of a large fleet is cut. */
export function lookCommands({ groups, attachments }: Look): string[] {
  return groups.length === 0 ? [] : describeCommands(groups.slice(0, LOOKED_AT), attachments.slice(0, LOOKED_AT));
}

/** Of groups, and of attachments, each of which has a command of its own. */
const LOOKED_AT = 10;

/** The groups of a task, by its tag, and what each is attached to. */
export function findGroupsCommand(task: string): string {
  const shown = '[AutoScalingGroupName,DesiredCapacity,LoadBalancerNames,TargetGroupARNs,TrafficSources]';
  const query = quoted(`AutoScalingGroups[].${shown}`);
  const filters = quoted(jsonOf([{ Name: 'tag-value', Values: [task] }]));
  return `aws autoscaling describe-auto-scaling-groups --filters ${filters} --query ${query}`;
}

/** The tasks of a war, by the key that their groups are tagged with: `KEY` is to be filled in. */
export function findTasksCommand(): string {
  const query = quoted(`AutoScalingGroups[].Tags[?Key==\`${TASK_KEY}\`].Value`);
  return `aws autoscaling describe-auto-scaling-groups --filters Name=tag-value,Values=KEY --query ${query}`;
}

/** What copies there are that CodeDeploy has made, with their instances: `name` is that of one, or `…*` of all. */
export function lookAtCopiesCommand(name: string): string {
  if (!name.endsWith('*')) return describeCommands([name], [])[0] as string;
  const query = `AutoScalingGroups[?starts_with(AutoScalingGroupName, '${name.slice(0, -1)}')].[AutoScalingGroupName,Instances[].InstanceId]`;
  return `aws autoscaling describe-auto-scaling-groups --query ${quoted(query)}`;
}

/** The groups that a deployment group of CodeDeploy deploys to, and what users come to them by. */
export function lookAtGroupsOfCommand(application: string, deploymentGroup: string): string {
  const names = `--application-name ${quoted(application)} --deployment-group-name ${quoted(deploymentGroup)}`;
  return `aws deploy get-deployment-group ${names} --query 'deploymentGroupInfo.[autoScalingGroups[].name,loadBalancerInfo]'`;
}

/** By which users may come in, and how a group gets there: which it is only people know. */
export function placesCommands(group: string): string[] {
  return [
    "aws elbv2 describe-target-groups --query 'TargetGroups[].[TargetGroupName,Port,LoadBalancerArns[0],TargetGroupArn]'",
    '# with the ARN of the one that the load balancer with the DNS name of the users forwards to:',
    `# aws autoscaling attach-load-balancer-target-groups ${ofGroup(group)} --target-group-arns ARN`,
    '# or, with the name of a Classic Load Balancer, as aws elb describe-load-balancers lists them:',
    `# aws autoscaling attach-load-balancers ${ofGroup(group)} --load-balancer-names NAME`,
  ];
}

function listListenersCommand(loadBalancerArn: string): string {
  return `aws elbv2 describe-listeners --load-balancer-arn ${quoted(loadBalancerArn)}`;
}

/** Whose listeners or rules send to these; and, of each listener, which: with what sends users elsewhere instead. */
export function sendersCommands(targetGroupArns: readonly string[], loadBalancerArns: readonly string[]): string[] {
  const query = quoted('TargetGroups[].LoadBalancerArns[]');
  return [
    `aws elbv2 describe-target-groups --target-group-arns ${targetGroupArns.map(quoted).join(' ')} --query ${query} --output text`,
    ...loadBalancerArns.map(listListenersCommand),
    '# the rules of each of these listeners:',
    '# aws elbv2 describe-rules --listener-arn LISTENER',
    '# with the ARN of the target group where users are to go instead, each that sends there is changed:',
    '# aws elbv2 modify-listener --listener-arn LISTENER --default-actions Type=forward,TargetGroupArn=ARN',
    '# aws elbv2 modify-rule --rule-arn RULE --actions Type=forward,TargetGroupArn=ARN',
  ];
}
