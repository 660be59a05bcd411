/** Classic Load Balancers of the embedded AWS: health checks, connection draining, attributes and tags. */
import type {
  AddTagsInput,
  ConfigureHealthCheckInput,
  CreateAccessPointInput,
  DeleteAccessPointInput,
  DeregisterEndPointsInput,
  DescribeAccessPointsInput,
  DescribeEndPointStateInput,
  DescribeLoadBalancerAttributesInput,
  DescribeTagsInput,
  HealthCheck as HealthCheckDescription,
  Listener,
  LoadBalancerAttributes,
  LoadBalancerDescription,
  ModifyLoadBalancerAttributesInput,
  RegisterEndPointsInput,
  Tag,
} from '@aws-sdk/client-elastic-load-balancing';
import type { Attachable, RegistrationState } from '../../fleet/attachable';
import { HealthCheck } from '../../fleet/health-check';
import type { InstanceHost } from '../../fleet/instances';
import type { Network } from '../../fleet/network';
import type { Clock } from '../../kernel/clock';
import { pageOf, pageSize } from '../../kernel/paging';
import type { Random } from '../../kernel/random';
import { refuseUnsupported } from '../../kernel/refusal';
import { AwsError, type Operations, type Service, validationError } from '../../kernel/service';
import { elasticLoadBalancingAccess } from './access';
import { checkSettings, instanceState, probeOf, type Registration } from './instance-health';

const PAGE_SIZE = 400;
const NAMES_PER_DESCRIBE_TAGS = 20;

export interface Settings {
  loadBalancerLimit: number;
}

export interface ElasticLoadBalancingOptions {
  clock: Clock;
  random: Random;
  region: string;
  network: Network;
  instances: InstanceHost;
  settings?: Partial<Settings>;
}

interface LoadBalancer {
  name: string;
  /** What must be equal for a repeated create to be the same create. */
  fingerprint: string;
  description: LoadBalancerDescription;
  healthCheck: HealthCheckDescription;
  attributes: LoadBalancerAttributes;
  tags: Map<string, string>;
  instances: Map<string, Registration>;
}

export class ElasticLoadBalancing implements Attachable, Service {
  readonly requiredAccess = elasticLoadBalancingAccess;
  private readonly loadBalancers = new Map<string, LoadBalancer>();
  private readonly settings: Settings;
  private readonly listeners: ((name: string, instanceId: string) => void)[] = [];
  private zoneOf: ((instanceId: string) => string | undefined) | undefined;

  readonly operations: Operations = {
    CreateLoadBalancer: (input: CreateAccessPointInput) => ({ DNSName: this.create(input).description.DNSName }),
    DescribeLoadBalancers: (input: DescribeAccessPointsInput) => {
      const names = input.LoadBalancerNames ?? [];
      const wanted = names.length > 0 ? names.map((name) => this.existing(name)) : [...this.loadBalancers.values()];
      const size = pageSize(input.PageSize, 'pageSize', PAGE_SIZE, PAGE_SIZE);
      const { items, next } = pageOf(wanted, input.Marker, size, 'ValidationError');
      return { LoadBalancerDescriptions: items.map(describe), NextMarker: next };
    },
    /** An unknown one is no error ("If the load balancer does not exist …, the call … still succeeds", API reference). */
    DeleteLoadBalancer: (input: DeleteAccessPointInput) => {
      const loadBalancer = this.loadBalancers.get(input.LoadBalancerName as string);
      if (!loadBalancer) return;
      for (const [instanceId, registration] of loadBalancer.instances)
        this.remove(loadBalancer, instanceId, registration);
      this.loadBalancers.delete(loadBalancer.name);
    },
    ConfigureHealthCheck: (input: ConfigureHealthCheckInput) => {
      const loadBalancer = this.existing(input.LoadBalancerName);
      const healthCheck = input.HealthCheck as HealthCheckDescription;
      probeOf(healthCheck);
      loadBalancer.healthCheck = healthCheck;
      return { HealthCheck: healthCheck };
    },
    RegisterInstancesWithLoadBalancer: (input: RegisterEndPointsInput) => {
      const loadBalancer = this.existing(input.LoadBalancerName);
      const ids = (input.Instances ?? []).map((instance) => instance.InstanceId as string);
      const missing = ids.find((id) => this.zoneOf && this.zoneOf(id) === undefined);
      if (missing) throw new AwsError('InvalidInstance', `Could not find EC2 instance ${missing}.`);
      this.register(loadBalancer.name, ids);
      return { Instances: describe(loadBalancer).Instances };
    },
    DeregisterInstancesFromLoadBalancer: (input: DeregisterEndPointsInput) => {
      const loadBalancer = this.existing(input.LoadBalancerName);
      this.deregister(
        loadBalancer.name,
        (input.Instances ?? []).map((instance) => instance.InstanceId as string),
      );
      return { Instances: describe(loadBalancer).Instances };
    },
    DescribeInstanceHealth: (input: DescribeEndPointStateInput) => {
      const { instances } = this.existing(input.LoadBalancerName);
      const ids = input.Instances?.length
        ? input.Instances.map((one) => one.InstanceId as string)
        : [...instances.keys()];
      return { InstanceStates: ids.map((id) => instanceState(id, instances.get(id))) };
    },
    DescribeLoadBalancerAttributes: (input: DescribeLoadBalancerAttributesInput) => ({
      LoadBalancerAttributes: this.existing(input.LoadBalancerName).attributes,
    }),
    ModifyLoadBalancerAttributes: (input: ModifyLoadBalancerAttributesInput) => {
      const loadBalancer = this.existing(input.LoadBalancerName);
      const changes = input.LoadBalancerAttributes ?? {};
      refuseUnsupported(changes, Object.keys(STANDARD_ATTRIBUTES));
      const given = Object.entries(changes).filter(([, value]) => value !== undefined);
      loadBalancer.attributes = { ...loadBalancer.attributes, ...Object.fromEntries(given) };
      return { LoadBalancerName: loadBalancer.name, LoadBalancerAttributes: loadBalancer.attributes };
    },
    AddTags: (input: AddTagsInput) => {
      const named = (input.LoadBalancerNames ?? []).map((name) => this.existing(name));
      for (const loadBalancer of named)
        for (const [key, value] of tagMap(input.Tags)) loadBalancer.tags.set(key, value);
    },
    DescribeTags: (input: DescribeTagsInput) => {
      const names = input.LoadBalancerNames ?? [];
      if (names.length > NAMES_PER_DESCRIBE_TAGS) {
        throw validationError(`Up to ${NAMES_PER_DESCRIBE_TAGS} load balancers can be given in one call`);
      }
      const described = names.map((name) => ({
        LoadBalancerName: name,
        Tags: [...this.existing(name).tags].map(([Key, Value]) => ({ Key, Value })),
      }));
      return { TagDescriptions: described };
    },
    DescribeAccountLimits: () => ({
      // The names and defaults that the CLI's reference has in its example; of these only the load balancers are limited here.
      Limits: [
        { Name: 'classic-listeners', Max: '100' },
        { Name: 'classic-load-balancers', Max: String(this.settings.loadBalancerLimit) },
        { Name: 'classic-registered-instances', Max: '1000' },
      ],
    }),
  };

