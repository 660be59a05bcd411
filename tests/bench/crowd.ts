/** Tasks of one account that are all deployed at the same moment, within the documented request limits. */
import { createExampleFleet } from '../../local/example/fleet';
import { AwsError } from '../../local/kernel/service';
import { throttle } from '../../local/kernel/throttle';
import { World } from '../harness/world';
import { fleetOf, ONE_ALB, worldOptions } from './settings';

export const CROWDS: readonly number[] = [1, 10, 100, 300];

export interface CrowdFigures {
  tasks: number;
  completed: number;
  /** Ended otherwise: refused, failed, or cleaned up after. */
  lost: number;
  /** Of those, how many need an operator. */
  blocked: number;
  /** Neither, within the limit. */
  unended: number;
  /** From the uploads to the last end. */
  seconds: number;
  /** Requests that were refused for being too many. */
  throttled: number;
}

const LIMIT_SECONDS = 6 * 3600;

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
  const ends = new Map<string, string>();
  let lastEnd_ms = world.clock.now().getTime();
  world.aws.eventBridge.onEvent((event) => {
    const { task } = event.detail as { task?: string };
    if (!/^(Completed|Cleaned|Refused)$/.test(event['detail-type']) || task === undefined) return;
    const outcome = (event.detail as { outcome?: string }).outcome ?? '';
    ends.set(task, event['detail-type'] === 'Completed' ? 'completed' : outcome);
    lastEnd_ms = world.clock.now().getTime();
  });
  const begin_ms = world.clock.now().getTime();
  await Promise.all(namesOf(tasks).map((task) => world.upload(warOf(task), { version: '2' })));
  await world.clock.runUntil(() => ends.size === tasks || seconds(begin_ms, world) >= LIMIT_SECONDS);
  const outcomes = [...ends.values()];
  const completed = outcomes.filter((outcome) => outcome === 'completed').length;
  return {
    tasks,
    completed,
    lost: outcomes.length - completed,
    blocked: outcomes.filter((outcome) => outcome === 'operator-needed').length,
    unended: tasks - outcomes.length,
    seconds: (lastEnd_ms - begin_ms) / 1000,
    throttled,
  };
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

function seconds(begin_ms: number, { clock }: World): number {
  return (clock.now().getTime() - begin_ms) / 1000;
}
