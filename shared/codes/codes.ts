/**
 * What each code that operators meet means, when it comes, and what to do next. Mails take it from here, and so does the
 * head of each page in docs/codes/. A code is an interface: people search their mail for it.
 */

export interface Code {
  /** In words, for whoever has never seen the code: one sentence. */
  meaning: string;
  /** At which moment of a deployment, and what was changed by then. */
  when: string;
  /** What the operator does. */
  nextStep: string;
}

/** An unknown code means what T999 does. */
export function meaningOf(code: string): string {
  return entryOf(code).meaning;
}

/** What the operator does next. Every code has one; an unknown code gets that of T999. */
export function nextStepOf(code: string): string {
  return entryOf(code).nextStep;
}

/**
 * Where the page of the code is: below the address of the folder docs/, where that is published somewhere; else its path in
 * the repository. `language` is `en` or `ko`.
 */
export function pageOf(code: string, documentationUrl: string, language = 'en'): string {
  const folder = documentationUrl === '' ? 'docs' : documentationUrl.replace(/\/+$/, '');
  const ending = language === 'en' ? '.md' : `.${language}.md`;
  return `${folder}/codes/${knownCode(code)}${ending}`;
}

/** The code itself, or that which stands for every code that nobody knows. */
export function knownCode(code: string): string {
  return Object.hasOwn(CODES, code) ? code : 'T999';
}

function entryOf(code: string): Code {
  return CODES[knownCode(code)] as Code;
}

const REFUSED = 'When a deployment is asked for, before anything is changed: the request is refused.';
const AT_START =
  'When a deployment is asked for, before anything is changed; or in the first stage, start, where it shows only then: clean-up takes back what was done.';
const CLONING = 'In the first stage, start, while the clones are made. No user is touched; clean-up follows.';
const CLEANED = 'Clean-up follows, and its mail says how it ended.';
const UNEXPECTED = 'Look into the log of the function that the message names, then request the deployment again.';
const REQUEST_AGAIN = 'Remove this cause, then request the deployment again. The mail of clean-up has the command.';
const REQUEST_REFUSED_AGAIN = 'Remove this cause, then request the deployment again.';
const PAIR =
  'Give the task exactly one group tagged type = Active and one tagged type = StandBy, then request the deployment again.';
const LEFT_OVER = 'Detach the left-over dummy from the Active group and delete it, then request the deployment again.';
const NO_NAME = (what: string) =>
  `Delete left-over ${what} whose name starts with deploycheck-, then request the deployment again.`;

