/**
 * What each figure of the bench may be at most (of `seeds per CPU second`: at least), by section, row and figure. What is counted,
 * or in virtual time, is the same on every machine: these are what was measured, rounded up a little. Those of load and time of
 * the machine at hand have more room. Whoever makes something better lowers its budget in the same commit.
 */
export type Budgets = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

const ONE_ALB = { over: 11, calls: 281, invocations: 61, 'USD without clones': 0.0047, 'USD with clones': 0.0272 };

export const BUDGETS: Budgets = {
  deployments: {
    '1 ALB': ONE_ALB,
    '1 Classic': { over: 20, calls: 270, invocations: 54, 'USD without clones': 0.0047, 'USD with clones': 0.0297 },
    '1 NLB': { over: 24, calls: 534, invocations: 130, 'USD without clones': 0.0051, 'USD with clones': 0.0276 },
    mixed: { over: 24, calls: 659, invocations: 130, 'USD without clones': 0.0051, 'USD with clones': 0.0751 },
    '15 ALBs × 3': { over: 63, calls: 1784, invocations: 106, 'USD without clones': 0.0051, 'USD with clones': 0.0276 },
    '200 foreign target groups': ONE_ALB,
    '20 instances': ONE_ALB,
    '100 instances': ONE_ALB,
    'boot 300 s': { over: 12, calls: 414, invocations: 94, 'USD without clones': 0.0049, 'USD with clones': 0.0274 },
    'drain 0 s': { over: 21, calls: 254, invocations: 54, 'USD without clones': 0.0047, 'USD with clones': 0.0272 },
    'drain 300 s': { over: 13, calls: 509, invocations: 112, 'USD without clones': 0.005, 'USD with clones': 0.0275 },
  },
  stages: {
    'war-uploaded': { invocations: 1, calls: 2 },
    start: { invocations: 2, calls: 59 },
    notify: { invocations: 3, calls: 9 },
    'check-dummy': { invocations: 18, calls: 86 },
    resume: { invocations: 26, calls: 26 },
    'attach-real': { invocations: 2, calls: 21 },
    'check-real': { invocations: 2, calls: 12 },
    swap: { invocations: 6, calls: 56 },
    retire: { invocations: 2, calls: 24 },
  },
  services: {
    'auto-scaling': { calls: 80 },
    'elastic-load-balancing': { calls: 3 },
    'elastic-load-balancing-v2': { calls: 49 },
    eventbridge: { calls: 65 },
    s3: { calls: 92 },
    sns: { calls: 3 },
    sqs: { calls: 1 },
  },
  idle: {
    '7 alarms': { USD: 0.71 },
    '1 dashboard': { USD: 3.01 },
    'polling of the queues': { USD: 1.05 },
    Lambda: { USD: 0.013 },
    SQS: { USD: 0.022 },
    S3: { USD: 0.045 },
    all: { USD: 4.83 },
  },
  sizes: {
    event: { bytes: 3300 },
    mail: { bytes: 3800 },
    record: { bytes: 15_500 },
    'log line': { bytes: 720 },
  },
  bundles: {
    'attach-real': { bytes: 445_000, load: 2.6 },
    'check-dummy': { bytes: 466_000, load: 2.6 },
    'check-real': { bytes: 448_500, load: 2.6 },
    'clean-up': { bytes: 509_000, load: 2.6 },
    'codedeploy-clean-up': { bytes: 490_000, load: 2.6 },
    notify: { bytes: 394_000, load: 2.6 },
    resume: { bytes: 196_000, load: 1.8 },
    retire: { bytes: 465_000, load: 2.6 },
    start: { bytes: 533_000, load: 2.6 },
    swap: { bytes: 456_000, load: 2.6 },
    'war-uploaded': { bytes: 248_000, load: 2.1 },
    watchdog: { bytes: 520_000, load: 2.6 },
    all: { bytes: 5_170_000 },
  },
  machine: {
    'npm run simulate': { 'seeds per CPU second': 1.2 },
    'npm run local': { start: 33 },
  },
};

/** How many bytes of each package a bundle has at most; `own` is the product itself. */
export const PACKAGES: Readonly<Record<string, number>> = {
  own: 186_000,
  '@smithy/core': 108_500,
  '@aws-sdk/client-s3': 30_000,
  '@aws-sdk/core': 40_000,
  zod: 31_000,
  '@aws-sdk/client-ec2': 12_500,
  '@aws-sdk/client-elastic-load-balancing-v2': 30_000,
  '@aws-sdk/client-codedeploy': 29_500,
  '@aws-sdk/client-auto-scaling': 27_000,
  '@aws-sdk/client-elastic-load-balancing': 17_000,
  '@aws-sdk/client-eventbridge': 16_500,
  '@aws-sdk/client-sns': 15_500,
  '@aws-sdk/client-sqs': 14_000,
  '@aws-sdk/checksums': 10_000,
  '@aws-sdk/middleware-sdk-s3': 10_500,
  '@smithy/signature-v4': 10_000,
  '@smithy/node-http-handler': 7500,
  '@aws-sdk/xml-builder': 5000,
  '@aws-sdk/signature-v4-multi-region': 500,
  '@aws/lambda-invoke-store': 2500,
  'fastest-levenshtein': 1500,
  '@aws-sdk/middleware-sdk-sqs': 1_200,
  '@aws-sdk/credential-provider-env': 1000,
  '@smithy/types': 500,
  '@aws-sdk/credential-provider-node': 0,
};
