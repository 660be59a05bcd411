import { buildWar } from '../../local/fleet/war';
import { AwsError } from '../../local/kernel/service';
import { CommandLine } from '../../tests/harness/command';
import { Operator } from '../../tests/harness/operator';
import { World } from '../../tests/harness/world';

const MANUAL = { extraTags: { autodeploy: 'false' } };

describe('deploy', () => {
  let world: World;
  let command: CommandLine;

  beforeEach(async () => {
    world = await World.quick({ fleet: MANUAL });
    command = await CommandLine.open(world);
  });
  afterEach(() => command.close());

  test('says what it will do, follows it, and ends when the new version serves', async () => {
    const versionId = await named('2.4.1');
    const { code, output, errors } = await command.run('deploy WAS --yes --watch');
    expect(code).toBe(0);
    expect(errors).toMatch(
      /^app\.war uploaded .* \(.{8}\) → 2\.4\.1 \(.{8}\) on\s+was-green, 2\s+instances;\s+was-blue\s+serves\s+until\s+then\.$/m,
    );
    expect(output).toMatch(/completed after (\d+ min )?\d+ s\.$/m);
    expect(world.servedVersions()).toEqual([versionId]);
  });

  test('is asked for at the time that AWS has, whatever this machine thinks', async () => {
    await world.clock.advance(600);
    const at = world.clock.now().getTime();
    const { code, output } = await command.run('deploy WAS --latest --yes --watch', { clockBehindSeconds: 3600 });
    expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/completed after/) });
    const { request } = await world.record();
    expect(Math.abs(Date.parse(request.requestedAt) - at)).toBeLessThan(10_000);
  });

  test('without --watch ends when it has begun, and says how to follow it', async () => {
    await named('2.4.1');
    const { code, output } = await command.run('deploy WAS --yes');
    expect(code).toBe(0);
    expect(output).toMatch(/^\S+ has begun\.\nFollow it:\n {2}bluegreen watch WAS --stack stack\n$/);
    await world.until('Completed');
  });

  test('asks at a terminal, and a no changes nothing', async () => {
    await named('2.4.1');
    const { code, errors } = await command.run('deploy WAS', { answers: [false] });
    expect({ code, story: world.story }).toEqual({ code: 3, story: [] });
    expect(errors).toContain('Nothing was changed');
    expect((await command.run('deploy WAS', { answers: [true] })).code).toBe(0);
  });

  test('does not tell a no as an error', async () => {
    const { errors } = await command.run('deploy WAS --version 2.4', {
      isTerminal: true,
      environment: { TERM: 'xterm' },
    });
    expect(errors).toContain('\u001b[31m');
    const asked = { isTerminal: true, environment: { TERM: 'xterm' }, answers: [false] };
    expect((await command.run('deploy WAS', asked)).errors).not.toContain('\u001b[31m');
  });

  test('where nobody can be asked, says what it would do, and does not', async () => {
    await named('2.4.1');
    const { code, errors } = await command.run('deploy WAS');
    expect({ code, story: world.story }).toEqual({ code: 2, story: [] });
    expect(errors).toMatch(/→ 2\.4\.1 [\s\S]*Nobody can be asked here[\s\S]*--yes/);
  });

  test.each([
    ['its name', () => '2.4.0'],
    ['its id', (versionId: string) => versionId],
    ['the beginning of its id', (versionId: string) => versionId.slice(0, 6)],
    ['as it is shown', (versionId: string) => `2.4.0 (${versionId.slice(0, 8)})`],
    ['its commit', () => 'a1b2c3d4e5f6a7b8'],
  ])('takes a version by %s', async (_, typed) => {
    const versionId = await named('2.4.0', { commit: 'a1b2c3d4e5f6a7b8' });
    await named('2.4.1');
    const { code } = await command.run(['deploy', 'WAS', '--version', typed(versionId), '--yes', '--watch']);
    expect({ code, served: world.servedVersions() }).toEqual({ code: 0, served: [versionId] });
  });

  test('deploys nothing else than what it asked about', async () => {
    await named('2.4.0');
    const { code, errors } = await command.run('deploy WAS', { answers: [() => named('2.4.1')] });
    expect({ code, story: world.story }).toEqual({ code: 3, story: [] });
    expect(errors.replace(/\s+/g, ' ')).toMatch(
      /It has changed meanwhile: app\.war .* → 2\.4\.1 .* Nothing was changed\./,
    );
  });

  test('answers a name that there is not with the nearest, and the newest', async () => {
    await named('2.4.0');
    await named('2.4.1');
    const { code, errors } = await command.run('deploy WAS --version 2.4.11 --yes', { columns: 300 });
    expect({ code, story: world.story }).toEqual({ code: 2, story: [] });
    expect(errors).toMatch(
      /^No version of app\.war is called 2\.4\.11\.\nDid you mean 2\.4\.1\? The newest: 2\.4\.1 \(.{8}\), 2\.4\.0 \(.{8}\), uploaded/,
    );
  });

  test('answers a name that several have with each of them', async () => {
    const ids = [await named('2.4.0'), await named('2.4.0')];
    const { code, errors } = await command.run('deploy WAS --version 2.4.0 --yes', { columns: 300 });
    expect(code).toBe(2);
    expect(errors).toContain('2 versions of app.war match 2.4.0.');
    for (const id of ids) expect(errors).toContain(`2.4.0 (${id.slice(0, 8)})`);
  });

  test('knows from the history a version that is older than those that are asked for their names', async () => {
    const old = await named('1.0');
    expect((await command.run('deploy WAS --yes --watch')).code).toBe(0);
    for (let build = 0; build < 41; build++) await named(`2.${build}`);
    expect((await command.run('deploy WAS --yes --watch')).code).toBe(0);
    expect((await command.run('deploy WAS --version 1.0 --yes --watch')).code).toBe(0);
    expect(world.servedVersions()).toEqual([old]);
  });

  test('does not take the beginning of an id that is too short for one', async () => {
    const versionId = await named('2.4.0');
    const { code, errors } = await command.run(['deploy', 'WAS', '--version', versionId.slice(0, 4), '--yes']);
    expect(code).toBe(2);
    expect(errors).toContain('at least 6 characters');
  });

  test.each([
    ['deploy was --yes', 2, 'Did you mean WAS?'],
    ['deploy WAS --yes --latest --version 2', 2, '--latest and --version contradict each other'],
    ['deploy WAS --yes --capacity two', 2, '--capacity is not a number'],
    ['deploy WAS --yes --watch --timeout soon', 2, '--timeout is not a number'],
    ['deploy WAS --yes --timeout 9', 2, '--timeout is of --watch'],
    ['deploy WAS --yes --version api.war=2', 2, 'WAS has no war api.war'],
    ['deploy WAS --yes --version', 2, '--version has no value'],
    ['deploy WAS --yes --versoin 2', 2, 'versoin'],
    ['deploy', 2, 'deploy needs a task'],
  ])('%s is answered without anything being put', async (typed, code, said) => {
    const ran = await command.run(typed);
    expect(ran.errors).toContain(said);
    expect({ code: ran.code, story: world.story }).toEqual({ code, story: [] });
  });

  test('refuses while another deployment runs, and says what to do', async () => {
    await named('2.4.1');
    await command.run('deploy WAS --yes');
    const after = world.events.length;
    const { code, errors } = await command.run('deploy WAS --yes');
    expect(code).toBe(3);
    expect(errors).toMatch(
      /^Refused with 401: The deployment \S+ of WAS is in [\s\S]*bluegreen watch WAS [\s\S]*bluegreen abort WAS/,
    );
    expect(world.events.slice(after).map((event) => event['detail-type'])).not.toContain('DeployRequested');
  });

  test.each(['Swapped', 'Failed'])(
    'does not advise to undo what cannot be undone any more: after %s',
    async (event) => {
      await world.upload('app.war', { health: event === 'Failed' ? '500' : '200' });
      await command.run('deploy WAS --yes');
      await world.until(event);
      const { code, errors } = await command.run('deploy WAS --yes');
      expect(code).toBe(3);
      expect(errors).toMatch(/^Refused with 401: [\s\S]*\sNothing\swas\schanged\.\n[\s\S]*bluegreen watch WAS/);
      expect(errors).not.toContain('bluegreen abort');
      expect(errors.includes('bluegreen rollback WAS')).toBe(event === 'Swapped');
    },
  );

  test('refuses with the code of start what could not be deployed', async () => {
    await world.uploadBytes('app.war', 'no zip');
    const { code, output } = await command.run('deploy WAS --yes --json');
    expect({ code, story: world.story }).toEqual({ code: 3, story: [] });
    expect(JSON.parse(output).error).toMatchObject({ code: '402', exitCode: 3 });
  });

  test('refuses where StandBy is not empty', async () => {
    await new Operator(world).setSize(world.fleet.standByGroup, 1, 1, 1);
    const { code, errors } = await command.run('deploy WAS --yes');
    expect({ code, story: world.story }).toEqual({ code: 3, story: [] });
    expect(errors).toMatch(/^Refused with 401: /);
  });

  test('ends with 1 where the new version is not well', async () => {
    await world.upload('app.war', { health: '500' });
    const { code, output } = await command.run('deploy WAS --yes --watch');
    expect(code).toBe(1);
    expect(output).toMatch(/failed and was taken back after (\d+ min )?\d+ s \(T001: [\s\S]*bluegreen explain WAS/);
  });

  test('warns that what it takes has just failed, or was aborted, and no more once it has served', async () => {
    const versionId = await world.uploadBytes('app.war', buildWar({ health: '500' }), {
      Metadata: { version: '2.5.0' },
    });
    const asked = async (typed = 'deploy WAS') => {
      const { errors } = await command.run(typed, { answers: [false] });
      return errors.replace(/\s+/g, ' ');
    };
    expect(await asked()).not.toContain('!');
    await command.run('deploy WAS --yes --watch');
    const id = versionId.slice(0, 8);
    expect(await asked()).toMatch(
      new RegExp(`! 2\\.5\\.0 \\(${id}\\) failed with T001 at \\d\\d:\\d\\d and was taken back\\.`),
    );
    const { output } = await command.run('doctor WAS');
    expect(output.replace(/\s+/g, ' ')).toMatch(
      /! A deployment would take it, and 2\.5\.0 \(.{8}\) failed with T001 at \d\d:\d\d and was taken back\./,
    );
    await named('2.5.1');
    expect(await asked()).not.toContain('!');
    await command.run('deploy WAS --yes');
    await world.until('DummyAttached');
    await command.run('abort WAS --yes --watch');
    await world.clock.advance(60);
    expect(await asked()).toMatch(/! 2\.5\.1 \(.{8}\) was aborted at \d\d:\d\d and was taken back\./);
    await world.clock.advance(24 * 3600);
    expect(await asked()).toMatch(/! 2\.5\.1 \(.{8}\) was aborted at 2030-01-01 \d\d:\d\d and was taken back\./);
    expect((await command.run('deploy WAS --yes --watch')).code).toBe(0);
    await command.run('rollback WAS --yes --watch');
    expect(await asked('deploy WAS --latest')).not.toContain('!');
  });

  test('ends with 5 when its time is over, or on Ctrl-C, and says how to come back', async () => {
    await named('2.4.1');
    const late = await command.run('deploy WAS --yes --watch --timeout 20');
    expect(late.code).toBe(5);
    expect(late.output).toMatch(/goes on by itself\.\nCome back to it:\n {2}bluegreen watch WAS/);
    await world.until('Completed');
    await world.clock.advance(60);
    await named('2.4.2');
    const interrupted = await command.run('deploy WAS --yes --watch', { interruptAfterSeconds: 60 });
    expect(interrupted.code).toBe(5);
    expect(interrupted.output).toMatch(/goes on by itself\.\nCome back to it:\n {2}bluegreen watch WAS/);
    expect((await command.run('watch WAS')).code).toBe(0);
  });

  test('leaves what was rolled back, says so, and takes it with --latest', async () => {
    const first = world.fleet.versionIds[0] ?? '';
    const second = await named('2.4.1');
    await command.run('deploy WAS --yes --watch');
    const back = await command.run(['deploy', 'WAS', '--version', first.slice(0, 8), '--yes', '--watch']);
    expect(back.errors.replace(/\s+/g, ' ')).toMatch(
      /From then on app\.war 2\.4\.1 \(.{8}\) is held: no plain deployment brings it back\. A newer upload lifts that, or: bluegreen deploy WAS --latest --stack stack/,
    );
    const plain = await command.run('deploy WAS --yes --watch');
    expect(plain.errors.replace(/\s+/g, ' ')).toContain('was rolled back. Upload a newer one, or request latest.');
    expect(world.servedVersions()).toEqual([first]);
    expect((await command.run('deploy WAS --latest --yes --watch')).code).toBe(0);
    expect(world.servedVersions()).toEqual([second]);
  });

  test('keeps the commands that it names whole, however narrow the page is', async () => {
    await named('2.4.1');
    await command.run('deploy WAS --yes');
    const { errors } = await command.run('deploy WAS --yes', { columns: 60 });
    const lines = errors.trimEnd().split('\n');
    expect(lines.slice(-2)).toEqual(['  bluegreen watch WAS --stack stack', '  bluegreen abort WAS --stack stack']);
    expect(lines.filter((line) => line.length > 60)).toEqual([]);
  });

  test.each([
    ['AccessDenied', 403, 'AWS does not let you do this'],
    ['ThrottlingException', 400, 'AWS throttles this account'],
  ])('says in a sentence that the bus answers %s', async (code, status, said) => {
    await named('2.4.1');
    world.aws.endpoint.intercept(async (call, proceed) => {
      if (call.operation === 'PutEvents' && call.caller.principal === 'operator')
        throw new AwsError(code, code, status);
      return proceed();
    });
    const ran = await command.run('deploy WAS --yes');
    expect(ran.errors).toContain(said);
    expect({ code: ran.code, story: world.story }).toEqual({ code: 6, story: [] });
  });

  test('does without the rules of the bus where it may not read them', async () => {
    await named('2.4.1');
    world.aws.endpoint.intercept(async (call, proceed) => {
      if (call.operation !== 'ListRules' || call.caller.principal !== 'operator') return proceed();
      throw new AwsError('AccessDeniedException', 'not authorized', 400);
    });
    expect((await command.run('deploy WAS --yes')).code).toBe(0);
  });

  test('answers programs with one object that fits its schema', async () => {
    const versionId = await named('2.4.1');
    const { output } = await command.run('deploy WAS --yes --watch --json');
    const from = world.fleet.versionIds[0];
    expect(JSON.parse(output)).toMatchObject({
      ...{ task: 'WAS', outcome: 'completed' },
      wars: [{ slot: 1, key: 'app.war', from: { versionId: from }, to: { versionId, name: '2.4.1' } }],
    });
  });

  function named(version: string, more: Record<string, string> = {}): Promise<string> {
    return world.uploadBytes('app.war', warOf(version), { Metadata: { version, ...more } });
  }
});

