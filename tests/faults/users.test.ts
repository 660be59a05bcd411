/** What mails say of users is what was seen at that moment; and who is down is said at once, first, and where. */
import type { DescribeTargetHealthOutput } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Users } from '../../events/contract';
import { Operator } from '../harness/operator';
import { World, type WorldOptions } from '../harness/world';
import { CLASSIC } from './failure-cases';

async function open(options: WorldOptions = {}) {
  const world = await World.quick(options);
  return { world, operator: new Operator(world), ...world.fleet };
}

async function mailOf(world: World, subject: string) {
  await world.clock.runUntil(() => world.mails.includes(subject), 7200);
  return world.aws.sns.mails.findLast((mail) => mail.subject === subject)?.body ?? '';
}

test.each([
  ['DummyAttached', 10],
  ['DummyAttached', 40],
  ['Step1Passed', 3],
])('Active that somebody detaches after %s and %i s is told of at once, and who is down', async (after, seconds) => {
  const { world, operator, activeGroup, targetGroupArns } = await open();
  await world.upload('app.war', { health: after === 'DummyAttached' ? '500' : '200' });
  await world.until(after);
  await world.clock.advance(seconds);
  await operator.detach(activeGroup, targetGroupArns);
  const detachedAt = world.clock.now();
  const { detail } = await world.until('Failed');
  expect(detail).toMatchObject({ code: 'T000', message: expect.stringContaining('was-web-1 of was-web') });
  expect((world.clock.now().getTime() - detachedAt.getTime()) / 1000).toBeLessThanOrEqual(30);
  expect((detail.users as Users).down).toEqual(['was-web-1 of was-web']);
  const body = await mailOf(world, '[Error] Deploy Clean(Task : WAS)');
  expect(body).toMatch(/^USERS ARE DOWN on was-web-1 of was-web, since 2030-01-01 00:1\d:\d\d UTC at the latest: /);
  expect(body.match(/USERS ARE DOWN/g)).toHaveLength(1);
  expect(body).toContain('\nUsers\n  See above.\n');
  expect(body).not.toMatch(/serves as before/);
  expect(body).toContain('\n  aws autoscaling attach-load-balancer-target-groups --auto-scaling-group-name was-blue ');
});

test('a Classic Load Balancer, the only one, that somebody deletes meanwhile leaves nobody served', async () => {
  const { world, operator, attachments } = await open({ fleet: CLASSIC });
  const [{ identifier } = { identifier: '' }] = attachments;
  await world.upload('app.war', { health: '500' });
  await world.until('DummyAttached');
  await operator.deleteClassic(identifier);
  const body = await mailOf(world, '[Error] Deploy Clean(Task : WAS)');
  expect(body).toMatch(
    new RegExp(`^USERS ARE DOWN on ${identifier}, since .* at the latest: it does not exist any more\\.`),
  );
});

test('a Classic Load Balancer that somebody deletes while the deployment starts is said to be gone at once', async () => {
  const { world, operator, attachments } = await open({ fleet: CLASSIC });
  const [{ identifier } = { identifier: '' }] = attachments;
  await world.upload('app.war', { version: '2' });
  await world.until('Started');
  await operator.deleteClassic(identifier);
  const body = await mailOf(world, '[Failed] Deploy Start Failed(Task : WAS, errCode : 406)');
  expect(body).toMatch(
    new RegExp(`^USERS ARE DOWN on ${identifier}, since .* at the latest: it does not exist any more\\.`),
  );
});

test('StandBy that somebody attaches where users are is told of beside who serves', async () => {
  const { world, operator, standByGroup, targetGroupArns } = await open();
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  await operator.attach(standByGroup, targetGroupArns);
  const body = await mailOf(world, '[Failed] Non-disruptive deployment(errCode : T000, Task : WAS)');
  expect(body).toMatch(
    /\nUsers\n {2}was-blue serves on [^\n]* was-green is attached to was-web-1 of was-web beside it: users may meet the new version, which is not proven, until clean-up has detached it\.\n/,
  );
});

