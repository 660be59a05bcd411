/** The rules that every function, rule, queue, bucket and role of the stack keeps, as serverless.yml packages it. */
import { existsSync } from 'node:fs';
import { Failed } from '../../events/failed';
import { packagedTemplate } from '../../local/cloudformation/template';
import { DUMMY_PREFIX } from '../../shared/fleet/dummy-identity';
import { TASK_KEY } from '../../shared/fleet/tags';
import { STAGES } from '../../shared/pipeline/flow';
import {
  alarmDescription,
  allRules,
  buckets,
  functions,
  isDeadLetterQueue,
  isOf,
  logicalId,
  nameOf,
  ofType,
  queues,
  roles,
  rules,
  type Statement,
  statementsOf,
  targetOf,
  template,
} from './packaged';

describe.each(functions.map((definition) => [nameOf(definition), definition] as const))('%s', (name, definition) => {
  const isStage = (STAGES as readonly string[]).includes(name);
  const source = ofType<{ FunctionName: unknown; EventSourceArn: unknown }>('AWS::Lambda::EventSourceMapping').find(
    ({ FunctionName }) => logicalId(FunctionName) === definition.id,
  );
  const invocation = ofType<{
    FunctionName: unknown;
    MaximumRetryAttempts: number;
    MaximumEventAgeInSeconds: number;
    DestinationConfig: { OnFailure?: { Destination: unknown } };
  }>('AWS::Lambda::EventInvokeConfig').find(({ FunctionName }) => logicalId(FunctionName) === definition.id);

  test('is the file of its name', () => {
    expect(definition.Handler).toBe(`functions/${name}.handler`);
    expect(existsSync(`functions/${name}.ts`)).toBe(true);
  });

  test('has a runtime, a size and a time limit', () => {
    expect(definition).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
    expect(definition.MemorySize).toBeGreaterThanOrEqual(256);
    // A stage's claim, and that of a mail, must have lapsed when Lambda repeats the invocation after a minute.
    expect(definition.Timeout).toBeLessThanOrEqual(isStage ? 50 : 30);
  });

  test('is repeated a limited number of times, and what fails for good is kept', () => {
    if (source) {
      const queue = queues.find(({ id }) => id === logicalId(source.EventSourceArn));
      expect(queue?.RedrivePolicy?.maxReceiveCount).toBeLessThanOrEqual(10);
      expect(isDeadLetterQueue(queue?.RedrivePolicy?.deadLetterTargetArn)).toBe(true);
      return;
    }
    expect(invocation?.MaximumRetryAttempts).toBe(2);
    expect(invocation?.MaximumEventAgeInSeconds).toBeLessThanOrEqual(21600);
    // Only a stage may end a deployment: a mail that cannot be sent must not.
    // Nor must clean-up clean up after itself.
    if (isStage && name !== 'clean-up')
      expect(logicalId(invocation?.DestinationConfig.OnFailure?.Destination)).toBe('Bus');
    else expect(isDeadLetterQueue(definition.DeadLetterConfig?.TargetArn)).toBe(true);
  });

  test('may poll, if it is part of the loop through the delay queue', () => {
    expect(definition.RecursiveLoop).toBe(isStage || source ? 'Allow' : undefined);
  });

  test('has a role of its own, which only Lambda can take', () => {
    const sharers = functions.filter(({ Role }) => logicalId(Role) === logicalId(definition.Role));
    expect(sharers).toHaveLength(1);
    const role = roles.find(({ id }) => id === logicalId(definition.Role));
    expect(role?.AssumeRolePolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ]);
  });

  test('writes only its own log, which is kept for a limited time', () => {
    const group = ofType<{ LogGroupName: string; RetentionInDays: number }>('AWS::Logs::LogGroup').find(
      ({ LogGroupName }) => LogGroupName === `/aws/lambda/${definition.FunctionName}`,
    );
    expect(group?.RetentionInDays).toBeGreaterThan(0);
    const logging = statementsOf(definition.Role).filter(({ Action }) => [Action].flat().some(isOf('logs')));
    expect(logging.map(({ Resource }) => logicalId(Resource))).toEqual([group?.id]);
  });
});

