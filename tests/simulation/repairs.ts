/** How an operator takes back what people have done to a fleet. */
import { groupsOf } from '../harness/observe';
import type { Operator } from '../harness/operator';
import type { Act, GroupName } from './scenario';
import { activeOf, fleetOf, groupNameOf, groupOf, type Place } from './site';

const REPAIRABLE = ['suspend', 'detach', 'attach', 'register', 'tag type'] as const;
export type Repairable = Extract<Act, { kind: (typeof REPAIRABLE)[number] }>;

export function isRepairable(act: Act): act is Repairable {
  return REPAIRABLE.some((kind) => kind === act.kind);
}

export class Repairs {
  /** By what was done: the load balancers that groups were attached to, and what was registered with which by hand. */
  constructor(
    private readonly place: Place,
    private readonly operator: Operator,
    private readonly added: ReadonlyMap<Act, string>,
    private readonly registered: ReadonlyMap<Act, { identifier: string; ids: string[] }>,
  ) {}

  async takeBack(act: Repairable): Promise<unknown> {
    switch (act.kind) {
      case 'suspend':
        await this.operator.resume(groupNameOf(this.place, act), [act.process]);
        return act.process === 'AddToLoadBalancer' ? this.register(act) : undefined;
      case 'attach':
        return this.detachAdded(act);
      case 'register': {
        const { identifier = '', ids = [] } = this.registered.get(act) ?? {};
        return this.operator.deregister(identifier, ids);
      }
      case 'detach':
        return this.attachActive(act);
      case 'tag type':
        return this.tagRoles(act);
    }
  }

  /** What was left out while that was suspended is left out for good, unless somebody registers it. */
  private async register(act: { fleet: number; group: GroupName }): Promise<void> {
    const { attachments, instanceIds } = groupOf(this.place, act);
    const attached = fleetOf(this.place, act).attachments.filter(({ identifier }) => attachments.has(identifier));
    for (const { identifier } of attached) await this.operator.register(identifier, [...instanceIds]);
  }

  private async detachAdded(act: Extract<Act, { kind: 'attach' }>): Promise<void> {
    const { activeGroup, standByGroup } = fleetOf(this.place, act);
    const name = this.added.get(act) ?? '';
    const groups = groupsOf(this.place.world.aws);
    const attached = [activeGroup, standByGroup].filter((group) => groups.get(group)?.attachments.has(name));
    for (const group of attached) await this.operator.detachClassic(group, [name]);
  }

  /** To everything that the fleet was attached to at first. */
  private async attachActive(act: { fleet: number }): Promise<void> {
    const groupName = activeOf(this.place, act);
    const attached = groupsOf(this.place.world.aws).get(groupName)?.attachments;
    const missing = fleetOf(this.place, act).attachments.filter(({ identifier }) => !attached?.has(identifier));
    for (const attachment of missing) await this.operator.attachAs(groupName, attachment);
  }

  /** Whoever serves alone is Active, or else has instances alone. */
  private async tagRoles(act: { fleet: number }): Promise<void> {
    const { activeGroup, standByGroup, attachments } = fleetOf(this.place, act);
    const groups = groupsOf(this.place.world.aws);
    const pair = [activeGroup, standByGroup];
    const serving = pair.filter((name) => groups.get(name)?.attachments.has(attachments[0]?.identifier ?? ''));
    const working = pair.filter((name) => (groups.get(name)?.desired ?? 0) > 0);
    const [active] = serving.length === 1 ? serving : working.length === 1 ? working : pair;
    for (const name of pair) await this.operator.tag(name, 'type', name === active ? 'Active' : 'StandBy');
  }
}