test('Active that somebody detaches while the deployment starts is told of with who is down', async () => {
  const { world, operator, activeGroup, targetGroupArns } = await open();
  await world.upload('app.war', { version: '2' });
  await world.until('Started');
  await operator.detach(activeGroup, targetGroupArns);
  const { detail } = await world.until('Failed');
  expect(detail).toMatchObject({ code: '408', users: { down: ['was-web-1 of was-web'] } });
  const body = await mailOf(world, '[Failed] Deploy Start Failed(Task : WAS, errCode : 408)');
  expect(body).toMatch(/^USERS ARE DOWN on was-web-1 of was-web/);
  const last = await mailOf(world, '[Error] Deploy Clean(Task : WAS)');
  const [alarm, since] =
    /^USERS ARE DOWN on .*, (since .*) at the latest: was-blue is not attached there\./.exec(last) ?? [];
  expect(alarm).toBeDefined();
  expect(body).toContain(`${since} at the latest`);
});

test('Active that somebody took to 0 serves nobody, whatever the deployment came to', async () => {
  const { world, activeGroup } = await open();
  await world.upload('app.war', { health: '500' });
  await world.until('DummyAttached');
  await world.clock.run(world.resize(activeGroup, 0, 0, 4));
  const body = await mailOf(world, '[Error] Deploy Clean(Task : WAS)');
  expect(body).toMatch(/^USERS ARE DOWN on was-web-1 of was-web/);
});

test('a broken war that met nobody ends with who serves, as it was seen', async () => {
  const { world } = await open();
  await world.upload('app.war', { health: '500' });
  const body = await mailOf(world, '[Success] Deploy Clean(Task : WAS)');
  expect(body).toMatch(/was-blue serves on was-web-1 of was-web \(seen at 2030-01-01 00:1\d:\d\d UTC\)\./);
});

test('where all is well each mail says who serves, or how to see it', async () => {
  const { world } = await open();
  await world.upload('app.war', { version: '2' });
  const start = await mailOf(world, '[Deploy] Start(Task : WAS)');
  expect(start).toMatch(/\nUsers\n {2}.*was-blue is Active .* Who serves was not looked at yet: what shows it/);
  expect(start).toMatch(/\nTo see who serves\n {2}aws elbv2 describe-target-health --target-group-arn \S+\n/);
  const step1 = await mailOf(world, '[Deploy] Call Step 1-1(Task : WAS)');
  expect(step1).toMatch(
    /\nUsers\n {2}was-blue serves on was-web-1 of was-web \(seen at [^)]+\)\. No instance of was-green/,
  );
  const step2 = await mailOf(world, '[Deploy] Call Step 2-1(Task : WAS)');
  expect(step2).toMatch(/\nUsers\n {2}was-blue serves on was-web-1 of was-web \(seen at/);
  await world.upload('app.war', { version: '3' });
  const waiting = await mailOf(world, '[Deploy] Waiting(Task : WAS)');
  expect(waiting).toMatch(/\nTo see who serves\n {2}aws elbv2 describe-target-health --target-group-arn \S+\n/);
  const success = await mailOf(world, '[Success] Non-disruptive deployment(Task : WAS)');
  expect(success).toMatch(/\nUsers\n {2}was-green serves on was-web-1 of was-web \(seen at/);
  expect(success).toMatch(
    /\nTo go back\n {2}# app\.war gets .*\n {2}bluegreen deploy WAS --version .*\n {2}# or, .*\n {2}aws events put-events .*versions/,
  );
});

test('the mail of a broken war says itself who serves, and that no user met it', async () => {
  const { world } = await open();
  await world.upload('app.war', { health: '500' });
  const body = await mailOf(world, '[Failed] Non-disruptive deployment(errCode : T001, Task : WAS)');
  expect(body).toMatch(
    /Users\n {2}was-blue serves on was-web-1 of was-web \(seen at [^)]+ UTC\)\. No instance of was-green is registered there/,
  );
});