describe('rules', () => {
  test.each(allRules.map((rule) => [rule.id, rule] as const))(
    '%s delivers for a limited time, then keeps',
    (_, rule) => {
      expect(rule.Targets.length).toBeGreaterThan(0);
      for (const target of rule.Targets) {
        expect(target.RetryPolicy?.MaximumEventAgeInSeconds).toBeLessThanOrEqual(86400);
        expect(target.RetryPolicy?.MaximumRetryAttempts).toBeLessThanOrEqual(185);
        expect(isDeadLetterQueue(target.DeadLetterConfig?.Arn)).toBe(true);
      }
    },
  );

  test('a failure that is replayed is not mailed again', () => {
    for (const rule of rules.filter(({ Targets }) => Targets.some((target) => targetOf(target) === 'AdminTopic'))) {
      expect(rule.EventPattern['replay-name']).toEqual([{ exists: false }]);
    }
  });

  test("the failure mail inserts what the event's contract keeps on one line", () => {
    const transformer = rules.find(({ id }) => id === 'FailureRule')?.Targets[0]?.InputTransformer;
    const fields = Object.values(transformer?.InputPathsMap ?? {}).map((path) => path.replace('$.detail.', ''));
    expect(fields).not.toEqual([]);
    const detail = {
      deploymentId: 'd',
      task: 'WAS',
      seq: 1,
      code: 'T001',
      stage: 's',
      headline: 'h',
      message: 'm',
      nextStep: 'n',
    };
    expect(Failed.read(detail)).toMatchObject({ success: true });
    const refused = fields.filter((field) => !Failed.read({ ...detail, [field]: 'one\ntwo' }).success);
    expect(refused).toEqual(fields);
  });

  test('each line of a mail template is quoted and uses only what is extracted', () => {
    for (const { InputTransformer } of rules.flatMap(({ Targets }) => Targets)) {
      if (!InputTransformer) continue;
      const template = textOf(InputTransformer.InputTemplate);
      for (const line of template.split('\n')) expect(line).toMatch(/^"[^"\\]*"$/);
      const used = [...template.matchAll(/<([^>]+)>/g)].map(([, key]) => key);
      expect([...new Set(used)].sort()).toEqual(Object.keys(InputTransformer.InputPathsMap).sort());
    }
  });
});

describe('what EventBridge mails by itself', () => {
  const mailing = rules.filter(({ Targets }) => Targets.some((target) => targetOf(target) === 'AdminTopic'));
  const targets = mailing.flatMap(({ Targets }) => Targets.filter((target) => targetOf(target) === 'AdminTopic'));

  // "Using resource-based policies: Amazon SNS permissions", EventBridge user guide.
  test('no policy of a topic has a condition for it', () => {
    const statements = ofType<{ PolicyDocument: { Statement: Statement[] } }>('AWS::SNS::TopicPolicy')
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .filter(({ Principal }) => JSON.stringify(Principal).includes('events.amazonaws.com'));
    expect(statements).toHaveLength(1);
    for (const statement of statements) {
      expect(statement).toMatchObject({ Effect: 'Allow', Action: 'sns:Publish', Resource: { Ref: 'AdminTopic' } });
      expect(statement).not.toHaveProperty('Condition');
    }
  });

  test('is published by a role that these rules alone can take, and that may do nothing else', () => {
    expect(targets).toHaveLength(3);
    for (const { RoleArn } of targets) expect(logicalId(RoleArn)).toBe('FailureMailRole');
    const role = roles.find(({ id }) => id === 'FailureMailRole');
    const arns = mailing.map(({ Name }) => ({
      'Fn::Sub': expect.stringMatching(new RegExp(`:rule/\\$\\{Bus\\}/${Name}$`)),
    }));
    expect(role?.AssumeRolePolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
          ArnEquals: { 'aws:SourceArn': arns },
        },
      },
    ]);
    expect(statementsOf({ Ref: 'FailureMailRole' })).toEqual([
      { Effect: 'Allow', Action: 'sns:Publish', Resource: { Ref: 'AdminTopic' } },
    ]);
  });

  test('is kept in a queue of its own: no replay mails it again', () => {
    const kept = targets.map(({ DeadLetterConfig }) => logicalId(DeadLetterConfig?.Arn));
    expect([...new Set(kept)]).toEqual(['FailureMailDeadLetters']);
  });
});

