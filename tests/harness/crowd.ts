/** Many tasks in one account, whose APIs take so many requests and no more. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createExampleFleet, type ExampleFleet } from '../../local/example/fleet';
import { buildWar } from '../../local/fleet/war';
import { throttle } from '../../local/kernel/throttle';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { historyOf } from './history';
import { World, type WorldOptions } from './world';

export class Crowd {
  private constructor(
    readonly world: World,
    readonly fleets: ExampleFleet[],
  ) {}

  /** So many tasks, each with a pair of groups, a war and an Application Load Balancer of its own; the account has room for all clones. */
  static async create(count: number, options: WorldOptions = {}): Promise<Crowd> {
    const room = { applicationLoadBalancerLimit: 2 * count + 10, targetGroupLimit: 2 * count + 10 };
    const settings = { ...options.settings, elasticLoadBalancingV2: room };
    const world = await World.create({
      ...options,
      settings,
      warmUpSeconds: 0,
      fleet: fleetOf(0),
    });
    const fleets = [world.fleet];
    for (let index = 1; index < count; index++) {
      const description = { bucket: world.fleet.bucket, ...fleetOf(index) };
      fleets.push(await world.clock.run(createExampleFleet(world.aws, description)));
    }
    await world.clock.advance(600);
    const limited = throttle(world.clock);
    // What the test itself asks for is not part of the crowd.
    world.aws.endpoint.intercept((call, proceed) =>
      isInvocationCaller(call.caller) ? limited(call, proceed) : proceed(),
    );
    return new Crowd(world, fleets);
  }

  /** Every task's war at the same moment; answers the versions, in the order of the tasks. */
  uploadAll(entriesOf: (index: number) => Record<string, string> = () => ({})): Promise<string[]> {
    const client = new S3Client(this.world.aws.operator);
    const puts = this.fleets.map(({ bucket, warKeys: [Key = ''] }, index) => {
      const Body = buildWar({ health: 'well', version: '2', ...entriesOf(index) });
      return client.send(new PutObjectCommand({ Bucket: bucket, Key, Body })).then(({ VersionId = '' }) => VersionId);
    });
    return this.world.clock.run(Promise.all(puts));
  }

  /**
   * Lets time pass until every task has an outcome, and answers how long that took, in seconds. `onMinute` is told at least
   * of every minute in which something happens.
   */
  async settle(limitSeconds: number, onMinute: (minute: number, ended: number) => void = () => {}): Promise<number> {
    const { world, fleets } = this;
    const since = world.clock.now().getTime();
    const ended = new Set<string>();
    let seen = 0;
    let minute = 0;
    const all = () => {
      const elapsed = Math.floor((world.clock.now().getTime() - since) / 60_000);
      if (elapsed > minute) onMinute(elapsed, ended.size);
      minute = elapsed;
      for (; seen < world.events.length; seen++) {
        const { 'detail-type': type, detail } = world.events[seen] ?? { 'detail-type': '', detail: {} };
        const { task } = detail as { task?: string };
        if (task !== undefined && ['Completed', 'Cleaned', 'Refused'].includes(type)) ended.add(task);
      }
      return ended.size >= fleets.length;
    };
    await world.clock.runUntil(all, limitSeconds).catch(() => {});
    const seconds = (world.clock.now().getTime() - since) / 1000;
    await world.clock.advance(600);
    return seconds;
  }

  /** Of each task: how its newest deployment ended, as its history has it. */
  async outcomes(): Promise<(string | undefined)[]> {
    const outcomes: (string | undefined)[] = [];
    for (const { task } of this.fleets) outcomes.push((await historyOf(this.world, task).newest())[0]?.outcome);
    return outcomes;
  }

  /** How many messages lie in all the queues of what could not be delivered or handled. */
  deadLetters(): number {
    const { stack, aws } = this.world;
    const queues = [...stack.resources].filter(
      ([id, { type }]) => type === 'AWS::SQS::Queue' && id.endsWith('DeadLetters'),
    );
    return queues.reduce(
      (sum, [, { attributes }]) => sum + aws.sqs.queueByArn(attributes.Arn ?? '').contents().length,
      0,
    );
  }

  /** Of each task: which version serves. */
  served(): string[][] {
    return this.fleets.map((fleet) => this.world.servedVersions(1, fleet));
  }
}

function fleetOf(index: number) {
  return { task: `TASK-${index}`, warKeys: [`task-${index}.war`], instances: 1, maximum: 2 };
}
