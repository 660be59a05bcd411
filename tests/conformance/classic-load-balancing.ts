/** Classic Load Balancers. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import {
  CreateLoadBalancerCommand,
  type CreateLoadBalancerCommandInput,
  DeleteLoadBalancerCommand,
  DeregisterInstancesFromLoadBalancerCommand,
  DescribeAccountLimitsCommand,
  DescribeInstanceHealthCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  RegisterInstancesWithLoadBalancerCommand,
} from '@aws-sdk/client-elastic-load-balancing';
import type { ConformanceCase } from './case';
import type { Context } from './context';
import { createGroup, createTargetGroup, describeGroup, targetHealth, untilInService } from './fleet';
import { refusalOf } from './refusal';

const NAMES_PER_DESCRIBE_TAGS = 20;

export const CLASSIC: readonly ConformanceCase[] = [
  {
    name: 'A load balancer made again is the same; with other settings: refused',
    source: 'ELB API Reference (2012-06-01), CreateLoadBalancer; observed',
    needs: ['network', 'load balancer'],
    async run(context) {
      const settings = settingsOf(context);
      const dnsName = await create(context, settings);
      equal(await create(context, settings), dnsName);
      const Listeners = [{ Protocol: 'TCP', LoadBalancerPort: 81, InstancePort: context.given.port }];
      await refusalOf(create(context, { ...settings, Listeners }), 'DuplicateAccessPointNameException');
    },
  },
  {
    name: 'A load balancer is there at once, and draining is off by default',
    source: 'ELB API Reference (2012-06-01), ConnectionDraining',
    needs: ['network', 'load balancer'],
    async run(context) {
      const { classicLoadBalancing } = context.clients;
      const settings = settingsOf(context);
      const DNSName = await create(context, settings);
      const LoadBalancerName = settings.LoadBalancerName;
      const described = await classicLoadBalancing.send(
        new DescribeLoadBalancersCommand({ LoadBalancerNames: [LoadBalancerName ?? ''] }),
      );
      equal(described.LoadBalancerDescriptions?.[0]?.DNSName, DNSName);
      const attributes = await classicLoadBalancing.send(
        new DescribeLoadBalancerAttributesCommand({ LoadBalancerName }),
      );
      equal(attributes.LoadBalancerAttributes?.ConnectionDraining?.Enabled, false);
    },
  },
  {
    name: 'Names have 32 letters, digits and hyphens at most, none at the ends',
    source: 'ELB API Reference (2012-06-01), CreateLoadBalancer: LoadBalancerName',
    needs: ['network', 'load balancer'],
    async run(context) {
      const longest = context.name().padEnd(32, 'x');
      for (const LoadBalancerName of [`${longest}x`, 'conformance_x', '-conformance', 'conformance-']) {
        const call = create(context, { ...settingsOf(context), LoadBalancerName });
        await refusalOf(call, 'ValidationError', 'InvalidConfigurationRequestException');
      }
    },
  },
  {
    name: 'A load balancer and a target group may have the same name',
    source: 'ELB API References, CreateLoadBalancer (2012-06-01): LoadBalancerName; CreateTargetGroup: Name',
    needs: ['network', 'load balancer'],
    async run(context) {
      const Name = context.name();
      const targetGroupArn = await createTargetGroup(context, { Name });
      await create(context, { ...settingsOf(context), LoadBalancerName: Name });
      equal((await targetHealth(context, targetGroupArn)).size, 0);
      const command = new DescribeLoadBalancersCommand({ LoadBalancerNames: [Name] });
      const { LoadBalancerDescriptions } = await context.clients.classicLoadBalancing.send(command);
      equal(LoadBalancerDescriptions?.length, 1);
    },
  },
  {
    name: 'What does not exist is not found, and deleting it succeeds',
    source: 'ELB API Reference (2012-06-01), DeleteLoadBalancer',
    needs: [],
    async run(context) {
      const { classicLoadBalancing } = context.clients;
      const LoadBalancerName = context.name();
      await classicLoadBalancing.send(new DeleteLoadBalancerCommand({ LoadBalancerName }));
      const command = new DescribeLoadBalancersCommand({ LoadBalancerNames: [LoadBalancerName] });
      await refusalOf(classicLoadBalancing.send(command), 'AccessPointNotFoundException');
    },
  },
  {
    name: 'A call describes the tags of 20 load balancers at most',
    source: 'ELB API Reference (2012-06-01), DescribeTags: LoadBalancerNames',
    needs: [],
    async run(context) {
      const LoadBalancerNames = Array.from({ length: NAMES_PER_DESCRIBE_TAGS + 1 }, () => context.name());
      const call = context.clients.classicLoadBalancing.send(new DescribeTagsCommand({ LoadBalancerNames }));
      await refusalOf(call, 'ValidationError');
    },
  },
  {
    name: 'Instances can be registered by hand, but not unknown ones',
    source: 'ELB Classic API Reference, RegisterInstancesWithLoadBalancer',
    needs: ['network', 'launch template', 'instances', 'load balancer', 'minutes'],
    async run(context) {
      const { classicLoadBalancing } = context.clients;
      const settings = settingsOf(context);
      const { LoadBalancerName } = settings;
      await create(context, settings);
      const group = await createGroup(context, { DesiredCapacity: 1, MaxSize: 1 });
      const ids = await untilInService(context, group, 1);
      const named = (instances: string[]) => ({
        LoadBalancerName,
        Instances: instances.map((InstanceId) => ({ InstanceId })),
      });
      const register = (instances: string[]) =>
        classicLoadBalancing.send(new RegisterInstancesWithLoadBalancerCommand(named(instances)));
      const listed = async () => {
        const { InstanceStates = [] } = await classicLoadBalancing.send(
          new DescribeInstanceHealthCommand({ LoadBalancerName }),
        );
        return InstanceStates.map(({ InstanceId }) => InstanceId);
      };
      await refusalOf(register(['i-00000000000000000']), 'InvalidEndPointException');
      await register(ids);
      deepEqual(await listed(), ids);
      deepEqual((await describeGroup(context, group))?.LoadBalancerNames ?? [], []);
      await classicLoadBalancing.send(new DeregisterInstancesFromLoadBalancerCommand(named(ids)));
      deepEqual(await listed(), []);
    },
  },
  {
    name: 'An account has limits: load balancers, their listeners and instances',
    source: 'ELB API Reference (2012-06-01), DescribeAccountLimits and Limit: Name',
    needs: [],
    async run(context) {
      const { Limits = [] } = await context.clients.classicLoadBalancing.send(new DescribeAccountLimitsCommand({}));
      const limits = new Map(Limits.map(({ Name, Max }) => [Name, Number(Max)]));
      for (const name of ['classic-listeners', 'classic-load-balancers', 'classic-registered-instances']) {
        ok((limits.get(name) ?? 0) > 0, name);
      }
    },
  },
];

function settingsOf(context: Context): CreateLoadBalancerCommandInput {
  const { port, subnetIds, securityGroupId } = context.given;
  return {
    LoadBalancerName: context.name(),
    Listeners: [{ Protocol: 'TCP', LoadBalancerPort: 80, InstancePort: port }],
    Scheme: 'internal',
    Subnets: subnetIds.slice(0, 2),
    ...(securityGroupId !== undefined && { SecurityGroups: [securityGroupId] }),
  };
}

/** Answers its DNS name. */
async function create(context: Context, settings: CreateLoadBalancerCommandInput): Promise<string | undefined> {
  const { classicLoadBalancing } = context.clients;
  const { DNSName } = await classicLoadBalancing.send(new CreateLoadBalancerCommand(settings));
  const { LoadBalancerName } = settings;
  context.afterwards(() => classicLoadBalancing.send(new DeleteLoadBalancerCommand({ LoadBalancerName })));
  return DNSName;
}
