/** One task as `status` and `watch` show it. */
import type { DeploymentView, StageView } from '../shared/view/view';
import type { HeldWar } from './held-versions';
import { matrixLines } from './matrix-page';
import type { NextCommand } from './next-command';
import type { Page, Style } from './page';
import { type ShownWar, shown as shownVersion } from './shown-war';
import { clockTime, duration, inWords } from './times';

/** As `--json` has it: by the name of any stage. */
export type ShownStage = Omit<StageView, 'stage'> & { stage: string };

const MARKS: Readonly<Record<StageView['state'], [mark: string, style: Style]>> = {
  done: ['✔', 'green'],
  running: ['●', 'cyan'],
  waiting: ['●', 'cyan'],
  failed: ['✖', 'red'],
  'to come': ['·', 'gray'],
};

/** Each stage with when it began, how long it took or may take yet, and what it waits for. */
export function chainLines(stages: readonly ShownStage[], page: Page): string[] {
  return stages.flatMap((stage) => {
    const [mark, style] = MARKS[stage.state];
    return page.hanging(`${mark} ${stage.stage.padEnd(13)}`, stageWords(stage), style);
  });
}

function stageWords({ state, beganAt, seconds = 0, limitSeconds, waitingFor }: ShownStage): string {
  const limit = limitSeconds === undefined ? '' : `at most ${duration(limitSeconds)}`;
  if (beganAt === undefined) return limit;
  const isOver = state === 'done' || state === 'failed';
  const isLate = !isOver && limitSeconds !== undefined && seconds > limitSeconds;
  const took = `${clockTime(beganAt)}  ${duration(seconds)}`;
  const beside = isLate ? `, beyond its limit of ${duration(limitSeconds)}` : limit && `, ${limit}`;
  return [took + (isOver ? '' : beside), waitingFor && `waits for ${inWords(waitingFor)}`].filter(Boolean).join('; ');
}

type Fields = [name: string, value: string][];

export interface TaskToShow extends Pick<DeploymentView, 'task' | 'groups' | 'matrix' | 'handedOver'> {
  wars: readonly ShownWar[];
  sentence: string;
  isAlarm: boolean;
  deployment?: string | undefined;
  stages: readonly ShownStage[];
  held: readonly HeldWar[];
  waiting?: string | undefined;
}

export function taskLines(shown: TaskToShow, page: Page, command: NextCommand): string[] {
  const { task, sentence, isAlarm, deployment, wars, stages, held, waiting } = shown;
  const fields: Fields = [
    ...(deployment === undefined ? [] : ([['deployment', deployment]] satisfies Fields)),
    ...wars.map(({ key, from, to }) => [key, warInWords(from, to)] as Fields[number]),
    ...(waiting === undefined ? [] : ([['waits', `${waiting}: it is deployed next`]] satisfies Fields)),
    ...held.map((one) => ['held', heldInWords(one, command('deploy', task, '--latest'))] as Fields[number]),
  ];
  return sections([
    page.text(sentence, isAlarm ? ['bold', 'red'] : 'bold'),
    page.fields(fields),
    chainLines(stages, page),
    handedOverLines(shown, page, command),
    matrixLines(shown, page),
  ]);
}

function warInWords(from: ShownWar['from'], to: ShownWar['to']): string {
  return from.versionId === to.versionId ? shownVersion(from) : `${shownVersion(from)} → ${shownVersion(to)}`;
}

const HELD_SHOWN = 3;

function heldInWords({ key, versions }: HeldWar, command: string): string {
  const lift = `a newer upload is, or run ${command}`;
  const shown = versions.slice(0, HELD_SHOWN).map(shownVersion).join(', ');
  const more = versions.length > HELD_SHOWN ? ` and ${versions.length - HELD_SHOWN} more` : '';
  if (versions.length > 1)
    return `${key} ${shown}${more} were rolled back, so they are not deployed by themselves: ${lift}`;
  const one = versions.length === 0 ? `a version of ${key}` : `${key} ${shown}`;
  return `${one} was rolled back, so it is not deployed by itself: ${lift}`;
}

/** Commands stay on one line each, so that they can be copied. */
function handedOverLines({ task, handedOver }: TaskToShow, page: Page, command: NextCommand): string[] {
  if (!handedOver) return [];
  const { summary, findings, commands } = handedOver;
  return [
    ...page.text(`Clean-up stopped: ${summary}`),
    ...findings.flatMap((finding) => page.hanging('  ', finding)),
    ...page.advice(`Once the cause is gone:\n  ${command('clean', task)}`),
    ...(commands.length > 0 ? page.text('If that does not help, decide, run by hand, and then clean:') : []),
    ...commands.map((command) => `  ${page.asItIs(command)}`),
  ];
}

/** With a blank line between those that say something. */
export function sections(parts: readonly string[][]): string[] {
  return parts.filter((part) => part.length > 0).flatMap((part, index) => (index === 0 ? part : ['', ...part]));
}
