/**
 * Whether the instances let the clones in. A clone has the security groups of its original, and other addresses: what lets
 * in a security group, or all of the subnets, lets in both. A Network Load Balancer without security groups checks health
 * from its own addresses (its user guide, "Target security groups").
 */
import { BlockList } from 'node:net';
import type { IpPermission, Subnet } from '@aws-sdk/client-ec2';
import { named } from '../../shared/aws/findings';
import { letInCommands as letInCommandsOf, prefixListCommand } from '../../shared/codes/commands';
import { isRefusal } from '../../shared/deployment/refusal';
import type { Originals } from '../../shared/dummies/cloning';
import type { Stack } from '../stack';
import type { Examination } from './examination';
import { broken, type Check, doubtful, type Said, unknown, well } from './finding';
import { subnetsOf } from './subnets';

/** All of a group are launched from one template, as a rule. */
const INSTANCES_LOOKED_AT = 5;

/** Who checks health, from where, on which port. */
interface Prober {
  name: string;
  securityGroups: readonly string[];
  subnets: readonly string[];
  port: number;
  /** Targets of such a target group are asked by their IPv6 addresses. */
  isIpv6: boolean;
}

export function securityGroupsCheck(examination: Examination): Check {
  return {
    area: 'security groups',
    question: 'Whether the instances let the clones in',
    async look() {
      const [pair, cloned] = await Promise.all([examination.pair, examination.originals]);
      if (isRefusal(pair) || !cloned || isRefusal(cloned.originals)) return [];
      const ids = pair.active.instances.slice(0, INSTANCES_LOOKED_AT).map(({ id }) => id);
      if (ids.length === 0) {
        return [
          unknown(`Whether the instances let the clones in is not known: ${pair.active.name} (Active) has none.`),
        ];
      }
      const instances = await instancesOf(ids, examination.stack);
      const probers = probersOf(cloned.originals);
      const ofSubnets = await subnetsOf([...new Set(probers.flatMap(({ subnets }) => subnets))], examination);
      const subnets = new Map(ofSubnets.map((subnet) => [subnet.SubnetId ?? '', subnet]));
      const said = probers.flatMap((prober) => {
        const blocks = blocksOf(prober, subnets);
        // One that does not let it in is enough for the deployment to fail: of each kind the first is told.
        const verdicts = instances.flatMap((instance) => saidOf(prober, instance, blocks));
        return VERDICTS.map((verdict) => verdicts.find((one) => one.verdict === verdict)).find(Boolean) ?? [];
      });
      return said.length > 0 ? said : [well('The instances let in the clones as they do their originals.')];
    },
  };
}

/** The worst first. */
const VERDICTS: readonly Said['verdict'][] = ['broken', 'doubtful', 'unknown'];

/** An instance, and what it lets in, on whichever port. */
interface Instance {
  id: string;
  securityGroups: readonly string[];
  permissions: readonly IpPermission[];
}

async function instancesOf(InstanceIds: string[], stack: Stack): Promise<Instance[]> {
  const { DescribeInstancesCommand, DescribeSecurityGroupsCommand, EC2Client } = await import('./ec2');
  const client = stack.client(EC2Client);
  const { Reservations = [] } = await client.send(new DescribeInstancesCommand({ InstanceIds }));
  const instances = Reservations.flatMap(({ Instances = [] }) => Instances).map(
    ({ InstanceId = '', SecurityGroups = [] }) => ({
      id: InstanceId,
      securityGroups: SecurityGroups.flatMap(({ GroupId }) => GroupId ?? []),
    }),
  );
  const GroupIds = [...new Set(instances.flatMap(({ securityGroups }) => securityGroups))];
  const found = GroupIds.length > 0 ? await client.send(new DescribeSecurityGroupsCommand({ GroupIds })) : undefined;
  const permissionsOf = new Map(
    (found?.SecurityGroups ?? []).map(({ GroupId, IpPermissions = [] }) => [GroupId, IpPermissions]),
  );
  return instances.map((instance) => ({
    ...instance,
    permissions: instance.securityGroups.flatMap((group) => permissionsOf.get(group) ?? []),
  }));
}

/** The addresses that the clone may have; undefined where those of a subnet are not known. */
function blocksOf({ subnets, isIpv6 }: Prober, known: ReadonlyMap<string, Subnet>): string[] | undefined {
  const blocks = subnets.map((id) => {
    const { CidrBlock, Ipv6CidrBlockAssociationSet = [] } = known.get(id) ?? {};
    const ofSubnet = isIpv6 ? Ipv6CidrBlockAssociationSet.map(({ Ipv6CidrBlock }) => Ipv6CidrBlock) : [CidrBlock];
    return ofSubnet.flatMap((block) => block ?? []);
  });
  return blocks.length === 0 || blocks.some((ofSubnet) => ofSubnet.length === 0) ? undefined : blocks.flat();
}

