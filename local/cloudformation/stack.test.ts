import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { CreateHandler } from '../../shared/aws/runtime';
import { EmbeddedAws } from '../embedded-aws';
import { VirtualInstances } from '../fleet/virtual-instances';
import { functionNames } from '../functions';
import { VirtualClock } from '../kernel/clock';
import { packagedTemplate, type Template } from './template';

function embeddedAws(handlers: Record<string, CreateHandler> = {}): { aws: EmbeddedAws; clock: VirtualClock } {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  return { aws: new EmbeddedAws({ clock, instances, handlers }), clock };
}

/** A template with one output, `Value`, and the given resources. */
function outputOf(value: unknown, parts: Partial<Template> = {}, parameters?: Record<string, string>) {
  const template = { Resources: {}, ...parts, Outputs: { Value: { Value: value } } };
  return embeddedAws().aws.deploy(template, { parameters, stackName: 'demo' }).outputs.Value;
}

describe('deploying a template', () => {
  test.each<[string, unknown, string]>([
    ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-central-1'],
    ['Ref of a parameter', { Ref: 'Size' }, '3'],
    ['Ref of a resource', { Ref: 'Bus' }, 'pipeline'],
    ['GetAtt', { 'Fn::GetAtt': ['Bus', 'Arn'] }, 'arn:aws:events:eu-central-1:123456789012:event-bus/pipeline'],
    ['GetAtt in dot notation', { 'Fn::GetAtt': 'Bus.Name' }, 'pipeline'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Size' }]] }, 'a-3'],
    ['Sub', { 'Fn::Sub': '${Bus.Name}/${Size}/${!Size}' }, 'pipeline/3/${Size}'],
    ['Sub with values', { 'Fn::Sub': ['${Name}-${Size}', { Name: { Ref: 'Bus' } }] }, 'pipeline-3'],
    ['Select and Split', { 'Fn::Select': [1, { 'Fn::Split': [',', 'a,b'] }] }, 'b'],
    ['If', { 'Fn::If': ['IsLarge', 'large', 'small'] }, 'small'],
    ['If with Not, And, Or', { 'Fn::If': ['IsOdd', 'odd', 'even'] }, 'odd'],
  ])('resolves %s', (_name, value, expected) => {
    const parts = {
      Parameters: { Size: { Type: 'Number', Default: 3 } },
      Conditions: {
        IsLarge: { 'Fn::Equals': [{ Ref: 'Size' }, '9'] },
        IsOdd: {
          'Fn::And': [
            { 'Fn::Not': [{ Condition: 'IsLarge' }] },
            { 'Fn::Or': [{ 'Fn::Equals': ['3', { Ref: 'Size' }] }] },
          ],
        },
      },
      Resources: { Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'pipeline' } } },
    };
    expect(outputOf(value, parts)).toBe(expected);
  });

  test('a given parameter replaces the default', () => {
    const parts = { Parameters: { Size: { Type: 'Number', Default: 3 } } };
    expect(outputOf({ Ref: 'Size' }, parts, { Size: '9' })).toBe('9');
  });

  test('names what has no name as CloudFormation does', () => {
    const parts = { Resources: { Letters: { Type: 'AWS::SQS::Queue' }, Files: { Type: 'AWS::S3::Bucket' } } };
    expect(outputOf({ 'Fn::GetAtt': ['Letters', 'QueueName'] }, parts)).toMatch(/^demo-Letters-[A-Z0-9]{12}$/);
    expect(outputOf({ Ref: 'Files' }, parts)).toMatch(/^demo-files-[a-z0-9]{12}$/);
  });

  test('leaves out what a condition excludes, and properties that are AWS::NoValue', () => {
    const { aws } = embeddedAws();
    const { resources } = aws.deploy({
      Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
      Resources: {
        Excluded: { Type: 'AWS::SQS::Queue', Condition: 'Never' },
        Letters: {
          Type: 'AWS::SQS::Queue',
          Properties: { QueueName: { 'Fn::If': ['Never', 'x', { Ref: 'AWS::NoValue' }] } },
        },
      },
    });
    expect([...resources.keys()]).toEqual(['Letters']);
    expect(resources.get('Letters')?.physicalId).toContain('stack-Letters-');
  });

  test.each<[string, Template, string]>([
    ['an unknown type', { Resources: { Table: { Type: 'AWS::DynamoDB::Table' } } }, 'AWS::DynamoDB::Table'],
    [
      'an unknown property',
      { Resources: { Q: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } } } },
      'FifoQueue',
    ],
    ['an unknown intrinsic function', output({ 'Fn::ImportValue': 'x' }), 'Fn::ImportValue'],
    ['an unknown name', output({ Ref: 'Nothing' }), 'Nothing'],
    ['a parameter without a value', { ...output({ Ref: 'Size' }), Parameters: { Size: { Type: 'String' } } }, 'Size'],
    ['a function without a handler', { Resources: lambdaFunction('nobody') }, 'nobody'],
    [
      'a pattern with an unknown operator',
      { Resources: { R: { Type: 'AWS::Events::Rule', Properties: { EventPattern: { source: [{ cidr: '::/0' }] } } } } },
      'cidr',
    ],
    [
      'resources that refer to each other',
      {
        Resources: {
          A: { Type: 'AWS::SNS::Topic', Properties: { TopicName: { Ref: 'B' } } },
          B: { Type: 'AWS::SNS::Topic', Properties: { TopicName: { Ref: 'A' } } },
        },
      },
      'A → B → A',
    ],
  ])('refuses %s', (_name, template, named) => {
    expect(() => embeddedAws().aws.deploy(template)).toThrow(named);
  });
});

