/** What to do about a refusal: the remedy that whoever refused has named for the very state, as a sentence and what to run. */
import type { ToDo } from '../../events/contract';
import type { Refusal, Remedy } from '../deployment/refusal';
import type { Attachment } from '../fleet/attachment';
import type { Launch } from '../fleet/auto-scaling-groups';
import { denied, isDeniedBy } from './causes';
import { nextStepOf } from './codes';
import {
  attachCommands,
  cancelRefreshCommand,
  createGroupCommand,
  deleteDummyCommands,
  deleteWarmPoolCommand,
  deployStackCommand,
  describeCommands,
  enableRuleCommand,
  exitStandbyCommands,
  listVersionsCommand,
  resumeCommand,
  tagCommand,
  untagCommand,
  uploadCommand,
} from './commands';
import { placesCommands, sendersCommands } from './look-commands';

/** To be replaced by people. */
const UNKNOWN_LAUNCH: Launch = {
  launchTemplate: { LaunchTemplateId: 'ID', Version: '$Default' },
  subnets: 'SUBNETS',
  healthCheckType: 'ELB',
  graceSeconds: 300,
};

/** Of groups that are looked at. */
const SHOWN = 10;

export function toDoOfRefusal({ code, message, remedy }: Refusal): ToDo | undefined {
  if (isDeniedBy(message)) return { ...denied(message), request: 'DeployRequested' };
  if (remedy) return toDoOf(remedy, nextStepOf(code));
  if (/put it again if that is meant/.test(message)) return { sentence: 'Put the request again if it is still meant.' };
  return AS_IT_IS.includes(code) ? { sentence: nextStepOf(code), isFinal: true } : undefined;
}

/** Of what was asked for, and not of the state in which it was. */
const AS_IT_IS = ['414', '418'];

