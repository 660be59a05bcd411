/** The exact commands that mails tell operators to run. */
import { SOURCE, UNPRINTABLE } from '../../events/contract';
import { batches } from '../aws/calls';
import type { Attachment, AttachmentId } from '../fleet/attachment';
import type { Launch } from '../fleet/auto-scaling-groups';
import type { ScheduledAction } from '../fleet/scheduled-actions';
import type { Tag } from '../fleet/tags';

/** Puts one request event on the pipeline's bus. */
export function putEventCommand(busName: string, detailType: string, detail: object): string {
  const entry = { EventBusName: busName, Source: SOURCE, DetailType: detailType, Detail: jsonOf(detail) };
  return `aws events put-events --entries ${quoted(jsonOf([entry]))}`;
}

/** Not to be run along with the rest: something is to be filled in, or decided. */
export function asComments(lines: readonly string[]): string[] {
  return lines.map((line) => (line.startsWith('#') ? line : `# ${line}`));
}

/** Takes what is registered by these, ids of instances or addresses, away from what sends to it. */
export function deregisterCommand({ kind, identifier }: AttachmentId, registeredAs: readonly string[]): string {
  return kind === 'classic'
    ? `aws elb deregister-instances-from-load-balancer --load-balancer-name ${quoted(identifier)} --instances ${registeredAs.join(' ')}`
    : `aws elbv2 deregister-targets --target-group-arn ${quoted(identifier)} --targets ${registeredAs.map((id) => `Id=${id}`).join(' ')}`;
}

/** What shows how the groups stand, and how their targets do. */
export function describeCommands(groups: readonly string[], attachments: readonly Attachment[]): string[] {
  const names = groups.map(quoted).join(' ');
  return [
    ...(names ? [`aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names ${names}`] : []),
    ...attachments.map(({ kind, identifier }) =>
      kind === 'classic'
        ? `aws elb describe-instance-health --load-balancer-name ${quoted(identifier)}`
        : `aws elbv2 describe-target-health --target-group-arn ${quoted(identifier)}`,
    ),
  ];
}

/** Of a kind and way at once, as many as a call takes; each of the two has calls of its own for each of them. */
export function attachCommands(verb: 'attach' | 'detach', group: string, attachments: readonly Attachment[]): string[] {
  const same = [...new Set(attachments.map(callOf))].map((call) => attachments.filter((one) => callOf(one) === call));
  return same.flatMap((alike) =>
    batches(alike, ATTACHMENTS_PER_CALL).map(
      (batch) => `${attachVerb(verb, batch)} ${ofGroup(group)} ${listed(batch)}`,
    ),
  );
}

function callOf({ kind, way }: Attachment): string {
  return `${way} ${kind}`;
}

/** Attaching and detaching take ten names a call. */
const ATTACHMENTS_PER_CALL = 10;

function attachVerb(verb: 'attach' | 'detach', [first]: Attachment[]): string {
  if (first?.way === 'traffic-source') return `aws autoscaling ${verb}-traffic-sources`;
  return first?.kind === 'classic'
    ? `aws autoscaling ${verb}-load-balancers`
    : `aws autoscaling ${verb}-load-balancer-target-groups`;
}

function listed(attachments: Attachment[]): string {
  const [{ kind, way } = { kind: 'classic', way: 'direct' }] = attachments;
  const names = attachments.map(({ identifier }) => identifier);
  if (way === 'traffic-source') {
    const Type = kind === 'classic' ? 'elb' : 'elbv2';
    return `--traffic-sources ${structures(names.map((Identifier) => ({ Identifier, Type })))}`;
  }
  return `--${kind === 'classic' ? 'load-balancer-names' : 'target-group-arns'} ${names.map(quoted).join(' ')}`;
}

/** Without `desired` the group keeps the size that it has, within the limits. */
export function resizeCommand(group: string, { minimum, desired, maximum }: Limits): string {
  const size = desired === undefined ? '' : ` --desired-capacity ${desired}`;
  return `aws autoscaling update-auto-scaling-group ${ofGroup(group)} --min-size ${minimum}${size} --max-size ${maximum}`;
}

