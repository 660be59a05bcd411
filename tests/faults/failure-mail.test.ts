/**
 * A failure or a crash is mailed by EventBridge, without any code of ours, and by notify, with a subject; then clean-up's
 * mail ends it. Each arrives once, or it is known why not.
 */
import { DeleteObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
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
      cause:
        /Code T999\n {2}the function bluegreen-dev-check-dummy broke off on every attempt: Runtime.ExitError: Runtime exited with error: signal: killed \(log of/,
      provoke: (world) => killAtEvery(world, 'DescribeTargetHealth', 'check-dummy'),
    },
  ],
  [
    'a crash of start',
    {
      mail: '"[Failed] Deploy Start Failed(Task : WAS, errCode : 500)"',
      cause:
        /Code 500\n {2}the function bluegreen-dev-start broke off on every attempt: Runtime.ExitError: Runtime exited with error: signal: killed \(log of/,
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

const CLEANED = '[Success] Deploy Clean(Task : WAS)';

/** The mails that tell of failures and of their ends. */
function told(world: World): string[] {
  return world.mails.filter((subject) => /\[Failed\]|Deploy Clean/.test(subject));
}

/** Without the quotes that EventBridge keeps around the lines of a template. */
function subjectOf({ mail }: End): string {
  return mail.slice(1, -1);
}

/** The marks of mails that were sent do not last for ever. */
async function forgetMails({ aws, clock, stack }: World): Promise<void> {
  const client = new S3Client(aws.operator);
  const Bucket = stack.outputs.StateBucketName;
  const { Contents = [] } = await clock.run(client.send(new ListObjectsV2Command({ Bucket, Prefix: 'mails/' })));
  for (const { Key } of Contents) await clock.run(client.send(new DeleteObjectCommand({ Bucket, Key })));
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

  test('is three lines: the subject, why, and the command where no mail with this subject follows', async () => {
    const world = await ended(end);
    const mail = world.aws.sns.mails.find(({ body }) => body.startsWith(end.mail));
    const [subject, why, next, ...more] = mail?.body.split('\n') ?? [];
    expect(subject).toBe(end.mail);
    expect(why).toMatch(/^"Why: [^"\\<>]{20,}"$/);
    expect(next).toMatch(
      /^"A mail with this as its subject follows\. .* five minutes, run {2}aws logs tail [^"\\<>]+"$/,
    );
    expect(next).toContain('/aws/lambda/bluegreen-dev-clean-up');
    expect(more).toEqual([]);
  });

  test('is followed by one of notify and one of clean-up, also where it is told twice', async () => {
    const world = await ended(end, {}, ({ aws }) => {
      aws.eventBridge.deliveryPolicy = ({ event, target }) =>
        /Fail/.test(event['detail-type']) && !target.Arn?.includes(':sns:') ? [0.5, 1.5, 30] : [0.5];
    });
    await world.clock.advance(3600);
    expect(told(world).toSorted()).toEqual([end.mail, CLEANED, subjectOf(end)].toSorted());
  });

  test('is not repeated by a replay, also when nobody remembers that it was sent', async () => {
    const world = await ended(end);
    await world.clock.advance(1200);
    const failures = () => world.mails.filter((subject) => subject.includes('[Failed]'));
    expect(failures().toSorted()).toEqual([end.mail, subjectOf(end)].toSorted());
    await forgetMails(world);
    await world.replay('everything');
    await world.clock.advance(3600);
    expect(failures()).toHaveLength(2);
  });
});
