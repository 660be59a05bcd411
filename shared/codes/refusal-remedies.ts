/** What to do about a refusal: the remedy that whoever refused has named for the very state, as a sentence and what to run. */
import type { ToDo } from '../../events/contract';
import type { Refusal, Remedy } from '../deployment/refusal';
import { denied, isDeniedBy } from './causes';
import { nextStepOf } from './codes';
import {
  attachCommands,
  cancelRefreshCommand,
  deleteDummyCommands,
  deleteWarmPoolCommand,
  deployStackCommand,
  describeCommands,
  enableRuleCommand,
  listTargetGroupsCommand,
  listVersionsCommand,
  resumeCommand,
  tagCommand,
  untagCommand,
  uploadCommand,
} from './commands';

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
        sentence: `Attach ${remedy.group} to the target groups by which users come in; these are there:`,
        commands: [listTargetGroupsCommand()],
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
        sentence: `Nobody comes in by it any more: attach ${remedy.group} to what users come in by instead. This takes off the name of what is gone:`,
        commands: attachCommands('detach', remedy.group, remedy.attachments),
      };
    case 'leave':
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
    case 'end-refresh':
      return {
        sentence: 'Wait until the instance refresh has ended, or cancel it:',
        commands: remedy.groups.map(cancelRefreshCommand),
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
      return {
        sentence: 'Request a version that there is; these are:',
        commands: remedy.wars.map(listVersionsCommand),
        isFinal: true,
      };
    case 'deploy-stack':
      return { sentence, commands: [deployStackCommand(remedy.stack)] };
    case 'enable-rules':
      return {
        sentence: 'A rule was disabled, which deploying the stack again may not mend. Enable it:',
        commands: remedy.rules.map((rule) => enableRuleCommand(remedy.busName, rule)),
      };
    case 'clean':
      return { sentence: 'Clean the task, then request the deployment again:', request: 'CleanRequested' };
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
          'Nothing is to be run now: the deployment goes on, and ends by itself. Once its mail has come, this goes back:',
        request: 'DeployRequested',
        having: { versions: 'previous' },
      };
    case 'wait': {
      const { since, stage, stageSince } = remedy;
      return {
        sentence: `Wait for the mail that ends it: it runs since ${since}, and is in ${stage} since ${stageSince}.`,
      };
    }
  }
}
