/** Load balancers of Elastic Load Balancing v2: created in the state `provisioning`, `active` minutes later. */
import type {
  AvailabilityZone,
  CreateLoadBalancerInput,
  DeleteLoadBalancerInput,
  DescribeLoadBalancerAttributesInput,
  DescribeLoadBalancersInput,
  LoadBalancer as LoadBalancerDescription,
  ModifyLoadBalancerAttributesInput,
  SetSubnetsInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { pageOf, pageSize } from '../../kernel/paging';
import { refuseUnsupported } from '../../kernel/refusal';
import { AwsError, type Operations, validationError } from '../../kernel/service';
import { type Account, checkName, type LoadBalancer } from './account';
import { applyAttributes, attributeList } from './attributes';
import { setTags } from './tags';
import type { Targets } from './targets';

const RESOURCES_PER_CALL = 20;
const PAGE_SIZE = 400;
/** CanonicalHostedZoneId is one per region and kind; nothing here resolves names with it. */
const HOSTED_ZONE = { application: 'Z35SXDOTRQ7X7K', network: 'Z26RNL4JYFTOTI' };

export function loadBalancerOperations(account: Account, targets: Targets): Operations {
  return {
    CreateLoadBalancer: (input: CreateLoadBalancerInput) => ({
      LoadBalancers: [describe(createLoadBalancer(account, targets, input))],
    }),
    DescribeLoadBalancers: (input: DescribeLoadBalancersInput) => describeLoadBalancers(account, input),
    DeleteLoadBalancer: (input: DeleteLoadBalancerInput) =>
      deleteLoadBalancer(account, targets, input.LoadBalancerArn as string),
    DescribeLoadBalancerAttributes: (input: DescribeLoadBalancerAttributesInput) => ({
      Attributes: attributeList(account.loadBalancer(input.LoadBalancerArn as string).attributes),
    }),
    /** They replace what was there; instances in a zone that is left out get nothing more. */
    SetSubnets: (input: SetSubnetsInput) => {
      refuseUnsupported(input, ['LoadBalancerArn', 'Subnets', 'SubnetMappings']);
      const loadBalancer = account.loadBalancer(input.LoadBalancerArn as string);
      const zones = zonesOf(account, subnetsOf(account, loadBalancer.kind, input));
      loadBalancer.description = { ...loadBalancer.description, AvailabilityZones: zones };
      loadBalancer.zones = new Set(zones.map(({ ZoneName }) => ZoneName as string));
      targets.refreshAll();
      return { AvailabilityZones: zones };
    },
    ModifyLoadBalancerAttributes: (input: ModifyLoadBalancerAttributesInput) => {
      const { attributes } = account.loadBalancer(input.LoadBalancerArn as string);
      applyAttributes('Load balancer', attributes, input.Attributes ?? []);
      return { Attributes: attributeList(attributes) };
    },
  };
}

/**
 * Idempotent: with the same name and the same settings the existing load balancer is the answer, and the tags given
 * with the repeated call are not applied to it ("If you attempt to create multiple load balancers with the same
 * settings, each call succeeds", API reference; that tags are no setting is what controllers observe that adopt
 * another owner's load balancer that way).
 */
function createLoadBalancer(account: Account, targets: Targets, input: CreateLoadBalancerInput): LoadBalancer {
  refuseUnsupported(input, [
    'Name',
    'Subnets',
    'SubnetMappings',
    'SecurityGroups',
    'Scheme',
    'Tags',
    'Type',
    'IpAddressType',
    'EnablePrefixForIpv6SourceNat',
  ]);
  const name = input.Name as string;
  checkName('load balancer', name);
  if (name.startsWith('internal-'))
    throw validationError(`The load balancer name '${name}' cannot begin with 'internal-'`);
  const loadBalancer = newLoadBalancer(account, name, input);
  const existing = [...account.loadBalancers.values()].find((other) => other.name === name);
  if (existing) {
    if (settingsOf(existing) === settingsOf(loadBalancer)) return existing;
    throw new AwsError(
      'DuplicateLoadBalancerName',
      `A load balancer with the same name '${name}' exists, but with different settings`,
    );
  }
  checkLimit(account, loadBalancer.kind);
  setTags(account, loadBalancer.arn, input.Tags ?? []);
  account.loadBalancers.set(loadBalancer.arn, loadBalancer);
  account.options.clock.after(account.options.settings.provisioningSeconds, () => {
    if (account.loadBalancers.get(loadBalancer.arn) !== loadBalancer) return;
    loadBalancer.active = true;
    account.emit({ type: 'load-balancer-active', loadBalancerArn: loadBalancer.arn, loadBalancerName: name });
    targets.refreshAll();
  });
  return loadBalancer;
}

function newLoadBalancer(account: Account, name: string, input: CreateLoadBalancerInput): LoadBalancer {
  const kind = input.Type ?? 'application';
  if (kind !== 'application' && kind !== 'network') {
    throw validationError(`Load balancers of type '${kind}' are not supported by this embedded AWS`);
  }
  const { network, clock, region, random } = account.options;
  const subnets = subnetsOf(account, kind, input);
  const scheme = input.Scheme ?? 'internet-facing';
  const id = account.uniqueId();
  const arn = account.arn(`loadbalancer/${kind === 'application' ? 'app' : 'net'}/${name}/${id}`);
  const prefix = scheme === 'internal' ? 'internal-' : '';
  const host = kind === 'application' ? `${prefix}${name}-${random.text(9, '0123456789')}` : `${name}-${id}`;
  const description: LoadBalancerDescription = {
    LoadBalancerArn: arn,
    DNSName: `${host}.${region}.elb.amazonaws.com`,
    CanonicalHostedZoneId: HOSTED_ZONE[kind],
    CreatedTime: clock.now(),
    LoadBalancerName: name,
    Scheme: scheme,
    VpcId: network.vpcOf(subnets),
    Type: kind,
    AvailabilityZones: zonesOf(account, subnets),
    SecurityGroups: input.SecurityGroups ?? (kind === 'application' ? ['sg-default'] : undefined),
    IpAddressType: input.IpAddressType ?? 'ipv4',
    EnablePrefixForIpv6SourceNat: input.EnablePrefixForIpv6SourceNat ?? (kind === 'network' ? 'off' : undefined),
  };
  const zones = new Set(subnets.map((subnet) => network.zoneOfSubnet.get(subnet) as string));
  return { arn, name, kind, active: false, description, zones, attributes: new Map(STANDARD_ATTRIBUTES[kind]) };
}

function zonesOf({ options: { network } }: Account, subnets: string[]): AvailabilityZone[] {
  return subnets.map((subnet) => ({ ZoneName: network.zoneOfSubnet.get(subnet), SubnetId: subnet }));
}

function subnetsOf(
  account: Account,
  kind: LoadBalancer['kind'],
  input: Pick<CreateLoadBalancerInput, 'Subnets' | 'SubnetMappings'>,
): string[] {
  const mappings = input.SubnetMappings ?? [];
  for (const mapping of mappings) refuseUnsupported(mapping, ['SubnetId']);
  const subnets = input.Subnets ?? mappings.map((mapping) => mapping.SubnetId as string);
  const zones = new Set<string>();
  for (const subnet of subnets) {
    const zone = account.options.network.zoneOfSubnet.get(subnet);
    if (!zone) throw new AwsError('SubnetNotFound', `The subnet ID '${subnet}' does not exist`);
    if (zones.has(zone)) {
      throw new AwsError(
        'InvalidConfigurationRequest',
        'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
      );
    }
    zones.add(zone);
  }
  if (zones.size < (kind === 'application' ? 2 : 1)) {
    throw validationError('At least two subnets in two different Availability Zones must be specified');
  }
  return subnets;
}

/** What must be equal for a repeated create to be the same create. */
function settingsOf({ kind, description }: LoadBalancer): string {
  const subnets = (description.AvailabilityZones ?? []).map((zone) => zone.SubnetId).sort();
  return JSON.stringify([
    kind,
    description.Scheme,
    subnets,
    [...(description.SecurityGroups ?? [])].sort(),
    description.IpAddressType,
    description.EnablePrefixForIpv6SourceNat,
  ]);
}

function checkLimit(account: Account, kind: LoadBalancer['kind']): void {
  const { applicationLoadBalancerLimit, networkLoadBalancerLimit } = account.options.settings;
  const limit = kind === 'application' ? applicationLoadBalancerLimit : networkLoadBalancerLimit;
  const count = [...account.loadBalancers.values()].filter((loadBalancer) => loadBalancer.kind === kind).length;
  if (count < limit) return;
  throw new AwsError('TooManyLoadBalancers', 'The maximum number of load balancers has been reached');
}

function describe(loadBalancer: LoadBalancer): LoadBalancerDescription {
  return { ...loadBalancer.description, State: { Code: loadBalancer.active ? 'active' : 'provisioning' } };
}

function describeLoadBalancers(account: Account, input: DescribeLoadBalancersInput) {
  const size = pageSize(input.PageSize, 'pageSize', PAGE_SIZE, PAGE_SIZE);
  const { items, next } = pageOf(selectLoadBalancers(account, input), input.Marker, size, 'ValidationError');
  return { LoadBalancers: items.map(describe), NextMarker: next };
}

function selectLoadBalancers(account: Account, input: DescribeLoadBalancersInput): LoadBalancer[] {
  const arns = input.LoadBalancerArns ?? [];
  const names = input.Names ?? [];
  if (arns.length > RESOURCES_PER_CALL || names.length > RESOURCES_PER_CALL) {
    throw validationError(`Up to ${RESOURCES_PER_CALL} load balancers can be described in one call`);
  }
  if (arns.length > 0 && names.length > 0) {
    throw validationError('Load balancer names and load balancer ARNs cannot be specified at the same time');
  }
  if (arns.length > 0) return arns.map((arn) => account.loadBalancer(arn));
  const all = [...account.loadBalancers.values()];
  const missing = names.filter((name) => !all.some((loadBalancer) => loadBalancer.name === name));
  if (missing.length > 0)
    throw new AwsError('LoadBalancerNotFound', `Load balancers '[${missing.join(', ')}]' not found`);
  return names.length > 0 ? all.filter((loadBalancer) => names.includes(loadBalancer.name)) : all;
}

/**
 * Deletes the listeners and rules too. An unknown load balancer is no error ("If the load balancer does not exist or
 * has already been deleted, the call succeeds", API reference). For a moment its target groups stay in use.
 */
function deleteLoadBalancer(account: Account, targets: Targets, arn: string): void {
  const loadBalancer = account.loadBalancers.get(arn);
  if (!loadBalancer) return;
  if (loadBalancer.attributes.get('deletion_protection.enabled') === 'true') {
    throw new AwsError(
      'OperationNotPermitted',
      `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
    );
  }
  const { clock, settings } = account.options;
  for (const listener of account.listenersOf(arn)) {
    for (const rule of account.rulesOf(listener.arn)) {
      for (const targetGroupArn of rule.targetGroupArns) {
        account.targetGroup(targetGroupArn).held_until_ms = clock.now().getTime() + settings.releaseSeconds * 1000;
      }
      account.rules.delete(rule.arn);
      account.tags.delete(rule.arn);
    }
    account.listeners.delete(listener.arn);
    account.tags.delete(listener.arn);
  }
  account.loadBalancers.delete(arn);
  account.tags.delete(arn);
  account.emit({ type: 'load-balancer-deleted', loadBalancerArn: arn, loadBalancerName: loadBalancer.name });
  targets.refreshAll();
}

const SHARED_ATTRIBUTES: [string, string][] = [
  ['access_logs.s3.enabled', 'false'],
  ['access_logs.s3.bucket', ''],
  ['access_logs.s3.prefix', ''],
  ['deletion_protection.enabled', 'false'],
  ['zonal_shift.config.enabled', 'false'],
];

const STANDARD_ATTRIBUTES: Record<LoadBalancer['kind'], [string, string][]> = {
  application: [
    ...SHARED_ATTRIBUTES,
    ['load_balancing.cross_zone.enabled', 'true'],
    ['idle_timeout.timeout_seconds', '60'],
    ['client_keep_alive.seconds', '3600'],
    ['connection_logs.s3.enabled', 'false'],
    ['connection_logs.s3.bucket', ''],
    ['connection_logs.s3.prefix', ''],
    ['routing.http2.enabled', 'true'],
    ['routing.http.desync_mitigation_mode', 'defensive'],
    ['routing.http.drop_invalid_header_fields.enabled', 'false'],
    ['routing.http.preserve_host_header.enabled', 'false'],
    ['routing.http.x_amzn_tls_version_and_cipher_suite.enabled', 'false'],
    ['routing.http.xff_client_port.enabled', 'false'],
    ['routing.http.xff_header_processing.mode', 'append'],
    ['waf.fail_open.enabled', 'false'],
  ],
  network: [
    ...SHARED_ATTRIBUTES,
    ['load_balancing.cross_zone.enabled', 'false'],
    ['dns_record.client_routing_policy', 'any_availability_zone'],
  ],
};