describe('queues', () => {
  test.each(queues.map((queue) => [queue.id, queue] as const))('%s is encrypted', (_, queue) => {
    expect(queue.SqsManagedSseEnabled).toBe(true);
  });

  test.each(queues.filter(({ id }) => isDeadLetterQueue({ Ref: id })).map((queue) => [queue.id, queue] as const))(
    '%s keeps for as long as there is, and tells the admins',
    (id, queue) => {
      expect(queue.MessageRetentionPeriod).toBe(14 * 24 * 3600);
      const alarms = ofType<{
        Dimensions: { Value: unknown }[];
        AlarmActions: unknown[];
        Threshold: number;
        AlarmDescription: unknown;
      }>('AWS::CloudWatch::Alarm').filter(({ Dimensions }) => logicalId(Dimensions[0]?.Value) === id);
      expect(alarms).toHaveLength(1);
      expect(alarms[0]).toMatchObject({ AlarmActions: [{ Ref: 'AdminTopic' }], Threshold: 0 });

      const text = alarmDescription(alarms[0]?.AlarmDescription);
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html; regions and stages may be longer.
      expect(text.length).toBeLessThanOrEqual(ALARM_CHARACTERS - 60);
      const [happened, users, leftOver, toDo, command] = text.split('\n');
      expect(happened).toMatch(/^[A-Z].*\.$/);
      expect(users).toMatch(
        /^Users: who serves was not looked at\..* bluegreen status --stage dev, then with each TASK$/,
      );
      expect(leftOver).toMatch(new RegExp(`^Left over: the \\w+.*, in the queue bluegreen-dev-${id}-`));
      expect(toDo).toMatch(/^What to do: .*\bsee (?:which|why)\b.*:$/i);
      expect(command).toMatch(
        /^aws (?:sqs receive-message --queue-url https:\S+|logs tail \/aws\/lambda\/bluegreen-dev-resume) /,
      );
      // What empties a queue is not to be run along with the rest.
      expect(text).not.toMatch(/^aws sqs purge-queue/m);
    },
  );

  const ALARM_CHARACTERS = 1024;
});

describe('alarms', () => {
  const alarms = ofType<{ AlarmActions: unknown[]; AlarmDescription: unknown; Dimensions: { Value: unknown }[] }>(
    'AWS::CloudWatch::Alarm',
  );

  test.each(alarms.map((alarm) => [alarm.id, alarm] as const))('%s says what to do', (_, alarm) => {
    expect(alarm.AlarmActions).toEqual([{ Ref: 'AdminTopic' }]);
    const text = alarmDescription(alarm.AlarmDescription);
    expect(text.length).toBeLessThanOrEqual(964);
    const [happened, users, leftOver, toDo, command] = text.split('\n');
    expect(happened).toMatch(/^[A-Z].*\.$/);
    expect(users).toMatch(/^Users: who serves was not looked at\./);
    expect(leftOver).toMatch(/^Left over: /);
    expect(toDo).toMatch(/^What to do: .*\bsee (?:which|why)\b.*:$/i);
    expect(command).toMatch(/^(?:aws|bluegreen) \S/);
  });

  test('one notices that the watchdog does not run, however that comes', () => {
    expect(alarms.find(({ Dimensions }) => logicalId(Dimensions[0]?.Value) === 'WatchdogLambdaFunction')).toMatchObject(
      {
        ...{ Namespace: 'AWS/Lambda', MetricName: 'Invocations', Statistic: 'Sum', TreatMissingData: 'breaching' },
        ...{ ComparisonOperator: 'LessThanThreshold', Threshold: 1 },
      },
    );
  });
});