interface Limits {
  minimum: number;
  desired?: number | undefined;
  maximum: number;
}

export function tagCommand(
  tags: readonly { group: string; key: string; value: string; propagateAtLaunch: boolean }[],
): string {
  const structured = tags.map(({ group, key, value, propagateAtLaunch }) => ({
    ResourceType: 'auto-scaling-group',
    ResourceId: group,
    Key: key,
    Value: value,
    PropagateAtLaunch: propagateAtLaunch,
  }));
  return `aws autoscaling create-or-update-tags --tags ${structures(structured)}`;
}

/** Nothing where nothing is suspended: without a list the command resumes every process. */
export function resumeCommand(group: string, processes: readonly string[]): string[] {
  if (processes.length === 0) return [];
  return [`aws autoscaling resume-processes ${ofGroup(group)} --scaling-processes ${processes.join(' ')}`];
}

/** EnterStandby and ExitStandby take so many: the reference says 20 in one place, and 19 in another. */
const STANDBY_PER_CALL = 19;

export function exitStandbyCommands(group: string, instanceIds: readonly string[]): string[] {
  return batches(instanceIds, STANDBY_PER_CALL).map(
    (ids) => `aws autoscaling exit-standby ${ofGroup(group)} --instance-ids ${ids.join(' ')}`,
  );
}

/** Instances that are protected stay, also at size 0. */
export function protectionCommands(group: string, instanceIds: readonly string[]): string[] {
  return batches(instanceIds, PROTECTIONS_PER_CALL).map(
    (ids) =>
      `aws autoscaling set-instance-protection ${ofGroup(group)} --no-protected-from-scale-in --instance-ids ${ids.join(' ')}`,
  );
}

const PROTECTIONS_PER_CALL = 19;

export function scheduleCommand(group: string, action: ScheduledAction): string {
  const { name, recurrence, timeZone, dueAt, endTime, minimum, desired, maximum } = action;
  const options = {
    'scheduled-action-name': name,
    recurrence,
    'time-zone': timeZone,
    'start-time': recurrence === undefined ? dueAt : undefined,
    'end-time': endTime,
    'min-size': minimum,
    'desired-capacity': desired,
    'max-size': maximum,
  };
  const given = Object.entries(options).flatMap(([option, value]) =>
    value === undefined ? [] : [`--${option} ${quoted(String(value))}`],
  );
  return `aws autoscaling put-scheduled-update-group-action ${ofGroup(group)} ${given.join(' ')}`;
}

export function deleteScheduleCommand(group: string, name: string): string {
  return `aws autoscaling delete-scheduled-action ${ofGroup(group)} --scheduled-action-name ${quoted(name)}`;
}

export function ofGroup(name: string): string {
  return `--auto-scaling-group-name ${quoted(name)}`;
}

/**
 * In the shorthand of the command where no value holds what separates there, else in JSON
 * (https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html).
 */
function structures(list: Record<string, string | boolean>[]): string {
  const isPlain = list.every((structure) =>
    Object.values(structure).every((value) => /^[\w.:/-]+$/.test(String(value))),
  );
  if (!isPlain) return quoted(jsonOf(list));
  const shorthand = (structure: object) => Object.entries(structure).map(([key, value]) => `${key}=${value}`);
  return list.map((structure) => shorthand(structure).join(',')).join(' ');
}

/** Deletes an Auto Scaling group with its instances. */
export function deleteGroupCommand(groupName: string): string {
  return `aws autoscaling delete-auto-scaling-group --force-delete --auto-scaling-group-name ${quoted(groupName)}`;
}

/**
 * Deletes the dummy of an Application or Network Load Balancer, of a target group or of a Classic Load Balancer. The first
 * may be protected, by account automation, say.
 */
