/**
 * The throw-away clones of the real load balancers, behind which StandBy is tested. A clone decides health and nothing
 * else: it is always internal, and it copies what a health check depends on.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  ConfigureHealthCheckCommand,
  CreateLoadBalancerCommand as CreateClassicLoadBalancerCommand,
  type LoadBalancerDescription,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  CreateListenerCommand,
  type CreateListenerCommandInput,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  ModifyTargetGroupAttributesCommand,
  paginateDescribeListeners,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { errorCode } from '../aws/errors';
import type { Plan } from '../deployment/plan';
import { createNamed, DUMMY_PREFIX, dummyNameIn, type Ownership, tagsFor } from '../fleet/dummy-identity';
import { CROSS_ZONE, type LoadBalancers } from '../fleet/load-balancers';
import { dummiesOfDeployment } from './search';
import { type Original, settingsOfClone } from './sharing';
import type { UnreadableClones } from './unreadable-clones';

const HTTP_PORT = 80;
const HTTPS_PORT = 443;
/** Listeners of a cloned Network Load Balancer count up from here: one per target group, whatever its own port. */
const FIRST_NETWORK_PORT = 10_000;

export class Dummies {
  constructor(
    private readonly loadBalancers: LoadBalancers,
    private readonly ownership: Ownership,
    /** What an invocation before has made: identifiers by name. */
    private readonly there: ReadonlyMap<string, string>,
    private readonly unreadable: UnreadableClones,
  ) {}

  /** As one who looks for what is there already. */
  static async find(
    loadBalancers: LoadBalancers,
    ownership: Ownership,
    unreadable: UnreadableClones,
    plan: Plan,
  ): Promise<Dummies> {
    const kinds = plan.attachments.map(({ kind }) => kind);
    const there = await dummiesOfDeployment(loadBalancers, ownership, originalsOf(plan), kinds);
    return new Dummies(loadBalancers, ownership, there, unreadable);
  }

  /** The clones of Application and Network Load Balancers that an invocation before has made, also of others by now. */
  get loadBalancersThere(): string[] {
    return [...this.there.values()].filter((identifier) => identifier.includes(':loadbalancer/'));
  }

  private isThere(identifier: string): boolean {
    return [...this.there.values()].includes(identifier);
  }

