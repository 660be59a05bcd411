/** What the server says first: what to export, what is there, and what to try. It fits the terminal, but for what is copied. */
import { COLUMNS, wrapParagraphs } from '../terminal/lines';
import type { LocalAws } from './local-aws';

type Served = Pick<LocalAws, 'url' | 'aws' | 'stack' | 'fleet'>;

export function introduction(
  { url, aws, stack, fleet }: Served,
  speed: number,
  folders: { mails: string; wars: string },
  columns = COLUMNS,
): string {
  const { EventBusName, EventBusArn, ArchiveArn, AdminTopicArn, StateBucketName } = stack.outputs;
  const { task, bucket, activeGroup, standByGroup, loadBalancerArn } = fleet;
  const [war = ''] = fleet.warKeys;
  const text = `An embedded AWS listens on ${url}${speed === 1 ? '' : `, its clock ${speed} times as fast`}.

For another terminal, in this folder:

export AWS_ENDPOINT_URL=${url}
export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
export AWS_REGION=${aws.region} AWS_DEFAULT_REGION=${aws.region}
export BUCKET=${bucket} WAR_BUCKET=${bucket}
export STATE_BUCKET=${StateBucketName}
export WARS=${folders.wars}
export EVENT_BUS_ARN=${EventBusArn}
export ARCHIVE_ARN=${ArchiveArn}
export TARGET_GROUP_ARN=${fleet.targetGroupArns[0]}

  bus      ${EventBusName}
  task     ${task}: ${activeGroup} serves, ${standByGroup} is empty
  behind   ${loadBalancerArn.split('/').slice(2, -1).join('/')}
  mails    ${folders.mails}
  stack    ${stack.name}, and its topic
  ${AdminTopicArn}

By the operator's command: who serves; a new version; back again; a broken one:

npx --no-install bluegreen status ${task}
npx --no-install bluegreen upload ${task} $WARS/app.war --watch
npx --no-install bluegreen rollback ${task} --watch
npx --no-install bluegreen upload ${task} ${war}=$WARS/broken.war --watch

Look at it by the aws command, where it is installed:

aws autoscaling describe-auto-scaling-groups --output table --query 'AutoScalingGroups[].[AutoScalingGroupName,MinSize,DesiredCapacity]'
aws s3api list-object-versions --bucket $BUCKET
aws sns list-subscriptions
aws sqs list-queues --endpoint-url $AWS_ENDPOINT_URL  # version 1 needs that

Upload a war, and it is deployed. Any zip is one; this is what serves already:

aws s3 cp s3://$BUCKET/${war} .
aws s3 cp ${war} s3://$BUCKET/

Go back to the version before:

aws events put-events --entries file://events/samples/deploy-requested-previous.json

Repeat every event, which changes nothing (the archive has them after ten minutes of its clock):

aws events start-replay --replay-name again --event-source-arn $ARCHIVE_ARN --event-start-time 2020-01-01 --event-end-time 2100-01-01 --destination Arn=$EVENT_BUS_ARN

The last hundred mails are files in the folder above, which stays.

Ctrl-C ends it. From here on, what happens:
`;
  return wrapParagraphs(text, columns).join('\n');
}