describe('the packaged template of serverless.yml', () => {
  const keys = functionNames();

  /** The real stack with handlers that only note what reaches them. */
  function deployed() {
    const received: { key: string; event: unknown }[] = [];
    const handlers = Object.fromEntries(
      keys.map((key) => [key, () => async (event: unknown) => void received.push({ key, event })] as const),
    );
    const { aws, clock } = embeddedAws(handlers);
    return { aws, clock, received, stack: aws.deploy(packagedTemplate(), { stackName: 'bluegreen-dev' }) };
  }

  test('deploys, and says the names that an operator needs', () => {
    expect(Object.keys(deployed().stack.outputs)).toEqual(
      expect.arrayContaining(['EventBusName', 'AdminTopicArn', 'WarBucketName', 'StateBucketName']),
    );
  });

  test('an upload to the war bucket reaches war-uploaded, with the key as it is', async () => {
    const { aws, clock, received, stack } = deployed();
    const upload = { Bucket: stack.outputs.WarBucketName, Key: 'a b/한글+.WAR', Body: 'zip' };
    await clock.run(new S3Client(aws.operator).send(new PutObjectCommand(upload)));
    await clock.advance(10);
    expect(received).toMatchObject([{ key: 'war-uploaded', event: { Records: [{ eventSource: 'aws:sqs' }] } }]);
    const [body] = received.flatMap(({ event }) =>
      (event as { Records: { body: string }[] }).Records.map((one) => one.body),
    );
    expect(JSON.parse(body ?? '')).toMatchObject({ detail: { object: { key: 'a b/한글+.WAR' } } });
  });

  test('CheckPending waits in the delay queue for ten seconds and reaches resume', async () => {
    const { aws, clock, received, stack } = deployed();
    const pending = { Source: 'bluegreen', DetailType: 'CheckPending', Detail: '{"stage":"start"}' };
    const entry = { ...pending, EventBusName: stack.outputs.EventBusName };
    await clock.run(new EventBridgeClient(aws.operator).send(new PutEventsCommand({ Entries: [entry] })));
    await clock.advance(10);
    expect(received).toEqual([]);
    await clock.advance(3);
    expect(received).toMatchObject([{ key: 'resume', event: { Records: [{ eventSource: 'aws:sqs' }] } }]);
  });

  test('Failed is mailed by the rule itself, its first line as the template says', async () => {
    const { aws, clock, stack } = deployed();
    const detail = {
      headline: '[Failed] X',
      task: 'WAS',
      deploymentId: 'd1',
      stage: 'start',
      code: '412',
      message: 'm',
      nextStep: 'n',
    };
    const failed = { Source: 'bluegreen', DetailType: 'Failed', Detail: JSON.stringify(detail) };
    const entry = { ...failed, EventBusName: stack.outputs.EventBusName };
    await clock.run(new EventBridgeClient(aws.operator).send(new PutEventsCommand({ Entries: [entry] })));
    await clock.advance(10);
    expect(aws.sns.mails.map(({ body }) => body.split('\n')[0])).toEqual(['"[Failed] X"']);
  });
});

function output(value: unknown): Template {
  return { Resources: {}, Outputs: { Value: { Value: value } } };
}

function lambdaFunction(key: string): Template['Resources'] {
  return {
    Role: { Type: 'AWS::IAM::Role' },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: { Handler: `functions/${key}.handler`, Role: { 'Fn::GetAtt': ['Role', 'Arn'] } },
    },
  };
}
