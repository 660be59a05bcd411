/** VPCs, subnets and security groups. Where packets go is not modelled: gateways and routes are only there. */
import type { SecurityGroupRule } from '../fleet/network';
import type { Maker, Making } from './maker';

/** What has an id, and no effect here. */
const inert = (prefix: string, properties: string[]): Maker => ({
  properties,
  make: (making) => ({ physicalId: idOf(making, prefix) }),
  remove: () => {},
});

export const NETWORK: Record<string, Maker> = {
  'AWS::EC2::VPC': {
    properties: ['CidrBlock', 'EnableDnsHostnames', 'EnableDnsSupport', 'Tags'],
    required: ['CidrBlock'],
    make: (making) => {
      const physicalId = idOf(making, 'vpc');
      making.aws.network.addVpc(physicalId);
      return { physicalId, attributes: { VpcId: physicalId, CidrBlock: making.properties.CidrBlock } };
    },
    remove: ({ physicalId }, { network }) => network.removeVpc(physicalId),
  },

  'AWS::EC2::Subnet': {
    properties: ['AvailabilityZone', 'CidrBlock', 'MapPublicIpOnLaunch', 'Tags', 'VpcId'],
    required: ['AvailabilityZone', 'CidrBlock', 'VpcId'],
    make: (making) => {
      const { AvailabilityZone: zone, CidrBlock: cidrBlock, VpcId: vpcId } = making.properties;
      const { network } = making.aws;
      if (!network.hasVpc(vpcId)) throw new Error(`The vpc ID '${vpcId}' does not exist`);
      const id = idOf(making, 'subnet');
      network.addSubnet({ id, vpcId, zone, cidrBlock });
      return { physicalId: id, attributes: { SubnetId: id, AvailabilityZone: zone, VpcId: vpcId } };
    },
    remove: ({ physicalId }, { network }) => network.removeSubnet(physicalId),
  },

  'AWS::EC2::InternetGateway': inert('igw', ['Tags']),
  'AWS::EC2::VPCGatewayAttachment': inert('igw-attach', ['InternetGatewayId', 'VpcId']),
  'AWS::EC2::RouteTable': inert('rtb', ['Tags', 'VpcId']),
  'AWS::EC2::Route': inert('r', ['DestinationCidrBlock', 'GatewayId', 'RouteTableId']),
  'AWS::EC2::SubnetRouteTableAssociation': inert('rtbassoc', ['RouteTableId', 'SubnetId']),

  'AWS::EC2::SecurityGroup': {
    properties: [
      ...['GroupDescription', 'GroupName', 'Tags', 'VpcId', 'SecurityGroupIngress.CidrIp'],
      ...['SecurityGroupIngress.Description', 'SecurityGroupIngress.FromPort', 'SecurityGroupIngress.IpProtocol'],
      ...['SecurityGroupIngress.SourceSecurityGroupId', 'SecurityGroupIngress.ToPort'],
    ],
    required: ['GroupDescription'],
    make: (making) => {
      const { GroupDescription: description, VpcId: vpcId = making.aws.network.vpcId } = making.properties;
      const { GroupName: name = making.generatedName, SecurityGroupIngress = [] } = making.properties;
      const id = idOf(making, 'sg');
      making.aws.ec2.putSecurityGroup({ id, name, description, vpcId, rules: SecurityGroupIngress.map(ruleOf) });
      return { physicalId: id, attributes: { GroupId: id, VpcId: vpcId } };
    },
    remove: ({ physicalId }, { ec2 }) => ec2.removeSecurityGroup(physicalId),
  },
};

interface Ingress {
  IpProtocol: string;
  FromPort: number | string;
  ToPort: number | string;
  CidrIp?: string;
  SourceSecurityGroupId?: string;
}

function ruleOf({ IpProtocol, FromPort, ToPort, CidrIp, SourceSecurityGroupId }: Ingress): SecurityGroupRule {
  if (IpProtocol !== 'tcp') throw new Error(`security groups of the protocol ${IpProtocol} are not supported here`);
  return {
    fromPort: Number(FromPort),
    toPort: Number(ToPort),
    ...(CidrIp !== undefined && { addresses: [CidrIp] }),
    ...(SourceSecurityGroupId !== undefined && { groups: [SourceSecurityGroupId] }),
  };
}

function idOf({ aws }: Making, prefix: string): string {
  return `${prefix}-0${aws.random.text(16)}`;
}