describe('permissions', () => {
  const ofRoles = roles.flatMap((role) => role.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement));
  const granted = [
    ...ofRoles,
    ...ofType<{ PolicyDocument: { Statement: Statement[] } }>('AWS::IAM::ManagedPolicy').flatMap(
      ({ PolicyDocument }) => PolicyDocument.Statement,
    ),
  ];
  const grants = granted.flatMap((statement) => [statement.Action].flat().map((action) => ({ action, statement })));

  test('every action is named in full', () => {
    expect(grants.filter(({ action }) => action.includes('*'))).toEqual([]);
  });

  test('only calls that read, and that know no resources, may go to every resource', () => {
    const everywhere = grants.filter(({ statement }) => [statement.Resource].flat().includes('*'));
    const reading =
      /^((autoscaling|elasticloadbalancing|ec2):Describe\w+|ec2:GetSecurityGroupsForVpc|events:ListRules|sqs:ListQueues)$/;
    expect(everywhere.map(({ action }) => action).filter((action) => !reading.test(action))).toEqual([]);
  });

  test('only groups with the tag of a task, and of a bucket of the stack, can be changed', () => {
    const writes = grants.filter(
      ({ action }) => isOf('autoscaling')(action) && !/:(Describe\w+|DeleteAutoScalingGroup)$/.test(action),
    );
    expect(writes.length).toBeGreaterThan(0);
    const ours = [{ Ref: 'WarBucket' }];
    const resource = { Null: { [`aws:ResourceTag/${TASK_KEY}`]: 'false' } };
    const asItIs = { ...resource, StringEquals: { 'aws:ResourceTag/bucket': ours } };
    const asItBecomes = { StringEquals: { 'aws:RequestTag/bucket': ours } };
    // People may tag what has no bucket yet, name the bucket, and make what is missing.
    const ofPeople: Record<string, object[]> = {
      'autoscaling:CreateOrUpdateTags': [
        { ...resource, StringEqualsIfExists: asItIs.StringEquals },
        { ...resource, ...asItBecomes },
      ],
      'autoscaling:DeleteTags': [{ ...resource, StringEqualsIfExists: asItIs.StringEquals }],
      'autoscaling:CreateAutoScalingGroup': [{ Null: { [`aws:RequestTag/${TASK_KEY}`]: 'false' }, ...asItBecomes }],
    };
    for (const { action, statement } of writes) {
      const { Null, StringEquals, StringEqualsIfExists } = statement.Condition ?? {};
      const isOfPeople = !ofRoles.includes(statement);
      const allowed = [asItIs, ...(isOfPeople ? (ofPeople[action] ?? []) : [])];
      const condition = {
        Null,
        ...(StringEquals && { StringEquals }),
        ...(StringEqualsIfExists && { StringEqualsIfExists }),
      };
      expect(allowed).toContainEqual(condition);
    }
  });

  test('only groups that CodeDeploy has copied can be deleted, by one function and by people', () => {
    const deletions = grants.filter(({ action }) => action === 'autoscaling:DeleteAutoScalingGroup');
    const ofCleanUp = statementsOf({ Ref: 'CodeDeployCleanUpRole' });
    expect(deletions).toHaveLength(2);
    expect(ofCleanUp).toContain(deletions[0]?.statement);
    expect(deletions[1]?.statement).toEqual(deletions[0]?.statement);
    expect(deletions[0]?.statement.Resource).toEqual({
      'Fn::Sub': expect.stringMatching(/:autoScalingGroupName\/CodeDeploy_\*$/),
    });
  });

  test('only load balancers and target groups that are dummies can be made, changed or deleted', () => {
    const writes = grants.filter(({ action }) => isOf('elasticloadbalancing')(action) && !action.includes(':Describe'));
    const touched = writes.flatMap(({ statement }) => [statement.Resource].flat() as { 'Fn::Sub': string }[]);
    expect(touched.length).toBeGreaterThan(0);
    for (const resource of touched) expect(resource['Fn::Sub']).toContain(`/${DUMMY_PREFIX}*`);
  });

  test('a dummy is never on the internet', () => {
    const creating = grants.filter(({ action }) => action === 'elasticloadbalancing:CreateLoadBalancer');
    expect(creating.map(({ statement }) => statement.Condition)).toEqual([
      { StringEquals: { 'elasticloadbalancing:Scheme': 'internal' } },
    ]);
  });

  test('events are put only on the bus of the stack', () => {
    const putting = grants.filter(({ action }) => action === 'events:PutEvents');
    expect(putting.length).toBeGreaterThan(0);
    for (const { statement } of putting) expect(logicalId(statement.Resource)).toBe('Bus');
  });
});

