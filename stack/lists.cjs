/**
 * What serverless.yml cannot say by itself: resources for lists of unknown length. CloudFormation has no loops, so the
 * parameters `AdminEmails` and `WarBuckets` are spread out here when the service is packaged; and so is the choice
 * between an existing topic of CodeDeploy's triggers and one that the stack makes. Nor can it compute: how long things are
 * kept is worked out here, too.
 */
const { createHash } = require('node:crypto');

module.exports = async ({ resolveVariable }) => {
  checkStage(await resolveVariable('sls:stage'));
  const adminEmails = list('AdminEmails', await resolveVariable('param:AdminEmails'), /^[^\s@]+@[^\s@]+$/);
  const existing = list('WarBuckets', await resolveVariable('param:WarBuckets'), /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/);

  const [topicArn] = list('CodeDeployTopicArn', await resolveVariable('param:CodeDeployTopicArn'), TOPIC_ARN);

  const cleansUpCodeDeploy = onOrOff('CodeDeployCleanUp', await resolveVariable('param:CodeDeployCleanUp'));

  const numbers = {};
  for (const [parameter, [minimum, maximum]] of Object.entries(WHOLE_NUMBERS)) {
    const value = wholeNumber(parameter, await resolveVariable(`param:${parameter}`), minimum, maximum);
    numbers[parameter[0].toLowerCase() + parameter.slice(1)] = value;
  }

  return {
    ...numbers,
    logRetentionDays: daysOfLogs(await resolveVariable('param:LogRetentionDays')),
    markRetentionDays: numbers.archiveRetentionDays + MARK_MARGIN_DAYS,
    historyRetentionText: String(numbers.historyRetentionDays), // conditions compare strings
    adminSubscriptions: { Resources: Object.fromEntries(adminEmails.map(subscription)) },
    ...(existing.length === 0
      ? ownBucket(await resolveVariable('file(stack/buckets.yml):ownWarBucket'))
      : existingBuckets(existing)),
    codeDeployTopic: {
      Resources: {
        ...(topicArn ? {} : await resolveVariable('file(stack/codedeploy-clean-up.yml):ownTopic')),
        ...(cleansUpCodeDeploy && hearing(topicArn ?? { Ref: 'CodeDeployTopic' })),
      },
    },
    codeDeployTopicArn: topicArn ?? { Ref: 'CodeDeployTopic' },
    codeDeployIsCleanedUp: cleansUpCodeDeploy,
    codeDeploySweepState: cleansUpCodeDeploy ? 'ENABLED' : 'DISABLED',
  };
};

const TOPIC_ARN = /^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/;

/** Each is refused where it is none from the first to the second: what is not whole ends in records that nobody can read. */
const WHOLE_NUMBERS = {
  // SQS delays a message for no longer.
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
  CheckIntervalSeconds: [0, 900],
  // A step's cycles end before its stage does, after 7200 s.
  CycleSeconds: [1, 3600],
  Repetitions: [1, 9],
  ProvisioningLimitSeconds: [1, 7200],
  // The watchdog publishes again what is older than that.
  RepublishAfterSeconds: [1, 240],
  CodeDeployMinimumAgeSeconds: [0, 86400],
  // An archive can keep events for ever (0), marks of what was mailed cannot: a replay would repeat the mails.
  // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateArchive.html
  ArchiveRetentionDays: [1, 365],
  HistoryRetentionDays: [0, 36500],
};

/** CloudWatch keeps logs for no other times that the packager knows.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
const DAYS_OF_LOGS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 2192, 2557, 2922, 3288, 3653,
];

function daysOfLogs(text) {
  const days = DAYS_OF_LOGS.find((one) => String(one) === String(text));
  if (days !== undefined) return days;
  throw new Error(`parameter LogRetentionDays is not one of ${DAYS_OF_LOGS.join(', ')}: ${text}`);
}

/**
 * The longest name that is made of the stage: bluegreen-<stage>-codedeploy-clean-up. A function's name has 64 characters.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
 */
const STAGE_CHARACTERS = 64 - 'bluegreen--codedeploy-clean-up'.length;

/** Throws where a name that is made of the stage could not be one. */
function checkStage(stage) {
  if (/^[A-Za-z0-9-]+$/.test(stage) && stage.length <= STAGE_CHARACTERS) return;
  throw new Error(`the stage has 1 to ${STAGE_CHARACTERS} letters, digits and hyphens: ${stage}`);
}

function onOrOff(parameter, text) {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new Error(`parameter ${parameter} is neither on nor off: ${text}`);
}

/** What lets triggers of CodeDeploy, by their topic, invoke the function. */
function hearing(TopicArn) {
  const { Arn, Name } = { Arn: { 'Fn::GetAtt': [CLEAN_UP, 'Arn'] }, Name: { Ref: CLEAN_UP } };
  const permission = { Action: 'lambda:InvokeFunction', FunctionName: Name, Principal: 'sns.amazonaws.com' };
  return {
    CodeDeploySubscription: {
      Type: 'AWS::SNS::Subscription',
      Properties: { TopicArn, Protocol: 'lambda', Endpoint: Arn },
    },
    CodeDeployTopicMayCleanUp: { Type: 'AWS::Lambda::Permission', Properties: { ...permission, SourceArn: TopicArn } },
  };
}

const CLEAN_UP = 'CodedeployDashcleanDashupLambdaFunction';

/** EventBridge deletes what has expired when it gets to it. */
const MARK_MARGIN_DAYS = 10;

/** Throws where the parameter is none, before anything is deployed. */
function wholeNumber(parameter, text, minimum, maximum) {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= minimum && value <= maximum) return value;
  throw new Error(`parameter ${parameter} is not a whole number from ${minimum} to ${maximum}: ${text}`);
}

/** The items of a parameter, each once. Throws on one that cannot be right, before anything is deployed. */
function list(parameter, text, pattern) {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  for (const item of items) {
    if (!pattern.test(item)) throw new Error(`parameter ${parameter} has an item that is not valid: ${item}`);
  }
  return [...new Set(items)];
}

/** Named by its address, so that a change of the list leaves the confirmed subscriptions of the others alone. */
function subscription(address) {
  const name = `AdminSubscription${createHash('sha256').update(address).digest('hex').slice(0, 12)}`;
  const properties = { TopicArn: { Ref: 'AdminTopic' }, Protocol: 'email', Endpoint: address };
  return [name, { Type: 'AWS::SNS::Subscription', Properties: properties }];
}

function ownBucket(resources) {
  return {
    warBucket: { Resources: resources },
    warBucketNames: [{ Ref: 'WarBucket' }],
    warBucketNamesJoined: { Ref: 'WarBucket' },
    warBucketArns: [{ 'Fn::GetAtt': ['WarBucket', 'Arn'] }],
    warObjectArns: [{ 'Fn::Sub': '${WarBucket.Arn}/*' }],
  };
}

function existingBuckets(names) {
  return {
    warBucket: { Resources: {} },
    warBucketNames: names,
    warBucketNamesJoined: names.join(','),
    warBucketArns: names.map((name) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:s3:::${name}` })),
    warObjectArns: names.map((name) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:s3:::${name}/*` })),
  };
}