  constructor(private readonly options: ElasticLoadBalancingOptions) {
    this.settings = { loadBalancerLimit: 20, ...options.settings };
  }

  /** None for what does not exist. */
  tagsOf(name: string): ReadonlyMap<string, string> {
    return this.loadBalancers.get(name)?.tags ?? new Map();
  }

  /** How many have a node in a zone. */
  loadBalancersIn(zone: string): number {
    const all = [...this.loadBalancers.values()];
    return all.filter(({ description }) => description.AvailabilityZones?.includes(zone)).length;
  }

  exists(name: string): boolean {
    return this.loadBalancers.has(name);
  }

  /** Registering an instance again that drains takes it back. */
  takesInstances(): boolean {
    return true;
  }

  register(name: string, instanceIds: string[]): void {
    const loadBalancer = this.existing(name);
    const { clock, instances } = this.options;
    for (const id of instanceIds) {
      const before = loadBalancer.instances.get(id);
      if (before && !before.draining) continue;
      before?.draining?.cancel();
      before?.check.stop();
      const settings = () => checkSettings(loadBalancer.healthCheck);
      const check = new HealthCheck(clock, instances, id, settings, () => this.announce(loadBalancer, id));
      loadBalancer.instances.set(id, { check, draining: undefined, announced: undefined });
      this.announce(loadBalancer, id);
    }
  }

  /** With connection draining off, the instance is gone at once. */
  deregister(name: string, instanceIds: string[]): void {
    const loadBalancer = this.existing(name);
    for (const id of instanceIds) {
      const registration = loadBalancer.instances.get(id);
      if (!registration || registration.draining) continue;
      const { ConnectionDraining } = loadBalancer.attributes;
      if (!ConnectionDraining?.Enabled) {
        this.remove(loadBalancer, id, registration);
        continue;
      }
      registration.draining = this.options.clock.after(ConnectionDraining.Timeout ?? 300, () =>
        this.remove(loadBalancer, id, registration),
      );
      this.announce(loadBalancer, id);
    }
  }

  stateOf(name: string, instanceId: string): RegistrationState {
    const registration = this.loadBalancers.get(name)?.instances.get(instanceId);
    if (!registration) return undefined;
    if (registration.draining) return 'draining';
    return registration.check.verdict === 'initial' ? 'other' : registration.check.verdict;
  }

  /** The instances that get traffic now: those in service, without the draining ones. There is no failing open here. */
  routableInstances(name: string): string[] {
    const instances = this.loadBalancers.get(name)?.instances ?? new Map<string, Registration>();
    return [...instances].flatMap(([id, { check, draining }]) =>
      check.verdict === 'healthy' && !draining ? [id] : [],
    );
  }

  /** For whoever serves real traffic; none for a load balancer that does not exist. */
  listenersOf(name: string): Listener[] {
    const { ListenerDescriptions = [] } = this.loadBalancers.get(name)?.description ?? {};
    return ListenerDescriptions.flatMap(({ Listener: listener }) => listener ?? []);
  }

