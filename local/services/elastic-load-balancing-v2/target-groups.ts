/** Target groups: their settings, attributes, and when they may be deleted. */
import type {
  CreateTargetGroupInput,
  DeleteTargetGroupInput,
  DescribeTargetGroupAttributesInput,
  DescribeTargetGroupsInput,
  ModifyTargetGroupAttributesInput,
  ModifyTargetGroupInput,
  TargetGroup as TargetGroupDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { pageOf, pageSize } from '../../kernel/paging';
import { refuseUnsupported } from '../../kernel/refusal';
import { AwsError, type Operations, validationError } from '../../kernel/service';
import { type Account, checkName, type TargetGroup } from './account';
import { applyAttributes, attributeList } from './attributes';
import { setTags } from './tags';
import type { Targets } from './targets';

const PAGE_SIZE = 400;
const ARNS_PER_CALL = 20;

export function targetGroupOperations(account: Account, targets: Targets): Operations {
  return {
    CreateTargetGroup: (input: CreateTargetGroupInput) => ({
      TargetGroups: [describe(account, createTargetGroup(account, input))],
    }),
    DescribeTargetGroups: (input: DescribeTargetGroupsInput) => describeTargetGroups(account, input),
    ModifyTargetGroup: (input: ModifyTargetGroupInput) => {
      const targetGroup = account.targetGroup(input.TargetGroupArn as string);
      const { TargetGroupArn: _, ...changes } = input;
      refuseUnsupported(changes, HEALTH_CHECK_PARAMETERS);
      const description = { ...targetGroup.description, ...given(changes) };
      checkHealthCheck(account, description);
      targetGroup.description = description;
      targets.refresh(targetGroup);
      return { TargetGroups: [describe(account, targetGroup)] };
    },
    DeleteTargetGroup: (input: DeleteTargetGroupInput) =>
      deleteTargetGroup(account, targets, input.TargetGroupArn as string),
    DescribeTargetGroupAttributes: (input: DescribeTargetGroupAttributesInput) => ({
      Attributes: attributeList(account.targetGroup(input.TargetGroupArn as string).attributes),
    }),
    ModifyTargetGroupAttributes: (input: ModifyTargetGroupAttributesInput) => {
      const { attributes } = account.targetGroup(input.TargetGroupArn as string);
      applyAttributes('Target group', attributes, input.Attributes ?? []);
      return { Attributes: attributeList(attributes) };
    },
  };
}

const HEALTH_CHECK_PARAMETERS = [
  'HealthCheckProtocol',
  'HealthCheckPort',
  'HealthCheckPath',
  'HealthCheckEnabled',
  'HealthCheckIntervalSeconds',
  'HealthCheckTimeoutSeconds',
  'HealthyThresholdCount',
  'UnhealthyThresholdCount',
  'Matcher',
];

/** Idempotent like CreateLoadBalancer: same name, same settings, then the existing one is the answer, its tags untouched. */
function createTargetGroup(account: Account, input: CreateTargetGroupInput): TargetGroup {
  refuseUnsupported(input, [
    ...['Name', 'Protocol', 'ProtocolVersion', 'Port', 'VpcId', 'TargetType', 'Tags', 'IpAddressType'],
    ...HEALTH_CHECK_PARAMETERS,
  ]);
  const name = input.Name as string;
  checkName('target group', name);
  const targetGroup = newTargetGroup(account, name, input);
  const existing = [...account.targetGroups.values()].find((other) => other.name === name);
  if (existing) {
    if (settingsOf(existing) === settingsOf(targetGroup)) return existing;
    throw new AwsError(
      'DuplicateTargetGroupName',
      `A target group with the same name '${name}' exists, but with different settings`,
    );
  }
  if (account.targetGroups.size >= account.options.settings.targetGroupLimit) {
    throw new AwsError('TooManyTargetGroups', 'The maximum number of target groups has been reached');
  }
  setTags(account, targetGroup.arn, input.Tags ?? []);
  account.targetGroups.set(targetGroup.arn, targetGroup);
  return targetGroup;
}

function newTargetGroup(account: Account, name: string, input: CreateTargetGroupInput): TargetGroup {
  const { Protocol, Port, VpcId } = input;
  const { TargetType = 'instance' } = input;
  if (TargetType !== 'instance' && TargetType !== 'ip') {
    throw validationError(`Target groups of the target type '${TargetType}' are not supported by this embedded AWS`);
  }
  if (!Protocol) throw validationError('A protocol must be specified');
  const isHttp = Protocol === 'HTTP' || Protocol === 'HTTPS';
  if (!isHttp && !['TCP', 'TLS', 'UDP', 'TCP_UDP'].includes(Protocol)) {
    throw validationError(`Target groups of the protocol '${Protocol}' are not supported by this embedded AWS`);
  }
  if (!isHttp && input.ProtocolVersion !== undefined) {
    throw validationError(`You cannot specify a protocol version for a target group with the protocol '${Protocol}'`);
  }
  if (!Port) throw validationError('A port must be specified');
  if (!VpcId) throw validationError('A VPC ID must be specified');
  if (!account.options.network.hasVpc(VpcId)) throw validationError(`The VPC ID '${VpcId}' is not found`);
  const arn = account.arn(`targetgroup/${name}/${account.uniqueId()}`);
  const description: TargetGroupDescription = {
    TargetGroupArn: arn,
    TargetGroupName: name,
    Protocol,
    Port,
    VpcId,
    TargetType,
    IpAddressType: input.IpAddressType ?? 'ipv4',
    ...(isHttp ? { ProtocolVersion: input.ProtocolVersion ?? 'HTTP1' } : {}),
    ...standardHealthCheck(isHttp, input),
  };
  checkHealthCheck(account, description);
  const attributes = new Map(isHttp ? HTTP_ATTRIBUTES : TCP_ATTRIBUTES);
  return { arn, name, description, attributes, targets: new Map(), departed: new Map(), held_until_ms: 0 };
}

/** The standard values of the API reference (CreateTargetGroup), overridden by what the caller gives. */
function standardHealthCheck(isHttp: boolean, input: CreateTargetGroupInput): Partial<TargetGroupDescription> {
  const protocol = input.HealthCheckProtocol ?? (isHttp ? 'HTTP' : 'TCP');
  const isHttpCheck = protocol === 'HTTP' || protocol === 'HTTPS';
  const isGrpc = input.ProtocolVersion === 'GRPC';
  const ofProtocol = isGrpc
    ? { HealthCheckPath: '/AWS.ALB/healthcheck', Matcher: { GrpcCode: '12' } }
    : { HealthCheckPath: '/', Matcher: { HttpCode: '200' } };
  return {
    HealthCheckProtocol: protocol,
    HealthCheckPort: 'traffic-port',
    HealthCheckEnabled: true,
    HealthCheckIntervalSeconds: 30,
    HealthCheckTimeoutSeconds: isHttp ? 5 : 10,
    HealthyThresholdCount: 5,
    UnhealthyThresholdCount: 2,
    ...(isHttpCheck ? ofProtocol : {}),
    ...given(Object.fromEntries(HEALTH_CHECK_PARAMETERS.map((name) => [name, input[name as keyof typeof input]]))),
  };
}

function given(parameters: object): Partial<TargetGroupDescription> {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));
}

