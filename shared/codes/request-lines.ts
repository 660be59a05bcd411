/** What puts a request: the product's own command, `bluegreen rollback WAS --stage prod`, and that of AWS. */
import { listRulesCommand, putEventCommand, quoted } from './commands';

/** As serverless.yml calls the service; the stack and its bus are called after it and the stage. */
export const SERVICE = 'bluegreen';
/** The command's own, where none is given. */
export const DEFAULT_STAGE = 'dev';

/** The product's own command, if it has words for this; then what does the same without it. */
export function requestLines(
  busName: string,
  detailType: string,
  detail: object,
  /** Of the wars that versions are listed for, in that order. */
  warKeys: readonly string[] = [],
): string[] {
  const put = putEventCommand(busName, detailType, detail);
  const own = ownCommand(busName, detailType, detail, warKeys);
  return own === undefined ? [put] : [own, WITHOUT_IT, put];
}

const WITHOUT_IT = '# or, without that command';

/** Undefined for what the command has no words for. */
function ownCommand(
  busName: string,
  detailType: string,
  detail: object,
  warKeys: readonly string[],
): string | undefined {
  const words = wordsOf(detailType, detail as Record<string, unknown>, warKeys);
  return words && commandLine(words, whereOf(busName));
}

/** What follows these is an option, however it begins. */
const WITHOUT_TASK = ['replay'];

/**
 * Verb, task and what else has no name come first in `words`. A task may begin with a dash: it and what follows it stand
 * behind `--`, as everything does there that is no option.
 */
export function commandLine(words: readonly string[], where: readonly string[]): string {
  const [verb = '', task = '', ...others] = words;
  if (!task.startsWith('-') || WITHOUT_TASK.includes(verb)) return [SERVICE, ...words, ...where].map(quoted).join(' ');
  const firstOption = others.findIndex((word) => word.startsWith('--'));
  const [plain, options] = firstOption < 0 ? [others, []] : [others.slice(0, firstOption), others.slice(firstOption)];
  return [SERVICE, verb, ...options, ...where, '--', task, ...plain].map(quoted).join(' ');
}

/** A line of the product's own command that changes nothing: `bluegreen status WAS --stage prod`. */
export function ownLine(busName: string, ...words: string[]): string {
  return commandLine(words, whereOf(busName));
}

/** Whether the rules that bring events to the stages are there and enabled. */
export function rulesLines(busName: string): string[] {
  return ['# where it has none:', ownLine(busName, 'doctor'), WITHOUT_IT, listRulesCommand(busName)];
}

function wordsOf(
  detailType: string,
  { task, ...detail }: Record<string, unknown>,
  warKeys: readonly string[],
): string[] | undefined {
  if (typeof task !== 'string' || task === '') return undefined;
  switch (detailType) {
    case 'DeployRequested':
      return deployWords(task, detail, warKeys);
    case 'AbortRequested':
      return known(detail, ['dropPending', 'reason'], ['abort', task, ...flag(detail.dropPending, 'drop-pending')]);
    case 'CleanRequested':
      return known(detail, ['abort'], ['clean', task, ...flag(detail.abort, 'abort')]);
    default:
      return undefined;
  }
}

function deployWords(task: string, detail: Record<string, unknown>, warKeys: readonly string[]): string[] | undefined {
  const { versions, capacity } = detail;
  const sized = typeof capacity === 'number' ? ['--capacity', String(capacity)] : [];
  const named = (words: string[]) => known(detail, ['versions', 'capacity'], [...words, ...sized]);
  if (versions === undefined) return named(['deploy', task]);
  if (versions === 'latest') return named(['deploy', task, '--latest']);
  if (versions === 'previous') return sized.length === 0 ? named(['rollback', task]) : undefined;
  const wanted = typeof versions === 'string' ? versionWords(versions.split(','), warKeys) : undefined;
  return wanted && named(['deploy', task, ...wanted]);
}

/** The request counts wars by their places, and the command calls them by their keys: several have to be known. */
function versionWords(versions: readonly string[], warKeys: readonly string[]): string[] | undefined {
  const [only = ''] = versions;
  if (versions.length === 1) return /^\w/.test(only) ? ['--version', only] : undefined;
  if (versions.length !== warKeys.length || new Set(warKeys).size < warKeys.length) return undefined;
  return versions.flatMap((version, index) => (version ? ['--version', `${warKeys[index]}=${version}`] : []));
}

/** Nothing that was asked for is left out. */
function known(detail: Record<string, unknown>, names: readonly string[], words: string[]): string[] | undefined {
  const given = Object.keys(detail).filter((name) => detail[name] !== undefined);
  return given.every((name) => [...names, ...ABOUT_ASKING].includes(name)) ? words : undefined;
}

/** The command says these itself. */
const ABOUT_ASKING = ['requestedBy', 'requestedAt', 'requestId'];

function flag(value: unknown, name: string): string[] {
  return value === true ? [`--${name}`] : [];
}

function whereOf(busName: string): string[] {
  const stage = busName.startsWith(`${SERVICE}-`) ? busName.slice(SERVICE.length + 1) : '';
  if (stage === DEFAULT_STAGE) return [];
  return stage === '' ? ['--stack', busName] : ['--stage', stage];
}