test('users of a new version that fell ill beside Active are told of: where, since when, how many targets', async () => {
  const { world, operator, standByGroup } = await open();
  await world.upload('app.war', { version: '2' });
  const attachedAt = (await world.until('RealAttached')).time;
  await operator.suspend(standByGroup, ['HealthCheck']);
  await operator.setHealth(standByGroup, 500);
  const { detail } = await world.until('Failed');
  expect(detail.code).toBe('T011');
  const { met, down, serving } = detail.users as Users;
  expect([down, serving]).toEqual([[], ['was-blue']]);
  expect(met).toMatchObject({ group: 'was-green', on: ['was-web-1 of was-web'], targets: 2, ofTargets: 4 });
  expect(Math.abs(Date.parse(met?.since ?? '') - Date.parse(attachedAt))).toBeLessThan(5000);
});

const AT = String.raw`2030-01-01 \d\d:\d\d:\d\d UTC`;

test('users who met a sick new version beside Active are told of once it is taken back, too, and no outage is made up', async () => {
  const { world, operator, standByGroup } = await open();
  await world.upload('app.war', { version: '2' });
  await world.until('RealAttached');
  await operator.suspend(standByGroup, ['HealthCheck']);
  await operator.setHealth(standByGroup, 500);
  const body = await mailOf(world, '[Success] Deploy Clean(Task : WAS)');
  expect(body).toMatch(
    new RegExp(
      `\nUsers\n {2}was-blue serves on was-web-1 of was-web \\(seen at ${AT}\\)\\. ` +
        `From ${AT} to ${AT} at the latest they could meet was-green, too, on was-web-1 of was-web\\.\n`,
    ),
  );
});

/** Active is being drained: only the new version is there when it falls ill. */
async function illWhileDraining(deregistrationDelaySeconds = 60) {
  const opened = await open({ fleet: { deregistrationDelaySeconds } });
  const { world, operator, standByGroup } = opened;
  await world.upload('app.war', { version: '2' });
  await world.until('Step2Passed');
  await world.until('CheckPending', { after: world.events.length });
  await operator.suspend(standByGroup, ['HealthCheck']);
  await operator.setHealth(standByGroup, 503);
  return opened;
}

