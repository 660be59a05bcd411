import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { blockDeployment } from '../../tests/harness/blocked';
import { CommandLine } from '../../tests/harness/command';
import { historyOf } from '../../tests/harness/history';
import { Operator } from '../../tests/harness/operator';
import { RecordObject } from '../../tests/harness/record-object';
import { World } from '../../tests/harness/world';

describe('clean', () => {
  let world: World;
  let command: CommandLine;

  beforeEach(async () => {
    world = await World.quick();
    command = await CommandLine.open(world);
  });
  afterEach(() => command.close());

  test('says what goes and who serves, and ends well when nothing is left over', async () => {
    await new Operator(world).setSize('was-green', 1, 1, 1);
    const { code, output, errors } = await command.run('clean WAS --yes --watch');
    expect(code).toBe(0);
    expect(words(errors)).toMatch(
      /^Users are served by app\.war of .* was-green \(StandBy, 1\/1\/1 now\) will go to 0\/0\/0, unless it alone serves users anywhere\. No test load balancer of WAS is there\./,
    );
    expect(output).toMatch(/^\S+ cleaned after (?:\d+ min|(?:\d+ min )?\d+ s)\.$/m);
    expect(await world.size('was-green')).toBe('0/0/0');
  });

  test('says that there is nothing to take away, and asks all the same', async () => {
    const { errors } = await command.run('clean WAS', { answers: [false] });
    expect(words(errors)).toMatch(
      / There is nothing to take away: was-green \(StandBy\) is empty, and no test load balancer of WAS is there\. Nothing was changed\./,
    );
    expect((await command.run('clean WAS', { answers: [true] })).code).toBe(0);
  });

  test('says how much of tests will be deleted', async () => {
    await world.upload('app.war', { version: '2' });
    await world.until('DummyAttached');
    const record = await world.record();
    new RecordObject(world).overwrite(JSON.stringify({ ...record, status: 'failed' }));
    const { errors } = await command.run('clean WAS', { answers: [false] });
    expect(words(errors)).toContain('Test load balancers and target groups of WAS: 2 will be deleted.');
  });

  test.each(['clean WAS --yes --watch', 'clean WAS --abort --yes --watch'])(
    '%s ends with 4 where users are down all the same',
    async (typed) => {
      const operator = new Operator(world);
      await operator.suspend('was-blue', ['ReplaceUnhealthy']);
      await operator.setHealth('was-blue', 500);
      await world.clock.advance(60);
      const { code, output } = await command.run(typed);
      expect(code).toBe(4);
      expect(words(output)).toMatch(
        / cleaned after (\d+ min )?\d+ s: USERS ARE DOWN\. .* bluegreen status WAS --stack stack/,
      );
    },
  );

  test('without --watch ends when it has begun', async () => {
    const { code, output } = await command.run('clean WAS --yes');
    expect(code).toBe(0);
    expect(output).toMatch(/^\S+ is being cleaned up\.\nFollow it:\n {2}bluegreen watch WAS/);
    await world.until('Cleaned');
  });

  test('leaves a deployment alone that runs, and names the two ways', async () => {
    await world.upload('app.war', { health: '200' });
    await world.until('DummyAttached');
    const { code, errors } = await command.run('clean WAS --yes');
    expect(code).toBe(3);
    expect(words(errors)).toMatch(
      /^Refused with 418: The deployment .* Nothing was changed\..* bluegreen watch WAS .* bluegreen abort WAS/,
    );
    expect(world.story).not.toContain('CleanRequested');
  });

  test('says that it goes forward with what stands still once the version before is detached', async () => {
    await world.clock.run(world.stopWatchdog());
    const { eventBridge } = world.aws;
    eventBridge.deliveryPolicy = ({ target }) => (target.Arn?.endsWith('-retire') ? [] : [0.5]);
    const versionId = await world.upload('app.war', { health: '200' });
    await world.until('Swapped');
    await world.clock.advance(1500);
    eventBridge.deliveryPolicy = () => [0.5];
    const { errors } = await command.run('clean WAS --yes --watch');
    expect(words(errors)).toMatch(
      /was-blue is detached already: it goes forward, as was-green serves; was-blue goes to 0\/0\/0\./,
    );
    expect([await world.size('was-blue'), world.servedVersions()]).toEqual(['0/0/0', [versionId]]);
  });

  test('undoes it with --abort', async () => {
    await world.upload('app.war', { health: '200' });
    await world.until('DummyAttached');
    const { code, errors, output } = await command.run('clean WAS --abort --yes --watch');
    expect(code).toBe(0);
    expect(words(errors)).toContain(
      'will be undone: was-green will go back to 0/0/0, and was-blue will go on serving.',
    );
    expect(output).toMatch(/was aborted and taken back after/);
  });

  test('tells of a refusal by clean-up itself', async () => {
    const { eventBridge } = world.aws;
    await world.upload('app.war', { health: '200' });
    await world.until('Step2Passed');
    eventBridge.deliveryPolicy = ({ event }) => [event['detail-type'] === 'CleanRequested' ? 20 : 0.5];
    const { code, output } = await command.run('clean WAS --abort --yes --watch');
    expect(code).toBe(3);
    expect(words(output)).toMatch(/^Refused with 418: /);
  });

  test('tries anew what an operator had to decide, and ends with 4 where that is still so', async () => {
    const { mend } = await blockDeployment(world);
    const still = await command.run('clean WAS --yes --watch');
    expect(still.code).toBe(4);
    expect(words(still.errors)).toMatch(/Clean-up of \S+ will be tried anew/);
    await mend();
    await world.clock.advance(60);
    expect((await command.run('clean WAS --yes --watch')).code).toBe(0);
  });

  test('mends a record that is damaged', async () => {
    const Bucket = world.stack.outputs.StateBucketName;
    const damage = new PutObjectCommand({ Bucket, Key: 'tasks/WAS.json', Body: '{' });
    await world.clock.run(new S3Client(world.aws.operator).send(damage));
    const { code, errors } = await command.run('clean WAS --yes --watch');
    expect(words(errors)).toContain(
      'The record of WAS is damaged: the newest version of it that can be read will be taken.',
    );
    expect(code).toBe(0);
    const refused = await historyOf(world).newest();
    expect(refused[0]?.outcome).toBe('cleaned');
  });

  test('is refused where the groups are no pair', async () => {
    await new Operator(world).tag('was-green', 'type', 'Active');
    const { code, errors } = await command.run('clean WAS --yes');
    expect({ code, story: world.story }).toEqual({ code: 3, story: [] });
    expect(errors).toMatch(/^Refused with 400: .* tagged [\s\S]*: the task WAS needs exactly one Active/);
  });

  test.each(['was-green', 'was-blue'])(
    'of %s with the bucket of another stack is refused before it is put',
    async (group) => {
      await new Operator(world).tag(group, 'bucket', 'bucket-of-others');
      for (const typed of ['clean WAS --yes', 'deploy WAS --yes']) {
        const { code, errors } = await command.run(typed);
        expect({ typed, code }).toEqual({ typed, code: 3 });
        expect(errors.replace(/\s+/g, ' ')).toMatch(
          /^Refused with 402: The tag bucket of was-\w+ is bucket-of-others, .* Give --stack or --stage of the stack that has that bucket\./,
        );
      }
      expect(world.story).toEqual([]);
    },
  );

  test('asks, and a no or nobody to ask changes nothing', async () => {
    expect((await command.run('clean WAS', { answers: [false] })).code).toBe(3);
    expect((await command.run('clean WAS')).code).toBe(2);
    expect(world.story).toEqual([]);
  });

  test('on Ctrl-C goes on by itself, and says how to come back', async () => {
    await new Operator(world).setSize('was-green', 1, 1, 1);
    const { code, output } = await command.run('clean WAS --yes --watch', { interruptAfterSeconds: 4 });
    expect(code).toBe(5);
    expect(output).toContain('Come back to it:\n  bluegreen watch WAS');
  });

  test('of a task in another spelling names the one that there is', async () => {
    const { code, errors } = await command.run('clean was --yes');
    expect({ code, story: world.story }).toEqual({ code: 2, story: [] });
    expect(errors).toContain('Did you mean WAS?');
  });
});

function words(text: string): string {
  return text.replace(/\s+/g, ' ');
}
