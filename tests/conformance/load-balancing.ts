/** Application and Network Load Balancers, target groups and listeners. */
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeAccountLimitsCommand,
  DescribeListenerCertificatesCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyListenerCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CREATED_LAG_SECONDS } from '../../shared/fleet/lag';
import type { ConformanceCase } from './case';
import type { Context } from './context';
import {
  createLoadBalancer,
  createTargetGroup,
  forward,
  loadBalancerOf,
  REACTION_LIMIT_SECONDS,
  setDeregistrationDelay,
  targetGroupOf,
  unlessInUse,
  untilActive,
} from './fleet';
import { refusalOf } from './refusal';

const LONGEST_NAME = 32;
const LARGEST_PAGE_SIZE = 400;
const RESOURCES_PER_CALL = 20;

export const LOAD_BALANCING: readonly ConformanceCase[] = [
  {
    name: 'A load balancer is provisioning for a while before it is active',
    source: 'ELB API Reference, LoadBalancerState',
    needs: ['network', 'load balancer', 'minutes'],
    async run(context) {
      const { LoadBalancerArn, State } = await createLoadBalancer(context);
      equal(State?.Code, 'provisioning');
      await untilActive(context, LoadBalancerArn);
    },
  },
  {
    name: 'What was just created is to be read with its tags within five minutes',
    source: 'Observed: terraform-provider-aws#16796, #19920, #20454',
    needs: ['network', 'minutes'],
    async run(context) {
      const { loadBalancing } = context.clients;
      const TargetGroupArn = await createTargetGroup(context, { Tags: [{ Key: 'owner', Value: 'conformance' }] });
      const describe = new DescribeTagsCommand({ ResourceArns: [TargetGroupArn] });
      await context.until('it is found and has its tag', CREATED_LAG_SECONDS, async () => {
        const found = await loadBalancing.send(describe).catch((error: Error) => {
          equal(error.name, 'TargetGroupNotFoundException');
        });
        return found?.TagDescriptions?.[0]?.Tags?.some(({ Key }) => Key === 'owner');
      });
    },
  },
  {
    name: 'A load balancer made again is the same; with other settings: refused',
    source: 'ELB API Reference, CreateLoadBalancer',
    needs: ['network', 'load balancer'],
    async run(context) {
      const settings = loadBalancerOf(context);
      const { LoadBalancerArn } = await createLoadBalancer(context, settings);
      const again = await context.clients.loadBalancing.send(new CreateLoadBalancerCommand(settings));
      equal(again.LoadBalancers?.[0]?.LoadBalancerArn, LoadBalancerArn);
      const other = new CreateLoadBalancerCommand({ ...settings, Type: 'network' });
      await refusalOf(context.clients.loadBalancing.send(other), 'DuplicateLoadBalancerNameException');
    },
  },
  {
    name: 'A target group made again is the same; with other settings: refused',
    source: 'ELB API Reference, CreateTargetGroup',
    needs: ['network'],
    async run(context) {
      const settings = targetGroupOf(context);
      const arn = await createTargetGroup(context, settings);
      const again = await context.clients.loadBalancing.send(new CreateTargetGroupCommand(settings));
      equal(again.TargetGroups?.[0]?.TargetGroupArn, arn);
      const other = new CreateTargetGroupCommand({ ...settings, Port: (settings.Port ?? 0) + 1 });
      await refusalOf(context.clients.loadBalancing.send(other), 'DuplicateTargetGroupNameException');
    },
  },
  {
    name: 'Names have 32 letters, digits and hyphens at most, none at the ends',
    source: 'ELB API Reference, CreateLoadBalancer and CreateTargetGroup: Name',
    needs: ['network'],
    async run(context) {
      const { loadBalancing } = context.clients;
      const longest = context.name().padEnd(LONGEST_NAME, 'x');
      await createTargetGroup(context, { Name: longest });
      for (const Name of [`${longest}x`, 'conformance_x', '-conformance', 'conformance-']) {
        const targetGroup = new CreateTargetGroupCommand({ ...targetGroupOf(context), Name });
        await refusalOf(loadBalancing.send(targetGroup), 'ValidationError');
        const loadBalancer = new CreateLoadBalancerCommand({ ...loadBalancerOf(context), Name });
        await refusalOf(loadBalancing.send(loadBalancer), 'ValidationError');
      }
      const internal = new CreateLoadBalancerCommand({ ...loadBalancerOf(context), Name: 'internal-conformance' });
      await refusalOf(loadBalancing.send(internal), 'ValidationError');
    },
  },
  {
    name: 'A target group that a listener refers to cannot be deleted',
    source: 'ELB API Reference, DeleteTargetGroup',
    needs: ['network', 'load balancer'],
    async run(context) {
      const { loadBalancing } = context.clients;
      const TargetGroupArn = await createTargetGroup(context);
      const { LoadBalancerArn } = await createLoadBalancer(context);
      await forward(context, LoadBalancerArn, TargetGroupArn);
      const remove = () => loadBalancing.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
      await refusalOf(remove(), 'ResourceInUseException');
      await loadBalancing.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
      await context.until('it can be deleted after the load balancer', REACTION_LIMIT_SECONDS, () =>
        unlessInUse(remove()),
      );
    },
  },
  {
    name: 'A target group belongs to one load balancer at most',
    source: 'ELB User Guide, Target groups for your Application Load Balancers',
    needs: ['network', 'load balancer'],
    async run(context) {
      const targetGroup = await createTargetGroup(context);
      const [first, second] = [await createLoadBalancer(context), await createLoadBalancer(context)];
      await forward(context, first.LoadBalancerArn, targetGroup);
      await refusalOf(forward(context, second.LoadBalancerArn, targetGroup), 'TargetGroupAssociationLimitException');
    },
  },
  {
    name: 'A listener that is modified keeps its ARN, and frees its target group',
    source: 'ELB API Reference, ModifyListener',
    needs: ['network', 'load balancer'],
    async run(context) {
      const { loadBalancing } = context.clients;
      const [first, second] = [await createTargetGroup(context), await createTargetGroup(context)];
      const { LoadBalancerArn } = await createLoadBalancer(context);
      const ListenerArn = await forward(context, LoadBalancerArn, first);
      const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: second }];
      const modify = { ListenerArn, Port: 81, DefaultActions };
      const { Listeners = [] } = await loadBalancing.send(new ModifyListenerCommand(modify));
      const [{ ListenerArn: arn, Port, Protocol } = {}] = Listeners;
      deepEqual([arn, Port, Protocol], [ListenerArn, 81, 'HTTP']);
      const command = new DescribeTargetGroupsCommand({ TargetGroupArns: [first, second] });
      const { TargetGroups = [] } = await loadBalancing.send(command);
      const users = new Map(TargetGroups.map((group) => [group.TargetGroupArn, group.LoadBalancerArns]));
      deepEqual([users.get(first), users.get(second)], [[], [LoadBalancerArn]]);
    },
  },
  {
    name: 'Subnets that are set replace the others; one zone alone is refused',
    source: 'ELB API Reference, SetSubnets',
    needs: ['network', 'third zone', 'load balancer', 'minutes'],
    async run(context) {
      const { loadBalancing } = context.clients;
      const { LoadBalancerArn } = await createLoadBalancer(context);
      await untilActive(context, LoadBalancerArn);
      const set = (Subnets: string[]) => loadBalancing.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets }));
      const wanted = context.given.subnetIds.slice(1, 3);
      const { AvailabilityZones = [] } = await set(wanted);
      deepEqual(AvailabilityZones.map(({ SubnetId }) => SubnetId).sort(), [...wanted].sort());
      equal((await refusalOf(set(wanted.slice(0, 1)))).status, 400);
    },
  },
  {
    name: 'A load balancer with deletion protection cannot be deleted',
    source: 'ELB API Reference, DeleteLoadBalancer',
    needs: ['network', 'load balancer'],
    async run(context) {
      const { loadBalancing } = context.clients;
      const { LoadBalancerArn } = await createLoadBalancer(context);
      const protect = (Value: 'true' | 'false') => {
        const Attributes = [{ Key: 'deletion_protection.enabled', Value }];
        return loadBalancing.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes }));
      };
      context.afterwards(() => protect('false'));
      await protect('true');
      const deletion = loadBalancing.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
      await refusalOf(deletion, 'OperationNotPermittedException');
    },
  },
  {
    name: 'Cross-zone load balancing is on by default for an ALB, off for an NLB',
    source: 'ELB User Guide, How Elastic Load Balancing works: cross-zone load balancing',
    needs: ['network', 'load balancer'],
    async run(context) {
      equal(await crossZone(context, 'application'), 'true');
      equal(await crossZone(context, 'network'), 'false');
    },
  },
  {
    name: 'An HTTPS listener is refused without a certificate',
    source: 'ELB API Reference, CreateListener: Certificates',
    needs: ['network', 'load balancer'],
    async run(context) {
      const targetGroup = await createTargetGroup(context);
      const { LoadBalancerArn } = await createLoadBalancer(context);
      const call = createHttpsListener(context, LoadBalancerArn, targetGroup);
      await refusalOf(call, 'CertificateNotFoundException', 'ValidationError');
    },
  },
  {
    name: 'An HTTPS listener tells its certificate, which is the default one',
    source: 'ELB API Reference, DescribeListenerCertificates',
    needs: ['network', 'load balancer', 'certificate'],
    async run(context) {
      const { certificateArn } = context.given;
      const targetGroup = await createTargetGroup(context);
      const { LoadBalancerArn } = await createLoadBalancer(context);
      const { Listeners } = await createHttpsListener(context, LoadBalancerArn, targetGroup, certificateArn);
      const command = new DescribeListenerCertificatesCommand({ ListenerArn: Listeners?.[0]?.ListenerArn });
      const { Certificates = [] } = await context.clients.loadBalancing.send(command);
      deepEqual(
        Certificates.map(({ CertificateArn, IsDefault }) => [CertificateArn, IsDefault]),
        [[certificateArn, true]],
      );
    },
  },
  {
    name: 'Draining takes 300 seconds by default, and 0 to 3600 can be chosen',
    source: 'ELB User Guide, Deregistration delay',
    needs: ['network'],
    async run(context) {
      const targetGroup = await createTargetGroup(context);
      equal(await deregistrationDelay(context, targetGroup), '300');
      for (const seconds of [0, 3600]) {
        await setDeregistrationDelay(context, targetGroup, seconds);
        equal(await deregistrationDelay(context, targetGroup), String(seconds));
      }
      await refusalOf(setDeregistrationDelay(context, targetGroup, 3601));
      equal(await deregistrationDelay(context, targetGroup), '3600');
    },
  },
  {
    name: 'Slow start is off by default, and takes 30 to 900 seconds',
    source: 'ELB API Reference, TargetGroupAttribute: slow_start.duration_seconds',
    needs: ['network'],
    async run(context) {
      const targetGroup = await createTargetGroup(context);
      equal(await slowStart(context, targetGroup), '0');
      for (const seconds of ['30', '900', '0']) {
        await setSlowStart(context, targetGroup, seconds);
        equal(await slowStart(context, targetGroup), seconds);
      }
      for (const seconds of ['29', '901']) {
        const { status } = await refusalOf(setSlowStart(context, targetGroup, seconds));
        equal(status, 400);
      }
    },
  },
  {
    name: 'A page has 400 at most, and the next page goes on from the marker',
    source: 'ELB API Reference, DescribeTargetGroups and DescribeLoadBalancers: PageSize',
    needs: ['network'],
    async run(context) {
      const { loadBalancing } = context.clients;
      const wanted = [await createTargetGroup(context), await createTargetGroup(context)];
      const page = async (PageSize: number, Marker?: string) =>
        loadBalancing.send(new DescribeTargetGroupsCommand({ PageSize, Marker }));
      const first = await page(1);
      equal(first.TargetGroups?.length, 1);
      const second = await page(1, first.NextMarker);
      notEqual(second.TargetGroups?.[0]?.TargetGroupArn, first.TargetGroups?.[0]?.TargetGroupArn);
      const all = (await page(LARGEST_PAGE_SIZE)).TargetGroups?.map(({ TargetGroupArn }) => TargetGroupArn) ?? [];
      ok(all.length === LARGEST_PAGE_SIZE || wanted.every((arn) => all.includes(arn)), 'they are not listed');
      await refusalOf(page(LARGEST_PAGE_SIZE + 1), 'ValidationError');
      const loadBalancers = new DescribeLoadBalancersCommand({ PageSize: LARGEST_PAGE_SIZE + 1 });
      await refusalOf(loadBalancing.send(loadBalancers), 'ValidationError');
    },
  },
  {
    name: 'A call describes 20 by name or ARN at most, and the tags of 20',
    source: 'ELB API Reference, DescribeLoadBalancers, DescribeTargetGroups, DescribeTags',
    needs: ['network'],
    async run(context) {
      const { loadBalancing } = context.clients;
      const tooMany = Array.from({ length: RESOURCES_PER_CALL + 1 }, () => context.name());
      const arns = tooMany.map(
        (name) => `arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/${name}/0123456789abcdef`,
      );
      const isOther = (name: string) => !/NotFound/.test(name);
      for (const call of [
        () => loadBalancing.send(new DescribeLoadBalancersCommand({ Names: tooMany })),
        () => loadBalancing.send(new DescribeTargetGroupsCommand({ Names: tooMany })),
        () => loadBalancing.send(new DescribeTargetGroupsCommand({ TargetGroupArns: arns })),
        () => loadBalancing.send(new DescribeTagsCommand({ ResourceArns: arns })),
      ]) {
        const { name, message } = await refusalOf(call());
        ok(isOther(name), `it is refused for another reason: ${message}`);
      }
      const { name } = await refusalOf(
        loadBalancing.send(new DescribeTargetGroupsCommand({ Names: tooMany.slice(1) })),
      );
      equal(name, 'TargetGroupNotFoundException');
    },
  },
  {
    name: 'What does not exist is not found, and deleting it succeeds',
    source: 'ELB API Reference, DeleteTargetGroup; observed',
    needs: ['network'],
    async run(context) {
      const { loadBalancing } = context.clients;
      const TargetGroupArn = await createTargetGroup(context);
      for (let times = 0; times < 2; times += 1)
        await loadBalancing.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
      const command = new DescribeTargetGroupsCommand({ TargetGroupArns: [TargetGroupArn] });
      await refusalOf(loadBalancing.send(command), 'TargetGroupNotFoundException');
    },
  },
  {
    name: 'A target group can say for itself whether it serves across zones',
    source: 'Network Load Balancer user guide, "Cross-zone load balancing for target groups"',
    needs: ['network'],
    async run(context) {
      const { loadBalancing } = context.clients;
      const Key = 'load_balancing.cross_zone.enabled';
      for (const [Protocol, Value] of [['HTTP', 'false'] as const, ['TCP', 'true'] as const]) {
        const settings = { Name: context.name(), Protocol, HealthCheckProtocol: 'HTTP' as const };
        const TargetGroupArn = await createTargetGroup(context, settings);
        equal(await targetGroupAttribute(context, TargetGroupArn, Key), 'use_load_balancer_configuration');
        const Attributes = [{ Key, Value }];
        await loadBalancing.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
        equal(await targetGroupAttribute(context, TargetGroupArn, Key), Value);
      }
    },
  },
  {
    name: 'DescribeAccountLimits tells how many of each there may be',
    source: 'ELB API Reference, Limit; AWS CLI Command Reference, describe-account-limits',
    needs: [],
    async run(context) {
      const { Limits = [] } = await context.clients.loadBalancing.send(new DescribeAccountLimitsCommand({}));
      for (const name of LIMITS) {
        ok(Number(Limits.find(({ Name }) => Name === name)?.Max) > 0, `there is no limit named ${name}`);
      }
    },
  },
];

