import * as fc from 'fast-check';
import type { Completed } from '../../events/completed';
import { type DetailOf, oneLine } from '../../events/contract';
import type { Refused } from '../../events/refused';
import type { Started } from '../../events/started';
import { cleanedMail } from './clean-up-mails';
import { completedMail, cycleMail, startedMail } from './deployment-mails';
import { failedMail } from './failure-mails';
import { postponedMail, refusedMail } from './request-mails';

const OF_DEPLOYMENT = { deploymentId: '20300101T000000Z-1a2b3c', task: 'WAS', seq: 1 };
const WARS = [
  { slot: 1, key: 'app.war', from: 'v1', to: 'v2' },
  { slot: 3, key: 'admin.war', from: 'w1', to: 'w1' },
];
const GROUPS = { oldGroup: 'was-blue', newGroup: 'was-green', instances: 2 };

function started(changes: Partial<DetailOf<typeof Started>> = {}) {
  const detail = { ...OF_DEPLOYMENT, ...GROUPS, requestedBy: 'jane', wars: WARS, notes: [], ...changes };
  return startedMail(detail, 'bus-1', '2030-01-01T00:00:00.000Z');
}

function done(changes: Partial<DetailOf<typeof Completed>> = {}) {
  const stages = [
    { stage: 'start', seconds: 9.4 },
    { stage: 'check-dummy', seconds: 171.2 },
  ];
  return completedMail({ ...OF_DEPLOYMENT, ...GROUPS, requestedBy: 'jane', wars: WARS, stages, ...changes }, 'bus-1');
}

function refused(changes: Partial<DetailOf<typeof Refused>> = {}) {
  const why = { code: '401', message: 'it is busy', nextStep: 'Wait.' };
  return refusedMail({ requestId: 'r', task: 'WAS', requestedBy: 'jane', ...why, ...changes }, 'bus-1');
}

test('subjects are those that operators have filters for', () => {
  expect([
    started().subject,
    cycleMail({ ...OF_DEPLOYMENT, cycle: '1-2' }, 'bus').subject,
    cycleMail({ ...OF_DEPLOYMENT, cycle: '2-1' }, 'bus').subject,
    done().subject,
    refused().subject,
  ]).toEqual([
    '[Deploy] Start(Task : WAS)',
    '[Deploy] Call Step 1-2(Task : WAS)',
    '[Deploy] Call Step 2-1(Task : WAS)',
    '[Success] Non-disruptive deployment(Task : WAS)',
    '[Failed] Deploy Start Failed(Task : WAS, errCode : 401)',
  ]);
});

test('SNS takes the subject of every mail, whatever the task is called, and the body has its full name', async () => {
  await fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 256 }), (task) => {
      for (const mail of [
        started({ task }),
        cycleMail({ ...OF_DEPLOYMENT, task, cycle: '1-1' }, 'bus'),
        done({ task }),
        refused({ task }),
      ]) {
        expect(mail.subject).toMatch(/^[\x20-\x7e]{1,99}$/);
        expect(mail.body).toContain(oneLine(task));
      }
    }),
  );
  expect(started({ task: '결제 WAS' }).subject).toBe('[Deploy] Start(Task : ?? WAS)');
});

test('the mail of the start names versions, groups, requester and what the operator should know', () => {
  expect(started({ notes: ['A note.'] }).body).toBe(
    [
      'A deployment of WAS has started.',
      '',
      'Users',
      '  was-blue is Active and stays as it is: was-green is tested first where no user is. Nothing has changed for them.',
      '',
      'Left over',
      '  Nothing.',
      '',
      'What to do',
      '  Nothing is to be done.',
      '',
      'Versions',
      '  app.war',
      '    from v1',
      '    to   v2',
      '  admin.war',
      '    stays w1',
      '',
      'Groups',
      '  was-blue is Active.',
      '  was-green gets 2 instances.',
      '',
      'Notes',
      '  A note.',
      '',
      'Requested by',
      '  jane',
      '',
      'Deployment',
      '  20300101T000000Z-1a2b3c',
      '',
    ].join('\n'),
  );
});