export function toDoOf(remedy: Remedy, sentence: string): ToDo {
  switch (remedy.kind) {
    case 'tag':
      return { sentence, commands: [tagCommand(remedy.tags)] };
    case 'choose':
      return {
        sentence: remedy.isLikely
          ? 'Give the task exactly one group tagged type = Active and one tagged type = StandBy. Likeliest, by what runs:'
          : 'Give the task exactly one group tagged type = Active and one tagged type = StandBy: which, only you know. One of:',
        commands: remedy.ways.flatMap(({ meaning, tags }, index) => {
          const isToRun = remedy.isLikely && index === 0;
          return [`# where ${meaning}:`, `${isToRun ? '' : '# '}${tagCommand(tags)}`];
        }),
      };
    case 'make-group':
      return {
        sentence: `Make a group ${remedy.name} as ${remedy.like}: at 0/0/0, attached to nothing, with its tags but type = StandBy.`,
        commands: remedy.launch
          ? [createGroupCommand(remedy.name, remedy.launch, remedy.tags)]
          : [
              ...describeCommands([remedy.like], []),
              '# with the LaunchTemplate or MixedInstancesPolicy and the subnets of that:',
              `# ${createGroupCommand(remedy.name, UNKNOWN_LAUNCH, remedy.tags)}`,
            ],
      };
    case 'tag-bucket':
      return {
        sentence: `Tag the group with the war bucket of the stack. Where ${remedy.bucket} is right instead, it is the stack that has to name it: deploy that with the parameter WarBuckets.`,
        commands: [tagCommand(remedy.tags)],
      };
    case 'untag':
      return {
        sentence: 'Keep one spelling of the tag on the group; this takes the other away:',
        commands: [untagCommand(remedy.group, remedy.keys)],
      };
    case 'look':
      return {
        sentence,
        commands: remedy.groups.length > 0 ? describeCommands(remedy.groups.slice(0, SHOWN), []) : [],
      };
    case 'find-places':
      return {
        sentence: `Attach ${remedy.group} to what users come in by: the other group of the task is empty, so neither serves them. CloudTrail shows who detached it from where, for 90 days. These target groups are there:`,
        commands: placesCommands(remedy.group),
      };
    case 'stay':
      return {
        sentence: `Nothing is to be run: what the reason names cannot be tested behind, so the task cannot be deployed as it is. Leave ${remedy.group} attached there: users may come in by it.`,
        isFinal: true,
      };
    case 'attach':
      return {
        sentence: `Attach ${remedy.group} where it was before:`,
        commands: attachCommands('attach', remedy.group, remedy.attachments),
      };
    case 'detach':
      return {
        sentence: `What is gone nobody comes in by any more, and ${remedy.group} still names it: take that name off first. Where it was removed on purpose, and ${remedy.group} is attached elsewhere, that is all. Where users are missing who came in by it, then attach ${remedy.group} to what the DNS name of theirs leads to. Where nothing is there, make it again, as CloudTrail shows for 90 days how it was created: ${remade(remedy.attachments)}.`,
        commands: [
          '# not after one of the same name was made again and attached, which it would take off:',
          ...attachCommands('detach', remedy.group, remedy.attachments),
          '# only where users are missing: these target groups are there.',
          ...placesCommands(remedy.group),
        ],
      };
    case 'leave':
      if (remedy.referring.length > 0) return toDoOfSentTo(remedy);
      return {
        sentence: 'Detach the left-over dummy from the Active group and delete it.',
        commands: [
          ...attachCommands('detach', remedy.group, remedy.attachments),
          ...remedy.clones.flatMap(({ kind, identifier }) => deleteDummyCommands(kind, identifier)),
        ],
      };
    case 'resume':
      return {
        sentence: `Resume what is suspended on ${remedy.group}:`,
        commands: resumeCommand(remedy.group, remedy.processes),
      };
    case 'exit-standby':
      return {
        sentence: `Bring what is in Standby on ${remedy.group} back into service, or terminate it:`,
        commands: exitStandbyCommands(remedy.group, remedy.instanceIds),
      };
    case 'end-refresh':
      return {
        sentence: 'Wait until the instance refresh has ended, or cancel it:',
        commands: remedy.groups.map(cancelRefreshCommand),
      };
    case 'check-faster':
      return {
        sentence: 'Let an instance be called healthy after fewer checks, or after shorter ones; then deploy again:',
      };
    case 'end-warm-pool':
      return {
        sentence: `Take the warm pool of ${remedy.group} away:`,
        commands: [deleteWarmPoolCommand(remedy.group)],
      };
    case 'upload':
      return {
        sentence: 'Upload a whole war, which is deployed by itself:',
        commands: remedy.wars.map(uploadCommand),
        isFinal: true,
      };
    case 'list-versions':
      return { sentence: 'Request a version that there is. These are there:', ...naming(remedy) };
    case 'too-many':
      return { sentence: 'Name one version for each war slot, in their order. These are there:', ...naming(remedy) };
    case 'nothing-before':
      return {
        sentence:
          'Nothing is to be run: there is nothing to go back to. A version that is known to be good can be named. These are there:',
        ...naming(remedy),
      };
    case 'correct':
      return toDoOfCorrected(remedy);
    case 'deploy-stack':
      return { sentence, commands: [deployStackCommand(remedy.stack)] };
    case 'enable-rules':
      return {
        sentence: 'A rule was disabled, which deploying the stack again may not mend. Enable it:',
        commands: remedy.rules.map((rule) => enableRuleCommand(remedy.busName, rule)),
      };
    case 'clean':
      return { sentence: 'Clean the task, then request the deployment again:', request: 'CleanRequested' };
    case 'clean-again':
      return toDoOfStopped(remedy);
    case 'mend-record':
      return {
        sentence: 'What the task is doing cannot be read. Clean it, which mends that; then request again:',
        request: 'CleanRequested',
      };
    case 'undo':
      return {
        sentence: 'Nothing is to be run: the deployment ends, and cleans up, by itself. To undo it now instead:',
        request: 'CleanRequested',
        having: { abort: true },
      };
    case 'go-back':
      return {
        sentence:
          'Nothing is to be run now: wait for the mail that ends the deployment, "[Success] Non-disruptive deployment" or "Deploy Clean". What does not move any more is ended by itself, with a mail, within half an hour. After the first this goes back; after the other there is nothing to go back from:',
        request: 'DeployRequested',
        having: { versions: 'previous' },
      };
    case 'wait': {
      const { since, stage, stageSince } = remedy;
      return {
        sentence: `Nothing is to be run: wait for the mail that ends it, "[Success] Non-disruptive deployment" or "Deploy Clean", then request again. It runs since ${since}, and is still in ${stage}, since ${stageSince}. What does not move any more is ended by itself, with a mail, within half an hour. Where none has come by then, clean the task:`,
        request: 'CleanRequested',
      };
    }
  }
}

