/** Sizes change and instances die in the middle of a deployment. */
import type { Scene } from './failure-cases';
import { type End, interfere, type Moment } from './interference';

describe('Active scales out', () => {
  test.each<Moment>(['DummyAttached', 'RealAttached', 'Step2Passed'])('at %s: StandBy grows too', async (moment) => {
    const world = await interfere(moment, ({ operator }) => operator.setDesiredCapacity('was-blue', 4), 'new');
    expect(await world.size('was-green')).toBe('0/4/4');
  });

  test('while it drains: what it was when it was detached counts', async () => {
    const world = await interfere('draining', ({ operator }) => operator.setDesiredCapacity('was-blue', 4), 'new');
    expect(await world.size('was-green')).toBe('0/2/4');
  });
});

test.each<Moment>(['DummyAttached', 'RealAttached', 'draining'])(
  'Active scales in at %s: the new group keeps the size that it was planned with',
  async (moment) => {
    const shrinking = ({ operator }: Scene) => operator.setSize('was-blue', 1, 1, 4);
    const world = await interfere(moment, shrinking, 'new');
    expect(await world.size('was-green')).toBe('1/2/4');
  },
);

describe('an instance of StandBy dies', () => {
  test.each<[Moment, End]>([
    ['DummyAttached', 'new'],
    ['Step1Passed', 'new'],
    ['RealAttached', 'old'],
    ['draining', 'new'],
  ])('at %s: the %s version serves', async (moment, end) => {
    await interfere(moment, killOne, end);
  });

  test('and the other one too, while Active drains: Active comes back', async () => {
    const killBoth = async ({ world, operator }: Scene) => {
      for (const id of await operator.instanceIds('was-green')) world.aws.autoScaling.failInstance(id);
    };
    await interfere('draining', killBoth, 'old');
  });
});

async function killOne({ world, operator }: Scene): Promise<void> {
  if (world.story.at(-1) === 'DummyAttached') await world.clock.advance(10); // until there is one
  const [id = ''] = await operator.instanceIds('was-green');
  world.aws.autoScaling.failInstance(id);
}

describe('somebody takes StandBy to 0', () => {
  test.each<[Moment, End]>([
    ['DummyAttached', 'old'],
    ['RealAttached', 'old'],
    ['draining', 'old'],
  ])('at %s: the %s version serves', async (moment, end) => {
    await interfere(moment, ({ operator }) => operator.setSize('was-green', 0, 0, 4), end);
  });
});

test.each<Moment>(['DummyAttached', 'RealAttached'])(
  'somebody makes StandBy larger at %s: it stays so',
  async (moment) => {
    const world = await interfere(moment, ({ operator }) => operator.setSize('was-green', 3, 3, 5), 'new');
    expect(await world.size('was-green')).toBe('0/3/5');
  },
);
