import { AwsError } from '../../local/kernel/service';
import { CommandLine, type CommandOptions } from '../../tests/harness/command';
import { World } from '../../tests/harness/world';
import { explain } from './explain';

let world: World;
let command: CommandLine;
let firstId: string;

/** One that completed, and one that failed in step 1. */
beforeAll(async () => {
  world = await World.quick();
  command = await CommandLine.open(world);
  await world.upload('app.war', { version: '2' });
  firstId = String((await world.until('Completed')).detail.deploymentId);
  await world.upload('app.war', { health: '500' });
  await world.until('Cleaned');
  await world.clock.advance(10);
});
afterAll(() => command.close());

async function shown(words: string, options?: CommandOptions): Promise<string> {
  const { code, output, errors } = await command.run(words, options);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  return output;
}

/** From the headline of a stage to the next blank line. */
function part(output: string, stage: string): string {
  return (
    output
      .slice(output.indexOf(`\n${stage}: `))
      .split('\n\n')[0]
      ?.replace(/\s+/g, ' ') ?? ''
  );
}

test('says what each stage saw, and why it decided so', async () => {
  const output = await shown('explain WAS');
  expect(part(output, 'start')).toMatch(
    /opened the deployment .* passed, and told DummyAttached → handed on to check-dummy/,
  );
  const ofStep1 = part(output, 'check-dummy');
  expect(ofStep1).toMatch(/2 cycles of checking .* not yet: waits for 0 of 1 clones are active/);
  expect(ofStep1).toMatch(/codes: \[500\] \(\d times\) .* failed with T001: .* → it failed or was stopped: T001/);
  expect(part(output, 'clean-up')).toMatch(
    /took over .* took back: .* → ended the deployment, which failed and was taken back/,
  );
  expect(output).toMatch(/^T001 +Step 1 was not passed/m);
  expect(output).toMatch(/^next +If the application is ill/m);
});

test('of an earlier one, which went well', async () => {
  const output = await shown(`explain WAS ${firstId}`);
  expect(part(output, 'swap')).toMatch(/waits for was-blue to drain .* → handed on to retire/);
  expect(part(output, 'retire')).toMatch(/the new version serves alone .* → ended the deployment, which completed/);
  expect(output).not.toContain('Not known');
});

test.each([60, 80])('fits %d columns', async (columns) => {
  const lines = (await shown('explain WAS', { columns })).split('\n');
  expect(lines.filter((line) => line.length > columns)).toEqual([]);
});

test('is data by the schema', async () => {
  const value = JSON.parse(await shown('explain WAS --json'));
  expect(explain.schema.parse(value)).toEqual(value);
});

test('one that was aborted or cleaned was ended on request', async () => {
  const one = await World.quick();
  const line = await CommandLine.open(one);
  await one.upload('app.war', { version: '2' });
  await one.until('DummyAttached');
  await one.put('AbortRequested', { task: 'WAS', requestedBy: 'jane', reason: 'lunch' });
  await one.until('Cleaned');
  const after = one.events.length;
  await one.clock.advance(10);
  const aborted = await line.run('explain WAS');
  expect(aborted.output).toContain('ended it on request of jane: lunch');
  expect(aborted.output).not.toContain('undefined');
  await one.put('CleanRequested', { task: 'WAS', requestedBy: 'joe' });
  await one.until('Cleaned', { after });
  await one.clock.advance(10);
  const cleaned = await line.run('explain WAS');
  expect(cleaned.output).toContain('→ ended the clean-up, as asked for');
  expect(cleaned.output).not.toMatch(/undefined|\dT\d\d:\d\d/);
  line.close();
});

test('one that is under way says what it waits for', async () => {
  const one = await World.quick();
  const line = await CommandLine.open(one);
  await one.upload('app.war', { health: '500' });
  await one.until('DummyAttached');
  await one.clock.advance(30);
  const { code, output } = await line.run('explain WAS');
  expect(code).toBe(0);
  expect(output).toMatch(/^outcome +under way$/m);
  expect(part(output, 'check-dummy')).toMatch(/→ waits for /);
  line.close();
});

describe('whoever may not read logs', () => {
  let allow: () => void;

  beforeEach(() => {
    allow = world.aws.endpoint.intercept((call, proceed) =>
      call.operation === 'FilterLogEvents'
        ? Promise.reject(new AwsError('AccessDeniedException', 'not authorized to perform: logs:FilterLogEvents', 400))
        : proceed(),
    );
  });
  afterEach(() => allow());

  test('is told what the history says, and what lacks', async () => {
    const output = await shown('explain WAS');
    expect(part(output, 'check-dummy')).toMatch(/2 cycles of checking → it failed or was stopped: T001/);
    expect(output.replace(/\s+/g, ' ')).toMatch(/Not known: what the stages saw .* \(logs:FilterLogEvents\)/);
  });

  test('gets no logs, and hears which permission it takes', async () => {
    const { code, errors } = await command.run('logs WAS');
    expect(code).toBe(6);
    expect(errors.replace(/\s+/g, ' ')).toMatch(
      /does not let you read the functions’ logs: .* Have logs:FilterLogEvents allowed/,
    );
  });
});

test('of a task that was never deployed there is nothing to explain', async () => {
  const one = await World.quick();
  const line = await CommandLine.open(one);
  const { code, errors } = await line.run('explain WAS');
  expect({ code, errors }).toEqual({ code: 2, errors: expect.stringMatching(/^Nothing was deployed of WAS yet\./) });
  line.close();
});
