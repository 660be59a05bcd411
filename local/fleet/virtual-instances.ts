/** Machines of tests: they boot for a while on the embedded AWS's clock and then answer health probes at once. */
import type { Clock } from '../kernel/clock';
import type { HealthProbe, InstanceHost, LaunchedInstance, ProbeAnswer } from './instances';

export interface VirtualInstancesOptions {
  clock: Clock;
  /** From the launch until the application listens: of every instance, or of each. */
  bootSeconds: number | ((instance: LaunchedInstance) => number);
  /** The HTTP status with which the application of a booted instance answers a GET of `path`. */
  application: (instance: LaunchedInstance, path: string) => number;
}

interface Machine {
  instance: LaunchedInstance;
  booted_ms: number;
  /** Instead of what the application says; `dead` answers nothing at all. */
  health: number | 'dead' | undefined;
}

export class VirtualInstances implements InstanceHost {
  private readonly machines = new Map<string, Machine>();

  constructor(private readonly options: VirtualInstancesOptions) {}

  launch(instance: LaunchedInstance): void {
    const { clock, bootSeconds } = this.options;
    const seconds = typeof bootSeconds === 'number' ? bootSeconds : bootSeconds(instance);
    const booted_ms = clock.now().getTime() + seconds * 1000;
    this.machines.set(instance.instanceId, { instance, booted_ms, health: undefined });
  }

  terminate(instanceId: string): void {
    this.machines.delete(instanceId);
  }

  probe(instanceId: string, probe: HealthProbe): ProbeAnswer {
    const machine = this.machines.get(instanceId);
    if (!machine || machine.health === 'dead') return { failed: 'timeout' };
    if (this.options.clock.now().getTime() < machine.booted_ms) return { failed: 'refused' };
    if (probe.protocol !== 'HTTP' && probe.protocol !== 'HTTPS') return { connected: true };
    return { status: machine.health ?? this.options.application(machine.instance, probe.path ?? '/') };
  }

  /** Makes one instance answer with `health` from now on; undefined gives the word back to its application. */
  setHealth(instanceId: string, health: number | 'dead' | undefined): void {
    const machine = this.machines.get(instanceId);
    if (!machine) throw new Error(`no such instance is running: ${instanceId}`);
    machine.health = health;
  }

  /** Those that were launched and not terminated, in the order of their launch. */
  running(): LaunchedInstance[] {
    return [...this.machines.values()].map((machine) => machine.instance);
  }
}