  /**
   * Clones a target group and answers the clone's ARN. Repeated, it finds the clone that is there. `isZonal`: each zone keeps
   * to itself; that is said of the clone where its load balancer, as any new one, would have it otherwise.
   */
  async cloneTargetGroup(original: TargetGroup, isZonal = false): Promise<string> {
    const { client } = this.loadBalancers;
    const originalArn = original.TargetGroupArn ?? '';
    const arn = await this.createNamed(originalArn, async (Name) => {
      const command = new CreateTargetGroupCommand({ ...settingsOf(original), Name, Tags: tagsFor(this.ownership) });
      return (await client.send(command)).TargetGroups?.[0]?.TargetGroupArn;
    });
    const attributes = {
      [DRAINING]: '0',
      ...(isZonal === original.Protocol?.startsWith('HTTP') && { [CROSS_ZONE]: String(!isZonal) }),
      ...(await this.proxyProtocolOf(original)),
    };
    await this.onceReadable(arn, async () => {
      const current = this.isThere(arn) ? await this.loadBalancers.targetGroupAttributes(arn) : {};
      if (Object.entries(attributes).every(([key, value]) => current[key] === value)) return;
      const Attributes = Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));
      await client.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes }));
    });
    return arn;
  }

  /** An application that expects the header of the proxy protocol is ill without it, and the other way round. */
  private async proxyProtocolOf({ Protocol, TargetGroupArn = '' }: TargetGroup): Promise<Record<string, string>> {
    if (Protocol?.startsWith('HTTP')) return {}; // of Network Load Balancers only
    const value = (await this.loadBalancers.targetGroupAttributes(TargetGroupArn))[PROXY_PROTOCOL];
    return value === 'true' ? { [PROXY_PROTOCOL]: value } : {};
  }

  /** Clones a load balancer, always as an internal one, and answers the clone's ARN. */
  async cloneLoadBalancer({ loadBalancer, part = 0 }: Pick<Original, 'loadBalancer' | 'part'>): Promise<string> {
    const { client } = this.loadBalancers;
    const { LoadBalancerArn = '' } = loadBalancer;
    return this.createNamed(partOf(LoadBalancerArn, part), async (Name) => {
      const settings = settingsOfClone(loadBalancer);
      const command = new CreateLoadBalancerCommand({ ...settings, Name, Tags: tagsFor(this.ownership) });
      return (await client.send(command)).LoadBalancers?.[0]?.LoadBalancerArn;
    });
  }

  /**
   * Clones a Classic Load Balancer, always as an internal one, and answers the clone's name. Its one listener is there
   * because a load balancer must have one; only the health check matters.
   */
  async cloneClassic(original: LoadBalancerDescription): Promise<string> {
    const { client } = this.loadBalancers.classic;
    const { LoadBalancerName: originalName = '', Subnets, AvailabilityZones, SecurityGroups } = original;
    const InstancePort = original.ListenerDescriptions?.[0]?.Listener?.InstancePort;
    const name = await createNamed(this.ownership, {
      original: originalName,
      there: this.there,
      tagsOf: (created) => this.loadBalancers.classic.tags(created),
      mayBeNew: (created) => this.unreadable.note(created),
      create: async (LoadBalancerName) => {
        const command = new CreateClassicLoadBalancerCommand({
          LoadBalancerName,
          Tags: tagsFor(this.ownership),
          Scheme: 'internal',
          Listeners: [{ Protocol: 'TCP', LoadBalancerPort: HTTP_PORT, InstanceProtocol: 'TCP', InstancePort }],
          ...(Subnets?.length ? { Subnets } : { AvailabilityZones }),
          SecurityGroups: SecurityGroups?.length ? SecurityGroups : undefined,
        });
        await client.send(command).catch((error: unknown) => {
          // Taken, perhaps by ourselves while the original stood otherwise: the tags tell.
          if (!errorCode(error).startsWith('DuplicateAccessPointName')) throw error;
        });
        return LoadBalancerName;
      },
    });
    const { HealthCheck } = original;
    await this.onceReadable(name, async () => {
      const there = this.isThere(name) ? await this.loadBalancers.classic.loadBalancers([name]) : undefined;
      if (isDeepStrictEqual(there?.get(name)?.HealthCheck, HealthCheck)) return;
      await client.send(new ConfigureHealthCheckCommand({ LoadBalancerName: name, HealthCheck }));
    });
    return name;
  }

  /**
   * Lets the clone of a load balancer refer to the clones of its target groups (`targetGroupArns`, in the order of
   * `original.targetGroups`): a target group is only health-checked while a listener or a rule refers to it.
   */
  async listen(original: Original, loadBalancerArn: string, targetGroupArns: string[]): Promise<void> {
    const listen = () => this.listenOn(original, loadBalancerArn, targetGroupArns);
    // A listener is only made once its load balancer is to be read; and a rule, once its listener is.
    const isOfLoadBalancer = (error: unknown) => errorCode(error).startsWith('LoadBalancerNotFound');
    const listeners = `listeners of ${dummyNameIn(loadBalancerArn)}`;
    await this.unreadable.tolerate((error) => (isOfLoadBalancer(error) ? loadBalancerArn : listeners), listen);
  }

  private async listenOn(original: Original, loadBalancerArn: string, targetGroupArns: string[]): Promise<void> {
    const isThere = this.isThere(loadBalancerArn);
    const ports = isThere ? await this.listenerPorts(loadBalancerArn) : new Map<number, string>();
    const listening = await this.listeningOf(targetGroupArns.filter((arn) => this.isThere(arn)));
    const clones = targetGroupArns.map((arn, index) => ({ arn, index, ...original.targetGroups[index] }));
    const clone = { loadBalancerArn, ports, certificateArn: original.certificateArn };
    if (original.loadBalancer.Type === 'network') {
      for (const target of clones) if (!listening.has(target.arn)) await this.listenOnNetwork(clone, target);
      return;
    }
    const needsTls = ({ ProtocolVersion = '' }: CloneToRefer) => ['HTTP2', 'GRPC'].includes(ProtocolVersion);
    const isLeft = ({ arn }: CloneToRefer) => !listening.has(arn);
    const plain = inOrder(clones.filter((target) => !needsTls(target)));
    const encrypted = inOrder(clones.filter(needsTls));
    await this.listenOnApplication({ ...clone, certificateArn: undefined }, plain.filter(isLeft));
    await this.listenOnApplication(clone, encrypted.filter(isLeft));
  }

  private async listenerPorts(loadBalancerArn: string): Promise<Map<number, string>> {
    const ports = new Map<number, string>();
    const pages = paginateDescribeListeners(
      { client: this.loadBalancers.client },
      { LoadBalancerArn: loadBalancerArn },
    );
    for await (const { Listeners = [] } of pages) {
      for (const { Port = 0, ListenerArn = '' } of Listeners) ports.set(Port, ListenerArn);
    }
    return ports;
  }

  /** Those of these target groups that a listener or a rule refers to already, of whichever load balancer. */
  private async listeningOf(targetGroupArns: string[]): Promise<Set<string>> {
    const found = await this.loadBalancers.targetGroups(targetGroupArns);
    return new Set(targetGroupArns.filter((arn) => (found.get(arn)?.LoadBalancerArns ?? []).length > 0));
  }

  /** One listener that answers 503 itself, and one rule per target group, which nobody ever calls. */
  private async listenOnApplication(clone: Clone, targetGroups: CloneToRefer[]): Promise<void> {
    if (targetGroups.length === 0) return;
    const { loadBalancerArn, ports, certificateArn } = clone;
    const Port = certificateArn ? HTTPS_PORT : HTTP_PORT;
    const listenerArn =
      ports.get(Port) ??
      (await this.createListener({
        LoadBalancerArn: loadBalancerArn,
        Protocol: certificateArn ? 'HTTPS' : 'HTTP',
        Port,
        Certificates: certificateArn ? [{ CertificateArn: certificateArn }] : undefined,
        DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } }],
      }));
    for (const { arn, index } of targetGroups) {
      const rule = new CreateRuleCommand({
        ListenerArn: listenerArn,
        Priority: index + 1,
        Conditions: [{ Field: 'path-pattern', Values: [`/${DUMMY_PREFIX}${index + 1}`] }],
        Actions: [{ Type: 'forward', TargetGroupArn: arn }],
        Tags: tagsFor(this.ownership),
      });
      await this.loadBalancers.client.send(rule).catch((error: unknown) => {
        if (!errorCode(error).startsWith('PriorityInUse')) throw error; // else an earlier invocation made the rule
      });
    }
  }

  private async listenOnNetwork(
    { loadBalancerArn, ports, certificateArn }: Clone,
    target: CloneToRefer,
  ): Promise<void> {
    const { arn, index, Protocol } = target;
    const Port = FIRST_NETWORK_PORT + index;
    if (ports.has(Port)) return;
    await this.createListener({
      LoadBalancerArn: loadBalancerArn,
      Protocol,
      Port,
      Certificates: Protocol === 'TLS' ? [{ CertificateArn: certificateArn }] : undefined,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: arn }],
    });
  }

  /**
   * Answers the listener's ARN. Documented as idempotent for the same settings, yet reported to refuse a second listener
   * on a port: then an earlier invocation has made it.
   */
  private async createListener(listener: CreateListenerCommandInput): Promise<string> {
    const { client } = this.loadBalancers;
    const command = new CreateListenerCommand({ ...listener, Tags: tagsFor(this.ownership) });
    try {
      return (await client.send(command)).Listeners?.[0]?.ListenerArn ?? '';
    } catch (error) {
      if (!errorCode(error).startsWith('DuplicateListener')) throw error;
    }
    const { LoadBalancerArn = '', Port = 0 } = listener;
    const arn = (await this.listenerPorts(LoadBalancerArn)).get(Port);
    if (arn === undefined)
      throw new ListenerNotFound(`the listener on port ${Port} of ${LoadBalancerArn} is not listed`);
    return arn;
  }

  private createNamed(originalArn: string, create: (name: string) => Promise<string | undefined>): Promise<string> {
    return createNamed(this.ownership, {
      original: originalArn,
      there: this.there,
      create: (name) =>
        create(name).catch((error: unknown) => {
          if (/^Duplicate(LoadBalancer|TargetGroup)Name/.test(errorCode(error))) return undefined;
          throw error;
        }),
      tagsOf: async (arn) => (await this.loadBalancers.tags([arn])).get(arn) ?? {},
      mayBeNew: (arn) => this.unreadable.note(arn),
    });
  }

  /** Nothing is changed that is not known to be ours. */
  private async onceReadable(identifier: string, act: () => Promise<unknown>): Promise<void> {
    if (!this.unreadable.has(identifier)) await this.unreadable.tolerate(identifier, act);
  }
}

