import type { Policy } from '../../local/services/iam/authorization';
import { World } from '../../tests/harness/world';
import { grantsOf, isAllowed } from '../../tests/stack/permission-report';
import { Stack } from '../stack';
import { CONTEXT, JOBS, type Job, needsOf } from './needs';

let world: World;
let accesses: (job: Job) => { action: string; resource: string; context: Record<string, string | string[]> }[];

beforeAll(async () => {
  world = await World.quick();
  const surroundings = {
    clientDefaults: world.aws.operator,
    environment: {},
    now: () => world.clock.now(),
    uniqueId: () => 'one',
  };
  const place = { stage: 'dev', stack: world.stack.name };
  const stack = await world.clock.run(Stack.find(place, surroundings as never));
  const needs = needsOf(stack, await world.clock.run(stack.resources));
  const context = CONTEXT as Record<string, string | string[]>;
  accesses = (job) =>
    needs
      .filter(({ jobs }) => jobs.includes(job))
      .flatMap(({ actions, resources }) =>
        actions.flatMap((action) => resources.map((resource) => ({ action, resource, context }))),
      );
});

function policyOf(job: Job): Policy[] {
  const properties = world.stack.resources.get(`${job}Policy`)?.properties;
  return [{ PolicyName: job, PolicyDocument: properties?.PolicyDocument as Policy['PolicyDocument'] }];
}

describe.each(JOBS.map(({ job }) => job))('what is asked for the %s', (job) => {
  test('is in its policy', () => {
    const denied = accesses(job).filter((access) => !isAllowed(policyOf(job), access));
    expect(denied.map(({ action, resource }) => `${action} ${resource}`)).toEqual([]);
  });

  test('would tell of each action, resource and value that the policy lacked', () => {
    const unseen = grantsOf(policyOf(job), accesses(job)).filter(({ isUsed }) => !isUsed);
    expect(unseen.map(({ permission }) => permission)).toEqual([]);
  });
});
