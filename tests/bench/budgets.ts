/**
 * What each figure of the bench may be at most (of `seeds per CPU second`: at least), by section, row and figure. What is counted,
 * or in virtual time, is the same on every machine: these are what was measured, rounded up a little. Those of load and time of
 * the machine at hand have more room. Whoever makes something better lowers its budget in the same commit.
 */
export type Budgets = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

const ONE_ALB = { over: 44, calls: 283, invocations: 53, 'USD without clones': 0.00048, 'USD with clones': 0.024 };

export const BUDGETS: Budgets = {
  // `over` of Network Load Balancers has room for waiting until they send nothing more to what was deregistered.
  deployments: {
    '1 ALB': ONE_ALB,
    '1 Classic': { over: 33, calls: 249, invocations: 45, 'USD without clones': 0.00047, 'USD with clones': 0.026 },
    '1 NLB': { over: 60, calls: 445, invocations: 98, 'USD without clones': 0.00075, 'USD with clones': 0.024 },
    mixed: { over: 60, calls: 560, invocations: 98, 'USD without clones': 0.00075, 'USD with clones': 0.073 },
    '15 ALBs × 3': { over: 125, calls: 1787, invocations: 91, 'USD without clones': 0.00084, 'USD with clones': 0.024 },
    '200 foreign target groups': ONE_ALB,
    '20 instances': ONE_ALB,
    '100 instances': ONE_ALB,
    'boot 300 s': { over: 43, calls: 410, invocations: 84, 'USD without clones': 0.00067, 'USD with clones': 0.024 },
    'drain 0 s': { over: 51, calls: 263, invocations: 48, 'USD without clones': 0.00046, 'USD with clones': 0.024 },
    'drain 300 s': { over: 46, calls: 529, invocations: 101, 'USD without clones': 0.00075, 'USD with clones': 0.024 },
  },
  stages: {
    'war-uploaded': { invocations: 1, calls: 2 },
    start: { invocations: 2, calls: 58 },
    notify: { invocations: 3, calls: 9 },
    'check-dummy': { invocations: 16, calls: 94 },
    resume: { invocations: 21, calls: 21 },
    'attach-real': { invocations: 2, calls: 23 },
    'check-real': { invocations: 2, calls: 12 },
    swap: { invocations: 4, calls: 44 },
    retire: { invocations: 2, calls: 23 },
  },
  services: {
    'auto-scaling': { calls: 87 },
    'elastic-load-balancing': { calls: 1 },
    'elastic-load-balancing-v2': { calls: 59 },
    eventbridge: { calls: 53 },
    s3: { calls: 82 },
    sns: { calls: 3 },
  },
  idle: {
    '6 alarms': { USD: 0.61 },
    'polling of the delay queue': { USD: 0.27 },
    Lambda: { USD: 0.013 },
    SQS: { USD: 0.022 },
    S3: { USD: 0.045 },
    all: { USD: 0.94 },
  },
  sizes: {
    event: { bytes: 3300 },
    mail: { bytes: 3800 },
    record: { bytes: 15_500 },
    'log line': { bytes: 600 },
  },
  bundles: {
    'attach-real': { bytes: 465_000, load: 2.6 },
    'check-dummy': { bytes: 470_000, load: 2.6 },
    'check-real': { bytes: 465_000, load: 2.6 },
    'clean-up': { bytes: 510_000, load: 2.6 },
    'codedeploy-clean-up': { bytes: 495_000, load: 2.6 },
    notify: { bytes: 410_000, load: 2.6 },
    resume: { bytes: 190_000, load: 1.8 },
    retire: { bytes: 470_000, load: 2.6 },
    start: { bytes: 525_000, load: 2.6 },
    swap: { bytes: 475_000, load: 2.6 },
    'war-uploaded': { bytes: 235_000, load: 2.1 },
    watchdog: { bytes: 535_000, load: 2.6 },
    all: { bytes: 5_220_000 },
  },
  machine: {
    'npm run simulate': { 'seeds per CPU second': 1.2 },
    'npm run local': { start: 33 },
  },
};

/** How many bytes of each package a bundle has at most; `own` is the product itself. */
export const PACKAGES: Readonly<Record<string, number>> = {
  own: 167_000,
  '@smithy/core': 122_500,
  '@aws-sdk/client-s3': 44_500,
  '@aws-sdk/core': 40_000,
  zod: 31_000,
  '@aws-sdk/client-elastic-load-balancing-v2': 30_000,
  '@aws-sdk/client-codedeploy': 29_500,
  '@aws-sdk/client-auto-scaling': 24_500,
  '@aws-sdk/client-elastic-load-balancing': 17_000,
  '@aws-sdk/client-eventbridge': 16_500,
  '@aws-sdk/client-sns': 15_500,
  '@aws-sdk/client-sqs': 13_500,
  '@aws-sdk/checksums': 12_500,
  '@aws-sdk/middleware-sdk-s3': 10_500,
  '@smithy/signature-v4': 10_000,
  '@smithy/node-http-handler': 7500,
  '@aws-sdk/xml-builder': 5000,
  '@aws-sdk/signature-v4-multi-region': 4500,
  '@aws/lambda-invoke-store': 2500,
  'fastest-levenshtein': 1500,
  '@aws-sdk/middleware-sdk-sqs': 1000,
  '@aws-sdk/credential-provider-env': 1000,
  '@smithy/types': 500,
  '@aws-sdk/credential-provider-node': 0,
};