test('users who were down while Active was drained are told of once they are served again: where, from when to when', async () => {
  const { world } = await illWhileDraining();
  const failed = (await world.until('Failed')).detail.users as Users;
  const body = await mailOf(world, '[Success] Deploy Clean(Task : WAS)');
  const [, since = '', until = ''] =
    new RegExp(`They were down on was-web-1 of was-web from (${AT}) to (${AT}), as far as was seen\\.`).exec(body) ??
    [];
  expect(Date.parse(since)).toBe(Math.floor(Date.parse(failed.downSince ?? '') / 1000) * 1000);
  expect(Date.parse(until)).toBeGreaterThan(Date.parse(since));
  expect(body).toMatch(/\nUsers\n {2}was-blue serves on was-web-1 of was-web \(seen at/);
});

test('and so they are where clean-up stops, whenever it is asked to go on', async () => {
  const { world, operator } = await illWhileDraining();
  operator.failCalls('UpdateAutoScalingGroup', 'AccessDenied', { status: 403, of: 'clean-up' });
  const stopped = await mailOf(world, '[Error] Deploy Clean(Task : WAS)');
  const outage = /They were down on was-web-1 of was-web from .*? as far as was seen\./.exec(stopped)?.[0];
  expect(outage).toBeDefined();
  operator.relent();
  await world.put('CleanRequested', { task: 'WAS' });
  expect(await mailOf(world, '[Success] Deploy Clean(Task : WAS)')).toContain(outage);
});

/** The new version is ill from the moment when the old group is on its way to 0, from where there is no way back. */
async function illAtTheEnd() {
  const { world, activeGroup } = await open();
  const illness = { begins: false, ends: false };
  world.aws.endpoint.intercept(async (call, proceed) => {
    const { AutoScalingGroupName, DesiredCapacity } = call.input;
    illness.begins ||= AutoScalingGroupName === activeGroup && DesiredCapacity === 0;
    const answer = await proceed();
    if (call.operation !== 'DescribeTargetHealth' || !illness.begins || illness.ends) return answer;
    const { TargetHealthDescriptions = [] } = answer as DescribeTargetHealthOutput;
    const ill = TargetHealthDescriptions.map((target) => ({ ...target, TargetHealth: { State: 'unhealthy' } }));
    return { TargetHealthDescriptions: ill };
  });
  await world.upload('app.war', { version: '2' });
  await world.until('Swapped');
  return { world, illness };
}

test('nobody says that the new version serves before it was seen to: after a while the mail says who is down', async () => {
  const { world } = await illAtTheEnd();
  const body = await mailOf(world, '[Failed] Non-disruptive deployment(errCode : T011, Task : WAS)');
  expect(world.mails).not.toContain('[Success] Non-disruptive deployment(Task : WAS)');
  expect(body).toMatch(/^USERS ARE DOWN on was-web-1 of was-web/);
  expect(body).toContain('versions');
  const version = await world.upload('app.war', { version: '3' });
  await world.until('Started', { after: world.events.length });
  expect((await world.record()).plan?.wars[0]?.to).toBe(version);
});

test('a fleet that is taken to 0 while it is deployed to is complete, and nobody is woken up', async () => {
  const { world, standByGroup } = await open();
  await world.upload('app.war', { version: '2' });
  await world.until('Swapped');
  await world.clock.run(world.resize(standByGroup, 0, 0, 4));
  await world.clock.runUntil(() => world.story.some((type) => /^(Completed|Failed)$/.test(type)), 3600);
  expect(world.story).toContain('Completed');
});

test('a new version that is ill for a moment at the end serves once it is seen to', async () => {
  const { world, illness } = await illAtTheEnd();
  await world.clock.advance(180);
  expect(world.story).not.toContain('Completed');
  illness.ends = true;
  const { detail } = await world.until('Completed');
  expect(detail.users).toMatchObject({ group: 'was-green', serving: ['was-green'], down: [] });
});

test('Active at 0 is told of in every mail with the same moment since when, and with what gives it instances again', async () => {
  const { world, operator, activeGroup } = await open();
  await operator.setSize(activeGroup, 0, 0, 2);
  await world.clock.advance(300);
  await world.put('DeployRequested', { task: 'WAS', capacity: 2 });
  const start = await mailOf(world, '[Deploy] Start(Task : WAS)');
  expect(start).toMatch(
    /^USERS MAY BE DOWN on was-web-1 of was-web: was-blue \(Active\) is at 0, since when is not known\. /,
  );
  expect(start).toMatch(
    /\n {2}Wait for the mail "\[Success\] [^\n]*", until 20[-:\d ]+ UTC: [^\n]*users stay down\.\n/,
  );
  expect(start).toMatch(
    /\n {2}Where the version of was-blue is fit to serve, fill was-blue at once: [^\n]*:\n {2}aws autoscaling describe-scaling-activities [^\n]*\n {2}# where its version is fit to serve:\n {2}aws autoscaling update-auto-scaling-group --auto-scaling-group-name was-blue --min-size 2 /,
  );
  expect(start).toMatch(/\n {2}Where neither mail has come by then, [^\n]*:\n {2}bluegreen clean WAS\n/);
  const step1 = await mailOf(world, '[Deploy] Call Step 1-1(Task : WAS)');
  const step2 = await mailOf(world, '[Deploy] Call Step 2-1(Task : WAS)');
  const [alarm] =
    /^USERS ARE DOWN on was-web-1 of was-web, since [-\d]+ [:\d]+ UTC at the latest: was-blue is at 0\./.exec(step1) ??
    [];
  expect(step2.startsWith(`${alarm} `)).toBe(true);
  for (const body of [step1, step2]) {
    expect(body).toContain(
      '\nLeft over\n  Nothing of this deployment. There before it, and still:\n  was-blue (Active) is at 0.\n',
    );
    expect(body).toContain(
      '\n  aws autoscaling update-auto-scaling-group --auto-scaling-group-name was-blue --min-size ',
    );
    expect(body).not.toContain('users may meet either');
  }
});
