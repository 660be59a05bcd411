/** What is to be done about a refusal stands in its own text: the cause, until when to wait, and what then. */
import { toDoOf } from './refusal-remedies';

test('where clean-up stopped for want of a permission it names who needs which', () => {
  const why =
    'tagging the groups failed: User: arn:aws:sts::1:assumed-role/SwapRole/x is not authorized to perform: autoscaling:CreateOrUpdateTags';
  expect(toDoOf({ kind: 'clean-again', why }, '')).toMatchObject({
    sentence: expect.stringMatching(
      /^A permission is missing: give the role SwapRole autoscaling:CreateOrUpdateTags\b.* Then clean the task, /,
    ),
    request: 'CleanRequested',
  });
});

test('and what gives it is run before the task is cleaned', () => {
  const why =
    'tagging the groups failed: User: arn:aws:sts::1:assumed-role/SwapRole/x is not authorized to perform: autoscaling:CreateOrUpdateTags (AccessDenied, log of the function bluegreen-dev-swap)';
  expect(toDoOf({ kind: 'clean-again', why }, '')).toMatchObject({
    commands: ['npx serverless deploy --stage dev'],
    more: [expect.stringMatching(/^aws logs tail \S+bluegreen-dev-swap /)],
  });
});

test.each([
  ['was-blue does not exist', /^Clean-up stopped: was-blue does not exist\. Remove that cause\. Then clean the task, /],
  [undefined, /bluegreen status/],
])('where clean-up stopped for %s', (why, sentence) => {
  expect(toDoOf({ kind: 'clean-again', why }, '').sentence).toMatch(sentence);
});

test('whoever is to wait is told until when, and what to do where no mail comes', () => {
  const at = '2030-01-01T00:00:00.000Z';
  expect(toDoOf({ kind: 'wait', since: at, stage: 'swap', stageSince: at }, '')).toMatchObject({
    sentence: expect.stringMatching(/ within half an hour\. Where none has come by then, clean the task:$/),
    request: 'CleanRequested',
  });
  expect(toDoOf({ kind: 'go-back' }, '').sentence).toMatch(/wait for the mail .* within half an hour\. /);
});