function checkHealthCheck(account: Account, description: TargetGroupDescription): void {
  const within = (name: keyof TargetGroupDescription, low: number, high: number) => {
    const value = description[name] as number;
    if (value < low || value > high) throw validationError(`${name} must be between ${low} and ${high}, not ${value}`);
  };
  within('HealthCheckIntervalSeconds', account.options.settings.shortestHealthCheckIntervalSeconds, 300);
  within('HealthCheckTimeoutSeconds', 2, 120);
  within('HealthyThresholdCount', 2, 10);
  within('UnhealthyThresholdCount', 2, 10);
  const { HealthCheckIntervalSeconds: interval = 0, HealthCheckTimeoutSeconds: timeout = 0 } = description;
  const mayBeEqual = !description.Protocol?.startsWith('HTTP'); // a TCP check may take the whole interval
  if (timeout > interval || (timeout === interval && !mayBeEqual)) {
    throw validationError('Health check interval must be greater than the timeout.');
  }
  const { HttpCode, GrpcCode } = description.Matcher ?? {};
  if (HttpCode !== undefined && !/^\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*$/.test(HttpCode)) {
    throw validationError(`Health check matcher HTTP code '${HttpCode}' is not valid`);
  }
  const isGrpc = description.ProtocolVersion === 'GRPC';
  if ((GrpcCode !== undefined && !isGrpc) || (HttpCode !== undefined && isGrpc)) {
    throw validationError(`The matcher does not fit the protocol version '${description.ProtocolVersion}'`);
  }
  if (GrpcCode !== undefined && !/^\d{1,2}(-\d{1,2})?(,\d{1,2}(-\d{1,2})?)*$/.test(GrpcCode)) {
    throw validationError(`Health check matcher GRPC code '${GrpcCode}' is not valid`);
  }
  const isTcpCheck = !description.HealthCheckProtocol?.startsWith('HTTP');
  if (isTcpCheck && (description.HealthCheckPath !== undefined || description.Matcher !== undefined)) {
    throw validationError(
      `A path or a matcher cannot be specified for ${description.HealthCheckProtocol} health checks`,
    );
  }
  if (isTcpCheck && (description.HealthCheckProtocol !== 'TCP' || description.Protocol?.startsWith('HTTP'))) {
    throw validationError(`Health check protocol '${description.HealthCheckProtocol}' is not supported`);
  }
}