export function deleteDummyCommands(kind: Attachment['kind'] | 'load-balancer', identifier: string): string[] {
  switch (kind) {
    case 'classic':
      return [`aws elb delete-load-balancer --load-balancer-name ${quoted(identifier)}`];
    case 'target-group':
      return [`aws elbv2 delete-target-group --target-group-arn ${quoted(identifier)}`];
    case 'load-balancer':
      return [
        `aws elbv2 modify-load-balancer-attributes --load-balancer-arn ${quoted(identifier)} ` +
          '--attributes Key=deletion_protection.enabled,Value=false',
        `aws elbv2 delete-load-balancer --load-balancer-arn ${quoted(identifier)}`,
      ];
  }
}

/** The war on the machine of whoever reads is called as its object is. */
export function uploadCommand({ bucket, key }: { bucket: string; key: string }): string {
  const file = key.split('/').at(-1) || key;
  return `aws s3 cp ${quoted(file.startsWith('-') ? `./${file}` : file)} ${quoted(`s3://${bucket}/${key}`)}`;
}

export function listVersionsCommand({ bucket, key }: { bucket: string; key: string }): string {
  return `aws s3api list-object-versions --bucket ${quoted(bucket)} --prefix ${quoted(key)}`;
}

export function untagCommand(group: string, keys: readonly string[]): string {
  const tags = keys.map((Key) => ({ ResourceType: 'auto-scaling-group', ResourceId: group, Key }));
  return `aws autoscaling delete-tags --tags ${structures(tags)}`;
}

export function cancelRefreshCommand(group: string): string {
  return `aws autoscaling cancel-instance-refresh ${ofGroup(group)}`;
}

export function deleteWarmPoolCommand(group: string): string {
  return `aws autoscaling delete-warm-pool ${ofGroup(group)}`;
}

/** At 0/0/0, and attached to nothing. */
export function createGroupCommand(name: string, launch: Launch, tags: readonly Tag[]): string {
  const { launchTemplate, subnets, healthCheckType, graceSeconds } = launch;
  const pairs = Object.entries(launchTemplate).map(([key, value]) => `${key}=${value}`);
  const template = quoted(pairs.join(','));
  const structured = tags.map(({ key, value, propagateAtLaunch }) => ({
    Key: key,
    Value: value,
    PropagateAtLaunch: propagateAtLaunch,
  }));
  return (
    `aws autoscaling create-auto-scaling-group ${ofGroup(name)} --launch-template ${template} ` +
    `--min-size 0 --max-size 0 --desired-capacity 0 --vpc-zone-identifier ${quoted(subnets)} ` +
    `--health-check-type ${quoted(healthCheckType)} --health-check-grace-period ${graceSeconds} --tags ${structures(structured)}`
  );
}

/** What has taken the names, by the code for it; and how one goes that no deployment uses, which only people can tell. */
export function listDummiesCommands(code: '407' | '409' | '410'): string[] {
  const [list, found, tags, remove] = {
    '407': [
      'elb describe-load-balancers',
      "LoadBalancerDescriptions[].LoadBalancerName|[?starts_with(@, 'deploycheck-')]",
      'elb describe-tags --load-balancer-names NAME',
      'elb delete-load-balancer --load-balancer-name NAME',
    ],
    '409': [
      'elbv2 describe-target-groups',
      "TargetGroups[?starts_with(TargetGroupName, 'deploycheck-')].TargetGroupArn",
      'elbv2 describe-tags --resource-arns ARN',
      'elbv2 delete-target-group --target-group-arn ARN',
    ],
    '410': [
      'elbv2 describe-load-balancers',
      "LoadBalancers[?starts_with(LoadBalancerName, 'deploycheck-')].LoadBalancerArn",
      'elbv2 describe-tags --resource-arns ARN',
      'elbv2 delete-load-balancer --load-balancer-arn ARN',
    ],
  }[code] as [string, string, string, string];
  return [
    `aws ${list} --query ${quoted(found)}`,
    '# which deployment has made one of these, its tags say:',
    `# aws ${tags}`,
    '# one that no running deployment uses goes by:',
    `# aws ${remove}`,
  ];
}

