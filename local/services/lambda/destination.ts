/** Where Lambda sends an asynchronous event that failed for good: the function's destination and dead-letter target. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Runtime } from '../../../shared/aws/runtime';
import type { FunctionError } from './environment';
import type { LambdaFunction } from './function';

export interface FailedEvent {
  requestId: string;
  payload: unknown;
  attempts: number;
  condition: 'RetriesExhausted' | 'EventAgeExceeded';
  /** None when the event was never handled. */
  error: FunctionError | undefined;
  failedAt: Date;
}

/**
 * Sends with the function's own role, so a role that may not publish loses the event, as in AWS.
 * Returns why a delivery failed, one line each.
 */
export async function deliverFailure(
  failed: LambdaFunction,
  event: FailedEvent,
  runtime: Runtime,
  invokeFunction: (arn: string, payload: unknown) => void,
): Promise<string[]> {
  const deliveries: Promise<void>[] = [];
  const { onFailureArn } = failed.asynchronous;
  if (onFailureArn) deliveries.push(toDestination(onFailureArn, failed, event, runtime, invokeFunction));
  if (failed.deadLetterTargetArn) deliveries.push(toDeadLetters(failed.deadLetterTargetArn, event, runtime));
  const settled = await Promise.allSettled(deliveries);
  return settled.flatMap((delivery) => (delivery.status === 'rejected' ? [String(delivery.reason)] : []));
}

async function toDestination(
  arn: string,
  failed: LambdaFunction,
  event: FailedEvent,
  { clientDefaults }: Runtime,
  invokeFunction: (arn: string, payload: unknown) => void,
): Promise<void> {
  const record = invocationRecord(failed, event);
  switch (serviceOf(arn)) {
    case 'events': {
      const entry = {
        Source: 'lambda',
        DetailType: 'Lambda Function Invocation Result - Failure',
        Detail: JSON.stringify(record),
        Resources: [arn, record.requestContext.functionArn],
        EventBusName: arn,
        Time: event.failedAt,
      };
      const answer = await new EventBridgeClient(clientDefaults).send(new PutEventsCommand({ Entries: [entry] }));
      if (answer.FailedEntryCount !== 0) throw new Error(JSON.stringify(answer.Entries));
      return;
    }
    case 'sqs': {
      const message = { QueueUrl: queueUrl(arn), MessageBody: JSON.stringify(record) };
      await new SQSClient(clientDefaults).send(new SendMessageCommand(message));
      return;
    }
    case 'sns':
      await new SNSClient(clientDefaults).send(new PublishCommand({ TopicArn: arn, Message: JSON.stringify(record) }));
      return;
    case 'lambda':
      invokeFunction(arn, record);
      return;
    default:
      throw new Error(`${arn} cannot be a destination here`);
  }
}

/** The record that destinations get: "Invocation record" in Lambda's guide on asynchronous invocation. */
function invocationRecord(failed: LambdaFunction, event: FailedEvent) {
  return {
    version: '1.0',
    timestamp: event.failedAt.toISOString(),
    requestContext: {
      requestId: event.requestId,
      functionArn: `${failed.arn}:$LATEST`,
      condition: event.condition,
      approximateInvokeCount: event.attempts,
    },
    requestPayload: event.payload,
    ...(event.error && {
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: event.error,
    }),
  };
}

/** A dead-letter target gets the event itself; the error is in the message's attributes. */
async function toDeadLetters(arn: string, event: FailedEvent, { clientDefaults }: Runtime): Promise<void> {
  const text = (value: string) => ({ DataType: 'String', StringValue: value });
  const attributes = {
    RequestID: text(event.requestId),
    ErrorCode: { DataType: 'Number', StringValue: '200' },
    ErrorMessage: text((event.error?.errorMessage ?? event.condition).slice(0, 1024)),
  };
  const body = JSON.stringify(event.payload);
  if (serviceOf(arn) === 'sqs') {
    const message = { QueueUrl: queueUrl(arn), MessageBody: body, MessageAttributes: attributes };
    await new SQSClient(clientDefaults).send(new SendMessageCommand(message));
  } else {
    const message = { TopicArn: arn, Message: body, MessageAttributes: attributes };
    await new SNSClient(clientDefaults).send(new PublishCommand(message));
  }
}

function serviceOf(arn: string): string | undefined {
  return arn.split(':')[2];
}

function queueUrl(arn: string): string {
  const [, , , region, accountId, name] = arn.split(':');
  return `https://sqs.${region}.amazonaws.com/${accountId}/${name}`;
}
