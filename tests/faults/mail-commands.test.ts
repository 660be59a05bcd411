/**
 * The command of a mail fits the state that produced the mail: it is read as a shell reads it, sent to AWS in that very
 * state, and a deployment goes well afterwards. Where no command can help, or only shows what is to be decided, it says so.
 */
import { execFileSync } from 'node:child_process';
import { AwsError, type Call } from '../../local/kernel/service';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { runCommand } from '../harness/aws-command';
import { commandsIn } from '../harness/mail-commands';
import type { World } from '../harness/world';
import { REFUSALS } from './cases-refused';
import { FAILURES_OF_STEP_1 } from './cases-step-1';
import { FAILURES_OF_STEP_2 } from './cases-step-2';
import { CLASSIC, DENIED, deploy, openScene, request, type Scene } from './failure-cases';

/** `helps`: a deployment goes well after it. `shows`: what to decide by. `none`: there is nothing to run. */
type Worth = 'helps' | 'shows' | 'none';

/** By code and case: what the command is, where it does not help by itself, and why not. */
const WORTH: [when: RegExp, worth: Worth][] = [
  [/^402.*requested version/, 'shows'], // which version is meant only people know
  [/^414.*more versions/, 'shows'],
  [/^403/, 'shows'], // where users come in by nobody remembers
  [/^405/, 'shows'], // users may come in by it: first somebody changes the listener that sends them there
  [/^406.*names/, 'shows'], // it was the only place: the next refusal (403) asks for another
  [/^413/, 'none'], // what users come in by stays as it is
  [/^500/, 'shows'], // the permission only people can give
];

/** As a shell makes words of it. */
function wordsOf(line: string): string[] {
  return execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
}

