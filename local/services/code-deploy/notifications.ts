/** What CodeDeploy tells of a deployment: an event for EventBridge, and messages for the triggers of its group. */
import type { DeploymentInfo, DeploymentStatus, TriggerConfig, TriggerEventType } from '@aws-sdk/client-codedeploy';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Clock } from '../../kernel/clock';
import type { Random } from '../../kernel/random';
import type { BusEvent } from '../eventbridge/event';
import type { DeploymentGroup } from './deployment-groups';

export interface NotificationsOptions {
  clock: Clock;
  random: Random;
  region: string;
  accountId: string;
  clientDefaults: () => object;
  /** Puts an event on the default bus. */
  publish: (event: BusEvent) => void;
}

/** By the status that a deployment has come to: the state of the event, and the event of the trigger. */
const NAMES: Partial<Record<DeploymentStatus, [state: string, trigger: TriggerEventType]>> = {
  InProgress: ['START', 'DeploymentStart'],
  Succeeded: ['SUCCESS', 'DeploymentSuccess'],
  Failed: ['FAILURE', 'DeploymentFailure'],
  Stopped: ['STOP', 'DeploymentStop'],
};

export class Notifications {
  constructor(private readonly options: NotificationsOptions) {}

  async tell(deployment: DeploymentInfo, group: DeploymentGroup): Promise<void> {
    const [state, trigger] = NAMES[deployment.status ?? 'Created'] ?? [];
    if (!state) return;
    this.options.publish(this.event(deployment, group, state));
    const triggers = (group.triggerConfigurations ?? []).filter(({ triggerEvents = [] }) =>
      triggerEvents.some((event) => event === trigger),
    );
    for (const configuration of triggers) await this.publishMessage(deployment, configuration);
  }

  /** "CodeDeploy events", EventBridge's list of the events of services. */
  private event(deployment: DeploymentInfo, group: DeploymentGroup, state: string): BusEvent {
    const { clock, random, region, accountId } = this.options;
    const { applicationName = '', deploymentGroupName = '', deploymentId } = deployment;
    const arn = (resource: string) => `arn:aws:codedeploy:${region}:${accountId}:${resource}`;
    return {
      version: '0',
      id: random.uuid(),
      'detail-type': 'CodeDeploy Deployment State-change Notification',
      source: 'aws.codedeploy',
      account: accountId,
      time: clock
        .now()
        .toISOString()
        .replace(/\.\d+Z$/, 'Z'),
      region,
      resources: [
        arn(`application:${applicationName}`),
        arn(`deploymentgroup:${applicationName}/${deploymentGroupName}`),
      ],
      detail: {
        instanceGroupId: group.deploymentGroupId,
        region,
        application: applicationName,
        deploymentId,
        state,
        deploymentGroup: deploymentGroupName,
      },
    };
  }

  /** As messages were captured: the status in upper case, and texts of JSON where the documentation has objects. */
  private async publishMessage(deployment: DeploymentInfo, trigger: TriggerConfig): Promise<void> {
    const { region, accountId } = this.options;
    const { status = 'Failed', deploymentId, deploymentGroupName, errorInformation } = deployment;
    const message = {
      region,
      accountId,
      eventTriggerName: trigger.triggerName,
      applicationName: deployment.applicationName,
      deploymentId,
      deploymentGroupName,
      createTime: inWords(deployment.createTime),
      completeTime: inWords(deployment.completeTime),
      deploymentOverview: JSON.stringify(deployment.deploymentOverview ?? {}),
      status: status.toUpperCase(),
      ...(errorInformation && {
        errorInformation: JSON.stringify({ ErrorCode: errorInformation.code, ErrorMessage: errorInformation.message }),
      }),
    };
    const command = new PublishCommand({
      TopicArn: trigger.triggerTargetArn,
      Subject: `${status.toUpperCase()}: AWS CodeDeploy ${deploymentId} in ${region}`,
      Message: JSON.stringify(message),
    });
    await new SNSClient(this.options.clientDefaults()).send(command);
  }
}

/** `Tue Jan 01 00:00:00 UTC 2030`. */
function inWords(time: Date | undefined): string | undefined {
  const [, weekday, day, month, year, clock] =
    time?.toUTCString().match(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/) ?? [];
  return weekday && `${weekday} ${month} ${day} ${clock} UTC ${year}`;
}
