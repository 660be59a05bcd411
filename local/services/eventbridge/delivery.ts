/** How EventBridge calls the targets of a rule: at least once, with retries, and in the end the dead-letter queue. */
import type { Target } from '@aws-sdk/client-eventbridge';
import type { Access } from '../../kernel/access';
import type { Clock } from '../../kernel/clock';
import { parsedJson } from '../../kernel/json';
import type { Random } from '../../kernel/random';
import { AwsError } from '../../kernel/service';
import type { ServiceSource } from '../iam/resource-policy';
import type { BusEvent } from './event';
import { targetInput } from './input';
import type { Rule } from './rules';

/** The services whose resources can be targets; each throws what AWS would answer. */
export interface Targets {
  lambda: { invokeAsync(functionArn: string, event: unknown, source: ServiceSource): unknown };
  sqs: {
    sendFromService(queueArn: string, body: string, source: ServiceSource, attributes?: Record<string, string>): void;
  };
  sns: {
    publishFromService(topicArn: string, message: string, source: ServiceSource): void;
    publishByRole(topicArn: string, message: string): void;
  };
  /** Throws AccessDenied unless `source` may take the role, and the role may do that. */
  iam: { assertMayActBy(roleArn: string, access: Access, source: ServiceSource): void };
}

export interface Delivery {
  event: BusEvent;
  rule: Rule;
  target: Target;
}

interface EventDeliveryOptions {
  clock: Clock;
  random: Random;
  accountId: string;
  targets: Targets;
  settings: { deliveryDelaySeconds: number; actsByRoles: boolean };
}

const RETRY_DELAY_LIMIT_SECONDS = 600;

export class EventDelivery {
  /** How many deliveries ended neither at their target nor in a dead-letter queue. */
  dropped = 0;
  /** The delays, in seconds, after which the target is called: one as a rule; none loses it, two repeat it. */
  policy: (delivery: Delivery) => number[];
  /** Lets a target fail as if it were not available: the error that each attempt meets, if any. */
  targetFault: (delivery: Delivery) => AwsError | undefined = () => undefined;

  constructor(private readonly options: EventDeliveryOptions) {
    this.policy = () => [options.settings.deliveryDelaySeconds];
  }

  schedule(delivery: Delivery): void {
    const acceptedAt = this.options.clock.now();
    for (const delaySeconds of this.policy(delivery)) {
      this.options.clock.after(delaySeconds, () => this.attempt(delivery, acceptedAt, 0));
    }
  }

  private attempt(delivery: Delivery, acceptedAt: Date, retries: number): void {
    try {
      const fault = this.targetFault(delivery);
      if (fault) throw fault;
      this.call(delivery);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.failed(delivery, acceptedAt, retries, error);
    }
  }

  private call({ event, rule, target }: Delivery): void {
    const { targets } = this.options;
    const arn = target.Arn ?? '';
    const input = targetInput(target, event, rule, this.options.clock.now());
    const source = this.sourceOf(rule);
    if (arn.startsWith('arn:aws:lambda:')) targets.lambda.invokeAsync(arn, parsed(input), source);
    else if (arn.startsWith('arn:aws:sqs:')) targets.sqs.sendFromService(arn, input, source);
    else this.publish(target, input, source);
  }

  /**
   * The newest guide has it that a target with a role is called by that role; older ones that a topic knows no roles, and
   * that its policy decides. That policy must not have a condition, they all say: what EventBridge tells a topic names
   * neither rule nor account. "Using resource-based policies: Amazon SNS permissions", EventBridge user guide:
   * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
   */
  private publish({ Arn = '', RoleArn }: Target, message: string, source: ServiceSource): void {
    const { targets, settings } = this.options;
    if (RoleArn !== undefined && settings.actsByRoles) {
      targets.iam.assertMayActBy(RoleArn, { action: 'sns:Publish', resource: Arn, context: {} }, source);
      targets.sns.publishByRole(Arn, message);
    } else {
      targets.sns.publishFromService(Arn, message, { service: source.service });
    }
  }

  private failed(delivery: Delivery, acceptedAt: Date, retries: number, error: AwsError): void {
    const { clock, random } = this.options;
    const { MaximumRetryAttempts = 185, MaximumEventAgeInSeconds = 86400 } = delivery.target.RetryPolicy ?? {};
    const giveUp = (condition?: string) => this.giveUp(delivery, retries, error, condition);
    const delaySeconds = Math.min(2 ** retries, RETRY_DELAY_LIMIT_SECONDS) * (0.5 + random.next() / 2);
    const age_ms = clock.now().getTime() - acceptedAt.getTime();
    if (!isRetriable(error)) giveUp();
    else if (retries >= MaximumRetryAttempts) giveUp('MaximumRetryAttempts');
    else if (age_ms + delaySeconds * 1000 > MaximumEventAgeInSeconds * 1000) giveUp('MaximumEventAgeInSeconds');
    else clock.after(delaySeconds, () => this.attempt(delivery, acceptedAt, retries + 1));
  }

  /** The dead-letter queue gets the event as it was, and why it is there; its policy must let the rule in, too. */
  private giveUp({ event, rule, target }: Delivery, retries: number, error: AwsError, condition?: string): void {
    const queueArn = target.DeadLetterConfig?.Arn;
    if (!queueArn) {
      this.dropped++;
      return;
    }
    const attributes = {
      RULE_ARN: rule.arn,
      TARGET_ARN: target.Arn ?? '',
      ERROR_CODE: errorCode(error),
      ERROR_MESSAGE: error.message,
      RETRY_ATTEMPTS: String(retries),
      ...(condition !== undefined && { EXHAUSTED_RETRY_CONDITION: condition }),
    };
    try {
      this.options.targets.sqs.sendFromService(queueArn, JSON.stringify(event), this.sourceOf(rule), attributes);
    } catch (refused) {
      if (!(refused instanceof AwsError)) throw refused;
      this.dropped++;
    }
  }

  private sourceOf(rule: Rule): ServiceSource {
    return { service: 'events.amazonaws.com', arn: rule.arn, account: this.options.accountId };
  }
}

/** "Missing permissions to a target, or a target that no longer exists": those are not tried again. */
function isRetriable(error: AwsError): boolean {
  return error.status >= 500 || error.status === 429 || error.code.startsWith('Throttl');
}

/** As the dead-letter queue's message attribute names it. */
function errorCode(error: AwsError): string {
  if (error.code === 'AccessDenied' || error.code === 'KMSAccessDenied') return 'NO_PERMISSIONS';
  if (error.code === 'InvalidJson') return 'INVALID_JSON';
  if (['ResourceNotFoundException', 'QueueDoesNotExist', 'NotFound'].includes(error.code)) return 'NO_RESOURCE';
  return error.status === 429 || error.code.startsWith('Throttl') ? 'THROTTLING' : 'ERROR_FROM_TARGET';
}

function parsed(input: string): unknown {
  const value = parsedJson(input);
  if (value === undefined) throw new AwsError('InvalidJson', 'The input of the target is not valid JSON.');
  return value;
}
