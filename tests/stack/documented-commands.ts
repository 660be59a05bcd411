/** The `aws` commands that mails and documents tell people to run, and what AWS asks for each of them. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Access, Surroundings } from '../../local/kernel/access';
import type { Service } from '../../local/kernel/service';
import {
  attachCommands,
  deleteDummyCommands,
  deleteScheduleCommand,
  enableRuleCommand,
  graceCommand,
  purgeQueueCommand,
  readQueueCommand,
  scheduleCommand,
  subscribeCommand,
} from '../../shared/codes/commands';
import type { ScheduledAction } from '../../shared/fleet/scheduled-actions';
import { type Command, readCommand, wordsOf } from '../harness/aws-command';
import type { World } from '../harness/world';

export interface Documented {
  file: string;
  line: string;
}

/** Whole lines, what stands behind `#` too where it is a command, and what documents have in the middle of a sentence. */
export function documentedCommands(): Documented[] {
  const pages = readdirSync('docs/codes').map((name) => `docs/codes/${name}`);
  const documents = ['requests', 'operations', 'reading-mails', 'local', 'mails'].map((name) => `docs/${name}.md`);
  const files = ['README.md', ...documents, ...pages.filter((name) => !name.endsWith('.ko.md'))];
  return files.flatMap((file) => {
    const text = readFileSync(file, 'utf8').replace(/ \\\n\s*/g, ' ');
    const lines = [...text.matchAll(/^ *(?:# )?(aws .*)$|`(aws [^`]+)`/gm)].map(
      ([, line, inline]) => line ?? inline ?? '',
    );
    return [...new Set(lines)].filter((line) => !OF_THE_ACCOUNT.test(line)).map((line) => ({ file, line }));
  });
}

/**
 * Who may do what, how much an account may have, what CodeDeploy deploys, where a load balancer sends its users, and what
 * somebody has registered with one by hand are others' affair: no job here has that.
 */
const OF_THE_ACCOUNT =
  /^aws (deploy|iam|service-quotas) |^aws elbv2 (deregister-targets|describe-rules|modify-listener|modify-rule) |^aws elb deregister-/;

/** What else mails say, of fleets and states that the documents have none of; and `doctor`. */
export function otherCommands(world: World): string[] {
  const { stack, fleet } = world;
  const [groupName, identifier = ''] = [fleet.activeGroup, fleet.targetGroupArns[0]];
  const source = [{ kind: 'target-group' as const, way: 'traffic-source' as const, identifier }];
  const action = { name: 'night', minimum: 1, recurrence: '0 20 * * *' } as ScheduledAction;
  const rules = [...stack.resources.values()].filter(({ type }) => type === 'AWS::Events::Rule');
  const dummy = `arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/deploycheck-1/0123456789abcdef`;
  return [
    ...attachCommands('attach', groupName, source),
    ...attachCommands('detach', groupName, source),
    scheduleCommand(groupName, action),
    deleteScheduleCommand(groupName, action.name),
    graceCommand(groupName, 300),
    ...deleteDummyCommands('load-balancer', dummy),
    ...rules.map(({ physicalId }) => {
      const [first = '', name] = physicalId.split('|');
      return name === undefined ? enableRuleCommand('default', first) : enableRuleCommand(first, name);
    }),
    ...deadLetterQueues(world).flatMap(({ physicalId }) => [
      readQueueCommand(physicalId),
      purgeQueueCommand(physicalId),
    ]),
    subscribeCommand(stack.outputs.AdminTopicArn ?? '', 'admin@example.com'),
  ];
}

/** Alarms tell of the queues of a stack of another name. */
function nameOfQueue(url = ''): string {
  return url.split('/').at(-1) ?? '';
}

/** What stands for something in them. */
function filledIn(line: string, { stack, fleet }: World): string {
  const balancing = `arn:aws:elasticloadbalancing:eu-central-1:123456789012`;
  const dummy = `${balancing}:loadbalancer/app/deploycheck-1/0123456789abcdef`;
  const dummyTargetGroup = `${balancing}:targetgroup/deploycheck-1/0123456789abcdef`;
  const isOfTargetGroup = /target-group-arn/.test(line);
  const values: Record<string, string> = {
    TARGET_GROUP_ARN: fleet.targetGroupArns[0] ?? '',
    DUMMY_TARGET_GROUP_ARN: dummyTargetGroup,
    DUMMY_ARN: dummy,
    WAR_BUCKET: fleet.bucket,
    BUCKET: fleet.bucket,
    STATE_BUCKET: stack.outputs.StateBucketName ?? '',
    ARCHIVE_ARN: stack.outputs.ArchiveArn ?? '',
    EVENT_BUS_ARN: stack.outputs.EventBusArn ?? '',
  };
  return line
    .replace(/\$([A-Z_]+)/g, (_, name: string) => values[name] ?? '')
    .replace(/"?\$\([^)]*\)"?/g, '2030-01-01')
    .replace(/file:\/\/(\S+)/, (_, path: string) => `'${readFileSync(path, 'utf8').replace(/\s+/g, ' ')}'`)
    .replace(/(?<= )#.*$/, '')
    .replace(/ ARN$/, isOfTargetGroup ? ` ${dummyTargetGroup}` : ` ${dummy}`)
    .replace(/ NAME$/, ' deploycheck-1')
    .replace(/bluegreen-dev-(\w+DeadLetters)-\w+/, (_, queue: string) =>
      nameOfQueue(stack.resources.get(queue)?.physicalId),
    )
    .replace(/stack-warbucket-\w+/, fleet.bucket);
}

/** Each may ask for several things. */
export function accessesOf(documented: string, world: World): Access[] {
  const line = filledIn(documented, world);
  const words = wordsOf(line);
  const known = BESIDE_THE_SDK.find(([pattern]) => pattern.test(line));
  if (known) return known[1](words, world);
  const command = readCommand(words);
  return serviceOf(command, world).requiredAccess(command.operation, command.input, surroundingsOf(world));
}

function serviceOf({ service }: Command, { aws }: World): Pick<Service, 'requiredAccess'> {
  const services: Record<string, Pick<Service, 'requiredAccess'>> = {
    autoscaling: aws.autoScaling,
    elb: aws.elasticLoadBalancing,
    elbv2: aws.elasticLoadBalancingV2,
    events: aws.eventBridge,
    s3api: aws.s3,
    sqs: aws.sqs,
  };
  const found = services[service];
  if (!found) throw new Error(`it is not known what ${service} asks for`);
  return found;
}

function surroundingsOf({ aws }: World): Surroundings {
  return {
    region: aws.region,
    accountId: aws.accountId,
    groupIdentity: (name) => aws.autoScaling.identityOf(name),
    deploymentGroupOf: () => undefined,
    loadBalancingTags: (arn) => aws.elasticLoadBalancingV2.tagsOf(arn),
  };
}

const everywhere = (action: string): Access[] => [{ action, resource: '*', context: {} }];
const optionIn = (words: string[], option: string) => words[words.indexOf(option) + 1] ?? '';

/**
 * What the `aws` command makes of several calls, or the embedded AWS does not have. Moving messages asks for all of this by
 * the developer guide of SQS, "Configuring queue permissions for dead-letter queue redrive".
 */
const BESIDE_THE_SDK: readonly (readonly [RegExp, (words: string[], world: World) => Access[]])[] = [
  [/^aws s3 cp /, (words) => copying(words.filter((word) => !word.startsWith('-')).slice(3))],
  [/^aws logs tail /, ([, , , group = ''], world) => [filtering(group, world)]],
  [/^aws logs filter-log-events /, (words, world) => [filtering(optionIn(words, '--log-group-name'), world)]],
  [
    /^aws sns subscribe/,
    (words) => {
      const context = { 'sns:Protocol': 'email', 'sns:Endpoint': optionIn(words, '--notification-endpoint') };
      return [{ action: 'sns:Subscribe', resource: optionIn(words, '--topic-arn'), context }];
    },
  ],
  [/^aws ec2 describe-subnets/, () => everywhere('ec2:DescribeSubnets')],
  [/^aws sqs list-queues/, () => everywhere('sqs:ListQueues')],
  [
    /^aws sqs receive-message --queue-url …/,
    (_, world) => deadLetterQueues(world).flatMap(({ attributes }) => reading(attributes.Arn ?? '')),
  ],
  [
    /^aws sqs start-message-move-task/,
    (_, { stack }) => {
      const [from, to] = ['ResumeDeadLetters', 'DelayQueue'].map((id) => stack.resources.get(id)?.attributes.Arn ?? '');
      const moving = ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];
      return [
        ...moving.map((operation) => ({ action: `sqs:${operation}`, resource: from ?? '', context: {} })),
        { action: 'sqs:SendMessage', resource: to ?? '', context: {} },
      ];
    },
  ],
];

function deadLetterQueues({ stack }: World) {
  const queues = [...stack.resources].filter(([id, { type }]) => type === 'AWS::SQS::Queue' && /DeadLetters$/.test(id));
  return queues.map(([, queue]) => queue);
}

/** Mails tell to delete what was read. */
function reading(resource: string): Access[] {
  return ['ReceiveMessage', 'DeleteMessage'].map((operation) => ({
    action: `sqs:${operation}`,
    resource,
    context: {},
  }));
}

function copying([from = '', to = '']: string[]): Access[] {
  const onObject = (action: string, url: string) => {
    const path = url.replace('s3://', '');
    return { action, resource: `arn:aws:s3:::${path.endsWith('/') ? `${path}app.war` : path}`, context: {} };
  };
  if (from.startsWith('s3://')) return [onObject('s3:GetObject', from)];
  return ['s3:PutObject', 's3:AbortMultipartUpload'].map((action) => onObject(action, to));
}

function filtering(group: string, { aws: { region, accountId } }: World): Access {
  return {
    action: 'logs:FilterLogEvents',
    resource: `arn:aws:logs:${region}:${accountId}:log-group:${group}:*`,
    context: {},
  };
}
