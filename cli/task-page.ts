/** One task as `status` and `watch` show it. */
import { quoted } from '../shared/codes/commands';
import type { DeploymentView, StageView } from '../shared/view/view';
import { matrixLines } from './matrix-page';
import type { Page, Style } from './page';
import { clockTime, duration } from './times';

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
  return [took + (isOver ? '' : beside), waitingFor && `waits for ${waitingFor}`].filter(Boolean).join('; ');
}

type Fields = [name: string, value: string][];

export interface TaskToShow extends Pick<DeploymentView, 'task' | 'wars' | 'groups' | 'matrix' | 'handedOver'> {
  sentence: string;
  isAlarm: boolean;
  deployment?: string | undefined;
  stages: readonly ShownStage[];
  held: readonly string[];
  waiting?: string | undefined;
}

export function taskLines(shown: TaskToShow, page: Page): string[] {
  const { task, sentence, isAlarm, deployment, wars, stages, held, waiting } = shown;
  const name = quoted(task);
  const fields: Fields = [
    ...(deployment === undefined ? [] : ([['deployment', deployment]] satisfies Fields)),
    ...wars.map(({ key, from, to }) => [key, from === to ? from : `${from} → ${to}`] as Fields[number]),
    ...(waiting === undefined ? [] : ([['waits', `${waiting}: it is deployed next`]] satisfies Fields)),
    ...held.map(
      (key) =>
        [
          'held',
          `the newest version of ${key}, which was rolled back: a newer upload lifts that, or bluegreen deploy ${name} --latest`,
        ] as Fields[number],
    ),
  ];
  return sections([
    page.text(sentence, isAlarm ? ['bold', 'red'] : 'bold'),
    page.fields(fields),
    chainLines(stages, page),
    handedOverLines(shown, page),
    matrixLines(shown, page),
  ]);
}

/** Commands stay on one line each, so that they can be copied. */
function handedOverLines({ task, handedOver }: TaskToShow, page: Page): string[] {
  if (!handedOver) return [];
  const { summary, findings, commands } = handedOver;
  return [
    ...page.text(`Clean-up stopped: ${summary}`),
    ...findings.flatMap((finding) => page.hanging('  ', finding)),
    ...page.text(`Once the cause is gone: bluegreen clean ${quoted(task)}`),
    ...(commands.length > 0 ? page.text('If that does not help, decide, run by hand, and then clean:') : []),
    ...commands.map((command) => `  ${page.asItIs(command)}`),
  ];
}

/** With a blank line between those that say something. */
export function sections(parts: readonly string[][]): string[] {
  return parts.filter((part) => part.length > 0).flatMap((part, index) => (index === 0 ? part : ['', ...part]));
}
