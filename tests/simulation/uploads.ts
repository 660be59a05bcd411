/** What became of each upload: whoever uploads a war sees it serve, or is told why it does not. */
import type { DeployRequest } from '../../events/deploy-requested';
import type { ExampleFleet } from '../../local/example/fleet';
import type { BusEvent } from '../../local/services/eventbridge/event';
import { isHeld } from '../../shared/deployment/versions';
import { type DeploymentRecord, recordSchema } from '../../shared/pipeline/record';
import { groupsOf, objectText } from '../harness/observe';
import type { Place } from './site';

export interface Upload {
  fleet: number;
  slot: number;
  key: string;
  versionId: string;
  war: 'well' | 'broken' | 'no zip';
}

export class Uploads {
  /** The versions whose upload asked for a deployment that failed: their mail is that of the failure. */
  private readonly failed = new Set<string>();

  constructor(private readonly place: Place) {
    place.world.aws.eventBridge.onEvent((event) => this.onEvent(event));
  }

  /** It serves, is held, was in a deployment, failed or was refused with a mail, or waits in a queue with an alarm. */
  isAccountedFor(fleet: ExampleFleet, { key, versionId, slot }: Upload): boolean {
    const { task } = fleet;
    const active = [...groupsOf(this.place.world.aws).values()].find(
      ({ tags }) => tags.get('taskfordeploy') === task && tags.get('type') === 'Active',
    );
    return (
      active?.tags.get(`s3versionidapp${slot + 1}`) === versionId ||
      isHeld(recordOf(this.place, fleet)?.heldVersions ?? {}, key, versionId) ||
      this.wasDeployed(versionId) ||
      this.isSpokenOf(key, versionId) ||
      this.isForgotten(fleet) ||
      this.coveredBy(task, versionId).some((request) => this.hasFailed(request))
    );
  }

  private onEvent({ 'detail-type': detailType, detail }: BusEvent): void {
    // Clean-up that was asked for tells of the failure itself.
    if (!/^(Failed|Cleaned|Lambda Function Invocation Result - Failure)$/.test(detailType)) return;
    const { requestPayload } = detail as { requestPayload?: { detail?: DeployRequest } };
    const { task = detail.task, upload } = requestPayload?.detail ?? {};
    const fleet = this.place.fleets.find((candidate) => candidate.task === task);
    const uploads = [upload, fleet && recordOf(this.place, fleet)?.request.upload];
    for (const one of uploads) if (one) this.failed.add(one.versionId);
  }

  private wasDeployed(versionId: string): boolean {
    return this.place.world.events.some(({ 'detail-type': detailType, detail }) => {
      const wars = detailType === 'Started' ? ((detail.wars ?? []) as { to: string }[]) : [];
      return wars.some(({ to }) => to === versionId);
    });
  }

  /** An abort says which uploads it drops. */
  private isSpokenOf(key: string, versionId: string): boolean {
    const isDropped = (body: string) =>
      body.includes(`the upload of ${key}`) && /which waited, (is|are) dropped/.test(body);
    return (
      this.place.world.aws.sns.mails.some(({ body }) => body.includes(versionId) || isDropped(body)) ||
      deadLetters(this.place).some((body) => body.includes(versionId))
    );
  }

  /** A mail says that what was lost before is to be asked for again. */
  private isForgotten({ task }: ExampleFleet): boolean {
    const { mails } = this.place.world.aws.sns;
    const ofTask = mails.filter(({ subject }) => subject?.includes(`Task : ${task})`));
    return ofTask.some(({ body }) => body.includes('whoever waits for one asks for it again'));
  }

  /** The request of the upload and those of later ones: one that waits is covered by the next. */
  private coveredBy(task: string, versionId: string): DeployRequest[] {
    const requests = this.place.world.events.flatMap(({ 'detail-type': detailType, detail }) =>
      detailType === 'DeployRequested' && detail.task === task && detail.upload ? [detail as DeployRequest] : [],
    );
    const own = requests.findIndex(({ upload }) => upload?.versionId === versionId);
    return own === -1 ? [] : requests.slice(own);
  }

  private hasFailed({ requestId, upload }: DeployRequest): boolean {
    const isRefused = this.place.world.events.some(
      ({ 'detail-type': detailType, detail }) => detailType === 'Refused' && detail.requestId === requestId,
    );
    return isRefused || this.failed.has(upload?.versionId ?? '');
  }
}

/** The record of a task as it stands in the state bucket; undefined also where what stands there is none. */
export function recordOf({ world }: Place, { task }: ExampleFleet): DeploymentRecord | undefined {
  const { aws, stack } = world;
  const text = objectText(aws, stack.outputs.StateBucketName ?? '', `tasks/${encodeURIComponent(task)}.json`);
  try {
    return recordSchema.parse(JSON.parse(text ?? ''));
  } catch {
    return undefined;
  }
}

/** What waits in the queues that have an alarm. */
export function deadLetters({ world }: Place): string[] {
  const queues = [...world.stack.resources].filter(([key]) => key.endsWith('DeadLetters'));
  return queues.flatMap(([, { attributes }]) =>
    world.aws.sqs
      .queueByArn(attributes.Arn ?? '')
      .contents()
      .map(({ body }) => body),
  );
}
