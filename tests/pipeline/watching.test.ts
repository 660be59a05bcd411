/** What can be seen of the pipeline from outside: every line that functions log, and the metrics that are made of some. */
import { readFileSync } from 'node:fs';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { throttlingOf } from '../../local/kernel/throttle';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { isStage, STAGES } from '../../shared/pipeline/flow';
import { blockDeployment } from '../harness/blocked';
import { type Measured, metricsIn } from '../harness/metrics';
import { World } from '../harness/world';
import { functions } from '../stack/packaged';

const STACK = 'Stack=bluegreen-dev';

function measuredIn({ logs }: World): Measured[] {
  return metricsIn(logs.map(({ line }) => line));
}

/** How often each was counted, without what says how long something took. */
function countsIn(world: World): Record<string, number> {
  const counted = measuredIn(world).filter(({ unit }) => unit === 'Count');
  const sums: Record<string, number> = {};
  for (const { metric, value } of counted) sums[metric] = (sums[metric] ?? 0) + value;
  return sums;
}

/** Each world is made once: whoever asks first waits for it. */
function once(make: () => Promise<World>): () => Promise<World> {
  let made: Promise<World> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const completedAndFailed = once(async () => {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  await world.clock.advance(30);
  await world.upload('app.war', { health: '500' });
  await world.until('Cleaned');
  await world.clock.advance(600);
  return world;
});

const refusedTwice = once(async () => {
  const world = await World.quick();
  world.aws.eventBridge.deliveryPolicy = () => [0, 60];
  await world.put('DeployRequested', { task: 'NOPE', requestId: 'of jane' });
  await world.clock.advance(300);
  return world;
});

/** And a task that is cleaned where nothing had failed. */
const blockedAndCleaned = once(async () => {
  const world = await World.quick();
  const { mend } = await blockDeployment(world);
  await world.clock.advance(60);
  await mend();
  await world.clock.advance(60);
  for (const delay of [30, 30]) {
    await world.put('CleanRequested', { task: 'WAS' });
    await world.until('Cleaned', { after: world.events.length });
    await world.clock.advance(delay);
  }
  return world;
});

/** Three calls of each stage are refused for being too many. */
const throttled = once(async () => {
  const world = await World.quick();
  const refused = new Map<string, number>();
  world.aws.endpoint.intercept((call, proceed) => {
    const stage = isInvocationCaller(call.caller) ? (call.caller.invocation?.function ?? '') : '';
    const times = refused.get(stage) ?? 0;
    if (times === 3 || !isStage(stage) || call.service !== 'auto-scaling') return proceed();
    refused.set(stage, times + 1);
    throw throttlingOf(call.service);
  });
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  await world.clock.advance(30);
  await world.upload('app.war', { health: '500' });
  await world.until('Cleaned');
  return world;
});

describe('of a deployment that completed, and one that failed,', () => {
  test('the outcomes are counted once, by code where there is one; and the cycles of each step', async () => {
    expect(countsIn(await completedAndFailed())).toEqual({
      [`Completed ${STACK}`]: 1,
      [`Failed ${STACK}`]: 1,
      [`Failed ${STACK} Code=T001`]: 1,
      [`Cycles ${STACK} Stage=check-dummy`]: 1 + 2,
      [`Cycles ${STACK} Stage=check-real`]: 1,
    });
  });

  test('it is measured how long they took, and each stage of them', async () => {
    const seconds = measuredIn(await completedAndFailed()).filter(({ unit }) => unit === 'Seconds');
    const stages = ['start', 'check-dummy', 'attach-real', 'check-real', 'swap', 'retire', 'clean-up'];
    expect(new Set(seconds.map(({ metric }) => metric))).toEqual(
      new Set([
        `DeploymentSeconds ${STACK}`,
        `DeploymentSeconds ${STACK} Code=T001`,
        ...stages.map((stage) => `StageSeconds ${STACK} Stage=${stage}`),
      ]),
    );
    const sumOf = (name: string) =>
      seconds.reduce((sum, { metric, value }) => sum + (metric.startsWith(`${name} ${STACK}`) ? value : 0), 0);
    const ofCode = seconds.find(({ metric }) => metric.endsWith('Code=T001'))?.value ?? 0;
    expect(sumOf('StageSeconds')).toBeCloseTo(sumOf('DeploymentSeconds') - ofCode, 0);
  });

  test('a line with metrics says which deployment of which task: as dimensions they would be billed each', async () => {
    for (const { metric, line } of measuredIn(await completedAndFailed())) {
      expect(metric).toMatch(/^\w+( (Stack|Stage|Code)=[\w-]+)+$/);
      expect(line).toMatchObject({ task: 'WAS', deploymentId: expect.any(String), requestId: expect.any(String) });
    }
  });

  test('every line says by which function and in which invocation it was logged', async () => {
    const { logs } = await completedAndFailed();
    expect(logs.length).toBeGreaterThan(50);
    for (const { function: name, line } of logs) {
      expect(line).not.toContain('\n');
      expect(JSON.parse(line)).toMatchObject({
        ...{ function: name, message: expect.any(String), time: expect.stringMatching(/^2030-/) },
        invocationId: expect.stringMatching(/^[\da-f-]{36}$/),
      });
    }
  });

  test('every line of a stage says of which deployment of which task it is, and who asked for it', async () => {
    const { logs, events } = await completedAndFailed();
    const requests = events.flatMap(({ detail }) => (detail.requestId ? [detail.requestId] : []));
    const lines = logs.map(({ line }) => JSON.parse(line));
    const ofStages = lines.filter(({ function: name, stage }) => stage !== undefined && name !== 'notify');
    // The first war of the fleet: no deployment was begun for it.
    const ofDeployments = ofStages.filter(({ message }) => !/serve already/.test(message));
    expect(ofStages.length).toBe(ofDeployments.length + 1);
    expect(new Set(ofDeployments.map(({ stage }) => stage)).size).toBe(7);
    for (const line of ofDeployments) {
      expect(line).toMatchObject({ task: 'WAS', deploymentId: expect.stringMatching(/^2030/) });
      expect(requests).toContain(line.requestId);
      // What a stage makes known when it ends, it says of the one that takes over, or of each that there was.
      if (line.message !== 'opened' && line.message !== 'measured') expect(line.stage).toBe(line.function);
    }
    for (const line of lines.filter(({ function: name }) => name === 'notify')) {
      expect(line).toMatchObject({ task: 'WAS', deploymentId: expect.stringMatching(/^2030/) });
    }
  });
});

test('a request that is not run is counted by its code, once, however often it is delivered', async () => {
  const world = await refusedTwice();
  expect(countsIn(world)).toEqual({ [`Refused ${STACK}`]: 1, [`Refused ${STACK} Code=400`]: 1 });
  expect(measuredIn(world)[0]?.line).toMatchObject({ task: 'NOPE', requestId: 'of jane', stage: 'start' });
});

test('a replay counts nothing again', async () => {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  await world.clock.advance(120);
  const before = measuredIn(world).length;
  await world.replay('again');
  await world.clock.advance(1800);
  expect(measuredIn(world).slice(before)).toEqual([]);
});

test('what waits for an operator is counted when it begins to, and measured when it has ended', async () => {
  const world = await blockedAndCleaned();
  const [first, second, ...more] = measuredIn(world).map(({ metric }) => metric);
  expect([first, second]).toEqual([`Blocked ${STACK}`, `Blocked ${STACK} Code=T015`]);
  expect(countsIn(world)).toMatchObject({ [`Blocked ${STACK}`]: 1, [`Aborted ${STACK}`]: 1, [`Cleaned ${STACK}`]: 1 });
  expect(more.filter((metric) => metric === `StageSeconds ${STACK} Stage=start`)).toHaveLength(1);
});

test('where the account refuses calls for being too many, the stage says how many', async () => {
  const counts = Object.entries(countsIn(await throttled())).filter(([metric]) => metric.startsWith('Throttles'));
  expect(Object.fromEntries(counts)).toEqual(
    Object.fromEntries(STAGES.map((stage) => [`Throttles ${STACK} Stage=${stage}`, 3])),
  );
});

test('dead letters are counted by the watchdog, for as long as they lie there', async () => {
  const world = await World.quick();
  const [QueueUrl] = ['RuleDeadLetters'].map((id) => world.stack.resources.get(id)?.physicalId);
  await world.clock.run(new SQSClient(world.aws.operator).send(new SendMessageCommand({ QueueUrl, MessageBody: '1' })));
  await world.clock.advance(600);
  expect(measuredIn(world)).toMatchObject([1, 1].map((value) => ({ metric: `DeadLetters ${STACK}`, value })));
});

describe('the dashboard', () => {
  const GRAPHED = 50;
  /** "Available CloudWatch metrics for Amazon SQS"; "Types of metrics for Lambda functions". */
  const OF_AWS: Readonly<Record<string, readonly string[]>> = {
    'AWS/SQS QueueName': ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage'],
    'AWS/Lambda FunctionName': ['Errors'],
  };

  async function graphed() {
    const world = await completedAndFailed();
    const { widgets } = JSON.parse(String(world.stack.resources.get('Dashboard')?.properties.DashboardBody));
    const graphs = (widgets as Widget[]).flatMap(({ properties: { metrics = [] } }) => metrics);
    return { world, widgets: widgets as Widget[], graphs };
  }

  interface Widget {
    properties: { metrics?: (string | { expression?: string })[][]; alarms?: string[]; query?: string };
  }

  async function emitted(): Promise<Set<string>> {
    const worlds = [completedAndFailed, refusedTwice, blockedAndCleaned, throttled];
    const all = await Promise.all(worlds.map(async (world) => measuredIn(await world())));
    return new Set(all.flat().map(({ metric }) => metric));
  }

  test('shows nothing of ours that no function emits', async () => {
    const { graphs } = await graphed();
    const shown = graphs.flatMap(([namespace, name, ...dimensions]) => {
      const values = dimensions.filter((one) => typeof one === 'string');
      const pairs = values.flatMap((value, index) => (index % 2 === 1 ? [`${values[index - 1]}=${value}`] : []));
      return namespace === 'BlueGreen' ? [[name, ...pairs].join(' ')] : [];
    });
    const known = await emitted();
    expect(shown.filter((metric) => !known.has(metric))).toEqual([]);
    const counted = [...known].filter((metric) => !metric.includes('Code='));
    expect(counted.filter((metric) => !shown.includes(metric))).toEqual([]);
  });

  test('and the page about it name every metric that there is', async () => {
    const page = readFileSync('docs/watching.md', 'utf8');
    const rows = [...page.matchAll(/^\| `(\w+)` \| ([\w,; ]+) \|/gm)];
    const named = rows.flatMap(([, name, sets = '']) => sets.split('; ').map((set) => `${name} ${set}`));
    const names = [...(await emitted()), `DeadLetters ${STACK}`].map((metric) => {
      const [name, ...dimensions] = metric.split(' ');
      return `${name} ${dimensions.map((dimension) => dimension.split('=')[0]).join(', ')}`;
    });
    expect([...new Set(names)].sort()).toEqual(named.sort());
  });

  test('searches by code for what is counted by code', async () => {
    const { graphs } = await graphed();
    const searched = graphs.flatMap(([first]) => (typeof first === 'object' && first.expression) || []);
    expect(searched).toHaveLength(2);
    const known = [...(await emitted())];
    for (const expression of searched) {
      const [, dimensions, name, stack] =
        /^SEARCH\('\{BlueGreen,([\w,]+)\} MetricName="(\w+)" Stack="([\w-]+)"', 'Sum', \d+\)$/.exec(expression) ?? [];
      expect(dimensions).toBe('Stack,Code');
      expect(known).toContainEqual(expect.stringMatching(new RegExp(`^${name} Stack=${stack} Code=`)));
    }
  });

  test('shows of AWS what there is: of every function, and of queues of the stack', async () => {
    const { world, graphs } = await graphed();
    const names = [...world.stack.resources.values()].flatMap(({ type, physicalId, attributes }) =>
      type === 'AWS::Lambda::Function' ? [physicalId] : type === 'AWS::SQS::Queue' ? [attributes.QueueName] : [],
    );
    const ofAws = graphs.filter(([namespace]) => typeof namespace === 'string' && namespace.startsWith('AWS/'));
    for (const [namespace, name, dimension, value] of ofAws) {
      expect(OF_AWS[`${namespace} ${dimension}`]).toContain(name);
      expect(names).toContain(value);
    }
    expect(ofAws.filter(([, name]) => name === 'Errors')).toHaveLength(functions.length);
  });

  test('has every alarm of the stack, and no more metrics than a dashboard may have that is free', async () => {
    const { world, widgets, graphs } = await graphed();
    const alarms = [...world.stack.resources.values()].filter(({ type }) => type === 'AWS::CloudWatch::Alarm');
    expect(widgets.flatMap(({ properties }) => properties.alarms ?? []).sort()).toEqual(
      alarms.map(({ attributes }) => attributes.Arn).sort(),
    );
    expect(graphs.length).toBeLessThanOrEqual(GRAPHED);
  });

  test('and the queries ask for what lines have', async () => {
    const { world, widgets } = await graphed();
    const queries = [...world.stack.resources.values()].flatMap(({ type, properties }) =>
      type === 'AWS::Logs::QueryDefinition' ? [properties] : [],
    );
    expect(queries.length).toBeGreaterThanOrEqual(5);
    const lines = [world, await refusedTwice(), await blockedAndCleaned()].flatMap(({ logs }) => logs);
    const fields = new Set(lines.flatMap(({ line }) => Object.keys(JSON.parse(line))));
    const groups = functions.map(({ FunctionName }) => `/aws/lambda/${FunctionName}`);
    for (const { LogGroupNames } of queries) expect(LogGroupNames).toEqual(expect.arrayContaining(groups));
    const texts = [
      ...queries.map(({ QueryString }) => String(QueryString)),
      ...widgets.flatMap(({ properties }) => properties.query ?? []),
    ];
    for (const text of texts) {
      const [, shown = ''] = /(?:display|by) ([^|]*)/.exec(text) ?? [];
      const asked = [...(/ispresent\((\w+)\)/.exec(text)?.slice(1) ?? []), ...shown.trim().split(', ')];
      expect(asked.filter((field) => !field.startsWith('@') && !fields.has(field))).toEqual([]);
    }
  });
});

test('nothing wraps what functions write: a line with metrics is one only as it is', () => {
  // "Lambda's log formats", Lambda's guide: in the format JSON it puts what is written into an object of its own.
  const formats = functions.map((one) => (one as { LoggingConfig?: { LogFormat?: string } }).LoggingConfig?.LogFormat);
  expect(formats.filter((format) => format !== undefined && format !== 'Text')).toEqual([]);
});
