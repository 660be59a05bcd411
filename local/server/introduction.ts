/** What the server says first: what to export, what is there, and what to try. Every line fits 80 columns. */
import type { LocalAws } from './local-aws';

type Served = Pick<LocalAws, 'url' | 'aws' | 'stack' | 'fleet'>;

/** The quoted JSON may go over several lines: shells and the `aws` command take it so. */
export function introduction({ url, aws, stack, fleet }: Served, speed: number): string {
  const { EventBusName, EventBusArn, ArchiveArn = '', AdminTopicArn } = stack.outputs;
  const { task, bucket, activeGroup, standByGroup, loadBalancerArn } = fleet;
  const [war = ''] = fleet.warKeys;
  const archive = ArchiveArn.split('/').pop();
  return `An embedded AWS listens on ${url}${speed === 1 ? '' : `, its clock ${speed} times as fast`}.
For another terminal:

export AWS_ENDPOINT_URL=${url}
export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
export AWS_REGION=${aws.region} AWS_DEFAULT_REGION=${aws.region}

  bucket   ${bucket}
  bus      ${EventBusName}
  archive  ${archive}
  topic    ${AdminTopicArn}
  task     ${task}: ${activeGroup} serves, ${standByGroup} is empty
  behind   ${loadBalancerArn.split('/').slice(2, -1).join('/')}

Look at it:

aws autoscaling describe-auto-scaling-groups --output table --query \\
 'AutoScalingGroups[].[AutoScalingGroupName,MinSize,DesiredCapacity]'
aws s3api list-object-versions --bucket ${bucket}
aws sns list-subscriptions
aws sqs list-queues --endpoint-url $AWS_ENDPOINT_URL  # version 1 needs that

Upload a war, and it is deployed. Any zip is one; this is what serves already:

aws s3 cp s3://${bucket}/${war} .
aws s3 cp ${war} s3://${bucket}/

Go back to the version before:

aws events put-events --entries '[{"EventBusName": "${EventBusName}",
 "Source": "bluegreen", "DetailType": "DeployRequested",
 "Detail": "{\\"task\\": \\"${task}\\", \\"versions\\": \\"previous\\"}"}]'

Repeat every event, which changes nothing (the archive has them after ten
minutes of its clock):

aws events start-replay --replay-name again --event-start-time 2020-01-01 \\
 --event-end-time 2100-01-01 --event-source-arn \\
 ${ArchiveArn} \\
 --destination \\
 Arn=${EventBusArn}

Ctrl-C ends it. From here on, what happens:
`;
}
