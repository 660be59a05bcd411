/** What people mistype: an event as it goes on the bus, and how it is answered. */

/** `answered`: by the code of a refusal, or by the mail that tells of what nobody knows. Otherwise it is carried out, or refused. */
export interface Mistyped {
  source?: string;
  detailType: string;
  detail: object;
  answered?: RegExp | 'nobody knows it';
}

const NOT_VALID = /^414$/;

/** None of what is `answered` changes anything. */
const TYPOS_OF = {
  'misspelt versions': (task) => deploy({ task, version: 'previous' }),
  'misspelt capacity': (task) => deploy({ task, capasity: 2 }),
  'a task in capitals': (task) => deploy({ Task: task }),
  'a number as text': (task) => deploy({ task, capacity: '2' }),
  'no number': (task) => deploy({ task, capacity: 0 }),
  'no versions': (task) => deploy({ task, versions: ' ' }),
  'a time of nobody': (task) => deploy({ task, requestedAt: 'tomorrow' }),
  'misspelt reason': (task) => abort({ task, raeson: 'not today' }),
  'misspelt flag': (task) => clean({ task, abrot: true }),
  'a flag as text': (task) => clean({ task, abort: 'yes' }),
  'no task': () => clean({}),
  'a task of markup': (task) => abort({ task: `"${task}"\\<b>` }),
  'an unknown task': (task) => ({ ...clean({ task: `${task}X` }), answered: /^40[0-9]$/ }),
  'a misspelt type': (task) => ({ detailType: 'AbortRequest', detail: { task }, answered: 'nobody knows it' }),
  'a type in lower case': (task) => ({ detailType: 'deployrequested', detail: { task }, answered: 'nobody knows it' }),
  'a misspelt source': (task) => ({
    source: 'blue-green',
    detailType: 'CleanRequested',
    detail: { task, abort: true },
    answered: 'nobody knows it',
  }),
  'a blank reason': (task) => ({ ...abort({ task, reason: '  ' }), answered: undefined }),
  'a null reason': (task) => ({ ...abort({ task, reason: null }), answered: undefined }),
  'a long reason': (task) => ({ ...abort({ task, reason: 'because '.repeat(900) }), answered: undefined }),
  'a number for a name': (task) => ({ ...clean({ task, requestedBy: 7 }), answered: undefined }),
  'a blank name': (task) => ({ ...deploy({ task, requestedBy: ' ' }), answered: undefined }),
} satisfies Record<string, (task: string) => Mistyped>;

export type Typo = keyof typeof TYPOS_OF;

export const TYPOS = Object.keys(TYPOS_OF) as Typo[];

export function mistyped(typo: Typo, task: string): Mistyped {
  return TYPOS_OF[typo](task);
}

function deploy(detail: object): Mistyped {
  return { detailType: 'DeployRequested', detail, answered: NOT_VALID };
}

function abort(detail: object): Mistyped {
  return { detailType: 'AbortRequested', detail, answered: NOT_VALID };
}

function clean(detail: object): Mistyped {
  return { detailType: 'CleanRequested', detail, answered: NOT_VALID };
}
