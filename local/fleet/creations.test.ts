/** What was just created: whoever looks from outside is told of it at once, and a function is within the time that is set. */
import {
  CreateTargetGroupCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { EmbeddedAws, type EmbeddedAwsOptions } from '../embedded-aws';
import { clientDefaults } from '../endpoint/client';
import { VirtualClock } from '../kernel/clock';
import { VirtualInstances } from './virtual-instances';

function setUp(lag: EmbeddedAwsOptions['lag']) {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const aws = new EmbeddedAws({ clock, instances, lag });
  const reader = clientDefaults(aws.endpoint, clock, { principal: 'Reader', isAlive: () => true }, aws.region);
  const client = new ElasticLoadBalancingV2Client(aws.operator);
  const create = (Name: string) =>
    clock.run(
      client
        .send(new CreateTargetGroupCommand({ Name, Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1', Tags: TAGS }))
        .then(({ TargetGroups }) => TargetGroups?.[0]?.TargetGroupArn ?? ''),
    );
  const listed = (by: ElasticLoadBalancingV2Client) =>
    clock.run(by.send(new DescribeTargetGroupsCommand({})).then(({ TargetGroups = [] }) => TargetGroups.length));
  return { clock, client, reader: new ElasticLoadBalancingV2Client(reader), create, listed };
}

const TAGS = [{ Key: 'owner', Value: 'us' }];
const NAMES = Array.from({ length: 10 }, (_, index) => `app-${index}`);

/** What the reader is answered for each: its error, or how many tags. */
async function answers({ clock, reader }: ReturnType<typeof setUp>, arns: string[]): Promise<string[]> {
  const ask = (arn: string) =>
    reader.send(new DescribeTagsCommand({ ResourceArns: [arn] })).then(
      ({ TagDescriptions = [] }) => `${TagDescriptions[0]?.Tags?.length} tags`,
      (error: Error) => error.name,
    );
  return clock.run(Promise.all(arns.map(ask)));
}

test('some of it is not found, some has no tags, and some is told of at once; all of it within the time', async () => {
  const account = setUp({ createdSeconds: 300 });
  const arns: string[] = [];
  for (const name of NAMES) arns.push(await account.create(name));
  expect(new Set(await answers(account, arns))).toEqual(new Set(['TargetGroupNotFoundException', '0 tags', '1 tags']));
  expect(await account.listed(account.reader)).toBeLessThan(NAMES.length);
  expect(await account.listed(account.client)).toBe(NAMES.length);
  await account.clock.advance(300);
  expect(new Set(await answers(account, arns))).toEqual(new Set(['1 tags']));
  expect(await account.listed(account.reader)).toBe(NAMES.length);
});

test('where no time is set, everybody is told of everything at once', async () => {
  const account = setUp(undefined);
  const arns: string[] = [];
  for (const name of NAMES) arns.push(await account.create(name));
  expect(new Set(await answers(account, arns))).toEqual(new Set(['1 tags']));
});
