/** Load balancers with their target groups and listeners, and Classic ones. */
import type { CreateLoadBalancerCommandOutput as CreatedClassic } from '@aws-sdk/client-elastic-load-balancing';
import type {
  CreateListenerCommandOutput,
  CreateLoadBalancerCommandOutput,
  CreateTargetGroupCommandOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Maker, type Making, perform } from './maker';

export const LOAD_BALANCING: Record<string, Maker> = {
  'AWS::ElasticLoadBalancingV2::LoadBalancer': {
    properties: [
      ...['IpAddressType', 'LoadBalancerAttributes', 'Name', 'Scheme', 'SecurityGroups', 'Subnets', 'Tags', 'Type'],
    ],
    make: (making) => {
      const { LoadBalancerAttributes: Attributes, Name = shortName(making), ...input } = making.properties;
      const service = making.aws.elasticLoadBalancingV2;
      const created = { Name, ...input };
      const { LoadBalancers } = perform<CreateLoadBalancerCommandOutput>(service, 'CreateLoadBalancer', created);
      const { LoadBalancerArn = '', DNSName = '', LoadBalancerName = '' } = LoadBalancers?.[0] ?? {};
      if (Attributes) perform(service, 'ModifyLoadBalancerAttributes', { LoadBalancerArn, Attributes });
      const LoadBalancerFullName = LoadBalancerArn.replace(/^.*:loadbalancer\//, '');
      return {
        physicalId: LoadBalancerArn,
        attributes: { LoadBalancerArn, DNSName, LoadBalancerName, LoadBalancerFullName },
      };
    },
    remove: ({ physicalId: LoadBalancerArn }, { elasticLoadBalancingV2 }) =>
      perform(elasticLoadBalancingV2, 'DeleteLoadBalancer', { LoadBalancerArn }),
  },

  'AWS::ElasticLoadBalancingV2::TargetGroup': {
    properties: [
      ...['HealthCheckEnabled', 'HealthCheckIntervalSeconds', 'HealthCheckPath', 'HealthCheckPort', 'IpAddressType'],
      ...['HealthCheckProtocol', 'HealthCheckTimeoutSeconds', 'HealthyThresholdCount', 'Matcher.HttpCode', 'Name'],
      ...['Matcher.GrpcCode', 'Port', 'Protocol', 'ProtocolVersion', 'Tags', 'TargetGroupAttributes', 'TargetType'],
      ...['UnhealthyThresholdCount', 'VpcId'],
    ],
    make: (making) => {
      const { TargetGroupAttributes: Attributes, Name = shortName(making), ...input } = making.properties;
      const service = making.aws.elasticLoadBalancingV2;
      const created = { Name, ...input };
      const { TargetGroups } = perform<CreateTargetGroupCommandOutput>(service, 'CreateTargetGroup', created);
      const { TargetGroupArn = '', TargetGroupName = '' } = TargetGroups?.[0] ?? {};
      if (Attributes) perform(service, 'ModifyTargetGroupAttributes', { TargetGroupArn, Attributes });
      const TargetGroupFullName = TargetGroupArn.replace(/^.*:(?=targetgroup\/)/, '');
      return { physicalId: TargetGroupArn, attributes: { TargetGroupArn, TargetGroupName, TargetGroupFullName } };
    },
    remove: ({ physicalId: TargetGroupArn }, { elasticLoadBalancingV2 }) =>
      perform(elasticLoadBalancingV2, 'DeleteTargetGroup', { TargetGroupArn }),
  },

  'AWS::ElasticLoadBalancingV2::Listener': {
    properties: ['Certificates', 'DefaultActions', 'LoadBalancerArn', 'Port', 'Protocol', 'SslPolicy'],
    required: ['DefaultActions', 'LoadBalancerArn'],
    make: ({ properties, aws }) => {
      const { elasticLoadBalancingV2 } = aws;
      const { Listeners } = perform<CreateListenerCommandOutput>(elasticLoadBalancingV2, 'CreateListener', properties);
      const ListenerArn = Listeners?.[0]?.ListenerArn ?? '';
      return { physicalId: ListenerArn, attributes: { ListenerArn } };
    },
    remove: ({ physicalId: ListenerArn }, { elasticLoadBalancingV2 }) =>
      perform(elasticLoadBalancingV2, 'DeleteListener', { ListenerArn }),
  },

  'AWS::ElasticLoadBalancing::LoadBalancer': {
    properties: [
      ...['ConnectionDrainingPolicy.Enabled', 'ConnectionDrainingPolicy.Timeout', 'CrossZone', 'HealthCheck.Interval'],
      ...['HealthCheck.HealthyThreshold', 'HealthCheck.Target', 'HealthCheck.Timeout', 'Listeners.InstancePort'],
      ...['HealthCheck.UnhealthyThreshold', 'Listeners.InstanceProtocol', 'Listeners.LoadBalancerPort', 'Scheme'],
      ...['Listeners.Protocol', 'LoadBalancerName', 'SecurityGroups', 'Subnets', 'Tags'],
    ],
    required: ['Listeners'],
    make: (making) => {
      const { CrossZone = false, ConnectionDrainingPolicy, HealthCheck, Listeners, ...input } = making.properties;
      const { LoadBalancerName = shortName(making) } = input;
      const service = making.aws.elasticLoadBalancing;
      const { DNSName = '' } = perform<CreatedClassic>(service, 'CreateLoadBalancer', {
        ...input,
        LoadBalancerName,
        Listeners: Listeners.map((one: object) => numbers(one, ['InstancePort', 'LoadBalancerPort'])),
      });
      const LoadBalancerAttributes = {
        CrossZoneLoadBalancing: { Enabled: String(CrossZone) === 'true' },
        ...(ConnectionDrainingPolicy && { ConnectionDraining: numbers(ConnectionDrainingPolicy, ['Timeout']) }),
      };
      perform(service, 'ModifyLoadBalancerAttributes', { LoadBalancerName, LoadBalancerAttributes });
      if (HealthCheck) {
        const names = ['HealthyThreshold', 'Interval', 'Timeout', 'UnhealthyThreshold'];
        perform(service, 'ConfigureHealthCheck', { LoadBalancerName, HealthCheck: numbers(HealthCheck, names) });
      }
      return { physicalId: LoadBalancerName, attributes: { DNSName } };
    },
    remove: ({ physicalId: LoadBalancerName }, { elasticLoadBalancing }) =>
      perform(elasticLoadBalancing, 'DeleteLoadBalancer', { LoadBalancerName }),
  },
};

/** The type of a Classic Load Balancer has texts where its service takes numbers. */
function numbers(value: object, names: readonly string[]): object {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, names.includes(name) ? Number(member) : member]),
  );
}

/** A name of 32 characters at most: the beginnings of the stack's and of its own, as observed. */
function shortName({ generatedName, logicalId }: Making): string {
  const [, stackName = '', suffix] = new RegExp(`^(.*)-${logicalId}-(\\w+)$`).exec(generatedName) ?? [];
  return [stackName.slice(0, 5), logicalId.slice(0, 5), suffix].join('-').replace(/-+/g, '-');
}
