/** The mails of what failed say how users fare by what the stage has done, and until when to wait for what. */
import { crashedMail, crashOf, failedMail } from './failure-mails';

const AT = '2030-01-01T00:00:00.000Z';
const GROUPS = { oldGroup: 'blue', newGroup: 'green' };
const FAILED = {
  deploymentId: '20300101T000000Z-1a2b3c',
  task: 'WAS',
  seq: 4,
  headline: 'It',
  message: 'it broke',
  nextStep: 'Mend it.',
  groups: GROUPS,
  commands: ['aws look'],
};

function answersOf(body: string): Record<string, string[]> {
  const sections = body.split('\n\n').map((part) => part.trimEnd().split('\n'));
  return Object.fromEntries(sections.map(([title = '', ...lines]) => [title, lines.map((line) => line.trim())]));
}

function failed(stage: string, code: string, changes: object = {}) {
  return answersOf(failedMail({ ...FAILED, stage, code, ...changes }, 'bus', AT).body);
}

test.each([
  ['check-dummy', /^The deployment has not touched blue \(Active\), and has given green no place where users are\. /],
  ['check-real', /^The deployment has not touched blue \(Active\); green, .* may be attached beside it\. /],
  ['swap', /^blue \(Active\) may be detached by now: then green serves alone/],
  ['retire', /^Since the swap green is Active and blue is detached: green serves alone, or nobody does\. /],
])('where nobody has looked, %s tells of users what it has done, and how to see more', (stage, said) => {
  const { Users = [], 'To see who serves': commands } = failed(stage, 'T999');
  expect(Users).toEqual([expect.stringMatching(said)]);
  expect(Users[0]).toMatch(/Who serves now was not looked at: clean-up looks, .*, under "To see who serves"\.$/);
  expect(commands).toEqual(['aws look']);
});

test('the mail to wait for stands before what is to be mended, with a time, and what to run should it not come', () => {
  const said = failed('check-dummy', 'T999');
  expect(said['What to do']).toEqual([
    'Wait for the mail "Deploy Clean", until 2030-01-01T00:15:00.000Z. Before it comes, another deployment is refused (401); it says how to deploy again.',
    'Mend it.',
  ]);
  expect(said['If no such mail has come by then']).toEqual([
    'bluegreen clean WAS --stack bus',
    '# or, without that command',
    expect.stringContaining('"CleanRequested"'),
  ]);
});

test.each([
  ['Tag the group, then request the deployment again.', 'Tag the group.'],
  ['Raise it. Then request the deployment again. Leave Active.', 'Raise it. Leave Active.'],
])('what would be refused before that mail is not asked for: %s', (nextStep, said) => {
  expect(failed('check-dummy', 'T013', { nextStep })['What to do']).toEqual([expect.stringContaining('Wait'), said]);
});

test('from the swap on the deployment may complete after all', () => {
  expect(failed('swap', 'T010')['What to do']?.[0]).toContain(
    '"Deploy Clean", or "[Success] Non-disruptive deployment", until',
  );
});

test('where users are down what helps them comes first', () => {
  const users = { seenAt: AT, group: 'blue', loadBalancers: 1, down: ['web'] };
  const toDo = { sentence: 'Attach blue:', commands: ['aws attach'] };
  expect(failed('start', '406', { users, toDo })['What to do']).toEqual([
    'Attach blue:',
    'aws attach',
    'Do that at once: it is nothing that clean-up minds.',
    expect.stringContaining('Wait for the mail'),
  ]);
});

test('a mended war is deployed by itself; until when clean-up ends is said after it', () => {
  const toDo = { sentence: 'Upload a mended one, which is deployed by itself.', commands: ['aws s3 cp'] };
  const said = failed('check-dummy', 'T001', { toDo });
  expect(said['What to do']).toEqual([
    toDo.sentence,
    'aws s3 cp',
    'The mail "Deploy Clean" comes by 2030-01-01T00:15:00.000Z. What is uploaded before waits for it; any other request is refused (401).',
  ]);
  expect(said).toHaveProperty('If no such mail has come by then');
});

test('what people did to the groups, clean-up leaves over', () => {
  const message = 'the tag type of green was changed from StandBy to Spare';
  expect(failed('check-dummy', 'T013', { message })['Left over']?.[0]).toBe(`Not of the deployment: ${message}.`);
});