/** By code. Every code that the product can report is here, and no other. */
export const CODES: Readonly<Record<string, Code>> = {
  '400': {
    meaning: 'The task does not have one Active and one StandBy group, or their tags contradict each other.',
    when: REFUSED,
    nextStep: PAIR,
  },
  '401': {
    meaning: 'The task is busy: a deployment runs or was not cleaned, or the StandBy group is not empty.',
    when: AT_START,
    nextStep:
      'Wait for the mail that ends the running deployment. If that mail asks for a decision: do what it says, which ends with CleanRequested. If none runs and StandBy is not empty: put CleanRequested with the task, which takes StandBy to 0/0/0.',
  },
  '402': {
    meaning: 'A war is not there or cannot be read, the tags that name it are not right, or tagging StandBy failed.',
    when: AT_START,
    nextStep:
      'Check that the war is in S3 and whole, and that the tags apps3key, s3versionidapp, apppath and bucket of both groups are right. Then request the deployment again.',
  },
  '403': {
    meaning: 'The Active group is attached to no load balancer and no target group.',
    when: REFUSED,
    nextStep: 'Attach the Active group to its load balancers, then request the deployment again.',
  },
  '404': {
    meaning: 'The Active group is attached to a dummy, a clone of a load balancer that was made for a test.',
    when: REFUSED,
    nextStep: LEFT_OVER,
  },
  '405': {
    meaning: 'The Active group is attached to a dummy, a clone of a target group that was made for a test.',
    when: REFUSED,
    nextStep: LEFT_OVER,
  },
  '406': {
    meaning: 'The Active group names a Classic Load Balancer that does not exist, or was detached from it meanwhile.',
    when: AT_START,
    nextStep: 'Attach the Active group to the load balancers that it is to serve, then request the deployment again.',
  },
  '407': {
    meaning: 'The clone of a Classic Load Balancer could not be created.',
    when: CLONING,
    nextStep: NO_NAME('Classic Load Balancers'),
  },
  '408': {
    meaning: 'The Active group names a target group that does not exist, or was detached from it meanwhile.',
    when: AT_START,
    nextStep: 'Attach the Active group to the target groups that it is to serve, then request the deployment again.',
  },
  '409': {
    meaning: 'The clone of a target group could not be created.',
    when: CLONING,
    nextStep: NO_NAME('target groups'),
  },
  '410': {
    meaning: 'The clone of an Application or Network Load Balancer, or a listener of it, could not be created.',
    when: CLONING,
    nextStep: NO_NAME('load balancers'),
  },
  '411': {
    meaning: 'The pipeline is not whole: a rule that carries deployments on is missing, disabled or without a target.',
    when: REFUSED,
    nextStep: 'Deploy the stack again, so that its rules and targets are whole, then request the deployment again.',
  },
  '412': {
    meaning: 'StandBy could not be attached to the clones or sized, or does not let go of load balancers with users.',
    when: `In the first stage, start, once StandBy has the versions. ${CLEANED}`,
    nextStep: REQUEST_AGAIN,
  },
  '413': {
    meaning: 'A load balancer cannot be cloned, or the account or a subnet has no room for what a deployment needs.',
    when: AT_START,
    nextStep:
      'Raise the limit of the account, or free addresses in the subnet. Then request the deployment again. Leave Active attached to what cannot be cloned: users may come in by it.',
  },
  '414': {
    meaning: 'The request is not valid: it says something that cannot be read, or that cannot be done as it is.',
    when: 'When something is asked for. Nothing is changed.',
    nextStep: 'Nothing is to be run as it was: correct what the reason names, and put the request again.',
  },
  '415': {
    meaning: 'A group is not in a state in which it can be deployed to, such as with a process suspended.',
    when: REFUSED,
    nextStep: REQUEST_REFUSED_AGAIN,
  },
  '418': {
    meaning: 'What an operator asked for does not fit what the task is doing now.',
    when: 'When an abort or a clean is asked for. Nothing is changed.',
    nextStep: 'Nothing is to be run for what was refused: all is as it was before the request.',
  },
  '500': {
    meaning: 'Something unexpected happened while the deployment started.',
    when: 'When something is asked for, or in the first stage, start. Where StandBy was changed already, clean-up follows.',
    nextStep: UNEXPECTED,
  },
  T000: {
    meaning: 'Somebody changed what the groups are attached to, or deleted a clone, while the deployment ran.',
    when: `In step 1, or just before Active would be detached. ${CLEANED}`,
    nextStep:
      'Attach the Active group to its load balancers again if it is not, keep whoever attached StandBy from doing so, then request the deployment again.',
  },
  T001: {
    meaning: 'Step 1 was not passed: the new version was not healthy behind the clones, or no instance of it came.',
    when: `At the end of step 1, where StandBy is behind clones that no user comes by. ${CLEANED}`,
    nextStep:
      'If the application is ill, upload a mended war: it is deployed by itself. If no instance came, remove the cause and request the deployment again.',
  },
  T002: {
    meaning: 'StandBy could not be detached from the clones, or from load balancers in clean-up.',
    when: `After step 1, or in clean-up. ${CLEANED}`,
    nextStep: REQUEST_AGAIN,
  },
  T003: {
    meaning: 'The clone of a Classic Load Balancer could not be deleted.',
    when: 'After step 1, or in clean-up. It fails no deployment: the mail that ends it names what is left, under this code.',
    nextStep: REQUEST_AGAIN,
  },
  T004: {
    meaning: 'StandBy could not be attached to the real load balancers.',
    when: `Between step 1 and step 2, or before Active is detached. Active is attached as well. ${CLEANED}`,
    nextStep: REQUEST_AGAIN,
  },
  T005: {
    meaning:
      'The clone of an Application or Network Load Balancer could not be deleted, or the clones not be looked for.',
    when: 'After step 1, or in clean-up. What cannot be deleted fails no deployment: the mail that ends it names what is left, under this code.',
    nextStep: REQUEST_AGAIN,
  },
  T006: {
    meaning: 'The clone of a target group could not be deleted.',
    when: 'After step 1, or in clean-up. It fails no deployment: the mail that ends it names what is left, under this code.',
    nextStep: REQUEST_AGAIN,
  },
  T007: {
    meaning: 'The health of StandBy behind the real load balancers could not be read.',
    when: `In step 2, while Active is detached, or before the old group is taken down. ${CLEANED}`,
    nextStep: REQUEST_AGAIN,
  },
  T008: {
    meaning: 'Active could not be detached from the real load balancers, did not drain, or not be attached again.',
    when: `After step 2, or in clean-up. ${CLEANED}`,
    nextStep:
      'Wait for the mail of clean-up. If it asks for a decision, check which load balancers still list the old group before you change anything.',
  },
  T009: {
    meaning: 'The old group could not be taken to 0/0/0. The tags are swapped already: the new group is Active.',
    when: `At the very end, after the tags were swapped. ${CLEANED}`,
    nextStep:
      'The tags are swapped. Clean-up tries again; if its mail asks for a decision, what remains is to take the old group to 0/0/0: run what that mail says.',
  },
  T010: {
    meaning: 'The type tags of the two groups could not be swapped, or their scheduled actions not be moved.',
    when: `Once Active is detached and drained, or in clean-up on the way back. ${CLEANED}`,
    nextStep:
      'Clean-up tries again; if its mail asks for a decision, what remains is to swap the type tags of the two groups: run what that mail says.',
  },
  T011: {
    meaning: 'Step 2 was not passed: the new version is not healthy, or fell ill, behind the real load balancers.',
    when: `In step 2, where users meet StandBy beside Active, or after it, where Active is attached again. ${CLEANED}`,
    nextStep:
      'Check why the new group is not healthy behind the real load balancers, then request the deployment again.',
  },
  T012: {
    meaning: 'Step 2 was not passed (T011), and taking StandBy to 0/0/0 in clean-up failed, too.',
    when: 'In clean-up after T011. Clean-up stops, and leaves the rest to an operator.',
    nextStep:
      'Take the StandBy group to 0/0/0 by hand, as the mail of clean-up says, then put CleanRequested with the task.',
  },
  T013: {
    meaning: 'A group of the task was deleted, or its type tag changed, while the deployment ran.',
    when: `In any stage after start. ${CLEANED}`,
    nextStep: PAIR,
  },
  T014: {
    meaning: 'A stage stopped moving, also after its event was published again.',
    when: `In any stage. ${CLEANED}`,
    nextStep: 'Look into the log of the stage that the message names, then request the deployment again.',
  },
  T015: {
    meaning: 'An operator aborted the deployment.',
    when: `In any stage until Active is detached. ${CLEANED}`,
    nextStep: 'Nothing is to be mended. Request a deployment when you want one.',
  },
  T999: {
    meaning: 'Something unexpected happened after the deployment had started.',
    when: `In any stage after start. ${CLEANED}`,
    nextStep: UNEXPECTED,
  },
};