test('versions are told by their names and the beginnings of their ids, and by their whole ids where they have none', () => {
  const from = '3sL4kqtJlcpXroDTDmJ_rmSpXd3dIbrH';
  const to = '9xPqLm2aKcpXroDTDmJ_rmSpXd3dIbrH';
  const both = { slot: 1, key: 'app.war', from, to, fromName: '1.4.1', toName: '1.4.2, build 7' };
  const kept = { slot: 2, key: 'api.war', from, to: from, fromName: '1.4.1', toName: '1.4.1' };
  const unknown = { slot: 3, key: 'new.war', from: 'none', to, toName: '1.4.2' };
  const { body } = started({ wars: [both, kept, unknown] });
  expect(body).toContain('  app.war\n    from 1.4.1 (3sL4kqtJ)\n    to   1.4.2, build 7 (9xPqLm2a)\n');
  expect(body).toContain('  api.war\n    stays 1.4.1 (3sL4kqtJ)\n');
  expect(body).toContain('  new.war\n    from none\n    to   1.4.2 (9xPqLm2a)\n');
  const back = done({ wars: [both, kept], previous: `${from},` }).body;
  expect(back).toContain('To go back\n  # app.war gets 1.4.1 (3sL4kqtJ)\n  bluegreen deploy WAS --version app.war=');
  expect(done({ wars: [both], previous: 'older' }).body).toContain('  # app.war gets older\n');
});

test('what a war, its version or its name is called adds no line', async () => {
  await fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (breaking, name) => {
      const hostile = `${name}\n${breaking}\r\u2028\u0085x`;
      const war = { slot: 1, key: hostile, from: hostile, to: 'v2', fromName: hostile, toName: hostile };
      const lines = (mail: { body: string }) => mail.body.split(/[\p{Zl}\p{Zp}\v\f\r\n\u0085]/u).length;
      const plain = { slot: 1, key: 'k', from: 'v1', to: 'v2', fromName: 'n', toName: 'n' };
      expect(lines(started({ wars: [war] }))).toBe(lines(started({ wars: [plain] })));
      expect(lines(done({ wars: [war], previous: 'v0' }))).toBe(lines(done({ wars: [plain], previous: 'v0' })));
    }),
  );
});

test('a section without content is left out', () => {
  expect(started().body).not.toContain('Notes');
  expect(cycleMail({ ...OF_DEPLOYMENT, cycle: '1-1' }, 'bus').body).not.toContain('Waiting for');
});

test('the mail of a cycle says where StandBy is checked, and what it waits for, one line each', () => {
  const waitingFor = 'i-1 on web: initial; green has 1 of 2 in service';
  const { body } = cycleMail({ ...OF_DEPLOYMENT, cycle: '1-1', waitingFor }, 'bus');
  expect(body).toContain('behind the dummies, where no user is');
  expect(body).toContain('\n  i-1 on web: initial\n  green has 1 of 2 in service\n');
  expect(cycleMail({ ...OF_DEPLOYMENT, cycle: '2-1' }, 'bus').body).toContain('behind the real load balancers');
});

test('the mail of a cycle says first who is down, and that the deployment goes on', () => {
  const seen = { seenAt: '2030-01-01T00:00:09Z', group: 'blue', loadBalancers: 1, on: ['web'] };
  const served = cycleMail(
    { ...OF_DEPLOYMENT, cycle: '1-1', users: { ...seen, serving: ['blue'], down: [] } },
    'bus',
  ).body;
  expect(served).toMatch(/^The new group of WAS is being checked/);
  expect(served).toContain(
    '\nUsers\n  blue serves on web (seen at 2030-01-01T00:00:09Z). The deployment has changed nothing for them.\n',
  );
  const down = { ...seen, serving: [], down: ['web'], isEmpty: true as const };
  const body = cycleMail({ ...OF_DEPLOYMENT, cycle: '1-1', users: down }, 'bus').body;
  expect(body).toMatch(/^USERS ARE DOWN on web, .*: blue is at 0\. The new group of WAS is being checked/);
  expect(body).toContain('\nUsers\n  See above. The deployment has changed nothing for them.\n');
});

