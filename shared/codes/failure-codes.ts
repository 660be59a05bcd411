/** What the mails say of a code beside its message: the headline and what to do next. */
import { plainLine } from '../../events/contract';

/** The first line of the failure mail; a failure in `start` has a headline of its own. */
export function failureHeadline(stage: string, code: string, task: string): string {
  return plainLine(subjectOfFailure(stage, code, task));
}

/** The subject of the mail of a failure. */
export function subjectOfFailure(stage: string, code: string, task: string): string {
  return stage === 'start'
    ? `[Failed] Deploy Start Failed(Task : ${task}, errCode : ${code})`
    : `[Failed] Non-disruptive deployment(errCode : ${code}, Task : ${task})`;
}

/** The code of what no action of a stage accounts for: it crashed, or an error has no code. */
export function crashCodeOf(stage: string): string {
  return stage === 'start' ? '500' : 'T999';
}

/** What the operator does next. Every code has one; an unknown code gets that of T999. */
export function nextStepOf(code: string): string {
  return (Object.hasOwn(NEXT_STEPS, code) ? NEXT_STEPS[code] : undefined) ?? UNEXPECTED;
}

const UNEXPECTED = 'Look into the log of the function that the message names, then request the deployment again.';
const REQUEST_AGAIN = 'Remove this cause, then request the deployment again. The mail of clean-up has the command.';
const REQUEST_REFUSED_AGAIN = 'Remove this cause, then request the deployment again.';
const PAIR =
  'Give the task exactly one group tagged type = Active and one tagged type = StandBy, then request the deployment again.';
const LEFT_OVER = 'Detach the left-over dummy from the Active group and delete it, then request the deployment again.';
const NO_NAME = (what: string) =>
  `Delete left-over ${what} whose name starts with deploycheck-, then request the deployment again.`;

/** What the operator does next, by code. */
export const NEXT_STEPS: Readonly<Record<string, string>> = {
  '400': PAIR,
  '401':
    'Wait for the mail that ends the running deployment. If that mail asks for a decision: do what it says, which ends with CleanRequested. If none runs and StandBy is not empty: put CleanRequested with the task, which takes StandBy to 0/0/0.',
  '402':
    'Check that the war is in S3 and whole, and that the tags apps3key, s3versionidapp, apppath and bucket of both groups are right. Then request the deployment again.',
  '403': 'Attach the Active group to its load balancers, then request the deployment again.',
  '404': LEFT_OVER,
  '405': LEFT_OVER,
  '406': 'Attach the Active group to the load balancers that it is to serve, then request the deployment again.',
  '407': NO_NAME('Classic Load Balancers'),
  '408': 'Attach the Active group to the target groups that it is to serve, then request the deployment again.',
  '409': NO_NAME('target groups'),
  '410': NO_NAME('load balancers'),
  '411': 'Deploy the stack again, so that its rules and targets are whole, then request the deployment again.',
  '412': REQUEST_AGAIN,
  '413':
    'Raise the limit of the account, or free addresses in the subnet, or attach Active to what can be cloned. Then request the deployment again.',
  '414': 'Correct the request and put it again.',
  '415': REQUEST_REFUSED_AGAIN,
  '418': 'Do what the reason says, if anything: all is as it was before the request.',
  '500': UNEXPECTED,
  T000: 'Attach the Active group to its load balancers again if it is not, keep whoever attached StandBy from doing so, then request the deployment again.',
  T001: 'No user met the new version. If the application is ill, upload a mended war: it is deployed by itself. If no instance came, remove the cause and request the deployment again.',
  T002: REQUEST_AGAIN,
  T003: REQUEST_AGAIN,
  T004: REQUEST_AGAIN,
  T005: REQUEST_AGAIN,
  T006: REQUEST_AGAIN,
  T007: REQUEST_AGAIN,
  T008: 'Wait for the mail of clean-up. If it asks for a decision, check which load balancers still list the old group before you change anything.',
  T009: 'The new version serves, and the tags are swapped. Clean-up tries again; if its mail asks for a decision, what remains is to take the old group to 0/0/0: run what that mail says.',
  T010: 'The new version serves. Clean-up tries again; if its mail asks for a decision, what remains is to swap the type tags of the two groups: run what that mail says.',
  T011: 'Check why the new group is not healthy behind the real load balancers, then request the deployment again.',
  T012: 'Take the StandBy group to 0/0/0 by hand, as the mail of clean-up says, then put CleanRequested with the task.',
  T013: PAIR,
  T014: 'Look into the log of the stage that the message names, then request the deployment again.',
  T015: 'Nothing is to be mended. Request a deployment when you want one.',
  T999: UNEXPECTED,
};