export function limitsCommand(): string {
  return 'aws elbv2 describe-account-limits';
}

export function subnetsCommand(): string {
  return `aws ec2 describe-subnets --query ${quoted('Subnets[].[SubnetId,AvailableIpAddressCount]')} --output text`;
}

/** What the quotas are, and how one is raised: AWS decides on that, mostly within minutes. */
export function quotaCommands(): string[] {
  const quotas = 'aws service-quotas';
  const service = '--service-code elasticloadbalancing';
  return [
    limitsCommand(),
    '# each has a code, and is raised by it:',
    `# ${quotas} list-service-quotas ${service} --query ${quoted('Quotas[].[QuotaName,QuotaCode,Value]')} --output text`,
    `# ${quotas} request-service-quota-increase ${service} --quota-code CODE --desired-value VALUE`,
  ];
}

/** How many addresses are free in the subnets, if they are known, or else in those of the load balancers. */
export function subnetCommands(subnetIds: readonly string[], loadBalancers: readonly string[]): string[] {
  const shown = `--query ${quoted('Subnets[].[SubnetId,AvailableIpAddressCount]')} --output text`;
  if (subnetIds.length > 0) return [`aws ec2 describe-subnets --subnet-ids ${subnetIds.join(' ')} ${shown}`];
  if (loadBalancers.length === 0) return [subnetsCommand()];
  const names = loadBalancers.map(quoted).join(' ');
  return [
    `aws elbv2 describe-load-balancers --names ${names} --query ${quoted('LoadBalancers[].AvailabilityZones[].SubnetId')} --output text`,
    '# how many addresses are free in each of these:',
    `# aws ec2 describe-subnets --subnet-ids SUBNETS ${shown}`,
  ];
}

/** Lets in whoever has a security group, or these addresses, on a port of those that have the group. */
export function letInCommands(group: string, port: number, source: string | readonly string[]): string[] {
  const rule = `aws ec2 authorize-security-group-ingress --group-id ${quoted(group)}`;
  if (typeof source === 'string') return [`${rule} --protocol tcp --port ${port} --source-group ${quoted(source)}`];
  return source.map((block) => {
    const range = block.includes(':') ? `Ipv6Ranges=[{CidrIpv6=${block}}]` : `IpRanges=[{CidrIp=${block}}]`;
    return `${rule} --ip-permissions ${quoted(`IpProtocol=tcp,FromPort=${port},ToPort=${port},${range}`)}`;
  });
}

/** Cycles per step: the groups take turns, so both have the tag. */
export function repetitionsCommand(groups: readonly string[], repetitions: number): string {
  const tag = { key: 'repetitions', value: String(repetitions), propagateAtLaunch: false };
  return tagCommand(groups.map((group) => ({ group, ...tag })));
}

export function targetGroupAttributeCommand(arn: string, key: string, value: string): string {
  return `aws elbv2 modify-target-group-attributes --target-group-arn ${quoted(arn)} --attributes Key=${key},Value=${value}`;
}

/** How long requests under way have when an instance leaves. */
export function drainCommand({ kind, identifier }: Pick<Attachment, 'kind' | 'identifier'>, seconds: number): string {
  if (kind === 'target-group') {
    return targetGroupAttributeCommand(identifier, 'deregistration_delay.timeout_seconds', String(seconds));
  }
  const attributes = jsonOf({ ConnectionDraining: { Enabled: true, Timeout: seconds } });
  return `aws elb modify-load-balancer-attributes --load-balancer-name ${quoted(identifier)} --load-balancer-attributes ${quoted(attributes)}`;
}

/** The addresses that are in it. */
export function prefixListCommand(id: string): string {
  return `aws ec2 get-managed-prefix-list-entries --prefix-list-id ${quoted(id)}`;
}

/** A stack is called as its bus is: by the service, and its stage. */
export function deployStackCommand(stack: string): string {
  return `npx serverless deploy --stage ${quoted(stack.replace(/^bluegreen-/, ''))}`;
}