function probersOf({ balancers, classic }: Originals): Prober[] {
  return [
    ...balancers.flatMap(({ loadBalancer, targetGroups }) =>
      targetGroups.map(({ TargetGroupName, Port = 0, HealthCheckPort, IpAddressType }) => ({
        name: `${TargetGroupName} of ${loadBalancer.LoadBalancerName}`,
        securityGroups: loadBalancer.SecurityGroups ?? [],
        subnets: (loadBalancer.AvailabilityZones ?? []).flatMap(({ SubnetId }) => SubnetId ?? []),
        port: Number(HealthCheckPort) || Port,
        isIpv6: IpAddressType === 'ipv6',
      })),
    ),
    ...classic.map(({ LoadBalancerName = '', SecurityGroups = [], Subnets = [], HealthCheck }) => ({
      name: LoadBalancerName,
      securityGroups: SecurityGroups,
      subnets: Subnets,
      // `HTTP:8080/health`
      port: Number(/^\w+:(\d+)/.exec(HealthCheck?.Target ?? '')?.[1]),
      isIpv6: false,
    })),
  ];
}

function saidOf(prober: Prober, instance: Instance, blocks: string[] | undefined): Said[] {
  const { name, securityGroups, port, isIpv6 } = prober;
  const rules = instance.permissions.filter((rule) => isOnPort(rule, port));
  const groups = rules.flatMap(({ UserIdGroupPairs = [] }) => UserIdGroupPairs.map(({ GroupId }) => GroupId));
  if (securityGroups.some((group) => groups.includes(group))) return [];
  const ranges = rangesOf(rules, isIpv6);
  if (ranges.includes(isIpv6 ? '::/0' : '0.0.0.0/0')) return [];
  if (!blocks) {
    return [
      unknown(`Whether ${instance.id} lets in the clone of ${name} is not known: nor are its subnets’ addresses.`),
    ];
  }
  if (blocks.every((block) => ranges.some((range) => contains(range, block)))) return [];
  const command = letInCommands(prober, instance, blocks);
  const parts = ranges.filter((range) => blocks.some((block) => contains(block, range)));
  if (parts.length > 0) {
    return [
      broken(
        `On port ${port} ${instance.id} lets in ${named(parts)}, and not all addresses of the subnets of ${name}: its clone has other addresses, so nothing would be healthy behind it. Let in its security group, or the subnets:`,
        command,
        'T001',
      ),
    ];
  }
  const lists = rules.flatMap(({ PrefixListIds = [] }) =>
    PrefixListIds.flatMap(({ PrefixListId }) => PrefixListId ?? []),
  );
  if (lists.length > 0) {
    return [
      unknown(
        `Whether the clone of ${name} is let in to ${instance.id} on port ${port} is not known: a prefix list says so.`,
        lists.map(prefixListCommand),
      ),
    ];
  }
  return [
    doubtful(
      `No rule lets ${name} or its clone in to ${instance.id} on port ${port}, as far as is seen. This would:`,
      command,
    ),
  ];
}

/** By its security groups where it has any, which the clone has, too. */
function letInCommands({ securityGroups, port }: Prober, instance: Instance, blocks: readonly string[]): string[] {
  const [group] = instance.securityGroups;
  if (group === undefined) return [];
  const [source] = securityGroups;
  return letInCommandsOf(group, port, source === undefined ? blocks : source);
}

function rangesOf(rules: readonly IpPermission[], isIpv6: boolean): string[] {
  return rules.flatMap(({ IpRanges = [], Ipv6Ranges = [] }) =>
    isIpv6 ? Ipv6Ranges.flatMap(({ CidrIpv6 }) => CidrIpv6 ?? []) : IpRanges.flatMap(({ CidrIp }) => CidrIp ?? []),
  );
}

function isOnPort({ IpProtocol, FromPort = 0, ToPort = 65_535 }: IpPermission, port: number): boolean {
  if (IpProtocol === '-1') return true;
  return IpProtocol === 'tcp' && FromPort <= port && port <= ToPort;
}

/** Of blocks of the same kind, as `10.0.0.0/16` or `fd00:0:0:1::/64`. */
function contains(outer: string, inner: string): boolean {
  const [one, other] = [blockOf(outer), blockOf(inner)];
  if (one.bits > other.bits || one.kind !== other.kind) return false;
  const block = new BlockList();
  block.addSubnet(one.address, one.bits, one.kind);
  return block.check(other.address, other.kind);
}

function blockOf(block: string): { address: string; bits: number; kind: 'ipv4' | 'ipv6' } {
  const [address = '', bits] = block.split('/');
  const isIpv6 = address.includes(':');
  return { address, bits: Number(bits ?? (isIpv6 ? 128 : 32)), kind: isIpv6 ? 'ipv6' : 'ipv4' };
}