/** Whether it fits what was asked for only they can say who see both. */
function toDoOfCorrected({ having, typed }: Extract<Remedy, { kind: 'correct' }>): ToDo {
  const fields = Object.entries(having);
  const listed = (nameOf: (field: string) => string) =>
    fields.map(([field, value]) => `${nameOf(field)} = ${value}`).join(', ');
  const isBack = having.versions === 'previous' ? ': a rollback to what ran before' : '';
  const asked = `It asked for ${listed((field) => typed[field] ?? field)}, which is put as ${listed((field) => field)}${isBack}.`;
  return {
    sentence:
      fields.length > 0
        ? `${asked} Where that is not meant, nothing is to be done. Where it is:`
        : 'Probably this was meant:',
    request: 'DeployRequested',
    having,
    isFinal: true,
  };
}

/** In its own text: whoever is refused may never have seen the mail of the clean-up that stopped. */
function toDoOfStopped({ why }: Extract<Remedy, { kind: 'clean-again' }>): ToDo {
  const { sentence, ...mending } = causeOf(why);
  return {
    ...mending,
    sentence: `${sentence} Then clean the task, which takes the deployment back, or finishes it where the new version serves alone. The mail that ends it says which version serves, and how to go back to the other.`,
    request: 'CleanRequested',
    otherwise: [
      '# or none of these: to decide by hand which version serves, do as the mail "[Error] Deploy Clean" of it says',
    ],
  };
}

function causeOf(why: string | undefined): ToDo {
  if (!why) return { sentence: 'Remove what keeps clean-up from ending, as bluegreen status shows it.' };
  return isDeniedBy(why) ? denied(why) : { sentence: `Clean-up stopped: ${why}. Remove that cause.` };
}

function naming({
  wars,
  versions,
}: {
  wars: { bucket: string; key: string }[];
  versions: string;
}): Omit<ToDo, 'sentence'> {
  const commands = wars.map(listVersionsCommand);
  return { commands, request: 'DeployRequested', having: { versions }, isSketch: true, isFinal: true };
}

/** What has to be done besides, until users come in by it. */
function remade(attachments: readonly Attachment[]): string {
  return attachments.some(({ kind }) => kind === 'classic')
    ? 'a load balancer gets a new DNS name, which that of the users has to lead to'
    : 'a target group gets a new ARN, which the listener or rule of the load balancer has to send to';
}

/** Whoever is sent there by somebody's load balancer would be served by nobody: nothing is detached before that ends. */
function toDoOfSentTo({ group, attachments, referring }: Extract<Remedy, { kind: 'leave' }>): ToDo {
  const deleting = attachments.flatMap(({ kind, identifier }) => deleteDummyCommands(kind, identifier));
  return {
    sentence: `Users may come in by the dummy: let its load balancer send them elsewhere first, and only then detach it from ${group} and delete it. It is in use as long as the first of these names a load balancer:`,
    commands: [
      ...sendersCommands(
        attachments.map(({ identifier }) => identifier),
        referring,
      ),
      '# only once the first command names no load balancer any more:',
      ...[...attachCommands('detach', group, attachments), ...deleting].map((line) => `# ${line}`),
    ],
  };
}
