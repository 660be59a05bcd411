/** The table: every behaviour of AWS that the product builds on and that can be shown from outside, by service. */
import { ATTACHMENTS } from './auto-scaling-attachments';
import { GROUPS } from './auto-scaling-groups';
import type { Section } from './case';
import { CLASSIC } from './classic-load-balancing';
import { CLOUDFORMATION } from './cloudformation';
import { CLOUDWATCH_LOGS } from './cloudwatch-logs';
import { CODE_DEPLOY } from './code-deploy';
import { EC2 } from './ec2';
import { EVENT_BRIDGE } from './event-bridge';
import { LAUNCH_TEMPLATES } from './launch-templates';
import { LIFECYCLE_HOOKS } from './lifecycle-hooks';
import { LOAD_BALANCING } from './load-balancing';
import { PERMISSIONS } from './permissions';
import { RULES_TO_TOPICS } from './rules-to-topics';
import { S3 } from './s3';
import { SCALING_POLICIES } from './scaling-policies';
import { SNS } from './sns';
import { SQS } from './sqs';
import { STACK_UPDATES } from './stack-updates';
import { TARGET_HEALTH } from './target-health';

export const TABLE: readonly Section[] = [
  { service: 'Auto Scaling: attachments', cases: ATTACHMENTS },
  { service: 'Auto Scaling: groups', cases: GROUPS },
  { service: 'Auto Scaling: lifecycle hooks', cases: LIFECYCLE_HOOKS },
  { service: 'Auto Scaling: policies', cases: SCALING_POLICIES },
  { service: 'Application and Network Load Balancers', cases: LOAD_BALANCING },
  { service: 'Application and Network Load Balancers: targets', cases: TARGET_HEALTH },
  { service: 'Classic Load Balancers', cases: CLASSIC },
  { service: 'EventBridge', cases: EVENT_BRIDGE },
  { service: 'S3', cases: S3 },
  { service: 'SQS', cases: SQS },
  { service: 'SNS', cases: SNS },
  { service: 'SNS: what rules send', cases: RULES_TO_TOPICS },
  { service: 'CodeDeploy', cases: CODE_DEPLOY },
  { service: 'CloudFormation', cases: CLOUDFORMATION },
  { service: 'CloudFormation: updates', cases: STACK_UPDATES },
  { service: 'CloudWatch Logs', cases: CLOUDWATCH_LOGS },
  { service: 'EC2', cases: EC2 },
  { service: 'EC2: launch templates', cases: LAUNCH_TEMPLATES },
  { service: 'IAM and STS', cases: PERMISSIONS },
];
