/** What the mails say of a code beside its message: the headline and what to do next. */
import { plainLine } from '../events/contract';

/** The first line of the failure mail; a failure in `start` has a headline of its own. */
export function failureHeadline(stage: string, code: string, task: string): string {
  return plainLine(
    stage === 'start'
      ? `[Failed] Deploy Start Failed(Task : ${task}, errCode : ${code})`
      : `[Failed] Non-disruptive deployment(errCode : ${code}, Task : ${task})`,
  );
}

/** What the operator does next. Every code has one; an unknown code gets that of T999. */
export function nextStepOf(code: string): string {
  return NEXT_STEPS[code] ?? UNEXPECTED;
}

const UNEXPECTED = 'Look into the log of the function that the message names, then request the deployment again.';
const CHECK_APPLICATION =
  'Nothing reached a user. Fix the application, upload a new war, and it is deployed by itself.';
const REQUEST_AGAIN = 'Mend that, then request the deployment again: put DeployRequested with the task.';

const NEXT_STEPS: Record<string, string> = {
  '400': 'Give the task exactly one group tagged type = Active and one tagged type = StandBy, then request again.',
  '401': 'Wait for the mail that ends the running deployment, or take StandBy to 0/0/0, then request again.',
  '402': 'Check the war in S3 and the tags apps3key, s3versionidapp and apppath of the groups, then request again.',
  '403': 'Attach the Active group to its load balancers, then request again.',
  '404': 'Detach the left-over dummy from the Active group and delete it, then request again.',
  '405': 'Detach the left-over dummy from the Active group and delete it, then request again.',
  '406': REQUEST_AGAIN,
  '407': 'Delete left-over load balancers whose name starts with deploycheck-, then request again.',
  '408': REQUEST_AGAIN,
  '409': 'Delete left-over target groups whose name starts with deploycheck-, then request again.',
  '410': 'Delete left-over load balancers whose name starts with deploycheck-, then request again.',
  '411': 'Deploy the stack again, so that its rules and targets are whole, then request again.',
  '412': REQUEST_AGAIN,
  '413': REQUEST_AGAIN,
  '414': 'Correct the request and put it again.',
  '415': REQUEST_AGAIN,
  '500': UNEXPECTED,
  T000: 'Attach the Active group to its load balancers again if it is not, then request the deployment again.',
  T001: CHECK_APPLICATION,
  T002: REQUEST_AGAIN,
  T003: REQUEST_AGAIN,
  T004: REQUEST_AGAIN,
  T005: REQUEST_AGAIN,
  T006: REQUEST_AGAIN,
  T007: REQUEST_AGAIN,
  T008: 'Check which load balancers still list the old group before you change anything.',
  T009: 'The new version serves and the tags are swapped: take the old group to 0/0/0 by hand.',
  T010: 'The new version serves: swap the type tags of the two groups by hand as the message says.',
  T011: 'Check why the new group is not healthy behind the real load balancers, then request the deployment again.',
  T012: 'Take the StandBy group to 0/0/0 by hand, then request the deployment again.',
  T013: 'Give the task exactly one group tagged type = Active and one tagged type = StandBy, then request again.',
  T014: 'Look into the log of the stage that the message names, then request the deployment again.',
  T999: UNEXPECTED,
};
