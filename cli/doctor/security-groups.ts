/**
 * Whether the instances let the clones in. A clone has the security groups of its original, and other addresses: what lets
 * in a security group, or all of the subnets, lets in both. A Network Load Balancer without security groups checks health
 * from its own addresses (its user guide, "Target security groups").
 */
import type { IpPermission } from '@aws-sdk/client-ec2';
import { named } from '../../shared/aws/findings';
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
      const permissions = await permissionsOf(ids, examination.stack);
      const probers = probersOf(cloned.originals);
      const ofSubnets = await subnetsOf([...new Set(probers.flatMap(({ subnets }) => subnets))], examination);
      const blockOf = new Map(ofSubnets.map(({ SubnetId = '', CidrBlock = '' }) => [SubnetId, CidrBlock]));
      const said = probers.flatMap((prober) =>
        saidOf(
          prober,
          permissions,
          prober.subnets.flatMap((subnet) => blockOf.get(subnet) || []),
        ),
      );
      return said.length > 0 ? said : [well('The instances let in the clones as they do their originals.')];
    },
  };
}

/** What the instances let in, on whichever port. */
async function permissionsOf(InstanceIds: string[], { runtime }: Stack): Promise<IpPermission[]> {
  const { DescribeInstancesCommand, DescribeSecurityGroupsCommand, EC2Client } = await import('./ec2');
  const client = new EC2Client(runtime.clientDefaults);
  const { Reservations = [] } = await client.send(new DescribeInstancesCommand({ InstanceIds }));
  const groups = Reservations.flatMap(({ Instances = [] }) => Instances).flatMap(({ SecurityGroups = [] }) =>
    SecurityGroups.flatMap(({ GroupId }) => GroupId ?? []),
  );
  const GroupIds = [...new Set(groups)];
  if (GroupIds.length === 0) return [];
  const { SecurityGroups = [] } = await client.send(new DescribeSecurityGroupsCommand({ GroupIds }));
  return SecurityGroups.flatMap(({ IpPermissions = [] }) => IpPermissions);
}

function probersOf({ balancers, classic }: Originals): Prober[] {
  return [
    ...balancers.flatMap(({ loadBalancer, targetGroups }) =>
      targetGroups.map(({ TargetGroupName, Port = 0, HealthCheckPort }) => ({
        name: `${TargetGroupName} of ${loadBalancer.LoadBalancerName}`,
        securityGroups: loadBalancer.SecurityGroups ?? [],
        subnets: (loadBalancer.AvailabilityZones ?? []).flatMap(({ SubnetId }) => SubnetId ?? []),
        port: Number(HealthCheckPort) || Port,
      })),
    ),
    ...classic.map(({ LoadBalancerName = '', SecurityGroups = [], Subnets = [], HealthCheck }) => ({
      name: LoadBalancerName,
      securityGroups: SecurityGroups,
      subnets: Subnets,
      // `HTTP:8080/health`
      port: Number(/^\w+:(\d+)/.exec(HealthCheck?.Target ?? '')?.[1]),
    })),
  ];
}

function saidOf({ name, securityGroups, port }: Prober, permissions: IpPermission[], blocks: string[]): Said[] {
  const rules = permissions.filter((rule) => isOnPort(rule, port));
  const groups = rules.flatMap(({ UserIdGroupPairs = [] }) => UserIdGroupPairs.map(({ GroupId }) => GroupId));
  if (securityGroups.some((group) => groups.includes(group))) return [];
  const ranges = rules.flatMap(({ IpRanges = [] }) => IpRanges.flatMap(({ CidrIp }) => CidrIp ?? []));
  if (blocks.every((block) => ranges.some((range) => contains(range, block)))) return [];
  const parts = ranges.filter((range) => blocks.some((block) => contains(block, range)));
  if (parts.length > 0) {
    return [
      broken(
        `On port ${port} the instances let in ${named(parts)}, and not all addresses of the subnets of ${name}: its clone has other addresses, so nothing would be healthy behind it. Let in its security group, or the subnets.`,
        [],
        'T001',
      ),
    ];
  }
  if (rules.some(({ PrefixListIds = [] }) => PrefixListIds.length > 0)) {
    return [unknown(`Whether the clone of ${name} is let in on port ${port} is not known: a prefix list says so.`)];
  }
  return [doubtful(`No rule lets ${name} or its clone in to the instances on port ${port}, as far as is seen.`)];
}

function isOnPort({ IpProtocol, FromPort = 0, ToPort = 65_535 }: IpPermission, port: number): boolean {
  if (IpProtocol === '-1') return true;
  return IpProtocol === 'tcp' && FromPort <= port && port <= ToPort;
}

/** Of IPv4 blocks, as `10.0.0.0/16`. */
function contains(outer: string, inner: string): boolean {
  const [one, other] = [blockOf(outer), blockOf(inner)];
  const shared = 2 ** (32 - one.bits);
  return one.bits <= other.bits && Math.floor(one.address / shared) === Math.floor(other.address / shared);
}

function blockOf(block: string): { address: number; bits: number } {
  const [address = '', bits = '32'] = block.split('/');
  return { address: address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0), bits: Number(bits) };
}
