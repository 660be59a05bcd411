/** How each type of resource of a template is made in the embedded AWS, and which of its properties are known here. */
import type { Target } from '@aws-sdk/client-eventbridge';
import type { PolicyDocument } from '../services/iam/resource-policy';
import { FLEET } from './fleet-resources';
import { LOAD_BALANCING } from './load-balancing-resources';
import { type DeployedResource, type Maker, refuseOtherChanges } from './maker';
import { NETWORK } from './network-resources';

export const makers: Readonly<Record<string, Maker>> = {
  ...NETWORK,
  ...LOAD_BALANCING,
  ...FLEET,

  'AWS::Events::EventBus': {
    properties: ['Name', 'Description', 'Tags'],
    make: ({ properties, aws }) => {
      const arn = aws.eventBridge.rules.createBus(properties.Name);
      return { physicalId: properties.Name, attributes: { Arn: arn, Name: properties.Name } };
    },
  },

  'AWS::Events::Rule': {
    properties: ['Name', 'Description', 'EventBusName', 'EventPattern', 'ScheduleExpression', 'State', 'Targets'],
    make: ({ properties, generatedName, aws }) => {
      const { Name: name = generatedName, Description: description, State: state = 'ENABLED' } = properties;
      const { EventPattern: pattern, ScheduleExpression: schedule, EventBusName } = properties;
      const rule = aws.eventBridge.rules.putRule({ name, description, state, pattern, schedule }, EventBusName);
      aws.eventBridge.rules.putTargets(rule, (properties.Targets ?? []) as Target[]);
      const physicalId = rule.busName === 'default' ? name : `${rule.busName}|${name}`;
      return { physicalId, attributes: { Arn: rule.arn } };
    },
  },

  'AWS::Events::Archive': {
    properties: ['ArchiveName', 'Description', 'EventPattern', 'RetentionDays', 'SourceArn'],
    make: ({ properties, generatedName, aws }) => {
      const name: string = properties.ArchiveName ?? generatedName;
      const { Description: description, EventPattern: pattern, RetentionDays } = properties;
      const retentionDays = Number(RetentionDays ?? 0);
      const settings = { description, pattern, retentionDays };
      const arn = aws.eventBridge.archives.createArchive(name, properties.SourceArn, settings);
      return { physicalId: name, attributes: { Arn: arn, ArchiveName: name } };
    },
  },

  'AWS::Lambda::Function': {
    properties: [
      ...['Architectures', 'Code', 'DeadLetterConfig', 'Description', 'Environment', 'FunctionName', 'Handler'],
      ...['MemorySize', 'RecursiveLoop', 'ReservedConcurrentExecutions', 'Role', 'Runtime', 'Tags', 'Timeout'],
    ],
    make: ({ properties, generatedName, aws, resources }) => {
      const environment = Object.entries(properties.Environment?.Variables ?? {});
      const made = aws.lambda.createFunction({
        key: handlerKey(properties.Handler),
        name: properties.FunctionName ?? generatedName,
        roleKey: roleKey(properties.Role, resources),
        timeoutSeconds: properties.Timeout ?? 3,
        memoryMegabytes: properties.MemorySize ?? 128,
        environment: Object.fromEntries(environment.map(([name, value]) => [name, String(value)])),
        reservedConcurrency: properties.ReservedConcurrentExecutions,
        deadLetterTargetArn: properties.DeadLetterConfig?.TargetArn,
      });
      return { physicalId: made.name, attributes: { Arn: made.arn } };
    },
  },

  'AWS::Lambda::EventInvokeConfig': {
    properties: ['DestinationConfig', 'FunctionName', 'MaximumEventAgeInSeconds', 'MaximumRetryAttempts', 'Qualifier'],
    make: ({ properties, generatedName, aws }) => {
      if (properties.Qualifier !== '$LATEST') throw new Error('only the version $LATEST of a function exists here');
      if (properties.DestinationConfig?.OnSuccess) throw new Error('success destinations are not supported here');
      aws.lambda.configureAsynchronous(properties.FunctionName, {
        maximumRetryAttempts: properties.MaximumRetryAttempts ?? 2,
        maximumEventAgeSeconds: properties.MaximumEventAgeInSeconds ?? 6 * 3600,
        onFailureArn: properties.DestinationConfig?.OnFailure?.Destination,
      });
      return { physicalId: generatedName };
    },
  },

  'AWS::Lambda::EventSourceMapping': {
    properties: ['BatchSize', 'Enabled', 'EventSourceArn', 'FunctionName', 'FunctionResponseTypes', 'ScalingConfig'],
    make: ({ properties, generatedName, aws }) => {
      if (properties.Enabled === false) return { physicalId: generatedName };
      aws.lambda.addEventSource({
        functionName: properties.FunctionName,
        queueArn: properties.EventSourceArn,
        batchSize: properties.BatchSize ?? 10,
        reportsBatchItemFailures: (properties.FunctionResponseTypes ?? []).includes('ReportBatchItemFailures'),
        maximumConcurrency: properties.ScalingConfig?.MaximumConcurrency ?? 5,
      });
      return { physicalId: generatedName };
    },
  },

  'AWS::Lambda::Permission': {
    properties: ['Action', 'FunctionName', 'Principal', 'SourceAccount', 'SourceArn'],
    make: ({ properties, generatedName, aws }) => {
      const { SourceArn, SourceAccount } = properties;
      aws.lambda.addPermission(properties.FunctionName, {
        Effect: 'Allow',
        Principal: { Service: properties.Principal },
        Action: properties.Action,
        Condition: {
          ...(SourceArn && { ArnLike: { 'aws:SourceArn': SourceArn } }),
          ...(SourceAccount && { StringEquals: { 'aws:SourceAccount': SourceAccount } }),
        },
      });
      return { physicalId: generatedName };
    },
  },

  'AWS::SQS::Queue': {
    properties: [
      ...['DelaySeconds', 'MessageRetentionPeriod', 'QueueName', 'ReceiveMessageWaitTimeSeconds', 'RedrivePolicy'],
      ...['SqsManagedSseEnabled', 'Tags', 'VisibilityTimeout'],
    ],
    make: ({ properties, generatedName, aws }) => {
      const { RedrivePolicy } = properties;
      const queue = aws.sqs.createQueue(properties.QueueName ?? generatedName, {
        delaySeconds: Number(properties.DelaySeconds ?? 0),
        visibilityTimeoutSeconds: Number(properties.VisibilityTimeout ?? 30),
        retentionSeconds: Number(properties.MessageRetentionPeriod ?? 4 * 24 * 3600),
        receiveWaitSeconds: Number(properties.ReceiveMessageWaitTimeSeconds ?? 0),
        redrive: RedrivePolicy && {
          deadLetterQueueArn: RedrivePolicy.deadLetterTargetArn,
          maximumReceives: Number(RedrivePolicy.maxReceiveCount),
        },
      });
      return { physicalId: queue.url, attributes: { Arn: queue.arn, QueueName: queue.name, QueueUrl: queue.url } };
    },
  },

  'AWS::SQS::QueuePolicy': {
    properties: ['PolicyDocument', 'Queues'],
    make: ({ properties, generatedName, aws }) => {
      for (const url of properties.Queues) aws.sqs.addPolicy(url, properties.PolicyDocument as PolicyDocument);
      return { physicalId: generatedName };
    },
  },

  'AWS::SNS::Topic': {
    properties: ['DisplayName', 'KmsMasterKeyId', 'Tags', 'TopicName'],
    make: ({ properties, generatedName, aws }) => {
      const { TopicName: name = generatedName, DisplayName: displayName, KmsMasterKeyId: kmsKey } = properties;
      const arn = aws.sns.createTopic(name, { displayName, kmsKey });
      return { physicalId: arn, attributes: { TopicArn: arn, TopicName: name } };
    },
  },

  'AWS::SNS::Subscription': {
    properties: ['Endpoint', 'Protocol', 'TopicArn'],
    make: ({ properties: { Endpoint, Protocol, TopicArn }, aws }) => {
      const arn = aws.sns.subscribe(TopicArn, Protocol, Endpoint);
      return { physicalId: arn, attributes: { Arn: arn } };
    },
  },

  'AWS::SNS::TopicPolicy': {
    properties: ['PolicyDocument', 'Topics'],
    make: ({ properties, generatedName, aws }) => {
      for (const arn of properties.Topics) aws.sns.addPolicy(arn, properties.PolicyDocument as PolicyDocument);
      return { physicalId: generatedName };
    },
  },

  'AWS::S3::Bucket': {
    properties: [
      ...['BucketEncryption', 'BucketName', 'LifecycleConfiguration', 'NotificationConfiguration'],
      ...['OwnershipControls', 'PublicAccessBlockConfiguration', 'Tags', 'VersioningConfiguration'],
    ],
    make: ({ properties, generatedName, aws }) => {
      const { BucketName: name = generatedName.toLowerCase(), NotificationConfiguration = {} } = properties;
      const [unknown] = Object.keys(NotificationConfiguration).filter((key) => key !== 'EventBridgeConfiguration');
      if (unknown) throw new Error(`bucket notifications by ${unknown} are not supported here`);
      const { EventBridgeConfiguration } = NotificationConfiguration;
      aws.s3.createBucket(name, {
        versioning: properties.VersioningConfiguration?.Status,
        eventBridge: EventBridgeConfiguration !== undefined && EventBridgeConfiguration.EventBridgeEnabled !== false,
      });
      return { physicalId: name, attributes: { Arn: `arn:aws:s3:::${name}` } };
    },
  },

  'AWS::Logs::LogGroup': {
    properties: ['LogGroupName', 'RetentionInDays', 'Tags'],
    make: ({ properties, generatedName, aws }) => {
      const name: string = properties.LogGroupName ?? generatedName;
      const retentionDays = properties.RetentionInDays && Number(properties.RetentionInDays);
      return { physicalId: name, attributes: { Arn: aws.cloudWatchLogs.createLogGroup(name, retentionDays) } };
    },
  },

  // What follows has no effect of its own here. The policies of roles are for whoever authorises calls.

  'AWS::IAM::Role': {
    properties: [
      ...['AssumeRolePolicyDocument', 'Description', 'ManagedPolicyArns', 'MaxSessionDuration', 'Policies'],
      ...['RoleName', 'Tags'],
    ],
    make: ({ properties, generatedName, accountId }) => {
      const name: string = properties.RoleName ?? generatedName;
      return { physicalId: name, attributes: { Arn: `arn:aws:iam::${accountId}:role/${name}` } };
    },
    change: (changing) => {
      refuseOtherChanges(changing, ['AssumeRolePolicyDocument', 'Description', 'Policies', 'Tags']);
      return {};
    },
    remove: () => {},
  },

  'AWS::IAM::OIDCProvider': {
    properties: ['ClientIdList', 'Url'],
    make: ({ properties: { Url }, accountId }) => {
      const arn = `arn:aws:iam::${accountId}:oidc-provider/${new URL(Url).host}`;
      return { physicalId: arn, attributes: { Arn: arn } };
    },
  },

  'AWS::IAM::ManagedPolicy': {
    properties: ['Description', 'ManagedPolicyName', 'PolicyDocument'],
    make: ({ properties, generatedName, accountId }) => {
      const arn = `arn:aws:iam::${accountId}:policy/${properties.ManagedPolicyName ?? generatedName}`;
      return { physicalId: arn, attributes: { PolicyArn: arn } };
    },
  },

  'AWS::CloudWatch::Alarm': {
    properties: [
      ...['AlarmActions', 'AlarmDescription', 'ComparisonOperator', 'Dimensions', 'EvaluationPeriods', 'MetricName'],
      ...['Namespace', 'Period', 'Statistic', 'Threshold', 'TreatMissingData'],
    ],
    make: ({ generatedName, region, accountId }) => ({
      physicalId: generatedName,
      attributes: { Arn: `arn:aws:cloudwatch:${region}:${accountId}:alarm:${generatedName}` },
    }),
  },

  'AWS::CloudWatch::Dashboard': {
    properties: ['DashboardBody', 'DashboardName'],
    make: ({ properties: { DashboardBody, DashboardName }, generatedName }) => {
      assertDashboardBody(DashboardBody);
      return { physicalId: DashboardName ?? generatedName };
    },
  },

  'AWS::Logs::QueryDefinition': {
    properties: ['LogGroupNames', 'Name', 'QueryString'],
    make: ({ properties: { Name, QueryString }, generatedName }) => {
      if (!isOfLength(Name, 255)) throw new Error('the name of a query has 1 to 255 characters');
      if (!isOfLength(QueryString, 10_000)) throw new Error('a query has 1 to 10,000 characters');
      return { physicalId: generatedName, attributes: { QueryDefinitionId: generatedName } };
    },
  },

  'AWS::S3::BucketPolicy': {
    properties: ['Bucket', 'PolicyDocument'],
    make: ({ properties }) => ({ physicalId: properties.Bucket }),
  },
};

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html, of each widget what it must have. */
const WIDGETS: Readonly<Record<string, readonly string[]>> = {
  alarm: ['alarms'],
  log: ['query', 'region'],
  metric: ['metrics', 'region'],
  text: ['markdown'],
};
const WIDGETS_OF_DASHBOARD = 500;
const DASHBOARD_COLUMNS = 24;