describe('deploy of a task with several wars', () => {
  let world: World;
  let command: CommandLine;

  beforeEach(async () => {
    world = await World.quick({ fleet: { ...MANUAL, warKeys: ['app.war', 'releases/api.war'] } });
    command = await CommandLine.open(world);
  });
  afterEach(() => command.close());

  test.each(['2', 'releases/api.war', 'api.war'])('changes the war %s alone', async (slot) => {
    await world.uploadBytes('app.war', warOf('9'), { Metadata: { version: '9' } });
    const api = await world.uploadBytes('releases/api.war', warOf('3'), { Metadata: { version: '3' } });
    const { code, errors } = await command.run(['deploy', 'WAS', '--version', `${slot}=3`, '--yes', '--watch']);
    expect(code).toBe(0);
    expect(errors).toMatch(/app\.war stays uploaded [\s\S]*releases\/api\.war\s+uploaded [\s\S]*→ 3 /);
    expect([world.servedVersions(1), world.servedVersions(2)]).toEqual([[world.fleet.versionIds[0]], [api]]);
  });

  test.each([
    ['--version 3', 'Say which one: app.war=3. There are: 1 (app.war), 2 (releases/api.war).'],
    ['--version apl.war=3', 'WAS has no war apl.war. Did you mean app.war?'],
    ['--version 1=3 --version app.war=4', 'app.war is given two versions'],
  ])('%s is answered without anything being put', async (typed, said) => {
    const { code, errors } = await command.run(`deploy WAS --yes ${typed}`);
    expect({ code, story: world.story }).toEqual({ code: 2, story: [] });
    expect(errors.replace(/\s+/g, ' ')).toContain(said);
  });
});

function warOf(version: string): Uint8Array {
  return buildWar({ health: '200', version });
}
