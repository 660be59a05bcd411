/** The attributes with which clients make and change queues. */
import { parsedObject } from '../../kernel/json';
import { refused } from '../../kernel/refusal';
import { AwsError } from '../../kernel/service';
import { assertPolicySupported, type PolicyDocument } from '../iam/resource-policy';
import type { QueueSettings } from './queue';

/** "CreateQueue", the API reference: the least and the most of each number. */
const BOUNDS: Record<string, [setting: keyof QueueSettings, least: number, most: number]> = {
  DelaySeconds: ['delaySeconds', 0, 900],
  MessageRetentionPeriod: ['retentionSeconds', 60, 14 * 24 * 3600],
  ReceiveMessageWaitTimeSeconds: ['receiveWaitSeconds', 0, 20],
  VisibilityTimeout: ['visibilityTimeoutSeconds', 0, 12 * 3600],
};

/** What the attributes set; throws InvalidAttributeName and InvalidAttributeValue. */
export function settingsOf(attributes: Record<string, string> = {}): Partial<QueueSettings> {
  const settings: Partial<QueueSettings> = {};
  for (const [name, value] of Object.entries(attributes)) {
    const bounds = Object.hasOwn(BOUNDS, name) ? BOUNDS[name] : undefined;
    if (name === 'Policy') continue;
    if (name === 'RedrivePolicy') settings.redrive = redriveOf(value);
    else if (bounds) Object.assign(settings, { [bounds[0]]: checked(name, value, bounds[1], bounds[2]) });
    else throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
  }
  return settings;
}

/** Undefined where the attributes say nothing of it; empty where they take it away. */
export function policiesOf({ Policy }: Record<string, string> = {}): PolicyDocument[] | undefined {
  if (Policy === undefined) return undefined;
  if (Policy === '') return [];
  const policy = json('Policy', Policy) as unknown as PolicyDocument;
  refused(() => assertPolicySupported(policy));
  return [policy];
}

function redriveOf(text: string): QueueSettings['redrive'] {
  const { deadLetterTargetArn, maxReceiveCount } = json('RedrivePolicy', text);
  if (typeof deadLetterTargetArn !== 'string') throw invalid('RedrivePolicy', text);
  return {
    deadLetterQueueArn: deadLetterTargetArn,
    maximumReceives: checked('maxReceiveCount', maxReceiveCount, 1, 1000),
  };
}

function checked(name: string, value: unknown, least: number, most: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw invalid(name, String(value));
}

function json(name: string, text: string): Record<string, unknown> {
  const value = parsedObject(text);
  if (!value) throw invalid(name, text);
  return value;
}

function invalid(name: string, value: string): AwsError {
  return new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}: ${value}`);
}
