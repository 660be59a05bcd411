import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  paginateFilterLogEvents,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import type { CreateHandler } from '../../../shared/aws/runtime';
import { World } from '../../../tests/harness/world';
import type { Template } from '../../cloudformation/template';
import { EmbeddedAws } from '../../embedded-aws';
import { VirtualInstances } from '../../fleet/virtual-instances';
import { VirtualClock } from '../../kernel/clock';

const NAME = '/aws/lambda/work';

/** A function with a log group, and one without. */
const TEMPLATE: Template = {
  Resources: {
    Role: { Type: 'AWS::IAM::Role' },
    Group: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: NAME, RetentionInDays: 90 } },
    Work: lambdaFunction('work'),
    Other: lambdaFunction('other'),
  },
};

function lambdaFunction(name: string): Template['Resources'][string] {
  const Role = { 'Fn::GetAtt': ['Role', 'Arn'] };
  return {
    Type: 'AWS::Lambda::Function',
    Properties: { FunctionName: name, Handler: 'work.handler', Role, Timeout: 3 },
  };
}

function setUp(work: CreateHandler) {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const logged: string[] = [];
  const log = (_: string, line: string) => void logged.push(line);
  const aws = new EmbeddedAws({ clock, instances, latencySeconds: 0, handlers: { work }, log });
  aws.deploy(TEMPLATE);
  const client = new CloudWatchLogsClient(aws.operator);
  const invoke = async (name: string, seconds = 10) => {
    aws.lambda.invokeAsync(aws.lambda.function(name).arn, {});
    await clock.advance(seconds);
  };
  const messages = async (input: Partial<FilterLogEventsCommandInput> = {}) => {
    const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName: NAME, ...input }));
    return events.map(({ message }) => message);
  };
  return { clock, aws, client, invoke, messages, logged };
}

test('what a function logs is in its log group, at the time of the clock, between what Lambda says', async () => {
  const { aws, clock, client, invoke, logged } = setUp((runtime) => async () => {
    await clock.sleep(1.5);
    runtime.log('{"message":"at work"}');
  });
  const begin = clock.now().getTime();
  await invoke('work');
  const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName: NAME }));
  const [{ requestId = '' } = {}] = aws.lambda.invocations;
  expect(events.map(({ message, timestamp = 0 }) => [timestamp - begin, message])).toEqual([
    [350, `START RequestId: ${requestId} Version: $LATEST\n`],
    [1850, '{"message":"at work"}\n'],
    [1850, `END RequestId: ${requestId}\n`],
    [1850, `REPORT RequestId: ${requestId}\tDuration: 1500.00 ms\n`],
  ]);
  expect(new Set(events.map(({ logStreamName }) => logStreamName)).size).toBe(1);
  expect(events[0]?.logStreamName).toMatch(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
  expect(logged).toEqual(['{"message":"at work"}']);
});

test('a warm execution environment goes on in its stream, a new one has another', async () => {
  const { client, invoke, clock } = setUp((runtime) => async () => {
    runtime.log('{"message":"at work"}');
    await clock.sleep(1);
  });
  await invoke('work');
  await invoke('work');
  await Promise.all([invoke('work', 5), invoke('work', 5)]);
  const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName: NAME, filterPattern: 'START' }));
  const streams = events.map(({ logStreamName }) => logStreamName);
  expect(events).toHaveLength(4);
  expect(streams[1]).toBe(streams[0]);
  expect(new Set(streams).size).toBe(2);
});

test('how a function ended is told: by an error, by its timeout; and a dead one says nothing more', async () => {
  const failing = setUp(() => async () => {
    throw new TypeError('no such thing');
  });
  await failing.invoke('work');
  expect(await failing.messages({ filterPattern: '"Invoke Error"' })).toEqual([
    expect.stringContaining('"errorType":"TypeError","errorMessage":"no such thing"'),
  ]);
  const slow = setUp((runtime) => async () => {
    await slow.clock.sleep(5);
    runtime.log('{"message":"too late"}');
  });
  await slow.invoke('work');
  expect(await slow.messages({ filterPattern: '"Task timed out after 3.00 seconds"' })).toHaveLength(1);
  expect(await slow.messages({ filterPattern: '"too late"' })).toEqual([]);
});

test('a function whose log group is not there logs nowhere', async () => {
  const { client, invoke, messages } = setUp((runtime) => async () => runtime.log('{"message":"at work"}'));
  await invoke('other');
  expect(await messages()).toEqual([]);
  const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({}));
  expect(logGroups).toEqual([expect.objectContaining({ logGroupName: NAME, retentionInDays: 90 })]);
  const call = client.send(new FilterLogEventsCommand({ logGroupName: '/aws/lambda/other' }));
  await expect(call).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

function withLogs(keptBytes?: number) {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const settings = { cloudWatchLogs: keptBytes === undefined ? {} : { keptBytes } };
  const aws = new EmbeddedAws({ clock, instances, latencySeconds: 0, settings });
  aws.cloudWatchLogs.createLogGroup('group');
  return { client: new CloudWatchLogsClient(aws.operator), write: aws.cloudWatchLogs.openStream('group') };
}

test('the newest lines are kept, as many as fit', async () => {
  const { client, write } = withLogs(1000);
  for (let index = 0; index < 10_000; index += 1) write(`${index}`.padStart(174));
  const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName: 'group' }));
  expect(events.map(({ message }) => Number(message))).toEqual([9995, 9996, 9997, 9998, 9999]);
});

test('pages hold a megabyte, and stay whole while lines are added', async () => {
  const { client, write } = withLogs();
  for (let index = 0; index < 5; index += 1) write(`${index} ${'x'.repeat(300_000)}`);
  const pages: string[] = [];
  for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName: 'group' })) {
    pages.push(events.map(({ message }) => message?.slice(0, 1)).join());
    if (pages.length === 1) write('9');
  }
  expect(pages).toEqual(['0,1,2', '3,4,9']);
});

test('what is not known here is refused: a query, a regular expression, a token that nobody gave', async () => {
  const { client } = setUp(() => async () => {});
  const query = { logGroupName: NAME, startTime: 0, endTime: 1, queryString: 'fields @message' };
  await expect(client.send(new StartQueryCommand(query))).rejects.toMatchObject({ name: 'UnknownOperationException' });
  for (const input of [
    { filterPattern: '%ERR.*%' },
    { filterPattern: '{ $.a = %b% }' },
    { filterPattern: '[ip, user]' },
    { filterPattern: '?a b' },
    { nextToken: 'mine' },
    { startFromHead: false },
  ]) {
    const call = client.send(new FilterLogEventsCommand({ logGroupName: NAME, ...input }));
    await expect(call).rejects.toMatchObject({ name: 'InvalidParameterException' });
  }
});

test('the lines of a deployment are found by its id', async () => {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  const { detail } = await world.until('Completed');
  const { deploymentId } = detail as { deploymentId: string };
  const client = new CloudWatchLogsClient(world.aws.operator);
  const logGroupName = `/aws/lambda/${world.aws.lambda.function(world.stack.resources.get('SwapLambdaFunction')?.physicalId ?? '').name}`;
  const filterPattern = `{ $.deploymentId = "${deploymentId}" }`;
  const { events = [] } = await world.clock.run(
    client.send(new FilterLogEventsCommand({ logGroupName, filterPattern })),
  );
  const lines = world.logs.filter(
    ({ function: name, line }) => name === 'swap' && JSON.parse(line).deploymentId === deploymentId,
  );
  expect(events.length).toBeGreaterThan(0);
  expect(events.map(({ message }) => message?.trimEnd())).toEqual(lines.map(({ line }) => line));
});