/** It is there, and not to be read yet. */
class ListenerNotFound extends Error {
  override readonly name = 'ListenerNotFound';
}

/** The clone of a load balancer, with the listeners that it has already, by port. */
/** By what the name of a clone of a load balancer is made, of which there may be several. */
function partOf(loadBalancerArn: string, part: number): string {
  return part === 0 ? loadBalancerArn : `${loadBalancerArn}#${part}`;
}

/** All that clones may be made of. There are no more parts than target groups. */
function originalsOf({ attachments }: Plan): string[] {
  const arns = new Set(attachments.flatMap(({ loadBalancerArn }) => loadBalancerArn ?? []));
  const parts = [...arns].flatMap((arn) => attachments.map((_, part) => partOf(arn, part)));
  return [...attachments.map(({ identifier }) => identifier), ...parts];
}

interface Clone {
  loadBalancerArn: string;
  ports: ReadonlyMap<number, string>;
  certificateArn: string | undefined;
}

/** The clone of a target group, and what tells its listener or rule from those of the others. */
interface CloneToRefer extends Pick<TargetGroup, 'Protocol' | 'ProtocolVersion'> {
  arn: string;
  index: number;
}

/** Numbered anew: each listener counts its own rules. */
function inOrder(clones: CloneToRefer[]): CloneToRefer[] {
  return clones.map((clone, index) => ({ ...clone, index }));
}

const DRAINING = 'deregistration_delay.timeout_seconds';
const PROXY_PROTOCOL = 'proxy_protocol_v2.enabled';

/** What a target group's health check depends on. */
function settingsOf(original: TargetGroup) {
  return {
    Protocol: original.Protocol,
    ProtocolVersion: original.ProtocolVersion,
    Port: original.Port,
    VpcId: original.VpcId,
    TargetType: original.TargetType,
    IpAddressType: original.IpAddressType,
    HealthCheckEnabled: original.HealthCheckEnabled,
    HealthCheckProtocol: original.HealthCheckProtocol,
    HealthCheckPort: original.HealthCheckPort,
    HealthCheckPath: original.HealthCheckPath,
    HealthCheckIntervalSeconds: original.HealthCheckIntervalSeconds,
    HealthCheckTimeoutSeconds: original.HealthCheckTimeoutSeconds,
    HealthyThresholdCount: original.HealthyThresholdCount,
    UnhealthyThresholdCount: original.UnhealthyThresholdCount,
    Matcher: original.Matcher,
  };
}