test('the mail of a cycle says until when what has to pass, and what that comes to where Active is at 0', () => {
  const cycle = { ...OF_DEPLOYMENT, cycle: '1-1', until: '2030-01-01T00:09:00.000Z' };
  expect(cycleMail(cycle, 'bus').body).toContain(
    'What to do\n  Nothing is to be done: what has not passed by 2030-01-01T00:09:00.000Z is taken back.\n',
  );
  const seen = { seenAt: '2030-01-01T00:00:09Z', group: 'blue', loadBalancers: 1, on: ['web'] };
  const users = { ...seen, serving: [], down: ['web'], isEmpty: true as const };
  const { body } = cycleMail({ ...cycle, cycle: '2-1', users, commands: ['aws resize blue'] }, 'bus');
  expect(body).toContain(
    '\nUsers\n  See above. The new group is attached there, and serves as soon as it is healthy.\n',
  );
  expect(body).toContain(
    'Left over\n  Nothing of this deployment. There before it, and still:\n  blue (Active) is at 0.\n',
  );
  expect(body).toMatch(
    /What to do\n {2}Where the version of blue is fit to serve, fill blue at once: .*\n {2}aws autoscaling describe-scaling-activities .* blue .*\n {2}# where its version is fit to serve:\n {2}aws resize blue\n {2}Wait for the mail "\[Success\] Non-disruptive deployment": .*\n {2}What has not passed by 2030-01-01T00:09:00\.000Z is taken back, and users stay down\.\n {2}Where neither mail has come .*\n {2}bluegreen clean WAS/,
  );
});

test('the mail of a later cycle says in its first line what has not passed', () => {
  const sick = 'i-1 on web: unhealthy, Health checks failed with these codes: [503]';
  const told = { cycle: '2-2', waitingFor: sick, toldBefore: 'i-1 on web: not registered' };
  expect(cycleMail({ ...OF_DEPLOYMENT, ...told }, 'bus').body).toMatch(
    /^The new group of WAS has not passed the check behind the real load balancers yet: i-1 on web: unhealthy, .*\[503\]\.\n/,
  );
  const first = { ...told, cycle: '2-1', toldBefore: undefined };
  expect(cycleMail({ ...OF_DEPLOYMENT, ...first }, 'bus').body).toMatch(
    /^The new group of WAS is being checked behind the real load balancers\.\n/,
  );
});

test('the mail of a start in an emergency says first who may be down, and what was there before', () => {
  const { body } = started({ isEmergency: true, on: ['web'], commands: ['aws look'] });
  expect(body).toMatch(
    /^USERS MAY BE DOWN on web: was-blue \(Active\) is at 0, since when is not known\. A deployment of WAS has started\.\n/,
  );
  expect(body).toContain(
    'Left over\n  Nothing of this deployment. There before it, and still:\n  was-blue (Active) is at 0.\n',
  );
  expect(body).toContain(
    'What to do\n  Wait for the mail "[Success] Non-disruptive deployment", until 2030-01-01T00:30:00.000Z: ',
  );
});

test('the mail of success says that a deployment had failed on the way, of which a mail has told', () => {
  const { body } = done({ resolvedFailure: { code: 'T010', message: 'denied' } });
  expect(body).toMatch(/is complete, after [^.]*\. It had failed on the way \(T010\), and clean-up has let it go on/);
  expect(done().body).not.toContain('It had failed');
});

test('the mail of what waits says so where the task has to be cleaned first, and how', () => {
  const waits = { ...OF_DEPLOYMENT, stage: 'clean-up', requestedBy: 'the upload of app.war' };
  expect(postponedMail(waits, 'bus-1').body).toContain('What to do\n  Nothing is to be done: ');
  const { body } = postponedMail({ ...waits, isBlocked: true, commands: ['aws one'] }, 'bus-1');
  expect(body).toMatch(/^What was asked for by the upload of app\.war waits: the last deployment of WAS failed, and /);
  expect(body).toMatch(
    /What to do\n {2}It waits until the task is cleaned\.\n {2}Remove .*\n {2}bluegreen clean WAS .*\n.*\n {2}aws events put-events .*CleanRequested/,
  );
  expect(body).toContain('To see who serves\n  aws one\n');
});

