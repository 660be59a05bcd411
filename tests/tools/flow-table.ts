/** The flow as a table for people: who reacts to what, what each tells, and who takes over. */
import { FLOW, type FlowStage, HELPERS, STAGES, toldBy } from '../../shared/pipeline/flow';
import { type FlowRule, flowRules } from '../../shared/pipeline/flow-rules';
import { table } from './markdown';

const stages: Readonly<Record<string, FlowStage>> = FLOW;

export function flowTable(): string {
  const names = [...STAGES, ...Object.keys(HELPERS)];
  const rows = names.map((name) => [`\`${name}\``, heardBy(name), tellingOf(name), nextOf(name)]);
  return table([['function', 'reacts to', 'tells', 'who takes over'], ...rows]);
}

/** The functions behind queues, and theirs. */
const QUEUES: Readonly<Record<string, readonly string[]>> = {
  resume: ['DelayQueue', 'ShortDelayQueue', 'MediumDelayQueue'],
  'war-uploaded': ['UploadQueue'],
};

/** Who gets what a rule sends to this target. */
export function functionsBehind(target: string): string[] {
  const behind = Object.entries(QUEUES).flatMap(([name, queues]) => (queues.includes(target) ? [name] : []));
  return behind.length > 0 ? behind : [target];
}

function heardBy(name: string): string {
  const wanted = QUEUES[name] ?? [name];
  const heard = flowRules().filter(({ targets }) => targets.some((target) => wanted.includes(target)));
  return [...new Set(heard.map(waitedFor))].join('; ');
}

function waitedFor({ pattern, schedule, bus }: FlowRule): string {
  if (!pattern) return `every ${schedule?.replace(/^rate\(|\)$/g, '')}`;
  const { 'detail-type': types, detail = {}, source = [] } = pattern;
  if (!types) return 'what no contract knows';
  const { cycle } = detail as { cycle?: object };
  const from = bus === 'default' ? ` of \`${source.join()}\`` : '';
  return `${types.join(', ')}${from}${cycle ? ' that names a cycle' : ''}`;
}

function tellingOf(name: string): string {
  const anything = (stages[name] ?? (HELPERS[name as keyof typeof HELPERS] as Partial<FlowStage>)).tellsAgain;
  return anything === 'anything' ? 'its own, and whatever others could not tell' : toldBy(name).join(', ') || '–';
}

function nextOf(name: string): string {
  const { passes = {}, movesTo = [] } = stages[name] ?? {};
  const on = Object.entries(passes).map(
    ([event, next]) => `${event} → ${next?.map((one) => `\`${one}\``).join(' or ')}`,
  );
  const moves = movesTo.map((to) => `may move it to \`${to}\``);
  return [...on, ...moves].join('; ') || '–';
}