  onRegistrationChange(listener: (name: string, instanceId: string) => void): void {
    this.listeners.push(listener);
  }

  locateInstancesWith(zoneOf: (instanceId: string) => string | undefined): void {
    this.zoneOf = zoneOf;
  }

  private remove(loadBalancer: LoadBalancer, instanceId: string, registration: Registration): void {
    registration.check.stop();
    registration.draining?.cancel();
    loadBalancer.instances.delete(instanceId);
    for (const listener of this.listeners) listener(loadBalancer.name, instanceId);
  }

  private announce(loadBalancer: LoadBalancer, instanceId: string): void {
    const registration = loadBalancer.instances.get(instanceId);
    const state = this.stateOf(loadBalancer.name, instanceId);
    if (!registration || registration.announced === state) return;
    registration.announced = state;
    for (const listener of this.listeners) listener(loadBalancer.name, instanceId);
  }

  private existing(name: string | undefined): LoadBalancer {
    const found = this.loadBalancers.get(name ?? '');
    if (!found) throw new AwsError('LoadBalancerNotFound', `There is no ACTIVE Load Balancer named '${name}'`);
    return found;
  }

  /** The same name with the same settings and tags is the same load balancer; with others it is refused. */
  private create(input: CreateAccessPointInput): LoadBalancer {
    const name = input.LoadBalancerName as string;
    if (!/^(?!-)[A-Za-z0-9-]{1,32}(?<!-)$/.test(name)) {
      throw validationError(
        `LoadBalancer name '${name}' must have 1 to 32 letters, digits and hyphens, none at the ends`,
      );
    }
    const fingerprint = JSON.stringify(input);
    const before = this.loadBalancers.get(name);
    if (before?.fingerprint === fingerprint) return before;
    if (before) {
      const message = `Load Balancer named ${name} already exists and it is configured with different settings.`;
      throw new AwsError('DuplicateLoadBalancerName', message);
    }
    if (this.loadBalancers.size >= this.settings.loadBalancerLimit) {
      throw new AwsError('TooManyLoadBalancers', 'The quota of the number of load balancers has been reached');
    }
    const { description, firstPort } = this.newDescription(name, input);
    const loadBalancer: LoadBalancer = {
      name,
      fingerprint,
      description,
      healthCheck: {
        Target: `TCP:${firstPort}`,
        Interval: 30,
        Timeout: 5,
        UnhealthyThreshold: 2,
        HealthyThreshold: 10,
      },
      attributes: STANDARD_ATTRIBUTES,
      tags: tagMap(input.Tags),
      instances: new Map(),
    };
    this.loadBalancers.set(name, loadBalancer);
    return loadBalancer;
  }

  private newDescription(name: string, input: CreateAccessPointInput) {
    const { network, region, random, clock } = this.options;
    const subnets = input.Subnets ?? [];
    const zones = subnets.map((subnet) => {
      const zone = network.zoneOfSubnet.get(subnet);
      if (!zone) throw new AwsError('SubnetNotFound', `The subnet ID '${subnet}' does not exist`);
      return zone;
    });
    const allZones = subnets.length > 0 ? zones : (input.AvailabilityZones ?? []);
    if (allZones.length === 0) throw validationError('Either AvailabilityZones or SubnetIds must be specified');
    const firstPort = input.Listeners?.[0]?.InstancePort;
    if (!firstPort) throw validationError('Listeners must be specified');
    const prefix = input.Scheme === 'internal' ? 'internal-' : '';
    const description: LoadBalancerDescription = {
      LoadBalancerName: name,
      DNSName: `${prefix}${name}-${random.text(9, '0123456789')}.${region}.elb.amazonaws.com`,
      ListenerDescriptions: (input.Listeners ?? []).map(describeListener),
      AvailabilityZones: allZones,
      Subnets: subnets,
      VPCId: network.vpcOf(subnets),
      SecurityGroups: input.SecurityGroups ?? [],
      CreatedTime: clock.now(),
      Scheme: input.Scheme ?? 'internet-facing',
    };
    return { description, firstPort };
  }
}

const STANDARD_ATTRIBUTES: LoadBalancerAttributes = {
  CrossZoneLoadBalancing: { Enabled: false },
  AccessLog: { Enabled: false },
  ConnectionDraining: { Enabled: false, Timeout: 300 },
  ConnectionSettings: { IdleTimeout: 60 },
};

function describe({ description, healthCheck, instances }: LoadBalancer): LoadBalancerDescription {
  const Instances = [...instances].flatMap(([InstanceId, { draining }]) => (draining ? [] : [{ InstanceId }]));
  return { ...description, HealthCheck: healthCheck, Instances };
}

function describeListener(listener: Listener) {
  return {
    Listener: { ...listener, InstanceProtocol: listener.InstanceProtocol ?? listener.Protocol },
    PolicyNames: [],
  };
}

function tagMap(tags: Tag[] = []): Map<string, string> {
  return new Map(tags.map((tag) => [tag.Key as string, tag.Value ?? '']));
}