test('the mail of success tells the time of each stage, and the very request that goes back', () => {
  const { body } = done({ previous: 'v1,' });
  expect(body).toContain('Time: 3 min 1 s\n  start: 9 s\n  check-dummy: 2 min 51 s\n');
  expect(body).toContain(`aws events put-events --entries '[{"EventBusName":"bus-1","Source":"bluegreen"`);
  expect(body).toContain(String.raw`"Detail":"{\"task\":\"WAS\",\"versions\":\"v1,\"}"}]'`);
  expect(body).toMatch(/^The deployment of WAS is complete, after 3 min 1 s\./);
  expect(body).toContain('was-green is Active, with 2 instances.');
  expect(done({ instances: 1 }).body).toContain('with 1 instance.');
});

test('the mail of success names what was held back, and says so where it offers to go back to that', () => {
  const kept = {
    slot: 1,
    key: 'app.war',
    from: '3sL4kqtJlcpX',
    to: '3sL4kqtJlcpX',
    fromName: '1.4.1',
    toName: '1.4.1',
  };
  const heldBack = [{ slot: 1, versionId: '9xPqLm2aKcpX', name: '1.4.2' }];
  const { body } = done({ wars: [kept], heldBack, previous: '9xPqLm2aKcpX' });
  expect(body).toContain('Left over\n  Not deployed, because it was rolled back before: app.war 1.4.2 (9xPqLm2a).\n');
  expect(body).toContain('To go back\n  # app.war gets 1.4.2 (9xPqLm2a), which was rolled back before\n');
});

test('what waited and is deployed now can be aborted by a command of the mail', () => {
  const waiting = 'What was asked for by the upload of app.war waited, and is deployed now.';
  const base = { ...OF_DEPLOYMENT, outcome: 'cleaned' as const, summary: 'It serves.', findings: [], commands: [] };
  const { body } = cleanedMail({ ...base, leftovers: [], waiting }, 'bus-1');
  expect(body).toMatch(
    /What to do\n {2}Nothing is to be mended\.\n.*deployed now\. If that is not meant, abort it:\n {2}bluegreen abort WAS /,
  );
});

test('the mail of success names no way back where nothing is known to have served before', () => {
  const wars = [{ slot: 1, key: 'app.war', from: 'none', to: 'v1' }];
  expect(done({ wars }).body).not.toContain('To go back');
  expect(done({ wars }).body).not.toContain('put-events');
});

test('a refusal says why, what to do, and that nothing was changed; also where no task is known', () => {
  const { body } = refused({ message: 'the deployment x of WAS is in swap' });
  expect(body).toMatch(
    /^The request to deploy WAS was refused: the deployment x of WAS is in swap \(401\)\. Nothing was changed\.\n/,
  );
  expect(body).toContain('Why\n  the deployment x of WAS is in swap');
  expect(body).toContain('What to do\n  Wait.');
  expect(refused({ task: '' })).toEqual({
    subject: '[Failed] Deploy Start Failed(Task : , errCode : 401)',
    body: expect.stringContaining('(no task named)'),
  });
});

test('the mail of a clean-up that stopped ends what is run by hand with what frees the task', () => {
  const commands = ['# See who serves.', 'aws one'];
  const blocked = {
    outcome: 'operator-needed' as const,
    summary: 'nobody would serve.',
    findings: [] as string[],
    commands,
  };
  const lines = cleanedMail({ ...OF_DEPLOYMENT, ...blocked }, 'bus-1').body.split('\n');
  const byHand = lines.slice(lines.indexOf('If that does not help, decide and run by hand') + 1);
  expect(byHand.slice(0, byHand.indexOf(''))).toEqual([
    '  # See who serves.',
    '  aws one',
    expect.stringContaining('  # When that is done, free the task'),
    '  bluegreen clean WAS --stack bus-1',
    '  # or, without that command',
    expect.stringContaining('"DetailType":"CleanRequested"'),
  ]);
});

test('the mail of a later cycle tells only what has changed since the one before', () => {
  const waitingFor = 'i-1 on web: initial; i-3 on web: initial';
  const { body } = cycleMail(
    {
      ...OF_DEPLOYMENT,
      cycle: '1-2',
      waitingFor,
      toldBefore: 'i-1 on web: initial; i-2 on web: initial',
    },
    'bus',
  );
  expect(body).toContain(
    'Waiting for\n  i-3 on web: initial\n  as before: i-1 on web: initial\n  not any more: i-2 on web: initial\n',
  );
});

