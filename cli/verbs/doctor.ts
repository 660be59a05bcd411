/** `bluegreen doctor [TASK]`: what would keep a deployment from going well, before anybody asks for one. */
import * as z from 'zod/mini';
import { deadLettersCheck } from '../doctor/dead-letters';
import { Examination } from '../doctor/examination';
import { type Check, type Finding, finding, findingsOf } from '../doctor/finding';
import { mailCheck } from '../doctor/mail';
import { remembering } from '../doctor/memory';
import { orphansCheck } from '../doctor/orphans';
import { PERMISSIONS, permissionsCheck } from '../doctor/permissions';
import { quotasCheck } from '../doctor/quotas';
import { requestCheck } from '../doctor/request';
import { rulesCheck } from '../doctor/rules';
import { securityGroupsCheck } from '../doctor/security-groups';
import { subnetsCheck } from '../doctor/subnets';
import { tagsCheck } from '../doctor/tags';
import { drainingCheck, healthCheckTimingCheck } from '../doctor/timing';
import { versionsCheck, wayBackCheck } from '../doctor/versions';
import { knownTasks } from '../known-tasks';
import type { Page, Style } from '../page';
import { EXIT } from '../problem';
import type { Stack } from '../stack';
import type { Verb } from '../verb';

interface Given {
  task?: string | undefined;
}

const diagnosis = z.object({
  stack: z.string(),
  /** Of the stack, whatever the task. */
  findings: z.array(finding),
  /** Of one task everything; of all of them what would become of a request. */
  tasks: z.array(z.object({ task: z.string(), findings: z.array(finding) })),
});
type Diagnosis = z.infer<typeof diagnosis>;

export const doctor: Verb<Given, Diagnosis> = {
  command: 'doctor [task]',
  describe: 'what would keep a deployment from going well; it changes nothing',
  examples: [
    ['doctor', 'the stack, and each task in short'],
    ['doctor WAS', 'everything that one task needs'],
  ],
  options: (yargs) => yargs.positional('task', { type: 'string', describe: 'the task; without one: all in short' }),
  schema: diagnosis,
  exitCode: (result) => (isBroken(result) || isUnknown(result) ? EXIT.failed : EXIT.completed),

  async run({ task }, session) {
    const stack = (await session.stack).asking(remembering);
    const examinationOf = (name: string) => new Examination(stack, name, session.now());
    const names: string[] = [];
    const findTasks = async () => {
      names.push(...(task === undefined ? (await knownTasks(stack)).names : [task]));
      return [];
    };
    // Whoever may not look for tasks is told of the stack all the same.
    const unlisted = await findingsOf([{ area: 'tasks', question: 'Which tasks there are', look: findTasks }]);
    const findings = [...(await findingsOf(stackChecks(stack))), ...unlisted];
    const tasks: Diagnosis['tasks'] = [];
    // One after the other: the account's limits are shared with everything else in it.
    for (const examination of names.map(examinationOf)) {
      const checks = task === undefined ? shortChecks(examination) : taskChecks(examination);
      tasks.push({ task: examination.task, findings: await findingsOf(checks) });
    }
    return { stack: stack.name, findings, tasks };
  },

  render(result, page) {
    const { stack, findings, tasks } = result;
    return [
      ...page.text(`The stack ${stack}`, 'bold'),
      ...findings.flatMap((one) => findingLines(one, page)),
      ...tasks.flatMap((one) => [
        '',
        ...page.text(`The task ${one.task}`, 'bold'),
        ...one.findings.flatMap((found) => findingLines(found, page)),
      ]),
      '',
      ...page.text(conclusionOf(result), 'bold'),
    ];
  },
};

function stackChecks(stack: Stack): Check[] {
  return [permissionsCheck(stack), rulesCheck(stack), mailCheck(stack), deadLettersCheck(stack), orphansCheck(stack)];
}

function shortChecks(examination: Examination): Check[] {
  return [requestCheck(examination), wayBackCheck(examination)];
}

function taskChecks(examination: Examination): Check[] {
  return [
    requestCheck(examination),
    versionsCheck(examination),
    wayBackCheck(examination),
    quotasCheck(examination),
    subnetsCheck(examination),
    securityGroupsCheck(examination),
    healthCheckTimingCheck(examination),
    drainingCheck(examination),
    tagsCheck(examination),
  ];
}

function all({ findings, tasks }: Diagnosis): Finding[] {
  return [...findings, ...tasks.flatMap((task) => task.findings)];
}

function isBroken(result: Diagnosis): boolean {
  return all(result).some(({ verdict }) => verdict === 'broken');
}

/** Nothing could be looked at, but for what whoever asks may do: that is no good news. */
function isUnknown(result: Diagnosis): boolean {
  return all(result).every(({ area, verdict }) => area === PERMISSIONS || verdict === 'unknown');
}

const MARKS: Record<Finding['verdict'], readonly [mark: string, style: Style]> = {
  well: ['✔', 'green'],
  broken: ['✖', 'red'],
  doubtful: ['!', 'yellow'],
  unknown: ['?', 'cyan'],
};

/** Commands are whole, to be copied: a terminal wraps them by itself. */
function findingLines({ verdict, sentence, code, commands }: Finding, page: Page): string[] {
  const [mark, style] = MARKS[verdict];
  const text = `${verdict === 'unknown' ? 'unknown: ' : ''}${code ? `${code}: ` : ''}${sentence}`;
  return [...page.hanging(`${mark} `, text, style), ...commands.map((command) => `    ${page.asItIs(command)}`)];
}

function conclusionOf(result: Diagnosis): string {
  const count = (verdict: Finding['verdict']) => all(result).filter((one) => one.verdict === verdict).length;
  const [broken, doubtful, unknown] = [count('broken'), count('doubtful'), count('unknown')];
  const parts = [
    ...(broken > 0 ? [`${broken} to be mended (✖)`] : []),
    ...(doubtful > 0 ? [`${doubtful} to be looked at (!)`] : []),
    ...(unknown > 0 ? [`${unknown} unknown (?)`] : []),
  ];
  return parts.length === 0 ? 'Everything that was looked at is well.' : `${parts.join(', ')}.`;
}
