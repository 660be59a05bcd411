/**
 * Whether the subnets have addresses for the clones and for StandBy's instances. A load balancer is not made in a subnet
 * with fewer than eight free addresses, and takes at least one of them (user guides of the load balancers, "Subnets").
 */
import type { Subnet } from '@aws-sdk/client-ec2';
import { batches } from '../../shared/aws/calls';
import { subnetsCommand } from '../../shared/codes/commands';
import { isRefusal } from '../../shared/deployment/refusal';
import type { Examination } from './examination';
import { broken, type Check, doubtful, type Said, well } from './finding';
import { clonesOf } from './quotas';

const FREE_FOR_A_LOAD_BALANCER = 8;

/** In one answer, without pages. */
const SUBNETS_PER_CALL = 100;

interface Need {
  /** Load balancers that are cloned there, and how many of StandBy's instances come there where they are spread evenly. */
  clones: number;
  instances: number;
}

export function subnetsCheck(examination: Examination): Check {
  return {
    area: 'subnets',
    question: 'Whether the subnets have free addresses',
    async look() {
      const [cloned, groups] = await Promise.all([examination.originals, examination.groups]);
      if (!cloned || isRefusal(cloned.originals)) return [];
      const { originals, plan } = cloned;
      const clones = clonesOf(originals, await examination.stack.sources.loadBalancers.limits(), plan);
      const needs = new Map<string, Need>();
      const needIn = (subnet: string) => needs.get(subnet) ?? { clones: 0, instances: 0 };
      const places = [
        ...clones.map(({ loadBalancer }) =>
          (loadBalancer.AvailabilityZones ?? []).flatMap((zone) => zone.SubnetId ?? []),
        ),
        ...originals.classic.map(({ Subnets = [] }) => Subnets),
      ];
      for (const subnet of places.flat()) needs.set(subnet, { ...needIn(subnet), clones: needIn(subnet).clones + 1 });
      const ofGroup = (groups?.standBy.VPCZoneIdentifier ?? '').split(',').filter((subnet) => subnet !== '');
      const share = Math.ceil(plan.capacity.desired / Math.max(1, ofGroup.length));
      for (const subnet of ofGroup) needs.set(subnet, { ...needIn(subnet), instances: share });
      const subnets = await subnetsOf([...needs.keys()], examination);
      const said = subnets.flatMap((subnet) => saidOf(subnet, needIn(subnet.SubnetId ?? '')));
      if (said.length > 0) return said;
      const fewest = Math.min(...subnets.map(({ AvailableIpAddressCount = 0 }) => AvailableIpAddressCount));
      return [well(`Each of the ${subnets.length} subnets has at least ${fewest} free addresses.`)];
    },
  };
}

function saidOf({ SubnetId = '', AvailableIpAddressCount: free = 0 }: Subnet, { clones, instances }: Need): Said[] {
  const place = `${SubnetId} has ${free} free address${free === 1 ? '' : 'es'}`;
  const command = [subnetsCommand()];
  if (clones > 0 && free < FREE_FOR_A_LOAD_BALANCER) {
    const why = `a load balancer is cloned only where ${FREE_FOR_A_LOAD_BALANCER} are free`;
    return [broken(`${place}, and ${why}.`, command, '413')];
  }
  if (free < instances) {
    return [broken(`${place}, and about ${instances} instances of StandBy are to come there.`, command, 'T001')];
  }
  // The last clone needs its eight beside the instances, which come up meanwhile, and the clones before it.
  const needed = instances + clones * FREE_FOR_A_LOAD_BALANCER;
  if (free >= needed) return [];
  const what = `${counted(clones, 'clone')} and about ${counted(instances, 'instance')} may take up to ${needed}`;
  return [doubtful(`${place}, and ${what}.`, command)];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

export async function subnetsOf(ids: readonly string[], { stack }: Examination): Promise<Subnet[]> {
  const { DescribeSubnetsCommand, EC2Client } = await import('./ec2');
  const client = stack.client(EC2Client);
  const subnets: Subnet[] = [];
  for (const SubnetIds of batches(ids, SUBNETS_PER_CALL)) {
    subnets.push(...((await client.send(new DescribeSubnetsCommand({ SubnetIds }))).Subnets ?? []));
  }
  return subnets;
}
