/** Who comes next, and who tells what. What the stack has to say of it is tested with the stack. */
import { CATALOG } from '../../events/catalog';
import { recordOf } from '../../tests/harness/plain-data';
import type { Plan } from '../deployment/plan';
import {
  CRASH,
  type EventName,
  eventInto,
  eventsInto,
  FLOW,
  type FlowStage,
  HELPERS,
  isAlone,
  isPlain,
  isStage,
  mayHaveDetached,
  nextStage,
  requestsOf,
  STAGES,
  type StageName,
  takenBy,
  taskOptions,
  toldBy,
} from './flow';

const plan = recordOf().plan as Plan;
const stages = Object.entries(FLOW) as [StageName, FlowStage][];

test.each(stages)('%s names only stages and events that there are', (_, { passes, movesTo, takes, tells }) => {
  const named = [...movesTo, ...Object.values(passes).flatMap((candidates) => candidates ?? [])];
  expect(named.filter((name) => !isStage(name))).toEqual([]);
  const events = [...Object.keys(passes), ...takes, ...tells];
  expect(events.filter((event) => !Object.hasOwn(CATALOG, event))).toEqual([]);
  for (const candidates of Object.values(passes)) expect(candidates?.length).toBeGreaterThan(0);
});

test.each<[StageName, EventName, StageName]>([
  ['start', 'DummyAttached', 'check-dummy'],
  ['check-dummy', 'Step1Passed', 'attach-real'],
  ['attach-real', 'RealAttached', 'check-real'],
  ['check-real', 'Step2Passed', 'swap'],
  ['swap', 'Swapped', 'retire'],
])('the plain chain: %s hands on by %s to %s, which it need not name', (stage, event, next) => {
  expect(nextStage(stage, event, plan)).toEqual({ next, isNamed: false });
  expect([eventsInto(next), isPlain(next, event)]).toEqual([[event], true]);
});

test('nobody hands on by an event that the flow does not have it hand on by', () => {
  expect(() => nextStage('check-dummy', 'Swapped', plan)).toThrow(
    'nobody to whom check-dummy could hand on by Swapped',
  );
  expect(() => nextStage('retire', 'Completed', plan)).toThrow('nobody to whom retire could hand on');
});

test.each<[StageName, StageName, EventName]>([
  ['swap', 'check-real', 'RealAttached'],
  ['retire', 'swap', 'Step2Passed'],
  ['clean-up', 'swap', 'Step2Passed'],
  ['clean-up', 'retire', 'Swapped'],
])('%s may move a deployment to %s, by %s', (from, to, event) => {
  expect(eventInto(to, from)).toEqual({ event, isNamed: false });
  expect(toldBy(from)).toContain(event);
});

test('and no other way', () => {
  expect(() => eventInto('retire', 'check-real')).toThrow('the flow has no way from check-real to retire');
  expect(() => eventInto('start', 'clean-up')).toThrow('the flow has no way from clean-up to start');
});

test.each<[unknown, boolean]>([
  ['swap', true],
  ['nowhere', false],
  ['toString', false],
  [['swap'], false],
  [undefined, false],
])('%j is a stage: %s', (name, expected) => {
  expect(isStage(name)).toBe(expected);
});

test('every event is told by somebody, or it is a request that a stage takes', () => {
  const known = new Set([
    ...[...STAGES, ...Object.keys(HELPERS)].flatMap(toldBy),
    ...STAGES.flatMap((stage) => requestsOf(stage)),
  ]);
  expect(Object.keys(CATALOG).filter((event) => !known.has(event as EventName))).toEqual([]);
});

test.each(STAGES)('%s takes the requests that are its own, and whatever failed where it takes over', (stage) => {
  const requests: Partial<Record<StageName, EventName[]>> = {
    start: ['DeployRequested'],
    'clean-up': ['AbortRequested', 'CleanRequested'],
  };
  expect(requestsOf(stage)).toEqual(requests[stage] ?? []);
  expect(takenBy(stage)).toEqual([...(requests[stage] ?? []), ...(stage === 'clean-up' ? ['Failed', CRASH] : [])]);
});

test('nobody can ask what a stage takes that there is not', () => {
  expect(() => requestsOf('nowhere')).toThrow('the flow knows no stage nowhere');
});

