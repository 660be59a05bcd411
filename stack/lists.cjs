/**
 * What serverless.yml cannot say by itself: resources for lists of unknown length. CloudFormation has no loops, so the
 * parameters `AdminEmails` and `WarBuckets` are spread out here when the service is packaged; and so is the choice
 * between an existing topic of CodeDeploy's triggers and one that the stack makes. Nor can it compute: how long things are
 * kept is worked out here, too.
 */
const { createHash } = require('node:crypto');
const { NONE } = require('./parameters.cjs');

module.exports = async ({ resolveVariable }) => {
  const value = (parameter) => resolveVariable(`parameter:${parameter}`);
  const existing = await value('WarBuckets');
  const topicArn = await value('CodeDeployTopicArn');
  const codeDeployTopicArn = topicArn === NONE ? { Ref: 'CodeDeployTopic' } : topicArn;
  const cleansUpCodeDeploy = (await value('CodeDeployCleanUp')) === 'on';

  return {
    markRetentionDays: (await value('ArchiveRetentionDays')) + MARK_MARGIN_DAYS,
    historyRetentionText: String(await value('HistoryRetentionDays')), // conditions compare strings
    adminSubscriptions: { Resources: Object.fromEntries((await value('AdminEmails')).map(subscription)) },
    ...(existing.length === 0
      ? ownBucket(await resolveVariable('file(stack/buckets.yml):ownWarBucket'))
      : existingBuckets(existing)),
    codeDeployTopic: {
      Resources: {
        ...(topicArn === NONE && (await resolveVariable('file(stack/codedeploy-clean-up.yml):ownTopic'))),
        ...(cleansUpCodeDeploy && hearing(codeDeployTopicArn)),
      },
    },
    codeDeployTopicArn,
    codeDeployIsCleanedUp: cleansUpCodeDeploy,
    codeDeploySweepState: cleansUpCodeDeploy ? 'ENABLED' : 'DISABLED',
  };
};

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