test('where somebody has attached the new group, it is left over until clean-up has detached it', () => {
  const message = 'somebody attached green (StandBy) to web-1 of web in step 1: users there may have met it';
  expect(failed('check-dummy', 'T000', { message })['Left over']?.[0]).toBe(
    'Not of the deployment: green is attached to web-1 of web, until clean-up has detached it.',
  );
});

function crashed(functionName: string, detailType: string, detail: object, errorMessage = 'it broke') {
  const report = {
    requestContext: {
      requestId: 'r-1',
      functionArn: `arn:aws:lambda:eu-central-1:123456789012:function:${functionName}:$LATEST`,
      condition: 'RetriesExhausted',
    },
    responsePayload: { errorType: 'Error', errorMessage },
  };
  return crashedMail(crashOf(report, { detailType, detail } as never), 'bus', AT);
}

const OF_STAGE = { task: 'WAS', deploymentId: 'd-1', seq: 4 };

test.each([
  ['check-dummy', 'DummyAttached', OF_STAGE, /has not touched Active, and has given the new version no place/],
  ['swap', 'Step2Passed', OF_STAGE, /Active may be detached by now/],
  ['retire', 'Swapped', OF_STAGE, /Since the swap only the new version is attached/],
  ['check-real', 'CheckDue', { ...OF_STAGE, stage: 'check-real' }, /may be attached beside it/],
])(
  'a crash of %s over %s tells of users as a failure there does, and its reason first',
  (stage, event, given, said) => {
    const { body, subject } = crashed(`bluegreen-dev-${stage}`, event, given);
    expect(subject).toContain('errCode : T999');
    expect(body).toMatch(
      new RegExp(
        `^The deployment of WAS failed: the function bluegreen-dev-${stage} broke off on every attempt: Error: it broke \\(T999, in ${stage}\\)\\.`,
      ),
    );
    const answers = answersOf(body);
    expect(answers.Users).toEqual([expect.stringMatching(said)]);
    expect(answers['What to do']).toEqual([
      expect.stringMatching(/^Wait for the mail "Deploy Clean".* until 2030-01-01T00:15/),
      'Remove the cause; the log of this invocation has what the function did:',
      expect.stringMatching(/^aws logs tail .*"r-1"/),
    ]);
  },
);

test('a request that start could not handle may be put again, as it was, where it has not begun', () => {
  const { body } = crashed('bluegreen-dev-start', 'DeployRequested', { task: 'WAS', versions: 'v1', capacity: 2 });
  const said = answersOf(body)['What to do'] ?? [];
  expect(said[0]).toMatch(
    /^Has the mail "\[Deploy\] Start" come for this request\? Then wait for the mail "Deploy Clean", until /,
  );
  expect(said[1]).toMatch(/^If it has not, nothing was changed\. /);
  expect(body).toContain('\nIf no such mail has come by then\n  bluegreen clean WAS ');
  expect(said).toContain('# where that mail has not come, once that is done');
  expect(JSON.parse(JSON.parse(said.at(-1)?.split("'")[1] ?? '')[0].Detail)).toEqual({
    task: 'WAS',
    versions: 'v1',
    capacity: 2,
  });
});

test('where AWS itself failed it is only requested again: the log is for whoever wants to see more', () => {
  const { body } = crashed('bluegreen-dev-start', 'DeployRequested', { task: 'WAS' }, 'InternalFailure happened');
  const said = answersOf(body)['What to do'] ?? [];
  expect(said[1]).toMatch(/^If it has not, nothing was changed\. AWS itself failed: .* Request again:$/);
  expect(said[2]).toMatch(/^bluegreen deploy WAS /);
  expect(body).toContain('\nTo see more\n  aws logs tail /aws/lambda/bluegreen-dev-start ');
});

test('a permission that a crashed function lacked is named', () => {
  const denied = 'User: arn:aws:sts::1:assumed-role/SwapRole/x is not authorized to perform: s3:PutObject';
  const { body } = crashed('bluegreen-dev-swap', 'Step2Passed', OF_STAGE, denied);
  expect(body).toMatch(
    /^The deployment of WAS failed: .*: the role SwapRole is not allowed s3:PutObject \(T999, in swap\)\./,
  );
  expect(body).toContain('A permission is missing: give the role SwapRole s3:PutObject.');
});