/** Those that deployments are held to. */
const LIMITS = [
  'application-load-balancers',
  'network-load-balancers',
  'target-groups',
  'listeners-per-network-load-balancer',
  'rules-per-application-load-balancer',
  'target-groups-per-application-load-balancer',
  'targets-per-application-load-balancer',
  'targets-per-network-load-balancer',
  'targets-per-availability-zone-per-network-load-balancer',
  'targets-per-target-group',
];

async function crossZone(context: Context, Type: 'application' | 'network'): Promise<string | undefined> {
  const { LoadBalancerArn } = await createLoadBalancer(context, { Type });
  const command = new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn });
  const { Attributes = [] } = await context.clients.loadBalancing.send(command);
  return Attributes.find(({ Key }) => Key === 'load_balancing.cross_zone.enabled')?.Value;
}

function createHttpsListener(
  context: Context,
  LoadBalancerArn: string,
  TargetGroupArn: string,
  CertificateArn?: string,
) {
  const command = new CreateListenerCommand({
    LoadBalancerArn,
    Protocol: 'HTTPS',
    Port: 443,
    DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    ...(CertificateArn !== undefined && { Certificates: [{ CertificateArn }] }),
  });
  return context.clients.loadBalancing.send(command);
}

function deregistrationDelay(context: Context, targetGroupArn: string): Promise<string | undefined> {
  return targetGroupAttribute(context, targetGroupArn, 'deregistration_delay.timeout_seconds');
}

function slowStart(context: Context, targetGroupArn: string): Promise<string | undefined> {
  return targetGroupAttribute(context, targetGroupArn, 'slow_start.duration_seconds');
}

async function setSlowStart(context: Context, TargetGroupArn: string, Value: string): Promise<void> {
  const Attributes = [{ Key: 'slow_start.duration_seconds', Value }];
  await context.clients.loadBalancing.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
}

async function targetGroupAttribute(
  context: Context,
  TargetGroupArn: string,
  wanted: string,
): Promise<string | undefined> {
  const command = new DescribeTargetGroupAttributesCommand({ TargetGroupArn });
  const { Attributes = [] } = await context.clients.loadBalancing.send(command);
  return Attributes.find(({ Key }) => Key === wanted)?.Value;
}
