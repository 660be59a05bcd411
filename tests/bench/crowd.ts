/** Tasks of one account that are all deployed at the same moment, within the documented request limits. */
import { createExampleFleet } from '../../local/example/fleet';
import { AwsError } from '../../local/kernel/service';
import { throttle } from '../../local/kernel/throttle';
import type { BusEvent } from '../../local/services/eventbridge/event';
import { World } from '../harness/world';
import { fleetOf, ONE_ALB, worldOptions } from './settings';

export const CROWDS: readonly number[] = [1, 10, 100, 300];

export interface CrowdFigures {
  tasks: number;
  /** Failed, refused or cleaned up after: somebody has to ask for them again. */
  lost: number;
  /** Neither completed nor lost within the limit. */
  unended: number;
  /** From the uploads to the last end. */
  seconds: number;
  /** Requests that were refused for being too many. */
  throttled: number;
}

/** What has not ended by then lies in a dead-letter queue, or waits for nothing that comes. */
const LIMIT_SECONDS = 2 * 3600;

export async function measureCrowd(tasks: number): Promise<CrowdFigures> {
  const world = await worldOf(tasks);
  let throttled = 0;
  const limited = throttle(world.clock);
  world.aws.endpoint.intercept((call, proceed) =>
    limited(call, proceed).catch((error: unknown) => {
      if (error instanceof AwsError && error.code === 'Throttling') throttled++;
      throw error;
    }),
  );
  const ends = new Map<string, boolean>();
  const begin_ms = world.clock.now().getTime();
  let last_ms = begin_ms;
  world.aws.eventBridge.onEvent((event) => {
    const end = endOf(event);
    if (!end) return;
    ends.set(end.task, end.isComplete);
    last_ms = world.clock.now().getTime();
  });
  await Promise.all(namesOf(tasks).map((task) => world.upload(warOf(task), { version: '2' })));
  const isOver = () => ends.size === tasks || world.clock.now().getTime() - begin_ms >= LIMIT_SECONDS * 1000;
  await world.clock.runUntil(isOver);
  return {
    tasks,
    lost: [...ends.values()].filter((isComplete) => !isComplete).length,
    unended: tasks - ends.size,
    seconds: (last_ms - begin_ms) / 1000,
    throttled,
  };
}

/** Whether it ends what was asked for: also where nothing was begun, as `start` failed whenever it was tried. */
function endOf({ 'detail-type': type, detail }: BusEvent): { task: string; isComplete: boolean } | undefined {
  if (/^(Completed|Cleaned|Refused)$/.test(type))
    return { task: String(detail.task), isComplete: type === 'Completed' };
  if (type !== 'Lambda Function Invocation Result - Failure') return undefined;
  const { requestPayload } = detail as { requestPayload?: BusEvent };
  return { task: String(requestPayload?.detail.task), isComplete: false };
}

/** Their fleets are there before, and healthy. */
async function worldOf(tasks: number): Promise<World> {
  const [first = '', ...others] = namesOf(tasks);
  const options = worldOptions(ONE_ALB);
  const fleet = fleetOf(ONE_ALB);
  const room = 4 * tasks + 50;
  const world = await World.create({
    ...options,
    fleet: { ...fleet, task: first, warKeys: [warOf(first)] },
    settings: { elasticLoadBalancingV2: { applicationLoadBalancerLimit: room, targetGroupLimit: 2 * room } },
  });
  for (const task of others) {
    const { bucket } = world.fleet;
    await world.clock.run(createExampleFleet(world.aws, { ...fleet, bucket, task, warKeys: [warOf(task)] }));
  }
  await world.clock.advance(600);
  return world;
}

function namesOf(tasks: number): string[] {
  return Array.from({ length: tasks }, (_, index) => `T${index + 1}`);
}

function warOf(task: string): string {
  return `${task}.war`;
}
