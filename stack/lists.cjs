/**
 * What serverless.yml cannot say by itself: resources for lists of unknown length. CloudFormation has no loops, so the
 * parameters `AdminEmails` and `WarBuckets` are spread out here when the service is packaged; and so is the choice
 * between an existing topic of CodeDeploy's triggers and one that the stack makes. Nor can it compute: how long things are
 * kept is worked out here, too.
 */
const { createHash } = require('node:crypto');

module.exports = async ({ resolveVariable }) => {
  const adminEmails = list('AdminEmails', await resolveVariable('param:AdminEmails'), /^[^\s@]+@[^\s@]+$/);
  const existing = list('WarBuckets', await resolveVariable('param:WarBuckets'), /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/);

  const [topicArn] = list('CodeDeployTopicArn', await resolveVariable('param:CodeDeployTopicArn'), TOPIC_ARN);

  // An archive can keep events for ever (0), marks of what was mailed cannot: a replay would repeat the mails.
  // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateArchive.html
  const archiveDays = wholeNumber('ArchiveRetentionDays', await resolveVariable('param:ArchiveRetentionDays'), 1, 365);
  const historyDays = wholeNumber(
    'HistoryRetentionDays',
    await resolveVariable('param:HistoryRetentionDays'),
    0,
    36500,
  );

  return {
    archiveRetentionDays: archiveDays,
    markRetentionDays: archiveDays + MARK_MARGIN_DAYS,
    historyRetentionDays: historyDays,
    historyRetentionText: String(historyDays), // conditions compare strings
    adminSubscriptions: { Resources: Object.fromEntries(adminEmails.map(subscription)) },
    ...(existing.length === 0
      ? ownBucket(await resolveVariable('file(stack/buckets.yml):ownWarBucket'))
      : existingBuckets(existing)),
    codeDeployTopic: {
      Resources: topicArn ? {} : await resolveVariable('file(stack/codedeploy-clean-up.yml):ownTopic'),
    },
    codeDeployTopicArn: topicArn ?? { Ref: 'CodeDeployTopic' },
  };
};

const TOPIC_ARN = /^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/;

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
