/** The mails of failures and crashes go from EventBridge to the topic by themselves: they arrive, or it is known why not. */
import { AwsError } from '../../local/kernel/service';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { World, type WorldOptions } from '../harness/world';

interface End {
  /** The first line of its mail. */
  mail: string;
  /** What is known of the cause without that mail. */
  cause: RegExp;
  provoke(world: World): void;
}

const ENDS: [name: string, end: End][] = [
  [
    'a failure',
    {
      mail: '"[Failed] Non-disruptive deployment(errCode : T001, Task : WAS)"',
      cause: /Code T001\n {2}\S/,
      provoke: () => undefined, // the war is broken
    },
  ],
  [
    'a crash',
    {
      mail: '"[Failed] Non-disruptive deployment(errCode : T999, Task : WAS)"',
      cause: /Code T999\n {2}the function of check-dummy crashed/,
      provoke: (world) => killAtEvery(world, 'DescribeTargetHealth', 'check-dummy'),
    },
  ],
  [
    'a crash of start',
    {
      mail: '"[Failed] Deploy Start Failed(Task : WAS, errCode : 500)"',
      cause: /Code 500\n {2}the function of start crashed/,
      provoke: (world) => killAtEvery(world, 'CreateTargetGroup', 'start'),
    },
  ],
];

function killAtEvery(world: World, operation: string, of: string): void {
  world.aws.endpoint.intercept(async (call, proceed) => {
    const invocation = isInvocationCaller(call.caller) ? call.caller.invocation : undefined;
    if (invocation?.function === of && call.operation === operation) world.aws.lambda.kill(invocation);
    return proceed();
  });
}

/** Answers the world in which a deployment has ended so, and clean-up after it. */
async function ended({ provoke }: End, options: WorldOptions = {}, prepare = (_: World) => {}): Promise<World> {
  const world = await World.quick(options);
  provoke(world);
  prepare(world);
  await world.upload('app.war', { health: '500' });
  await world.until('Cleaned');
  await world.clock.advance(60);
  return world;
}

function deadLetters(world: World, id: string) {
  return world.aws.sqs.queueByArn(world.stack.resources.get(id)?.attributes.Arn ?? '').contents();
}

describe.each(ENDS)('the mail of %s', (_, end) => {
  test.each([
    ['publishes by the role of the target', true],
    ['asks the policy of the topic alone', false],
  ])('arrives where EventBridge %s', async (_name, actsByRoles) => {
    const world = await ended(end, { settings: { eventBridge: { actsByRoles } } });
    expect(world.mails.filter((subject) => subject === end.mail)).toHaveLength(1);
    expect(deadLetters(world, 'FailureMailDeadLetters')).toEqual([]);
  });

  test('is kept with the reason where it cannot be delivered, and the clean-up mail tells the cause', async () => {
    const topicIsClosed = (world: World) => {
      world.aws.eventBridge.delivery.targetFault = ({ target }) =>
        target.Arn === world.stack.outputs.AdminTopicArn ? new AwsError('AccessDenied', 'closed', 403) : undefined;
    };
    const world = await ended(end, {}, topicIsClosed);
    expect(world.mails).not.toContain(end.mail);
    const letters = deadLetters(world, 'FailureMailDeadLetters');
    expect(letters.map(({ attributes }) => attributes.ERROR_CODE?.StringValue)).toEqual(['NO_PERMISSIONS']);
    expect(deadLetters(world, 'RuleDeadLetters')).toEqual([]); // whose alarm says to replay, which mails nothing
    const cleaned = world.aws.sns.mails.filter(({ subject }) => subject === '[Success] Deploy Clean(Task : WAS)');
    expect(cleaned.map(({ body }) => body)).toEqual([expect.stringMatching(end.cause)]);
  });
});
