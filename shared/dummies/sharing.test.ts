import type { LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Original, shared } from './sharing';

const WEB: LoadBalancer = {
  LoadBalancerArn: 'arn:a',
  Type: 'application',
  Scheme: 'internet-facing',
  IpAddressType: 'ipv4',
  AvailabilityZones: [{ SubnetId: 'subnet-1' }, { SubnetId: 'subnet-2' }],
  SecurityGroups: ['sg-1', 'sg-2'],
};

function originals(...loadBalancers: LoadBalancer[]): Original[] {
  return loadBalancers.map((loadBalancer) => ({
    loadBalancer,
    targetGroups: [{ TargetGroupArn: `of ${loadBalancer.LoadBalancerArn}` }],
  }));
}

function carriedBy(clones: Original[]): (string | undefined)[][] {
  return clones.map(({ targetGroups }) => targetGroups.map(({ TargetGroupArn }) => TargetGroupArn));
}

test.each<[string, LoadBalancer]>([
  ['is internal', { Scheme: 'internal' }],
  ['names its subnets in another order', { AvailabilityZones: WEB.AvailabilityZones?.toReversed() }],
  ['names its security groups in another order', { SecurityGroups: ['sg-2', 'sg-1'] }],
  ['has another name', { LoadBalancerName: 'web-2' }],
])('a load balancer that only %s shares the clone', (_, changes) => {
  const clones = shared(originals(WEB, { ...WEB, ...changes, LoadBalancerArn: 'arn:b' }), new Map(), 1);
  expect(carriedBy(clones)).toEqual([['of arn:a', 'of arn:b']]);
});

test.each<[string, LoadBalancer]>([
  ['is of another type', { Type: 'network' }],
  ['stands in other subnets', { AvailabilityZones: [{ SubnetId: 'subnet-1' }, { SubnetId: 'subnet-3' }] }],
  ['stands in fewer subnets', { AvailabilityZones: [{ SubnetId: 'subnet-1' }] }],
  ['has other security groups', { SecurityGroups: ['sg-1'] }],
  ['has no security groups', { SecurityGroups: [] }],
  ['has addresses of both kinds', { IpAddressType: 'dualstack' }],
  ['sends IPv6 from prefixes', { EnablePrefixForIpv6SourceNat: 'on' }],
])('a load balancer that %s has a clone of its own', (_, changes) => {
  const clones = shared(originals(WEB, { ...WEB, ...changes, LoadBalancerArn: 'arn:b' }), new Map(), 1);
  expect(carriedBy(clones)).toEqual([['of arn:a'], ['of arn:b']]);
});

test('in whatever order they are found, the same clones carry the same, and the certificate of any of them', () => {
  const [b, a] = originals({ ...WEB, LoadBalancerArn: 'arn:b' }, WEB) as [Original, Original];
  const found = [{ ...b, certificateArn: 'arn:certificate' }, a];
  const clones = shared(found, new Map([['rules-per-application-load-balancer', 1]]), 1);
  expect(clones).toEqual(shared(found.toReversed(), new Map([['rules-per-application-load-balancer', 1]]), 1));
  expect(clones).toMatchObject([
    { loadBalancer: WEB, part: 0, certificateArn: 'arn:certificate' },
    { loadBalancer: WEB, part: 1, certificateArn: 'arn:certificate' },
  ]);
  expect(carriedBy(clones)).toEqual([['of arn:a'], ['of arn:b']]);
});

test('without limits of the account, those of the user guides hold; and one target group always fits', () => {
  const many = originals(...Array.from({ length: 101 }, (_, index) => ({ ...WEB, LoadBalancerArn: `arn:${index}` })));
  expect(shared(many, new Map(), 1).map(({ targetGroups }) => targetGroups.length)).toEqual([100, 1]);
  const few = shared(many.slice(0, 3), new Map([['targets-per-application-load-balancer', 1]]), 5);
  expect(few.map(({ targetGroups }) => targetGroups.length)).toEqual([1, 1, 1]);
});
