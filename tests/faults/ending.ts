/** How a deployment that went wrong has to end: its code, its mails, the fleet, and no dummy left. */
import type { ToDo } from '../../events/contract';
import { type FleetState, fleetState, type GroupState, withoutVersions } from '../harness/fleet-state';
import { guard } from '../harness/guard';
import type { World } from '../harness/world';
import { type FailureCase, openScene } from './failure-cases';

/** Retries of Lambda and of clean-up take minutes. */
const LIMIT = { limitSeconds: 4 * 3600 };

const LAST_EVENT = { 'as before': 'Cleaned', 'operator needed': 'Cleaned', 'new version': 'Completed' };

/** A request that is not run: nothing is changed, and the mail says why. */
export async function expectRefusal(failureCase: FailureCase): Promise<void> {
  const scene = await openScene(failureCase.fleet);
  const { world } = scene;
  const started = world.events.length;
  await failureCase.provoke(scene);
  const [fleet, dummies] = [await fleetState(world), await world.dummies()];
  const { detail } = await world.until('Refused', { after: started, limitSeconds: 600 });
  await world.clock.advance(120);

  expect(detail.code).toBe(failureCase.code);
  const mail = world.aws.sns.mails.at(-1);
  expect(mail?.subject).toBe(`[Failed] Deploy Start Failed(Task : WAS, errCode : ${failureCase.code})`);
  expectSays(mail?.body, failureCase, adviceIn(detail));
  expect(await fleetState(world)).toEqual(fleet);
  expect(await world.dummies()).toEqual(dummies);
  expect(world.story).not.toContain('Started');
}

/** A deployment that failed: clean-up ends it as `failureCase.ends` says. Answers the world for what else is to be looked at. */
export async function expectFailure(failureCase: FailureCase): Promise<World> {
  const scene = await openScene(failureCase.fleet);
  const { world, operator } = scene;
  const violations = guard(world);
  const before = await fleetState(world);
  await failureCase.provoke(scene);
  const failure = await failureOf(world);
  const ended = failureCase.ends === 'not begun' ? undefined : await world.until(LAST_EVENT[failureCase.ends], LIMIT);
  await world.clock.advance(300);

  expect(failure.code).toBe(failureCase.code);
  expectSays(failure.mail, failureCase, failure.nextStep);
  expect(violations).toEqual([]);
  const after = await fleetState(world);
  switch (failureCase.ends) {
    case 'not begun':
      expect(world.story.filter((type) => /^(Started|Cleaned)$/.test(type))).toEqual([]);
      expect(after).toEqual(before);
      break;
    case 'as before':
      expect(ended?.detail).toMatchObject({ outcome: 'cleaned', code: failureCase.code });
      expect(world.mails.at(-1)).toBe(
        `[${failureCase.leavesUsersDown ? 'Error' : 'Success'}] Deploy Clean(Task : WAS)`,
      );
      expect(/^USERS ARE DOWN/.test(world.mailBody(-1))).toBe(failureCase.leavesUsersDown === true);
      if (failureCase.changesFleet) break;
      expect(after.blue).toEqual(before.blue);
      expect(withoutVersions(after.green)).toEqual(withoutVersions(before.green));
      expect(world.servedVersions()).toEqual(world.fleet.versionIds);
      break;
    case 'new version':
      expect(ended?.detail).toMatchObject({ resolvedFailure: { code: failureCase.code } });
      expect(world.mails.at(-1)).toBe('[Success] Non-disruptive deployment(Task : WAS)');
      expectNewVersion(before, after);
      expect(world.servedVersions()).toHaveLength(1);
      expect(world.servedVersions()).not.toEqual(world.fleet.versionIds);
      break;
    case 'operator needed':
      expect(ended?.detail).toMatchObject({
        outcome: 'operator-needed',
        code: failureCase.endsWith ?? failureCase.code,
        commands: expect.arrayContaining([expect.any(String)]),
      });
      expect(world.mails.at(-1)).toBe('[Error] Deploy Clean(Task : WAS)');
      expectDecision(world.mailBody(-1), failureCase);
  }
  expect(await world.dummies()).toEqual(operator.takenNames);
  return world;
}

interface SeenFailure {
  code: string;
  mail: string | undefined;
  nextStep: string;
}

/** A stage tells of its failure; where it crashed, Lambda does. Either is mailed by EventBridge, too, in three lines. */
async function failureOf(world: World): Promise<SeenFailure> {
  const found = () => world.aws.sns.mails.find(({ subject }) => subject?.startsWith('[Failed]'));
  await world.clock.runUntil(() => found() !== undefined, LIMIT.limitSeconds);
  const { subject = '', body: mail } = found() ?? {};
  const code = /errCode : (\w+)/.exec(subject)?.[1] ?? '';
  const failed = world.events.find((event) => event['detail-type'] === 'Failed');
  return { code, mail, nextStep: failed ? adviceIn(failed.detail) : 'What to do\n  ' };
}

/** What fits the state, where that is known; else what fits the code. */
function adviceIn({ toDo, nextStep }: Record<string, unknown>): string {
  return String((toDo as ToDo | undefined)?.sentence ?? nextStep);
}

function expectSays(mail: string | undefined, { code, says }: FailureCase, nextStep: string): void {
  for (const said of says) expect(mail).toMatch(said);
  expect(mail).toContain(code);
  expect(nextStep.length).toBeGreaterThan(10);
  // While clean-up works another request would be refused: that it is to be put comes with the mail of clean-up.
  const [advice = ''] = nextStep.split(/,? then request the deployment again/i, 1);
  expect(mail).toContain(advice.replace(/(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.\d+Z/g, '$1 $2 UTC'));
}

/** What would take users down is only shown as one of two choices, after what shows who serves. */
function expectDecision(mail: string, { code, endsWith = code }: FailureCase): void {
  expect(mail).toContain(`Code ${endsWith}`);
  const commands = mail.slice(mail.indexOf('decide and run by hand'));
  expect(commands.indexOf('# See who serves')).toBeLessThan(commands.indexOf('# Either keep the new version'));
  expect(commands.indexOf('# Or go back')).toBeLessThan(
    commands.indexOf('--auto-scaling-group-name was-green --min-size 0 --desired-capacity 0'),
  );
  expect(mail).toContain('CleanRequested');
}

/** The groups have changed places. */
function expectNewVersion({ blue, green }: FleetState, after: FleetState): void {
  if (!blue || !green) throw new Error('there was no fleet to begin with');
  const withType = (state: GroupState, type: string) => {
    const tags = Object.entries(state.tags).map(([key, value]) => [key, /^type/i.test(key) ? type : value]);
    return withoutVersions({ ...state, tags: Object.fromEntries(tags) });
  };
  expect(withoutVersions(after.green)).toEqual(withType({ ...blue, tags: green.tags }, 'Active'));
  expect(withoutVersions(after.blue)).toEqual(withType({ ...green, tags: blue.tags }, 'StandBy'));
}
