import { AwsError, type Call } from '../../local/kernel/service';
import { blockDeployment } from '../../tests/harness/blocked';
import { CommandLine, type CommandOptions } from '../../tests/harness/command';
import { historyOf } from '../../tests/harness/history';
import { Operator } from '../../tests/harness/operator';
import { recordOf } from '../../tests/harness/plain-data';
import { World, type WorldOptions } from '../../tests/harness/world';
import { status } from './status';

let world: World;
let command: CommandLine;

async function open(options: WorldOptions = {}): Promise<void> {
  world = await World.quick(options);
  command = await CommandLine.open(world);
}
afterEach(() => command.close());

async function shown(words: string, options?: CommandOptions): Promise<string> {
  const { code, output, errors } = await command.run(words, options);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  return output;
}

function refuse(isRefused: (call: Call) => boolean, error: AwsError): void {
  world.aws.endpoint.intercept((call, proceed) => {
    return call.caller.principal === 'operator' && isRefused(call) ? Promise.reject(error) : proceed();
  });
}

async function untilStep1(): Promise<void> {
  await world.upload('app.war', { health: '500' });
  await world.until('DummyAttached');
  await world.clock.advance(40);
}

function expectFitting(output: string, columns: number): void {
  const tooLong = output.split('\n').filter((line) => line.length > columns && !/^ {2}(aws |#)/.test(line));
  expect(tooLong).toEqual([]);
  expect(output.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
}

describe('status of one task', () => {
  test('that was never deployed says who serves', async () => {
    await open();
    const output = await shown('status WAS');
    expect(output).toMatch(
      /^Users are served by app\.war of 2030-01-01 00:00 \(\S+\)\. Nothing was deployed\nyet\. Nothing to do\.$/m,
    );
    expect(output).toMatch(/^was-blue: Active, 2 of 2 in service \(2 to 4\)$/m);
    expect(output).toMatch(/^was-green: StandBy, 0 of 0 in service \(0 to 0\)$/m);
  });

  test('in step 1 shows the chain with its limits, and every instance on load balancer and clone', async () => {
    await open();
    await untilStep1();
    const output = await shown('status WAS');
    expect(output).toMatch(/is being\s+tested where no user is\. Nothing to do\./);
    expect(output).toMatch(/^✔ start +\d\d:\d\d:\d\d {2}\d+ s$/m);
    expect(output).toMatch(/^● check-dummy +\d\d:\d\d:\d\d {2}40 s, at most 12 min; waits for/m);
    expect(output).toMatch(/^· retire +at most 10 min$/m);
    expect(output).toMatch(/^ {2}INSTANCE +STATE +1 +1 clone$/m);
    expect(output).toMatch(/^was-green: StandBy, 2 of 2 .*\n.*\n? {2}i-\w+ +InService +- +unhealthy$/m);
    expect(output).toMatch(/^1 = was-web-1 of was-web$/m);
    expect(output).toMatch(/unhealthy on clone of was-web-1 of\s+was-web: Target\.ResponseCodeMismatch/);
  });

  test.each([60, 80, 100])('fits %d columns', async (columns) => {
    await open();
    await untilStep1();
    expectFitting(await shown('status WAS', { columns }), columns);
    expectFitting(await shown('status', { columns }), columns);
  });

  test('while it is taken back, and after it, says why', async () => {
    await open();
    await untilStep1();
    await world.until('Failed');
    expect(await shown('status WAS')).toMatch(/is being taken back \(T001:/);
    await world.until('Cleaned');
    const output = await shown('status WAS');
    expect(output).toMatch(
      /The last deployment,\s+of\s+app\.war\s+of\s+2030[^,]*,\s+failed \(T001\), and was\s+taken back\.\s+Nothing to do\.$/m,
    );
    expect(output).not.toMatch(/check-dummy/);
  });

  test('that was aborted or cleaned as somebody asked has not failed', async () => {
    await open();
    await world.put('CleanRequested', { task: 'WAS', requestedBy: 'jane' });
    await world.until('Cleaned');
    expect((await shown('status WAS')).replace(/\s+/g, ' ')).toMatch(/The last clean-up, asked for by jane, is done\./);
    expect(await shown('status')).toMatch(/^WAS +cleaned +\d+ \w+ +of 2030-01-01 00:00$/m);
    await world.upload('app.war', { version: '2' });
    await world.until('DummyAttached');
    const after = world.events.length;
    await world.put('AbortRequested', { task: 'WAS', requestedBy: 'jane', reason: 'lunch' });
    await world.until('Cleaned', { after });
    expect((await shown('status WAS')).replace(/\s+/g, ' ')).toMatch(
      /The last deployment, .* was aborted by jane: lunch\./,
    );
    const table = await shown('status');
    expect(table).toMatch(/^WAS +aborted /m);
    expect(table).not.toContain('T015');
  });

  test('that needs an operator says what to run, each command on its line', async () => {
    await open();
    await blockDeployment(world);
    const output = await shown('status WAS');
    expect(output.replace(/\s+/g, ' ')).toMatch(
      /^Users are served by .* Remove the cause, then run: bluegreen clean WAS /,
    );
    expect(output).toMatch(/^Clean-up stopped: only was-green is healthy/m);
    expect(output).toMatch(/^ {2}# aws autoscaling detach-load-balancer-target-groups .*$/m);
    expectFitting(output, 80);
  });

  test('whose users are down says that first', async () => {
    await open();
    await new Operator(world).suspend('was-blue', ['ReplaceUnhealthy']);
    await new Operator(world).setHealth('was-blue', 500);
    await world.clock.advance(60);
    const output = await shown('status WAS');
    expect(output).toMatch(/^USERS ARE DOWN on was-web-1/);
    expect(output.replace(/\s+/g, ' ')).toMatch(/or go back: bluegreen rollback WAS/);
  });

  test('in an emergency, in which Active is at 0, says how it comes back', async () => {
    await open();
    await world.clock.run(world.resize('was-blue', 0, 0, 4));
    await world.clock.advance(60);
    expect((await shown('status WAS')).replace(/\s+/g, ' ')).toMatch(/Run: bluegreen deploy WAS --capacity N/);
    expect(await shown('status')).toMatch(/^WAS +Active is at 0/m);
  });

  test('whose groups are not a pair is told with the code of the refusal', async () => {
    await open();
    await new Operator(world).tag('was-green', 'type', 'Spare');
    expect(await shown('status WAS')).toMatch(/A deployment would be\s+refused\s+with\s+400:/);
    expect(await shown('status')).toMatch(/^WAS +not deployable .*\(400\)$/m);
  });

  test('what is held after a rollback says how to lift it', async () => {
    await open();
    await world.upload('app.war', { version: '2' });
    await world.until('Completed');
    await world.put('DeployRequested', { task: 'WAS', versions: 'previous' });
    await world.until('Completed', { after: world.events.length });
    const output = await shown('status WAS');
    expect(output.replace(/\s+/g, ' ')).toMatch(
      /held app\.war uploaded .{23} \(.{8}\) was rolled back, so it is not deployed by itself: a newer upload is, or run bluegreen deploy WAS --latest --stack stack/,
    );
    expect(await shown('status')).toMatch(/^WAS +idle .*held\)$/m);
    const json = await shown('status WAS --json');
    const latest = { versionId: expect.any(String), uploadedAt: expect.stringMatching(/^2030-.*Z$/) };
    expect(JSON.parse(json)).toMatchObject({
      held: [{ key: 'app.war', slots: [1], versions: [latest] }],
      wars: [{ slot: 1, from: { uploadedAt: '2030-01-01T00:00:00Z' } }],
    });
    expect([json, await shown('history WAS --json')].join('')).not.toMatch(/"(name|from|to)":"[^"]* UTC/);
  });

  test.each([
    ['by what the history tells', 'later'],
    ['by what the bucket has', undefined],
    ['and as some version where it is gone', 'deleted'],
  ])('what is held is named %s, not the newest', async (_, kept) => {
    await open({ fleet: { extraTags: { autodeploy: 'false' } } });
    const held = await world.upload('app.war', { version: '2' });
    for (const versions of ['latest', 'previous']) {
      const after = world.events.length;
      await world.put('DeployRequested', { task: 'WAS', versions });
      await world.until('Completed', { after });
    }
    await world.upload('app.war', { version: '3' });
    await world.clock.advance(60);
    const store = historyOf(world);
    const record = { ...(await world.record()), servedSets: [] };
    for (const war of record.plan?.wars ?? []) war.from = war.to;
    for (const war of record.lastSuccess?.wars ?? []) war.from = war.to;
    if (kept === 'deleted') record.heldVersions = { 'app.war': ['abcdef'] };
    await store.write('tasks/WAS.json', JSON.stringify(record));
    if (kept === undefined)
      for (const { deploymentId } of await store.newest()) await store.delete(`history/WAS/${deploymentId}.json`);
    const output = (await shown('status WAS')).replace(/\s+/g, ' ');
    expect(output).toContain(
      kept === 'deleted' ? ' held a version of app.war was rolled back' : `(${held.slice(0, 8)}) was rolled back`,
    );
  });

  test('what stands still is told', async () => {
    await open();
    await world.clock.run(world.stopWatchdog());
    world.aws.eventBridge.deliveryPolicy = ({ target }) => (target.Arn?.endsWith('-check-dummy') ? [] : [0.5]);
    await world.upload('app.war', { version: '2' });
    await world.clock.advance(600);
    expect(await shown('status WAS')).toMatch(/It has not\s+moved\s+for \d+ min/);
    expect(await shown('status')).toMatch(/^WAS +stands still/m);
  });

  test('is data, by the published schema', async () => {
    await open();
    await untilStep1();
    for (const words of ['status WAS --json', 'status --json']) {
      const value = JSON.parse(await shown(words));
      expect(status.schema.parse(value)).toEqual(value);
    }
  });

  test('an unknown task is answered with the nearest', async () => {
    await open();
    const { code, errors } = await command.run('status WSA');
    expect(code).toBe(2);
    expect(errors).toMatch(/knows no task WSA\.\nDid you mean WAS\?/);
  });

  test('a record that is damaged says so, and keeps nobody from seeing the others', async () => {
    await open();
    await historyOf(world).write('tasks/WAS.json', '{"schemaVersion":1');
    const { code, errors } = await command.run('status WAS');
    expect(code).toBe(4);
    expect(errors).toMatch(/record of WAS is damaged/);
    expect(await shown('status')).toMatch(/^WAS +record damaged/m);
  });
});

describe('status of all tasks', () => {
  test('does not look at load balancers, and says so', async () => {
    await open();
    await untilStep1();
    refuse(({ service }) => service.startsWith('elastic'), new AwsError('AccessDenied', 'no', 403));
    const output = await shown('status');
    expect(output).toMatch(/^TASK +STATE +STAGE +SINCE +ACTIVE RUNS$/m);
    expect(output).toMatch(/^WAS +deploying +check-dummy +40 s +of 2030/m);
    expect(output).toMatch(/^Health was not looked at/m);
  });

  test('has the most urgent first', async () => {
    await open();
    const store = historyOf(world);
    const failure = { code: 'T008', stage: 'swap', message: 'it did not drain' };
    for (const record of [
      recordOf({ task: 'XYZ', status: 'blocked', stage: 'clean-up', failure }),
      recordOf({ task: 'ADM', status: 'cleaning', stage: 'clean-up', failure }),
    ]) {
      await store.write(`tasks/${record.task}.json`, JSON.stringify(record));
    }
    const tasks = (await shown('status')).split('\n').slice(1, 4);
    expect(tasks.map((line) => line.split(' ')[0])).toEqual(['XYZ', 'ADM', 'WAS']);
    expect(tasks[0]).toMatch(/^XYZ +operator needed +clean-up +\d+ min +.*\(T008\)$/);
  });

  test('on a terminal has colours, unless somebody asks for none', async () => {
    await open();
    expect(await shown('status', { isTerminal: true })).toContain('\x1b[');
    expect(await shown('status', { isTerminal: true, environment: { NO_COLOR: '1' } })).not.toContain('\x1b[');
  });

  test('says which call is denied', async () => {
    await open();
    const message = 'not authorized to perform: autoscaling:DescribeAutoScalingGroups';
    refuse(({ service }) => service === 'auto-scaling', new AwsError('AccessDenied', message, 403));
    const { code, errors } = await command.run('status');
    expect({ code, errors }).toEqual({
      code: 6,
      errors: expect.stringMatching(/AWS does not let you do this: .*not authorized/),
    });
  });
});
