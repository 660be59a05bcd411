/** What several checks of a task look at, read once. */
import {
  AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import type { Plan } from '../../shared/deployment/plan';
import type { PlannedDeployment } from '../../shared/deployment/planning';
import { type Pair, pairOf } from '../../shared/deployment/readiness';
import { isRefusal, type Refusal } from '../../shared/deployment/refusal';
import { type Originals, readOriginals } from '../../shared/dummies/cloning';
import type { Group } from '../../shared/fleet/auto-scaling-groups';
import type { FoundRecord } from '../../shared/pipeline/record-store';
import { planNow } from '../planning';
import type { Stack } from '../stack';

export class Examination {
  private readonly read = new Map<string, Promise<unknown>>();

  constructor(
    readonly stack: Stack,
    readonly task: string,
    readonly now: Date,
  ) {}

  get record(): Promise<FoundRecord> {
    return this.once('record', () => this.stack.recordAtFirst(this.task));
  }

  private get tagged(): Promise<Group[]> {
    return this.once('tagged', () => this.stack.groupsAtFirst(this.task));
  }

  get pair(): Promise<Pair | Refusal> {
    return this.tagged.then((groups) => pairOf(this.task, groups, this.stack.warBuckets));
  }

  /** What `start` would do with a request for the latest versions now. */
  get planned(): Promise<PlannedDeployment | Refusal> {
    return this.once('planned', () => this.plan(undefined));
  }

  /** What a deployment would clone; undefined where none would be begun. */
  get originals(): Promise<{ plan: Plan; originals: Originals | Refusal } | undefined> {
    return this.once('originals', async () => {
      const [planned, pair] = [await this.planned, await this.pair];
      if (isRefusal(planned)) return undefined;
      const active = isRefusal(pair) ? undefined : pair.active;
      return { plan: planned.plan, originals: await readOriginals(planned.plan, active, this.stack.sources) };
    });
  }

  /** The two groups with all that AWS tells of them; none where there is no pair. */
  get groups(): Promise<{ active: AutoScalingGroup; standBy: AutoScalingGroup } | undefined> {
    return this.once('groups', async () => {
      const pair = await this.pair;
      if (isRefusal(pair)) return undefined;
      const client = this.stack.client(AutoScalingClient);
      const AutoScalingGroupNames = [pair.active.name, pair.standBy.name];
      const answer = await client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames }));
      const [active, standBy] = AutoScalingGroupNames.map((name) =>
        answer.AutoScalingGroups?.find(({ AutoScalingGroupName }) => AutoScalingGroupName === name),
      );
      return active && standBy && { active, standBy };
    });
  }

  async plan(versions: string | undefined): Promise<PlannedDeployment | Refusal> {
    const { stack, task, now } = this;
    const record = (await this.record).stored?.record;
    return planNow(stack, { task, record, now }, { versions });
  }

  private once<Result>(name: string, read: () => Promise<Result>): Promise<Result> {
    const known = this.read.get(name) as Promise<Result> | undefined;
    const reading = known ?? read();
    this.read.set(name, reading);
    return reading;
  }
}