function assertDashboardBody(text: string): void {
  const { widgets } = JSON.parse(text) as {
    widgets?: { type: string; properties: object; [place: string]: unknown }[];
  };
  if (!Array.isArray(widgets) || widgets.length > WIDGETS_OF_DASHBOARD) {
    throw new Error(`a dashboard has a list of at most ${WIDGETS_OF_DASHBOARD} widgets`);
  }
  for (const { type, properties, x, width, y, height } of widgets) {
    const needed = WIDGETS[type];
    if (!needed) throw new Error(`widgets of type ${type} are not supported here`);
    const missing = needed.filter((name) => !(name in properties));
    if (missing.length > 0) throw new Error(`a widget of type ${type} needs ${missing.join(', ')}`);
    if (![x, width, y, height].every(Number.isInteger) || Number(x) + Number(width) > DASHBOARD_COLUMNS) {
      throw new Error(`a widget of type ${type} is not within the ${DASHBOARD_COLUMNS} columns`);
    }
  }
}

function isOfLength(text: unknown, maximum: number): boolean {
  return typeof text === 'string' && text.length >= 1 && text.length <= maximum;
}

/** `functions/check-dummy.handler` is the handler `check-dummy`. */
function handlerKey(handler: string): string {
  return handler.replace(/^.*\//, '').replace(/\.[^.]*$/, '');
}

function roleKey(roleArn: string, resources: ReadonlyMap<string, DeployedResource>): string {
  for (const [logicalId, { type, attributes }] of resources) {
    if (type === 'AWS::IAM::Role' && attributes.Arn === roleArn) return logicalId;
  }
  throw new Error(`the role ${roleArn} is not part of the stack`);
}
