/** What of EC2 the doctor asks for: large, and loaded when it is needed, so that other verbs begin at once. */
export {
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
