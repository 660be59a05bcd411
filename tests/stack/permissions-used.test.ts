/** No function is granted what it never uses, and none asks for what it is not granted. */
import { type Report, reportPermissions } from './permission-report';

/** What AWS needs and the embedded AWS does not ask for: the permission, and why it stays. */
const USED_BY_AWS_ALONE: [permission: RegExp, reason: string][] = [
  [/^logs:(CreateLogStream|PutLogEvents) /, "Lambda writes the function's log in its name"],
  [/^sqs:GetQueueAttributes on (?!.*DeadLetters)/, 'Lambda looks at a queue before it polls it'],
];

let report: Report;

beforeAll(async () => {
  report = await reportPermissions();
}, 180_000);

test('everything that is granted is used', () => {
  const unused = report.grants.filter(({ isUsed, permission }) => {
    return !isUsed && !USED_BY_AWS_ALONE.some(([excepted]) => excepted.test(permission));
  });
  expect(unused.map(({ functionName, permission }) => `${functionName}: ${permission}`)).toEqual([]);
});

test.each(USED_BY_AWS_ALONE)('%s is still granted, and still used by AWS alone: %s', (excepted) => {
  const grants = report.grants.filter(({ permission }) => excepted.test(permission));
  expect(grants.length).toBeGreaterThan(0);
  expect(grants.filter(({ isUsed }) => isUsed)).toEqual([]);
});

test('nothing is asked for that is not granted', () => {
  expect(report.denials).toEqual([]);
});
