import { AwsError } from '../../local/kernel/service';
import { throttlingOf } from '../../local/kernel/throttle';
import { blockDeployment } from '../../tests/harness/blocked';
import { CommandLine } from '../../tests/harness/command';
import { Operator } from '../../tests/harness/operator';
import { World } from '../../tests/harness/world';

describe('abort', () => {
  let world: World;
  let command: CommandLine;

  beforeEach(async () => {
    world = await World.quick();
    command = await CommandLine.open(world);
  });
  afterEach(() => command.close());

  async function deployed(): Promise<void> {
    await world.upload('app.war', { health: '200' });
    await world.until('Completed');
  }

  function eventCount(name: string): number {
    return world.story.filter((one) => one === name).length;
  }

  test('says what will be undone and who serves, and ends well when it is undone', async () => {
    await world.upload('app.war', { health: '200' });
    await world.until('DummyAttached');
    const { code, output, errors } = await command.run([
      'abort',
      'WAS',
      '--reason',
      'wrong branch',
      '--yes',
      '--watch',
    ]);
    expect(code).toBe(0);
    expect(words(errors)).toMatch(
      /^Users are served by app\.war of .* is being tested where no user is\. Nothing to do\. \S+ will be undone: was-green will go back to 0\/0\/0, and was-blue will go on serving\./,
    );
    expect(words(output)).toMatch(
      /was aborted and taken back after (\d+ min )?\d+ s \(T015: aborted by jane: wrong branch\)\./,
    );
    expect([await world.size('was-green'), world.servedVersions()]).toEqual(['0/0/0', world.fleet.versionIds]);
  });

  test('without --watch ends when it has been taken on', async () => {
    await world.upload('app.war', { health: '200' });
    await world.until('DummyAttached');
    const { code, output } = await command.run('abort WAS --yes');
    expect(code).toBe(0);
    expect(output).toMatch(/^\S+ is being undone\.\nFollow it:\n {2}bluegreen watch WAS/);
    await world.until('Cleaned');
  });

  test.each([
    ['never anything has run', async () => {}, /How it stands: bluegreen status WAS --stack stack $/i],
    ['the last one has ended', () => deployed(), /To go back from what serves: bluegreen rollback WAS --stack stack $/],
  ])('where %s says so, and what is asked for right behind it is deployed', async (_, before, next) => {
    await before();
    const { story } = world;
    const { code, errors, output } = await command.run('abort WAS --yes');
    expect({ code, output, story: world.story }).toEqual({ code: 3, output: '', story });
    expect(words(errors)).toMatch(
      /^Refused with 418: There is nothing to abort: nothing runs for WAS\. Nothing was changed\./,
    );
    expect(words(errors)).toMatch(next);
    const json = await command.run('abort WAS --yes --json');
    expect({ ...JSON.parse(json.output).error, code: json.code }).toMatchObject({ code: 3, exitCode: 3 });
    expect((await command.run('deploy WAS --yes --watch')).code).toBe(0);
  });

  test('between two deployments names the upload that waits, and gives it up where that is asked for', async () => {
    await world.upload('app.war', { health: '200' });
    await world.until('DummyAttached');
    const waiting = await world.upload('app.war', { health: '200', version: '3' });
    await world.clock.advance(20);
    expect((await command.run('abort WAS --yes')).code).toBe(0);
    // `start` has taken it: nothing else begins.
    world.aws.eventBridge.deliveryPolicy = ({ target }) => (target.Arn?.endsWith('-start') ? [60] : [0.5]);
    await world.until('Cleaned');
    const { code, errors } = await command.run('abort WAS --yes');
    expect(code).toBe(3);
    expect(words(errors)).toMatch(
      /What waits \(the upload of app\.war\) begins within seconds\. To give it up: bluegreen abort WAS --drop-pending/,
    );
    const dropped = await command.run('abort WAS --drop-pending', { answers: [false] });
    expect(words(dropped.errors)).toContain('Nothing runs. What waits (the upload of app.war) will be given up.');
    await command.run('abort WAS --drop-pending --yes');
    await world.clock.advance(1800);
    expect(world.servedVersions()).not.toEqual([waiting]);
  });

  test('gives up an upload that waits until it is known whose it is, of which status tells', async () => {
    const refuse = world.aws.endpoint.intercept((call, proceed) =>
      call.caller.principal === 'WarUploadedRole' && call.operation === 'DescribeAutoScalingGroups'
        ? Promise.reject(throttlingOf(call.service))
        : proceed(),
    );
    expect((await command.run('status WAS')).output).not.toMatch(/upload waits/);
    await world.upload('app.war', { health: '200', version: '2' });
    await world.clock.advance(900);
    const { output } = await command.run('status WAS');
    expect(words(output)).toContain(
      'One upload waits until it is known of which task: one of this task is deployed then',
    );
    const { errors } = await command.run('abort WAS --drop-pending --yes');
    expect(words(errors)).toContain('One of before now that waits for its turn will be given up when it comes.');
    await world.clock.advance(60);
    refuse();
    await world.until('Cleaned');
    expect(world.servedVersions()).toEqual(world.fleet.versionIds);
    expect((await command.run('status WAS')).output).not.toMatch(/upload waits/);
  });

  test('counts as the pipeline answers it where the deployment passes the last moment while it asks', async () => {
    await world.upload('app.war', { health: '200' });
    await world.until('Step2Passed');
    const { code, output } = await command.run('abort WAS', { answers: [() => world.until('Swapped')] });
    expect(code).toBe(3);
    expect(words(output)).toMatch(/^Refused with 418: was-blue \(Active\) is detached already\./);
    expect(world.story).toContain('AbortRequested');
  });

  test('does not undo the deployment that came after the one that it named', async () => {
    await world.upload('app.war', { health: '200' });
    await world.until('DummyAttached');
    const { deploymentId } = await world.record();
    await world.upload('app.war', { health: '200', version: '3' });
    const { code, errors } = await command.run('abort WAS --watch', {
      answers: [() => world.clock.runUntil(() => eventCount('DummyAttached') === 2)],
    });
    expect(code).toBe(3);
    expect(words(errors)).toMatch(
      new RegExp(`It has changed meanwhile: ${deploymentId} has ended, and \\S+ runs\\. Nothing was changed\\.`),
    );
    expect(world.story).not.toContain('AbortRequested');
  });

  test('follows the deployment that it undid, also where the next one has begun before it is looked at', async () => {
    await world.upload('app.war', { health: '200' });
    await world.until('DummyAttached');
    const { deploymentId } = await world.record();
    await world.upload('app.war', { health: '200', version: '3' });
    let isPut = false;
    world.aws.endpoint.intercept((call, proceed) => {
      if (call.caller.principal !== 'operator') return proceed();
      isPut ||= call.operation === 'PutEvents';
      const isHidden = isPut && eventCount('Started') === 1 && String(call.input.Key ?? '').startsWith('tasks/');
      return isHidden ? Promise.reject(new AwsError('SlowDown', 'Please reduce your request rate.', 503)) : proceed();
    });
    const { code, output } = await command.run('abort WAS --yes --watch --json');
    expect({ ...JSON.parse(output), code }).toMatchObject({ code: 0, deploymentId, outcome: 'aborted' });
  });

  test('interrupted before the request is put changes nothing, and says so', async () => {
    await world.upload('app.war', { health: '200' });
    await world.until('DummyAttached');
    const { code, errors } = await command.run('abort WAS --yes', { interruptAfterSeconds: 0.05 });
    expect({ code, errors: words(errors) }).toEqual({
      code: 130,
      errors: 'Interrupted. Nothing was changed. ',
    });
    expect(world.story).not.toContain('AbortRequested');
  });

  test('says what waits, and gives it up where that is asked for', async () => {
    await world.upload('app.war', { health: '200' });
    await world.until('DummyAttached');
    const waiting = await world.upload('app.war', { health: '200', version: '3' });
    await world.clock.advance(20);
    const asked = await command.run('abort WAS', { answers: [false] });
    expect(words(asked.errors)).toContain('What waits (the upload of app.war) will be deployed then.');
    const { code, errors } = await command.run('abort WAS --drop-pending --yes --watch');
    expect(code).toBe(0);
    expect(words(errors)).toContain('What waits (the upload of app.war) will be given up.');
    await world.clock.advance(1800);
    expect(world.servedVersions()).not.toEqual([waiting]);
  });

  test('is refused once the version before is detached, before anything is put', async () => {
    await world.upload('app.war', { health: '200' });
    await world.until('Swapped');
    const { code, errors } = await command.run('abort WAS --yes');
    expect(code).toBe(3);
    expect(words(errors)).toMatch(
      /^Refused with 418: was-blue \(Active\) is detached already\..* Nothing was changed\. Let it end/,
    );
    expect(world.story).not.toContain('AbortRequested');
  });

  test('is refused where clean-up works, or has stopped', async () => {
    await world.upload('app.war', { health: '500' });
    await world.until('Failed');
    const working = await command.run('abort WAS --yes');
    expect(working.code).toBe(3);
    expect(words(working.errors)).toMatch(
      /^Refused with 418: There is nothing to abort: \S+ is being undone already\. Nothing was changed\. Follow it/,
    );
  });

  test('is refused where an operator has to decide', async () => {
    await blockDeployment(world);
    const { code, errors } = await command.run('abort WAS --yes');
    expect(code).toBe(3);
    expect(words(errors)).toMatch(
      /^Refused with 418: .* has stopped\. Nothing was changed\. Clean up: bluegreen clean WAS/,
    );
  });

  test('ends with 4 where clean-up needs an operator', async () => {
    const { eventBridge } = world.aws;
    eventBridge.deliveryPolicy = ({ target }) => (target.Arn?.endsWith('-swap') ? [] : [0.5]);
    await world.upload('app.war', { version: '2' });
    await world.until('Step2Passed');
    const operator = new Operator(world);
    await operator.suspend(world.fleet.activeGroup, ['ReplaceUnhealthy']);
    await operator.setHealth(world.fleet.activeGroup, 500);
    await world.clock.advance(60);
    expect((await command.run('abort WAS --yes --watch')).code).toBe(4);
  });

  test('asks, and a no or nobody to ask changes nothing', async () => {
    await world.upload('app.war', { health: '200' });
    await world.until('DummyAttached');
    expect((await command.run('abort WAS', { answers: [false] })).code).toBe(3);
    expect((await command.run('abort WAS')).code).toBe(2);
    expect(world.story).not.toContain('AbortRequested');
  });

  test('on Ctrl-C goes on by itself, and says how to come back', async () => {
    await world.upload('app.war', { health: '200' });
    await world.until('RealAttached');
    const { code, output } = await command.run('abort WAS --yes --watch', { interruptAfterSeconds: 12 });
    expect(code).toBe(5);
    expect(output).toContain('Come back to it:\n  bluegreen watch WAS');
    await world.until('Cleaned');
  });

  test.each([
    ['abort was --yes', 'Did you mean WAS?'],
    ['abort WAS --yes --reason', 'reason'],
    ['abort WAS --yes --drop', 'drop'],
  ])('%s is answered without anything being put', async (typed, said) => {
    const { code, errors } = await command.run(typed);
    expect(errors).toContain(said);
    expect({ code, story: world.story }).toEqual({ code: 2, story: [] });
  });
});

function words(text: string): string {
  return text.replace(/\s+/g, ' ');
}
