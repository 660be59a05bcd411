/**
 * What can go wrong with a deployment: for every code the things that people and AWS do which lead to it, by how far the
 * deployment has come: `cases-refused.ts`, `cases-step-1.ts`, `cases-step-2.ts`.
 */
import { Operator } from '../harness/operator';
import { World, type WorldOptions } from '../harness/world';

export interface FailureCase {
  code: string;
  /** Completes the name of its test: "T001, where …". */
  when: string;
  /** Of the fleet, what the case is about. */
  fleet?: WorldOptions['fleet'];
  /** Asks for a deployment and lets it go wrong. What it changes itself before, the deployment finds there. */
  provoke(scene: Scene): Promise<unknown>;
  /** What the mail must say beside the code and the next step: names and reasons. */
  says: RegExp[];
  /** How it ends once clean-up is done: with the fleet as it was, the new version, or an operator's decision. */
  ends: 'not begun' | 'as before' | 'new version' | 'operator needed';
  /** The code of the last mail, where it is another one. */
  endsWith?: string;
  /** The fleet as the cause leaves it is not as it was; then its own test says what must hold. */
  changesFleet?: boolean;
  /** Nor does anybody serve then: that is the first thing that the mail says. */
  leavesUsersDown?: boolean;
}

export interface Scene {
  world: World;
  operator: Operator;
}

const SMALL = { instances: 1, minimum: 0, maximum: 2, healthCheckIntervalSeconds: 5, deregistrationDelaySeconds: 5 };

/** A small fleet, but for what the case is about. */
export async function openScene(fleet?: WorldOptions['fleet']): Promise<Scene> {
  const world = await World.quick({ fleet: { ...SMALL, ...fleet } });
  return { world, operator: new Operator(world) };
}

export const CLASSIC: WorldOptions['fleet'] = {
  loadBalancers: [{ kind: 'classic', way: 'direct', isAcrossZones: true, targetGroups: [] }],
};

export const IDLE_TOO: WorldOptions['fleet'] = {
  loadBalancers: [
    {
      kind: 'application',
      way: 'direct',
      isAcrossZones: true,
      targetGroups: [{ protocol: 'HTTP' }, { protocol: 'HTTP', isIdle: true }],
    },
  ],
};

export const DENIED = { status: 403 };

/** Uploads a war; where `until` is said, its deployment has come as far as that event. */
export async function deploy({ world }: Scene, until?: string): Promise<void> {
  await world.upload('app.war', { version: '2' });
  if (until) await world.until(until);
}

/** Asks as a person does. */
export function request({ world }: Scene, more: object = {}): Promise<void> {
  return world.put('DeployRequested', { task: 'WAS', requestedBy: 'jane', ...more });
}