/** Beside what the role has already: each by a name of its own, since one of the same name would be replaced. */
export function putRolePolicyCommand(role: string, action: string, scope: PolicyScope): string {
  const name = `by-hand-${action.replace(':', '-')}`;
  const document = jsonOf({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, ...scope }] });
  return `aws iam put-role-policy --role-name ${quoted(role)} --policy-name ${name} --policy-document ${quoted(document)}`;
}

/** What a statement of a policy allows its action on. */
export interface PolicyScope {
  Resource: string;
  Condition?: Record<string, Record<string, string>>;
}

export function enableRuleCommand(busName: string, rule: string): string {
  return `aws events enable-rule --event-bus-name ${quoted(busName)} --name ${quoted(rule)}`;
}

export function listRulesCommand(busName: string): string {
  return `aws events list-rules --event-bus-name ${quoted(busName)} --query 'Rules[].[Name,State]' --output text`;
}

export function describeReplayCommand(name: string): string {
  return `aws events describe-replay --replay-name ${quoted(name)}`;
}

/** Takes the parts of an upload away that was not ended. */
export function abortUploadCommand({
  bucket,
  key,
  uploadId,
}: {
  bucket: string;
  key: string;
  uploadId: string;
}): string {
  return `aws s3api abort-multipart-upload --bucket ${quoted(bucket)} --key ${quoted(key)} --upload-id ${quoted(uploadId)}`;
}

/** Ten messages at most, with why they are there; they stay. */
export function readQueueCommand(url: string): string {
  return `aws sqs receive-message --queue-url ${quoted(url)} --max-number-of-messages 10 --message-attribute-names All`;
}

/** Deletes all that is in it. */
export function purgeQueueCommand(url: string): string {
  return `aws sqs purge-queue --queue-url ${quoted(url)}`;
}

/** What the function has logged with this in the line, such as the id of an invocation, which is in every line of it. */
export function readLogCommand(functionName: string, containing?: string): string {
  const group = quoted(`/aws/lambda/${functionName}`);
  const filter = containing === undefined ? '' : ` --filter-pattern ${quoted(JSON.stringify(containing))}`;
  return `aws logs tail ${group} --since 1d${filter}`;
}

/** How long a group leaves new instances alone that are not healthy. */
export function graceCommand(group: string, seconds: number): string {
  return `aws autoscaling update-auto-scaling-group ${ofGroup(group)} --health-check-grace-period ${seconds}`;
}

/** Of a user or a role, by its ARN. */
export function attachPolicyCommand(principalArn: string, policyArn: string): string {
  const kind = principalArn.includes(':user/') ? 'user' : 'role';
  const name = quoted(principalArn.split('/').at(-1) ?? '');
  return `aws iam attach-${kind}-policy --${kind}-name ${name} --policy-arn ${quoted(policyArn)}`;
}

/** Asks whoever has the address to confirm, also once more. */
export function subscribeCommand(topicArn: string, address: string): string {
  return `aws sns subscribe --topic-arn ${quoted(topicArn)} --protocol email --notification-endpoint ${quoted(address)}`;
}

/** On one line, and without what cannot be seen. */
export function jsonOf(value: unknown): string {
  const escaped = (text: string) =>
    Array.from({ length: text.length }, (_, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`);
  return JSON.stringify(value).replace(UNPRINTABLE, (text) => escaped(text).join(''));
}

/** One word for a POSIX shell, on one line: what cannot be seen is printed where the command runs. */
export function quoted(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (text.search(UNPRINTABLE) < 0) return `'${text.replaceAll("'", `'\\''`)}'`;
  const printed = [...Buffer.from(text)].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[\w@+=:,./ -]/.test(character) ? character : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `"$(printf '${printed.join('')}')"`;
}

/** The newest, and why each began: who changed the size of a group, say. */
export function scalingActivitiesCommand(group: string): string {
  const query = quoted('Activities[].[StartTime,Cause]');
  return `aws autoscaling describe-scaling-activities ${ofGroup(group)} --max-items 5 --query ${query}`;
}
