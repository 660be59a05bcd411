/** The template that serverless.yml packages, by types and names: what the tests of the stack ask of it. */
import { Intrinsics } from '../../local/cloudformation/intrinsics';
import { packagedTemplate } from '../../local/cloudformation/template';

export interface LambdaFunction {
  FunctionName: string;
  Handler: string;
  Runtime: string;
  Architectures: string[];
  MemorySize: number;
  Timeout: number;
  RecursiveLoop?: string;
  Role: unknown;
  DeadLetterConfig?: { TargetArn: unknown };
}

export interface Rule {
  Name?: string;
  EventBusName?: unknown;
  EventPattern: { source: string[]; 'detail-type': string[]; detail?: object; 'replay-name'?: unknown };
  Targets: {
    Arn: unknown;
    RoleArn?: unknown;
    RetryPolicy?: { MaximumEventAgeInSeconds: number; MaximumRetryAttempts: number };
    DeadLetterConfig?: { Arn: unknown };
    InputTransformer?: { InputPathsMap: Record<string, string>; InputTemplate: string | { 'Fn::Sub': string } };
  }[];
}

export interface Statement {
  Effect: string;
  Principal?: unknown;
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

export interface Role {
  AssumeRolePolicyDocument: { Statement: Statement[] };
  Policies: { PolicyDocument: { Statement: Statement[] } }[];
}

export interface Queue {
  SqsManagedSseEnabled?: boolean;
  MessageRetentionPeriod?: number;
  RedrivePolicy?: { deadLetterTargetArn: unknown; maxReceiveCount: number };
}

export interface Bucket {
  VersioningConfiguration?: { Status: string };
  BucketEncryption?: object;
  PublicAccessBlockConfiguration?: object;
  NotificationConfiguration?: object;
}

export const template = packagedTemplate();
export const functions = ofType<LambdaFunction>('AWS::Lambda::Function');
export const allRules = ofType<Rule & { ScheduleExpression?: string }>('AWS::Events::Rule');
/** Those that wait for events. */
export const rules = allRules.filter(({ ScheduleExpression }) => ScheduleExpression === undefined);
export const roles = ofType<Role>('AWS::IAM::Role');
export const queues = ofType<Queue>('AWS::SQS::Queue');

/** The bucket that the packager uploads to is its own. */
export const buckets = ofType<Bucket>('AWS::S3::Bucket').filter(({ id }) => id !== 'ServerlessDeploymentBucket');

export function targetOf({ Arn }: { Arn: unknown }): string {
  const id = logicalId(Arn) ?? '';
  const definition = functions.find((candidate) => candidate.id === id);
  return definition ? nameOf(definition) : id;
}

export function nameOf({ Handler }: LambdaFunction): string {
  return Handler.replace(/^functions\//, '').replace(/\.handler$/, '');
}

export function statementsOf(role: unknown): Statement[] {
  const definition = roles.find(({ id }) => id === logicalId(role));
  return definition?.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement) ?? [];
}

export function isOf(service: string): (action: string) => boolean {
  return (action) => action.startsWith(`${service}:`);
}

export function isDeadLetterQueue(reference: unknown): boolean {
  const id = logicalId(reference) ?? '';
  return template.Resources[id]?.Type === 'AWS::SQS::Queue' && id.endsWith('DeadLetters');
}

export function ofType<Properties>(type: string): (Properties & { id: string })[] {
  return Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, resource]) => ({ id, ...(resource.Properties as Properties) }));
}

/** The resource that `{Ref}`, `{Fn::GetAtt}` or `{Fn::Sub: '${Resource.Attribute}'}` refers to. */
export function logicalId(reference: unknown): string | undefined {
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Sub': text } = (reference ?? {}) as Record<string, unknown>;
  if (typeof Ref === 'string') return Ref;
  if (Array.isArray(attribute)) return attribute[0];
  return typeof text === 'string' ? /^\$\{(\w+)\.\w+\}$/.exec(text)?.[1] : undefined;
}

/** As CloudWatch mails it: with names as CloudFormation makes them, and as long. */
export function alarmDescription(description: unknown): string {
  const nameOfResource = (id: string) => (id === 'Bus' ? 'bluegreen-dev' : `bluegreen-dev-${id}-A1B2C3D4E5F6`);
  const isQueue = (id: string) => template.Resources[id]?.Type === 'AWS::SQS::Queue';
  const functionName = (id: string) => functions.find((candidate) => candidate.id === id)?.FunctionName;
  const lookup = {
    zones: [],
    ref: (id: string) =>
      isQueue(id)
        ? `https://sqs.eu-central-1.amazonaws.com/123456789012/${nameOfResource(id)}`
        : (functionName(id) ?? nameOfResource(id)),
    attribute: (id: string, name: string) =>
      name === 'Arn' ? `arn:aws:sqs:eu-central-1:123456789012:${nameOfResource(id)}` : nameOfResource(id),
  };
  return String(new Intrinsics(template.Conditions, lookup).resolve(description));
}
