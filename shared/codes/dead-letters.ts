/** What was lost that lies in a dead-letter queue of the stack, and how it is done after all: its alarm says the same. */
import { asComments } from './commands';
import { findTasksCommand } from './look-commands';
import { ownLine, requestLines } from './request-lines';

interface Lost {
  lost: string;
  repair: { sentence: string; commands: (busName: string) => string[] };
}

/** By the name that stack/dead-letters.yml has for the queue, which CloudFormation makes a part of its own. */
export function lostIn(queueUrl: string): Lost {
  const [, kind = ''] = /(?<![A-Za-z])([A-Z]\w*DeadLetters)/.exec(queueUrl) ?? [];
  return LOST[kind] ?? UNKNOWN;
}

const NOTHING = () => [];

const UNKNOWN: Lost = {
  lost: 'Something could not be delivered or handled',
  repair: { sentence: 'What it asked for has to be asked for again.', commands: NOTHING },
};

const LOST: Readonly<Record<string, Lost>> = {
  RuleDeadLetters: {
    lost: 'An event did not reach what handles it, so a deployment may stand still',
    repair: {
      sentence: 'Then publish again what was lost (what was handled is skipped):',
      commands: (busName) => [`# ${ownLine(busName, 'replay', '--from', '25h')}`],
    },
  },
  FailureMailDeadLetters: {
    lost: 'The short mail of a failed deployment could not be sent; the mail "Deploy Clean" tells of it, too',
    repair: { sentence: 'No replay mails it again:', commands: NOTHING },
  },
  UploadRuleDeadLetters: {
    lost: 'An upload was not noticed, so that war is not deployed',
    repair: {
      sentence: 'Then deploy what was uploaded last, with its key (detail.object.key) for KEY:',
      commands: (busName) => [
        '# this lists its TASK:',
        `# ${findTasksCommand()}`,
        ...asComments(requestLines(busName, 'DeployRequested', { task: 'TASK' })),
      ],
    },
  },
  CodeDeployRuleDeadLetters: {
    lost: 'The news of a CodeDeploy deployment was not delivered; what it left behind is found by itself all the same',
    repair: { sentence: 'Nothing else is to be done:', commands: NOTHING },
  },
  FunctionDeadLetters: {
    lost: 'A function gave up on an event, so what that asked for was not done',
    repair: {
      sentence:
        'Then, by its detail-type, ask for it again, with its detail.task for TASK (any other was a mail, or comes again by itself; requests to deploy never lie here):',
      commands: (busName) =>
        (['AbortRequested', 'CleanRequested'] as const).flatMap((request) => [
          `# ${request}:`,
          ...asComments(requestLines(busName, request, { task: 'TASK' })),
        ]),
    },
  },
  ResumeDeadLetters: {
    lost: 'A deployment that waits was not woken, so it may stand still',
    repair: {
      sentence: 'Then publish again what was lost (what was handled is skipped):',
      commands: (busName) => [`# ${ownLine(busName, 'replay', '--from', '25h')}`],
    },
  },
};
