/** The private addresses of instances: by these, target groups of the type `ip` list them. */
import { EC2Client, type Instance, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { batches } from '../aws/calls';
import type { Deadline } from '../aws/deadline';
import type { Runtime } from '../aws/runtime';

/** A filter takes so many values ("Using filtering", EC2 API reference). */
const IDS_PER_CALL = 200;

export class Addresses {
  constructor(private readonly client: EC2Client) {}

  static connect(runtime: Runtime, deadline: Deadline): Addresses {
    return new Addresses(deadline.guard(new EC2Client(runtime.clientDefaults)));
  }

  /**
   * By address, whose it is, of every network interface. By a filter, since one id that is not known any more would have the
   * whole call refused; what does not exist has no address.
   */
  async of(instanceIds: readonly string[]): Promise<Map<string, string>> {
    const owners = new Map<string, string>();
    for (const Values of batches(instanceIds, IDS_PER_CALL)) {
      const Filters = [{ Name: 'instance-id', Values }];
      for await (const { Reservations = [] } of paginateDescribeInstances({ client: this.client }, { Filters })) {
        for (const instance of Reservations.flatMap(({ Instances = [] }) => Instances)) {
          for (const address of addressesOf(instance)) owners.set(address, instance.InstanceId ?? '');
        }
      }
    }
    return owners;
  }
}

function addressesOf({ PrivateIpAddress, NetworkInterfaces = [] }: Instance): string[] {
  const ofInterfaces = NetworkInterfaces.flatMap(({ PrivateIpAddresses = [], Ipv6Addresses = [] }) => [
    ...PrivateIpAddresses.map((one) => one.PrivateIpAddress),
    ...Ipv6Addresses.map((one) => one.Ipv6Address),
  ]);
  return [PrivateIpAddress, ...ofInterfaces].flatMap((address) => address ?? []);
}
