/**
 * The load balancers' traffic: what the embedded AWS says about listeners, rules and targets, done by real proxies.
 * The dummies get none: nobody sends them requests, and their health checks go to the instances directly.
 */
import type { ElasticLoadBalancingV2 } from '../elastic-load-balancing-v2';
import type { Address, HttpInstances } from './http-instances';
import { HttpListener } from './http-listener';

export class DataPlane {
  private readonly proxies: { close(): void }[] = [];

  constructor(
    private readonly loadBalancing: ElasticLoadBalancingV2,
    private readonly instances: HttpInstances,
  ) {}

  /** Opens a proxy for every listener of the load balancer; answers where each is, by the listener's own port. */
  async open(loadBalancerArn: string): Promise<Map<number, Address>> {
    const addresses = new Map<number, Address>();
    for (const { arn, port, protocol } of this.loadBalancing.listenersOf(loadBalancerArn)) {
      if (protocol !== 'HTTP') throw new Error(`there is no proxy for listeners of the protocol ${protocol}`);
      const proxy = await HttpListener.open({
        rules: () => this.loadBalancing.listenersOf(loadBalancerArn).find((one) => one.arn === arn)?.rules ?? [],
        targetsOf: (targetGroupArn) => this.loadBalancing.routableTargets(targetGroupArn),
        addressOf: (instanceId) => this.instances.addressOf(instanceId),
      });
      this.proxies.push(proxy);
      addresses.set(port, proxy.address);
    }
    return addresses;
  }

  close(): void {
    for (const proxy of this.proxies) proxy.close();
  }
}
