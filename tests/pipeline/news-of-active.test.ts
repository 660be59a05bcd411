/** What somebody does with Active while a deployment runs is told, with what it means for users, whatever stage it is in. */
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

type Interference = (operator: Operator, world: World) => Promise<unknown>;

const DETACH: Interference = (operator, { fleet }) => operator.detach(fleet.activeGroup, fleet.targetGroupArns);
const DELETE: Interference = (operator, { fleet }) => operator.deleteGroup(fleet.activeGroup);
const RETAG: Interference = (operator, { fleet }) => operator.tag(fleet.activeGroup, 'type', 'Old');
const REFRESH: Interference = (operator, { fleet }) => operator.refresh(fleet.activeGroup);
const ATTACH: Interference = async (operator, { fleet }) => {
  const targetGroupArn = await operator.addTargetGroup('elsewhere');
  await operator.attach(fleet.activeGroup, [targetGroupArn]);
};

/** Each stage, by the event that it begins with, and how long it has run by then; a draining Active is detached already. */
const STAGES = {
  start: ['Started', 0],
  'check-dummy': ['DummyAttached', 4],
  'attach-real': ['Step1Passed', 0],
  'check-real': ['RealAttached', 4],
  swap: ['Step2Passed', 0],
  draining: ['Step2Passed', 12],
  retire: ['Swapped', 0],
} as const;
type StageName = keyof typeof STAGES;

/** The first look of swap detaches Active: a refresh that begins then replaces nothing by which users are served. */
const BEFORE_SWAP: StageName[] = ['start', 'check-dummy', 'attach-real', 'check-real'];
const BEFORE_DETACHED: StageName[] = [...BEFORE_SWAP, 'swap'];
const ALL = Object.keys(STAGES) as StageName[];

/** What its mails say of it; what ends a deployment is told by the mail of its failure, as the tests of faults show in full. */
const KINDS: [string, Interference, StageName[], RegExp][] = [
  [
    'detached',
    DETACH,
    ['start', 'attach-real'],
    /was-blue \(Active\) (is no longer attached to|was detached from) was-web-1/,
  ],
  ['deleted', DELETE, ['start', 'retire'], /the group was-blue no longer exists/],
  ['retagged', RETAG, ['start', 'swap'], /the tag type of was-blue was changed from Active to Old/],
  [
    'attached elsewhere',
    ATTACH,
    BEFORE_DETACHED,
    /was-blue \(Active\) was attached to elsewhere meanwhile: users there are served by it alone until was-green/,
  ],
  ['attached elsewhere', ATTACH, ['draining'], /was-blue \(Active\) was attached to elsewhere meanwhile/],
  [
    'attached elsewhere',
    ATTACH,
    ['retire'],
    /was-blue, which had been detached, was attached to elsewhere again: users may have met its version/,
  ],
  [
    'refreshed',
    REFRESH,
    BEFORE_SWAP,
    /An instance refresh runs on was-blue \(Active\): it replaces the instances by which users are served/,
  ],
];

const CASES = KINDS.flatMap(([kind, act, stages, told]) => stages.map((stage) => ({ kind, stage, act, told })));

test.each(CASES)('$kind in $stage', async ({ stage, act, told }) => {
  const world = await World.quick({
    bootSeconds: 20,
    provisioningSeconds: 30,
    fleet: { deregistrationDelaySeconds: 30 },
  });
  await world.upload('app.war', { version: '2' });
  const [event, seconds] = STAGES[stage];
  await world.until(event);
  await world.clock.advance(seconds);
  const before = world.aws.sns.mails.length;
  await act(new Operator(world), world);
  await world.clock.advance(900);
  const mails = world.aws.sns.mails.slice(before).filter(({ subject }) => subject !== undefined);
  expect(mails.map(({ body }) => body).join('\n')).toMatch(told);
});

test('every kind is shown in some stage, and what changes nothing at once in every one', () => {
  const stagesOf = (wanted: string) => new Set(KINDS.flatMap(([kind, , stages]) => (kind === wanted ? stages : [])));
  expect(stagesOf('attached elsewhere')).toEqual(new Set(ALL));
  expect(stagesOf('refreshed')).toEqual(new Set(BEFORE_SWAP));
});
