/**
 * Public on-demand prices of us-east-1 in US dollars, without free tiers and discounts. Each with the page that names it.
 * They change: who updates one updates the date.
 */
export const AS_OF = '2025-06';

export interface Price {
  dollars: number;
  per: string;
  source: string;
}

const price = (dollars: number, per: string, source: string): Price => ({ dollars, per, source });

const LAMBDA = 'https://aws.amazon.com/lambda/pricing/';
const EVENTBRIDGE = 'https://aws.amazon.com/eventbridge/pricing/';
const SNS = 'https://aws.amazon.com/sns/pricing/';
const S3 = 'https://aws.amazon.com/s3/pricing/';
const CLOUDWATCH = 'https://aws.amazon.com/cloudwatch/pricing/';
const BALANCING = 'https://aws.amazon.com/elasticloadbalancing/pricing/';

export const PRICES = {
  invocation: price(0.2e-6, 'invocation', LAMBDA),
  gigabyteSecond: price(13.3334e-6, 'GB-second on arm64', LAMBDA),
  gigabyteSecondOfX86: price(16.6667e-6, 'GB-second on x86', LAMBDA),
  event: price(1e-6, 'event of up to 64 KB, of a custom bus or of S3', EVENTBRIDGE),
  archivedGigabyte: price(0.1, 'GB archived', EVENTBRIDGE),
  queueRequest: price(0.4e-6, 'request of a standard queue', 'https://aws.amazon.com/sqs/pricing/'),
  publish: price(0.5e-6, 'publish of up to 64 KB', SNS),
  mail: price(20e-6, 'mail', SNS),
  write: price(5e-6, 'PUT, COPY, POST or LIST', S3),
  read: price(0.4e-6, 'GET, HEAD and all others', S3),
  loggedGigabyte: price(0.5, 'GB of logs taken in', CLOUDWATCH),
  alarmMonth: price(0.1, 'alarm and month', CLOUDWATCH),
  // Of those of an account three are free.
  dashboardMonth: price(3, 'dashboard and month', CLOUDWATCH),
  // 0.30 a month, "prorated by the hour and metered only when you send metrics".
  metricHour: price(0.3 / 720, 'custom metric and hour in which it is sent', CLOUDWATCH),
  // Billed "for each hour or partial hour"; capacity units come on top where there is traffic, and clones have none.
  applicationHour: price(0.0225, 'hour of an Application Load Balancer', BALANCING),
  networkHour: price(0.0225, 'hour of a Network Load Balancer', BALANCING),
  classicHour: price(0.025, 'hour of a Classic Load Balancer', BALANCING),
} satisfies Record<string, Price>;