describe('a stage beside the chain', () => {
  const flow = FLOW as unknown as Record<string, FlowStage>;
  const before = { ...flow };
  const gate: FlowStage = {
    passes: { Step1Passed: ['attach-real'], Step2Passed: ['swap'] },
    movesTo: ['retire'],
    takes: ['DeployRequested', 'AbortRequested'],
    tells: ['Started'],
    option: { tag: 'gate', values: ['one', 'two'] },
    isWanted: ({ options }, event) => options?.gate === (event === 'Step1Passed' ? 'one' : 'two'),
  };

  beforeAll(() => {
    flow.gate = gate;
    flow['check-dummy'] = { ...FLOW['check-dummy'], passes: { Step1Passed: ['gate', 'attach-real'] } };
    flow['check-real'] = { ...FLOW['check-real'], passes: { Step2Passed: ['gate', 'swap'] } };
    flow['attach-real'] = { ...FLOW['attach-real'], passes: { RealAttached: ['gate'] } };
    flow.retire = { ...FLOW.retire, movesTo: ['gate', 'start'] };
  });
  afterAll(() => {
    delete flow.gate;
    Object.assign(flow, before);
  });

  test.each<[string | undefined, StageName, EventName, string, boolean]>([
    [undefined, 'check-dummy', 'Step1Passed', 'attach-real', false],
    ['one', 'check-dummy', 'Step1Passed', 'gate', true],
    ['two', 'check-dummy', 'Step1Passed', 'attach-real', false],
    ['two', 'check-real', 'Step2Passed', 'gate', true],
    ['one', 'check-real', 'Step2Passed', 'swap', false],
  ])('with the tag %s, %s hands on by %s to %s, and names it: %s', (gate, stage, event, next, isNamed) => {
    expect(nextStage(stage, event, { ...plan, options: gate ? { gate } : undefined })).toEqual({ next, isNamed });
  });

  test('hands on to the chain by the same events, which still are those of the chain', () => {
    expect(nextStage('gate' as StageName, 'Step2Passed', plan)).toEqual({ next: 'swap', isNamed: false });
    expect([isPlain('gate', 'Step2Passed'), isPlain('swap', 'Step2Passed')]).toEqual([false, true]);
    expect(eventsInto('gate')).toEqual(['Step1Passed', 'RealAttached', 'Step2Passed']);
    expect(eventInto('swap', 'clean-up')).toEqual({ event: 'Step2Passed', isNamed: false });
  });

  test('is named where a deployment is moved to it, by the first event that hands on to it', () => {
    expect(eventInto('gate' as StageName, 'retire')).toEqual({ event: 'Step1Passed', isNamed: true });
    expect(toldBy('retire')).toEqual([
      ...['CheckPending', 'Completed', 'DeployRequested', 'Failed'],
      'Step1Passed', // no other event into the gate, and none into start: there is none
    ]);
  });

  test('may be moved to only where there is an event that hands on to it', () => {
    expect(() => eventInto('start', 'retire')).toThrow('the flow has no way from retire to start');
  });

  test('that alone could go on, and that nobody wants, leaves nobody', () => {
    expect(() => nextStage('attach-real', 'RealAttached', plan)).toThrow('nobody to whom attach-real could hand on');
  });

  test('tells by what it hands on and moves, that it failed, and what it says it does', () => {
    expect(toldBy('gate')).toEqual(['Failed', 'Started', 'Step1Passed', 'Step2Passed', 'Swapped']);
    expect(takenBy('gate')).toEqual(['AbortRequested', 'DeployRequested']);
  });

  test('is passed by where nothing is planned yet', () => {
    expect(nextStage('check-dummy', 'Step1Passed', undefined)).toMatchObject({ next: 'attach-real' });
  });

  test('says by which tag a task asks for it', () => {
    expect(taskOptions()).toContainEqual({ tag: 'gate', values: ['one', 'two'] });
    expect(taskOptions()).not.toContain(undefined); // most stages have none
  });
});

test.each<[StageName, boolean, boolean]>([
  ['start', false, false],
  ['check-dummy', false, false],
  ['attach-real', false, false],
  ['check-real', false, false],
  ['swap', false, true],
  ['retire', true, true],
  ['clean-up', false, false],
])('at %s the new group serves alone: %s; who came there may have detached Active: %s', (stage, alone, detached) => {
  expect([isAlone(stage), mayHaveDetached(['start', stage])]).toEqual([alone, detached]);
});

test('a deployment that came nowhere cannot have detached Active', () => {
  expect(mayHaveDetached([])).toBe(false);
  expect([isAlone('nowhere'), mayHaveDetached(['nowhere'])]).toEqual([false, false]);
});

test.each<[string, EventName[]]>([
  ['check-dummy', ['CheckPending', 'Failed', 'Step1Passed']],
  ['swap', ['CheckPending', 'Failed', 'RealAttached', 'Swapped']],
  ['war-uploaded', ['DeployRequested']],
  ['resume', ['CheckDue']],
  ['notify', []],
  ['nowhere', []],
])('%s tells its own and nothing else', (name, events) => {
  expect(toldBy(name)).toEqual(events);
});

test.each(STAGES)('%s may have to look again, and may fail', (stage) => {
  expect((FLOW[stage] as FlowStage).tells).toContain('CheckPending');
  expect(toldBy(stage)).toContain('Failed');
});

test('everything that may have to be told again can be told by clean-up and by the watchdog', () => {
  // What waits is told beside the course of a deployment: no outbox has it.
  const told = new Set(STAGES.flatMap(toldBy).filter((event) => event !== 'Postponed'));
  for (const name of ['clean-up', 'watchdog']) expect(toldBy(name)).toEqual([...told].sort());
});

test('start can tell how the deployment before it ended', () => {
  expect(toldBy('start')).toEqual(expect.arrayContaining(['Completed', 'Cleaned', 'Refused', 'DeployRequested']));
});
