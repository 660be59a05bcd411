/**
 * The load balancers' traffic: what the embedded AWS says about listeners, rules and targets, done by real proxies.
 * The dummies get none: nobody sends them requests, and their health checks go to the instances directly.
 */
import type { ElasticLoadBalancing } from '../services/elastic-load-balancing/elastic-load-balancing';
import { targetGroupsOf } from '../services/elastic-load-balancing-v2/account';
import type { ElasticLoadBalancingV2 } from '../services/elastic-load-balancing-v2/elastic-load-balancing-v2';
import { HttpListener } from './http-listener';
import type { Address, Machines } from './machines';
import { TcpListener } from './tcp-listener';

export class DataPlane {
  private readonly proxies: { close(): void }[] = [];

  constructor(
    private readonly loadBalancing: ElasticLoadBalancingV2,
    private readonly classicLoadBalancing: ElasticLoadBalancing,
    private readonly instances: Machines,
  ) {}

  /**
   * Opens a proxy for every listener of an Application or Network Load Balancer; answers where each is, by the
   * listener's own port.
   */
  async open(loadBalancerArn: string): Promise<Map<number, Address>> {
    const addresses = new Map<number, Address>();
    for (const { arn, port, protocol } of this.loadBalancing.listenersOf(loadBalancerArn)) {
      const rules = () => this.loadBalancing.listenersOf(loadBalancerArn).find((one) => one.arn === arn)?.rules ?? [];
      if (protocol === 'HTTP') {
        const targetsOf = (targetGroupArn: string) => this.loadBalancing.routableTargets(targetGroupArn);
        addresses.set(port, this.keep(await HttpListener.open({ rules, targetsOf, addressOf: this.addressOf })));
      } else if (protocol === 'TCP') {
        const targetGroup = () => targetGroupsOf(rules()[0]?.actions ?? [])[0] ?? '';
        addresses.set(port, await this.openNetworkListener(targetGroup));
      } else throw noProxyFor(protocol);
    }
    return addresses;
  }

  /** The same for a Classic Load Balancer. */
  async openClassic(name: string): Promise<Map<number, Address>> {
    const addresses = new Map<number, Address>();
    for (const { LoadBalancerPort = 0, Protocol = '' } of this.classicLoadBalancing.listenersOf(name)) {
      if (Protocol !== 'TCP') throw noProxyFor(Protocol);
      const instances = () => this.classicLoadBalancing.routableInstances(name);
      const proxy = await TcpListener.open({ instances, addressOf: this.addressOf });
      // "The load balancer forcibly closes connections to the instance" when its time is over (user guide, draining).
      this.classicLoadBalancing.onRegistrationChange((changed, instanceId) => {
        const isGone = this.classicLoadBalancing.stateOf(name, instanceId) === undefined;
        if (changed === name && isGone) proxy.disconnect(instanceId);
      });
      addresses.set(LoadBalancerPort, this.keep(proxy));
    }
    return addresses;
  }

  close(): void {
    for (const proxy of this.proxies) proxy.close();
  }

  private async openNetworkListener(targetGroupArn: () => string): Promise<Address> {
    const instances = () => this.loadBalancing.routableTargets(targetGroupArn()).map(({ instanceId }) => instanceId);
    const proxy = await TcpListener.open({ instances, addressOf: this.addressOf });
    this.loadBalancing.onRegistrationChange((changed, instanceId) => {
      const isGone = this.loadBalancing.stateOf(changed, instanceId) === undefined;
      if (changed === targetGroupArn() && isGone && this.loadBalancing.endsConnections(changed)) {
        proxy.disconnect(instanceId);
      }
    });
    return this.keep(proxy);
  }

  private keep(proxy: { address: Address; close(): void }): Address {
    this.proxies.push(proxy);
    return proxy.address;
  }

  private readonly addressOf = (instanceId: string) => this.instances.addressOf(instanceId);
}

function noProxyFor(protocol: string): Error {
  return new Error(`there is no proxy for listeners of the protocol ${protocol}`);
}