describe('the first line says the reason', () => {
  const failed = (message: string) =>
    failedMail(
      { ...OF_DEPLOYMENT, stage: 'check-dummy', code: 'T013', headline: 'It', message, nextStep: 'Mend it.' },
      'bus-1',
      '2030-01-01T00:00:00.000Z',
    );
  const cleaned = (changes: object) =>
    cleanedMail(
      { ...OF_DEPLOYMENT, outcome: 'cleaned', summary: 'It serves.', findings: [], commands: [], ...changes },
      'bus-1',
    );

  test('of a failure, and where it was', () => {
    expect(failed('green is tagged type = Spare; more').body).toMatch(
      /^The deployment of WAS failed: green is tagged type = Spare \(T013, in check-dummy\)\.\n/,
    );
    expect(failed('').body).toMatch(/^The deployment of WAS failed \(T013, in check-dummy\)\.\n/);
  });

  test('of what is taken back', () => {
    expect(cleaned({ code: 'T013', message: 'green is tagged type = Spare' }).body).toMatch(
      /^The deployment of WAS failed, and is taken back: green is tagged type = Spare \(T013\)\. It serves\.\n/,
    );
  });

  test('of a clean-up that stopped, which has the whole of it below', () => {
    const summary = 'sizing green failed: Denied (Denied, log of the function b-clean-up)';
    const { body } = cleaned({ outcome: 'operator-needed', summary, code: 'T012', message: 'T011: it is ill' });
    expect(body).toMatch(
      /^The deployment of WAS failed: it is ill \(T011\)\. Clean-up stopped, and an operator has to decide: sizing green failed: Denied \(T012\)\.\n/,
    );
    expect(body).toContain(`\nWhy\n  Code T012\n  ${summary}\n  T011: it is ill\n`);
  });

  test('of a clean-up that stopped for the reason of the failure', () => {
    const { body } = cleaned({
      outcome: 'operator-needed',
      summary: 'finishing failed',
      code: 'T009',
      message: 'Denied',
    });
    expect(body).toMatch(
      /^Clean-up of WAS stopped, and an operator has to decide: finishing failed: Denied \(T009\)\.\n/,
    );
    expect(body).toContain('\nWhy\n  Code T009\n  Denied\n');
  });
});

describe('where users are down', () => {
  const users = {
    seenAt: '2030-01-01T00:00:09Z',
    group: 'blue',
    loadBalancers: 1,
    serving: [],
    down: ['web'],
    met: { group: 'green', since: '2030-01-01T00:00:00Z', on: ['web'], targets: 1, ofTargets: 2 },
  };
  const down = 'USERS ARE DOWN on web, since 2030-01-01T00:00:09Z at the latest: no target of blue is healthy there.';

  test('a failure says so first, and below what is new', () => {
    const why = { stage: 'swap', code: 'T011', headline: 'It', message: 'it is ill', nextStep: 'Mend it.' };
    const { body } = failedMail({ ...OF_DEPLOYMENT, ...why, users }, 'bus-1', '2030-01-01T00:00:00.000Z');
    expect(body.split('\n').slice(0, 4)).toEqual([
      `${down} The deployment of WAS failed: it is ill (T011, in swap).`,
      '',
      'Users',
      '  See above. Since 2030-01-01T00:00:00Z users could meet green on web: 1 of 2 targets there are its own.',
    ]);
  });

  test('clean-up says so once, and the rest of what it has found below', () => {
    const summary = 'Everything is taken back, but blue has no healthy target on web.';
    const { body } = cleanedMail(
      {
        ...OF_DEPLOYMENT,
        outcome: 'cleaned',
        code: 'T011',
        message: 'it is ill',
        summary,
        findings: ['blue is at 1/1/2.'],
        commands: [],
        users: { ...users, met: undefined },
      },
      'bus-1',
    );
    expect(body.split('\n').slice(0, 4)).toEqual([
      `${down} The deployment of WAS failed, and is taken back: it is ill (T011).`,
      '',
      'Users',
      '  See above.',
    ]);
    expect(body).toContain(`\nWhat is there now\n  ${summary}\n  blue is at 1/1/2.\n`);
  });
});