/** What is in the file that is uploaded only its owner knows: a war that is well. */
async function send(world: World, line: string): Promise<void> {
  const [, service, , , to = ''] = wordsOf(line);
  if (service !== 's3') return void (await runCommand(world, line));
  const [, bucket, key = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(to) ?? [];
  expect(bucket).toBe(world.fleet.bucket);
  await world.upload(key, { version: 'mended' });
}

/** What shows who serves is answered in the state of the mail. */
async function looks(world: World, body = ''): Promise<void> {
  const looking = commandsIn(body, 'To see who serves');
  expect(looking.length).toBeGreaterThan(0);
  for (const command of looking) await runCommand(world, command);
}

async function deploysWell({ world }: Scene, after: number): Promise<void> {
  await world.clock.advance(120);
  const isUnderWay = world.events.slice(after).some((event) => event['detail-type'] === 'Started');
  if (!isUnderWay) await request({ world } as Scene);
  const ended = await world.until('Completed', { after, limitSeconds: 3600 });
  expect(ended.detail.task).toBe('WAS');
}

const LAST = /\[Failed\] Deploy Start Failed/;

describe.each(REFUSALS.map((one) => [`${one.code}, where ${one.when}`, one] as const))('%s', (name, refusal) => {
  const worth = WORTH.find(([when]) => when.test(name))?.[1] ?? 'helps';
  test(`the command ${worth}`, async () => {
    const scene = await openScene(refusal.fleet);
    const { world } = scene;
    const started = world.events.length;
    await refusal.provoke(scene);
    await world.until('Refused', { after: started, limitSeconds: 600 });
    await world.clock.advance(60);
    const mail = world.aws.sns.mails.findLast(({ subject }) => LAST.test(subject ?? ''));
    const commands = commandsIn(mail?.body ?? '');
    expect(commands.length > 0).toBe(worth !== 'none');
    await looks(world, mail?.body);
    const after = world.events.length;
    for (const command of commands) {
      if (worth === 'helps' || !/ s3api |^npx /.test(command)) await send(world, command);
    }
    if (worth === 'helps') await deploysWell(scene, after);
  });
});

/** Only people can give back what they have deleted. */
const DELETED = /deletes the Classic/;

const FAILURES = [...FAILURES_OF_STEP_1, ...FAILURES_OF_STEP_2].filter(
  ({ ends, when }) => ends === 'as before' && !DELETED.test(when),
);

/** What lists what is there is for eyes; and nobody has changed a role by hand, so that deploying the stack mends nothing. */
function isToRead(command: string): boolean {
  return /^aws (logs|ec2) |^aws \S+ (?:describe|list)-|^npx /.test(command);
}

describe.each(FAILURES.map((one) => [`${one.code}, where ${one.when}`, one] as const))('%s', (_, failure) => {
  test('the commands of its mails deploy, once the cause is gone', async () => {
    const scene = await openScene(failure.fleet);
    const { world, operator } = scene;
    await failure.provoke(scene);
    await world.until('Cleaned', { limitSeconds: 4 * 3600 });
    await world.clock.advance(300);
    const { mails } = world.aws.sns;
    const failedBody = mails.findLast(({ subject }) => subject?.startsWith('[Failed]'))?.body ?? '';
    const failed = commandsIn(failedBody);
    await looks(world, failedBody);
    const cleaned = commandsIn(mails.at(-1)?.body ?? '');
    for (const command of [...failed, ...cleaned]) expect(wordsOf(command)[0]).toMatch(/^(aws|npx)$/);
    expect(cleaned.length).toBeGreaterThan(0);
    const reason = String(world.events.find((event) => event['detail-type'] === 'Failed')?.detail.message);
    const isDenied = reason.includes('AccessDenied');
    expect(cleaned[0] === 'npx serverless deploy --stage dev').toBe(isDenied);
    if (isDenied) {
      const body = mails.at(-1)?.body ?? '';
      expect(body).toMatch(/this can wait until morning\. A permission is missing[\s\S]*# once that is done\n/);
      expect(commandsIn(body, 'To see more')).toEqual([expect.stringMatching(/^aws logs tail \S+ --since/)]);
    }

    if (/^4(07|09|10)$/.test(failure.code)) {
      expect(cleaned).toEqual([expect.stringContaining('DeployRequested')]);
      expect(mails.at(-1)?.body).toMatch(
        /this can wait until morning\. Deploy again: [\s\S]*DeployRequested[^\n]*\n {2}# only where that fails with the same code, too: [^\n]*\n {2}# aws elb\S* describe-[\s\S]*\n {2}# aws elb\S* delete-/,
      );
    }
    if (failure.code === 'T008') {
      const failedMail = mails.findLast(({ subject }) => subject?.startsWith('[Failed]'));
      expect(failedMail?.body).toMatch(/What to do\n {2}Wait for the mail .* until .* another deployment is refused/);
    }
    if (failure.code === 'T011') expect(cleaned).toEqual([expect.stringContaining('aws s3 cp')]);
    if (failure.code === 'T013') expect(cleaned[0]).toMatch(/create-or-update-tags .*was-green.*Value=StandBy/);
    operator.relent();
    if (failure.code === 'T001') world.aws.autoScaling.setLaunchFailure('was-green', undefined);
    const after = world.events.length;
    const sent = [...new Set([...failed, ...cleaned])].filter((command) => !isToRead(command));
    for (const command of sent) await send(world, command);
    await world.until('Completed', { after, limitSeconds: 3600 });
  });
});

test('where StandBy was deleted, the last mail, too, has what makes another', async () => {
  const scene = await openScene();
  const { world, operator } = scene;
  await deploy(scene, 'Started');
  await operator.deleteGroup('was-green');
  await world.until('Cleaned', { limitSeconds: 3600 });
  await world.clock.advance(30);
  const commands = commandsIn(world.mailBody(-1));
  expect(world.mailBody(-1)).toContain('\n  Users are served, so this can wait until morning. Make a group was-green ');
  expect(commands).toEqual([
    expect.stringMatching(/^aws autoscaling create-auto-scaling-group --auto-scaling-group-name was-green /),
    expect.stringContaining('DeployRequested'),
  ]);
  await world.clock.advance(300);
  const after = world.events.length;
  for (const command of commands) await send(world, command);
  await world.until('Completed', { after, limitSeconds: 3600 });
});

test.each([
  ['CheckPending', 'CleanRequested', {}, 'Cleaned', /abort/],
  ['DummyAttached', 'CleanRequested', {}, 'Cleaned', /abort/],
  ['DummyAttached', 'AbortRequested', { because: 'wrong war' }, 'Cleaned', /AbortRequested/],
  ['Swapped', 'AbortRequested', {}, 'Completed', /previous/],
])('after %s the mail that refuses %s %o has what is asked for instead', async (event, asked, more, ended, says) => {
  const scene = await openScene();
  const { world } = scene;
  await deploy(scene, event);
  const after = world.events.length;
  await world.put(asked, { task: 'WAS', requestedBy: 'jane', ...more });
  await world.until('Refused', { after });
  await world.clock.advance(1);
  const mail = world.aws.sns.mails.findLast(({ subject }) => subject?.startsWith('[Refused]'));
  const [command = '', ...others] = commandsIn(mail?.body ?? '');
  expect([command, others]).toEqual([expect.stringMatching(says), []]);
  if (ended === 'Completed') await world.until('Completed', { after });
  await send(world, command);
  await world.until(ended, { after: world.events.length });
});

test.each([{ versions: 'v1,v2,v3' }, { versions: 'a'.repeat(32) }])(
  'a request of %o, which would be refused again, is not to be put again',
  async (more) => {
    const scene = await openScene();
    const { world } = scene;
    await request(scene, more);
    await world.until('Refused');
    await world.clock.advance(30);
    expect(world.mailBody(-1)).toContain('was refused');
    expect(world.mailBody(-1)).not.toContain('To request again');
    for (const command of commandsIn(world.mailBody(-1))) expect(command).not.toContain(more.versions);
  },
);

test('a load balancer that was deleted while the deployment started is taken off Active, by its own command', async () => {
  const scene = await openScene(CLASSIC);
  const { world, operator } = scene;
  await deploy(scene, 'Started');
  await operator.deleteClassic('was-web');
  await world.until('Cleaned');
  await world.clock.advance(30);
  const commands = commandsIn(world.mailBody(-1));
  expect(commands).toEqual([
    'aws autoscaling detach-load-balancers --auto-scaling-group-name was-blue --load-balancer-names was-web',
    expect.stringMatching(/^aws elbv2 describe-target-groups /),
    expect.stringContaining('DeployRequested'),
  ]);
  expect(world.mailBody(-1)).toMatch(/\n {2}# aws autoscaling attach-load-balancers .*was-blue /);
  const after = world.events.length;
  for (const command of commands) await send(world, command);
  expect((await world.until('Refused', { after })).detail.code).toBe('403'); // not 406: the name is gone
});

test.each([
  ['Failed', /^The deployment of WAS failed/, false],
  ['Cleaned', /and a permission is missing/, true],
])(
  'where a permission is missing, the mail of %s names role and log; that of clean-up cleans again',
  async (event, says, cleans) => {
    const scene = await openScene();
    const { world, operator } = scene;
    await deploy(scene, 'Step2Passed');
    operator.failCalls('CreateOrUpdateTags', 'AccessDenied', { ...DENIED, of: 'swap' });
    await world.until(event);
    await world.clock.advance(30);
    const body = world.aws.sns.mails.findLast((mail) => mail.subject && says.test(mail.body))?.body ?? '';
    expect(body).toMatch(
      /give the role stack-SwapRole-\w+ autoscaling:CreateOrUpdateTags on was-blue, and any group of a task\./,
    );
    const [mending, ...others] = commandsIn(body);
    expect(mending).toBe('npx serverless deploy --stage dev');
    expect(commandsIn(body, 'To see more')).toEqual([
      expect.stringMatching(/^aws logs tail \/aws\/lambda\/bluegreen-dev-swap /),
    ]);
    expect(others).toEqual(cleans ? [expect.stringContaining('CleanRequested')] : []);
    operator.relent();
    for (const command of others) await send(world, command);
    if (cleans) await world.until('Completed', { after: world.events.length, limitSeconds: 3600 });
  },
);

test.each([
  [
    { version: 'previous' },
    { task: 'WAS', versions: 'previous' },
    'It asked for version = previous, which is put as versions = previous: a rollback to what ran before. Where that is not meant, nothing is to be done. Where it is:',
  ],
  [
    { Versions: 'latest', capcity: 2 },
    { task: 'WAS', versions: 'latest', capacity: 2 },
    'It asked for Versions = latest, capcity = 2, which is put as versions = latest, capacity = 2. Where that is not meant, nothing is to be done. Where it is:',
  ],
  [{ versions: '' }, { task: 'WAS' }, 'Probably this was meant:'],
])('a request with %o is corrected to %o', async (more, corrected, says) => {
  const scene = await openScene();
  const { world } = scene;
  await world.put('DeployRequested', { task: 'WAS', ...more });
  await world.until('Refused');
  await world.clock.advance(30);
  const [command = '', ...others] = commandsIn(world.mailBody(-1));
  expect(world.mailBody(-1)).toContain(`\nWhat to do\n  ${says}\n`);
  expect(others).toEqual([]);
  const [entry] = JSON.parse(wordsOf(command).at(-1) ?? '');
  expect([entry.DetailType, JSON.parse(entry.Detail)]).toEqual(['DeployRequested', corrected]);
});

test.each([
  [{ colour: 'blue' }, /^the request is not valid: there is no field/],
  [{ versions: 'a b' }, /is not a version id/],
])('a request with %o is not guessed: without what is wrong it would deploy something else', async (more, says) => {
  const { world } = await openScene();
  await world.put('DeployRequested', { task: 'WAS', ...more });
  expect((await world.until('Refused')).detail.message).toMatch(says);
  await world.clock.advance(30);
  expect(world.mailBody(-1)).not.toContain('put-events');
});

test.each([
  ['is gone', { versions: 'a'.repeat(32) }],
  ['nobody has served', { versions: 'previous' }],
  ['is one too many', { versions: 'v1,v2' }],
])('for a version that %s the mail lists those that there are, and shows how one is named', async (_, more) => {
  const scene = await openScene();
  const { world } = scene;
  await request(scene, more);
  await world.until('Refused');
  await world.clock.advance(30);
  expect(commandsIn(world.mailBody(-1))).toEqual([expect.stringMatching(/^aws s3api list-object-versions /)]);
  const [, sketch = ''] = /\n {2}# (aws events put-events .*VERSION.*)\n/.exec(world.mailBody(-1)) ?? [];
  const [version = ''] = world.servedVersions();
  const after = world.events.length;
  await send(world, sketch.replace('VERSION', version));
  expect((await world.until('Started', { after })).detail).toMatchObject({ wars: [{ to: version }] });
});

test('an event that nobody knows is put again as it was probably meant, by its own command', async () => {
  const scene = await openScene();
  const { world } = scene;
  await world.put('DeployRequest', { task: 'WAS' });
  await world.clock.advance(60);
  const commands = commandsIn(world.mailBody(-1));
  expect(commands).toHaveLength(1);
  for (const command of commands) await send(world, command);
  await world.until('Completed', { limitSeconds: 3600 });
});

test('a dummy that a real load balancer sends users to is not detached before that is changed', async () => {
  const scene = await openScene();
  const { world, operator } = scene;
  await operator.attach('was-blue', [await operator.addTargetGroup('deploycheck-left')]);
  await request(scene);
  expect((await world.until('Refused')).detail.code).toBe('405');
  await world.clock.advance(30);
  const body = world.mailBody(-1);
  expect(body.split('\n')[0]).toMatch(/the dummy target group deploycheck-left, which was-web still sends users to/);
  const looking = commandsIn(body);
  expect(looking).toEqual([
    expect.stringMatching(/^aws elbv2 describe-target-groups .*deploycheck-left\S* --query /),
    expect.stringMatching(/^aws elbv2 describe-listeners .*was-web/),
  ]);
  for (const command of looking) await send(world, command);
  for (const verb of ['describe-rules --listener-arn', 'modify-listener', 'modify-rule'])
    expect(body).toContain(`\n  # aws elbv2 ${verb} `);
  expect(body).toMatch(
    /\n {2}# aws autoscaling detach-[^\n]*deploycheck-left[^\n]*\n {2}# aws elbv2 delete-target-group /,
  );
  expect(commandsIn(body, 'To see who serves').join('\n')).toContain('deploycheck-left');
});

test('a rule that was disabled is enabled, by its own command', async () => {
  const scene = await openScene();
  const { world } = scene;
  const [bus = '', rule = ''] = (world.stack.resources.get('CheckPendingRule')?.physicalId ?? '').split('|');
  await send(world, `aws events disable-rule --event-bus-name ${bus} --name ${rule}`);
  await request(scene);
  expect((await world.until('Refused', { limitSeconds: 300 })).detail.code).toBe('411');
  await world.clock.advance(30);
  const commands = commandsIn(world.mailBody(-1));
  expect(commands).toEqual([`aws events enable-rule --event-bus-name ${bus} --name ${rule}`]);
  for (const command of commands) await send(world, command);
  await deploysWell(scene, world.events.length);
});

test('after a broken war a mended one is uploaded, in the state of either mail', async () => {
  for (const event of ['Failed', 'Cleaned']) {
    const scene = await openScene();
    const { world } = scene;
    await world.upload('app.war', { health: '500 out of order' });
    await world.until(event);
    await world.clock.advance(5);
    const subject = event === 'Failed' ? '[Failed]' : 'Deploy Clean';
    const mail = world.aws.sns.mails.findLast((one) => one.subject?.includes(subject));
    const commands = commandsIn(mail?.body ?? '');
    expect(commands).toEqual([`aws s3 cp app.war s3://${world.fleet.bucket}/app.war`]);
    const after = world.events.length;
    for (const command of commands) await send(world, command);
    await world.until('Completed', { after });
  }
});

test('Active that is attached to nothing is attached where the deployment before found it', async () => {
  const scene = await openScene();
  const { world, operator } = scene;
  await deploy(scene, 'Completed');
  await world.clock.advance(120);
  await operator.detach('was-green', world.fleet.targetGroupArns);
  await world.clock.advance(60);
  const after = world.events.length;
  await request(scene, { versions: 'previous' });
  expect((await world.until('Refused', { after })).detail.code).toBe('403');
  await world.clock.advance(30);
  for (const command of commandsIn(world.mailBody(-1))) await send(world, command);
  await world.clock.advance(120);
  await request(scene, { versions: 'previous' });
  await world.until('Completed', { after });
});

test.each<[string, (call: Call) => boolean]>([
  ['tagging StandBy', ({ operation }) => operation === 'CreateOrUpdateTags'],
  ['reading the war', ({ operation, input }) => operation === 'GetObject' && input.Key === 'app.war'],
])('402 after %s was denied speaks of the permission', async (_, isMeant) => {
  const { world } = await openScene();
  world.aws.endpoint.intercept(async (call, proceed) => {
    if (isInvocationCaller(call.caller) && isMeant(call)) throw new AwsError('AccessDenied', 'Access Denied', 403);
    return proceed();
  });
  await world.upload('app.war', { version: '2' });
  await world.clock.advance(1800);
  const mail = world.aws.sns.mails.find(({ subject }) => subject?.startsWith('[Failed]'));
  expect(mail?.subject).toContain('errCode : 402');
  expect(mail?.body).toMatch(/\nWhat to do\n {2}(?:Wait for .*\n {2})?A permission is missing: give the role /);
});

test('in an emergency the old group can be filled while the deployment runs: users have its version, and then the new one', async () => {
  const scene = await openScene();
  const { world, operator } = scene;
  const [served] = world.servedVersions();
  await operator.setSize('was-blue', 0, 0, 0);
  await world.clock.advance(300);
  expect(world.servedVersions()).toEqual([]);
  const version = await world.upload('app.war', { version: '2' });
  await world.until('Started');
  await world.clock.advance(5);
  const start = world.aws.sns.mails.find(({ subject }) => subject?.startsWith('[Deploy] Start'))?.body ?? '';
  for (const command of commandsIn(start).slice(0, 2)) await send(world, command);
  await world.until('Step2Passed');
  expect(world.servedVersions()).toContain(served);
  await world.until('Completed');
  await world.clock.advance(300);
  expect(world.servedVersions()).toEqual([version]);
});