describe('buckets', () => {
  test.each(buckets.map((bucket) => [bucket.id, bucket] as const))(
    '%s is private and outlives the stack',
    (id, bucket) => {
      expect(bucket).toMatchObject({
        VersioningConfiguration: { Status: 'Enabled' },
        BucketEncryption: expect.anything(),
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      });
      expect(template.Resources[id]).toMatchObject({
        DeletionPolicy: 'RetainExceptOnCreate', // a first deployment that fails leaves none
        UpdateReplacePolicy: 'Retain',
      });
      const policy = ofType<{ Bucket: unknown; PolicyDocument: { Statement: Statement[] } }>(
        'AWS::S3::BucketPolicy',
      ).find(({ Bucket }) => logicalId(Bucket) === id);
      expect(policy?.PolicyDocument.Statement).toMatchObject([
        { Effect: 'Deny', Principal: '*', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      ]);
    },
  );

  test('the bus hears of uploads', () => {
    expect(buckets.find(({ id }) => id === 'WarBucket')?.NotificationConfiguration).toEqual({
      EventBridgeConfiguration: { EventBridgeEnabled: true },
    });
  });
});

describe('the topic of the triggers of CodeDeploy', () => {
  function topicOf(resources: typeof template.Resources) {
    const subscription = resources.CodeDeploySubscription?.Properties;
    expect(subscription).toMatchObject({
      Protocol: 'lambda',
      Endpoint: { 'Fn::GetAtt': ['CodedeployDashcleanDashupLambdaFunction', 'Arn'] },
    });
    expect(resources.CodeDeployTopicMayCleanUp?.Properties).toMatchObject({
      Principal: 'sns.amazonaws.com',
      SourceArn: subscription?.TopicArn,
    });
    return subscription?.TopicArn;
  }

  test('is one that the stack makes', () => {
    expect(topicOf(template.Resources)).toEqual({ Ref: 'CodeDeployTopic' });
    expect(template.Resources.CodeDeployTopic?.Type).toBe('AWS::SNS::Topic');
  });

  test('is the existing one that a parameter names', () => {
    const arn = 'arn:aws:sns:us-east-1:123456789012:CodeDeploy_CDP_BG_FailedTopic';
    const { Resources } = packagedTemplate({ CodeDeployTopicArn: arn });
    expect(topicOf(Resources)).toBe(arn);
    expect(Resources.CodeDeployTopic).toBeUndefined();
  });
});

/** A template may name what is in the stack. */
function textOf(template: string | { 'Fn::Sub': string }): string {
  return typeof template === 'string' ? template : template['Fn::Sub'];
}