function settingsOf({ description }: TargetGroup): string {
  const { TargetGroupArn: _, ...settings } = description;
  return JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function describe(account: Account, targetGroup: TargetGroup): TargetGroupDescription {
  const loadBalancer = account.loadBalancerUsing(targetGroup.arn);
  return { ...targetGroup.description, LoadBalancerArns: loadBalancer ? [loadBalancer.arn] : [] };
}

function describeTargetGroups(account: Account, input: DescribeTargetGroupsInput) {
  const size = pageSize(input.PageSize, 'pageSize', PAGE_SIZE, PAGE_SIZE);
  const { items, next } = pageOf(selectTargetGroups(account, input), input.Marker, size, 'ValidationError');
  return { TargetGroups: items.map((targetGroup) => describe(account, targetGroup)), NextMarker: next };
}

function selectTargetGroups(account: Account, input: DescribeTargetGroupsInput): TargetGroup[] {
  const { LoadBalancerArn, TargetGroupArns: arns = [], Names: names = [] } = input;
  if ([LoadBalancerArn !== undefined, arns.length > 0, names.length > 0].filter(Boolean).length > 1) {
    throw validationError('Only one of load balancer ARN, target group ARNs and target group names can be specified');
  }
  if (arns.length > ARNS_PER_CALL || names.length > ARNS_PER_CALL) {
    throw validationError(`Up to ${ARNS_PER_CALL} target groups can be described by name or ARN in one call`);
  }
  const all = [...account.targetGroups.values()];
  if (LoadBalancerArn !== undefined) {
    const loadBalancer = account.loadBalancer(LoadBalancerArn);
    return all.filter((targetGroup) => account.loadBalancerUsing(targetGroup.arn) === loadBalancer);
  }
  if (
    arns.some((arn) => !account.targetGroups.has(arn)) ||
    names.some((name) => !all.some((one) => one.name === name))
  ) {
    throw new AwsError('TargetGroupNotFound', 'One or more target groups not found');
  }
  if (arns.length > 0) return arns.map((arn) => account.targetGroup(arn));
  return names.length > 0 ? all.filter((targetGroup) => names.includes(targetGroup.name)) : all;
}

/** Refused while a listener or rule refers to it; its registered targets are no hindrance, nor that it is gone already. */
function deleteTargetGroup(account: Account, targets: Targets, arn: string): void {
  const targetGroup = account.targetGroups.get(arn);
  if (!targetGroup) return;
  if (account.loadBalancerUsing(arn) || account.options.clock.now().getTime() < targetGroup.held_until_ms) {
    throw new AwsError('ResourceInUse', `Target group '${arn}' is currently in use by a listener or a rule`);
  }
  targets.removeAll(targetGroup);
  account.targetGroups.delete(arn);
  account.tags.delete(arn);
}

const SHARED_ATTRIBUTES: [string, string][] = [
  ['deregistration_delay.timeout_seconds', '300'],
  ['stickiness.enabled', 'false'],
  ['load_balancing.cross_zone.enabled', 'use_load_balancer_configuration'],
  ['target_group_health.dns_failover.minimum_healthy_targets.count', '1'],
  ['target_group_health.dns_failover.minimum_healthy_targets.percentage', 'off'],
  ['target_group_health.unhealthy_state_routing.minimum_healthy_targets.count', '1'],
  ['target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage', 'off'],
];

const HTTP_ATTRIBUTES: [string, string][] = [
  ...SHARED_ATTRIBUTES,
  ['stickiness.type', 'lb_cookie'],
  ['stickiness.lb_cookie.duration_seconds', '86400'],
  ['stickiness.app_cookie.cookie_name', ''],
  ['stickiness.app_cookie.duration_seconds', '86400'],
  ['slow_start.duration_seconds', '0'],
  ['load_balancing.algorithm.type', 'round_robin'],
  ['load_balancing.algorithm.anomaly_mitigation', 'off'],
];

const TCP_ATTRIBUTES: [string, string][] = [
  ...SHARED_ATTRIBUTES,
  ['stickiness.type', 'source_ip'],
  ['deregistration_delay.connection_termination.enabled', 'false'],
  ['preserve_client_ip.enabled', 'true'],
  ['proxy_protocol_v2.enabled', 'false'],
  ['target_health_state.unhealthy.connection_termination.enabled', 'true'],
  ['target_health_state.unhealthy.draining_interval_seconds', '0'],
];
