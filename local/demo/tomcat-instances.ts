/** The machines of `npm run demo -- --tomcat`: each is a Tomcat that the user data of examples/ has started. */
import type { InstalledWar } from '../example/application';
import type { HealthProbe, LaunchedInstance, ProbeAnswer } from '../fleet/instances';
import type { Clock } from '../kernel/clock';
import { type Address, type Machines, probeAddress } from './machines';
import { MetadataService } from './metadata-service';
import { TomcatMachine } from './tomcat-machine';

export interface TomcatInstancesOptions {
  clock: Clock;
  region: string;
  /** Where AWS answers over HTTP. */
  awsUrl: string;
  /** What the instance has fetched when it is well, for whoever tells of it. */
  installedWars?: (instance: LaunchedInstance) => InstalledWar[];
  /** Whether an instance finds its tags in its metadata: that is up to launch templates. By default it does. */
  hasTagsInMetadata?: (instance: LaunchedInstance) => boolean;
  /** See TomcatMachineOptions. */
  settings?: (instance: LaunchedInstance) => Record<string, string>;
}

interface Entry {
  instance: LaunchedInstance;
  machine: TomcatMachine | undefined;
}

export class TomcatInstances implements Machines {
  private readonly entries = new Map<string, Entry>();
  private readonly servingListeners: ((instanceId: string, wars: InstalledWar[]) => void)[] = [];
  private readonly lineListeners: ((instanceId: string, line: string) => void)[] = [];

  private constructor(
    private readonly options: TomcatInstancesOptions,
    private readonly metadata: MetadataService,
  ) {}

  static async open(options: TomcatInstancesOptions): Promise<TomcatInstances> {
    return new TomcatInstances(options, await MetadataService.open());
  }

  onServing(listener: (instanceId: string, wars: InstalledWar[]) => void): void {
    this.servingListeners.push(listener);
  }

  /** Calls back with every line of a console. */
  onLine(listener: (instanceId: string, line: string) => void): void {
    this.lineListeners.push(listener);
  }

  launch(instance: LaunchedInstance): void {
    const entry: Entry = { instance, machine: undefined };
    this.entries.set(instance.instanceId, entry);
    void this.start(entry);
  }

  terminate(instanceId: string): void {
    const entry = this.entries.get(instanceId);
    this.entries.delete(instanceId);
    this.metadata.remove(instanceId);
    entry?.machine?.terminate();
  }

  /** None can be launched afterwards. */
  terminateAll(): void {
    for (const instanceId of [...this.entries.keys()]) this.terminate(instanceId);
    this.metadata.close();
  }

  machineOf(instanceId: string): TomcatMachine | undefined {
    return this.entries.get(instanceId)?.machine;
  }

  addressOf(instanceId: string): Address | undefined {
    return this.machineOf(instanceId)?.address;
  }

  async probe(instanceId: string, probe: HealthProbe): Promise<ProbeAnswer> {
    const address = this.addressOf(instanceId);
    if (!address) return { failed: this.entries.has(instanceId) ? 'refused' : 'timeout' };
    return probeAddress(this.options.clock, address, probe);
  }

  private async start(entry: Entry): Promise<void> {
    const { region, awsUrl, settings, installedWars = () => [], hasTagsInMetadata = () => true } = this.options;
    const { instance } = entry;
    const { instanceId } = instance;
    const tags = hasTagsInMetadata(instance) ? instance.tags : undefined;
    const machine = await TomcatMachine.launch({
      metadataUrl: this.metadata.add({ instanceId, region, tags }),
      ...{ awsUrl, settings: settings?.(instance) },
      onLine: (line) => {
        for (const listener of this.lineListeners) listener(instanceId, line);
      },
    });
    if (this.entries.get(instanceId) !== entry) return machine.terminate();
    entry.machine = machine;
    if ((await machine.ended) !== 0 || this.entries.get(instanceId) !== entry) return;
    for (const listener of this.servingListeners) listener(instanceId, installedWars(instance));
  }
}
