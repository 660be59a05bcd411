/** Groups, attachments, dummies, tags and the record are changed by hand in the middle of a deployment. */
import { Operator } from '../harness/operator';
import type { Scene } from './failure-cases';
import { deleteRecord, type End, interfere, type Moment } from './interference';

describe('somebody deletes a dummy', () => {
  test.each<[Moment, End]>([
    ['DummyAttached', 'old'],
    ['Step1Passed', 'new'],
  ])('at %s: the %s version serves', async (moment, end) => {
    await interfere(moment, ({ operator }) => operator.deleteDummyLoadBalancers(), end);
  });
});

test('somebody detaches Active while StandBy is behind the dummies: nobody serves, which is said at once', async () => {
  const detach = ({ operator, world }: Scene) => operator.detach('was-blue', world.fleet.targetGroupArns);
  const world = await interfere('DummyAttached', detach, 'nobody');
  expect(world.events.find((event) => event['detail-type'] === 'Failed')?.detail.code).toBe('T000');
  expect(world.mails.at(-1)).toBe('[Error] Deploy Clean(Task : WAS)');
  expect(world.mailBody(-1)).toMatch(/^USERS ARE DOWN on was-web-1 of was-web/);
});

test.each<Moment>(['RealAttached', 'Step2Passed'])(
  'somebody detaches Active at %s: the new version is what serves',
  async (moment) => {
    const detach = ({ operator, world }: Scene) => operator.detach('was-blue', world.fleet.targetGroupArns);
    const world = await interfere(moment, detach, 'new');
    expect(world.events.find((event) => event['detail-type'] === 'Failed')?.detail.code).toBe('T000');
  },
);

test.each<Moment>(['DummyAttached', 'RealAttached', 'Step2Passed', 'draining', 'Swapped'])(
  'somebody deletes StandBy at %s: Active serves',
  async (moment) => {
    await interfere(moment, ({ operator }) => operator.deleteGroup('was-green'), 'old');
  },
);

test('somebody deletes Active while StandBy is behind the dummies: StandBy is taken away', async () => {
  const world = await interfere('DummyAttached', ({ operator }) => operator.deleteGroup('was-blue'), 'nobody');
  expect(await world.size('was-green')).toBe('0/0/0');
  expect(world.mailBody(-1)).toContain('was-blue does not exist.');
});

test.each<Moment>(['RealAttached', 'draining', 'Swapped'])(
  'somebody deletes Active at %s: an operator decides, and the new group is left alone until then',
  async (moment) => {
    const world = await interfere(moment, ({ operator }) => operator.deleteGroup('was-blue'), 'operator needed');
    const operator = new Operator(world);
    expect(await world.size('was-green')).toBe('2/2/4');
    // The operator makes the new group Active, gives it a partner, and says so.
    const served = world.servedVersions();
    await operator.tag('was-green', 'type', 'Active');
    const { bucket } = world.fleet;
    await operator.createGroup('was-next', { taskForDeploy: 'WAS', type: 'StandBy', bucket });
    await world.put('CleanRequested', { task: 'WAS' });
    const { detail } = await world.until('Completed', { after: world.events.length });
    expect(detail).toMatchObject({ oldGroup: 'was-next', newGroup: 'was-green' });
    expect(world.servedVersions()).toEqual(served);
    expect(await world.size('was-green')).toBe(`${world.fleet.minimum}/2/4`);
  },
);

test.each<Moment>(['DummyAttached', 'RealAttached'])(
  'somebody gives StandBy another type at %s: it is taken away, and its tag is left to who changed it',
  async (moment) => {
    const world = await interfere(moment, ({ operator }) => operator.tag('was-green', 'type', 'Spare'), 'old');
    expect((await world.tag('was-green', 'type'))?.Value).toBe('Spare');
    expect(world.mailBody(-1)).toContain('was-green is at 0/0/0, tagged type = Spare.');
  },
);

test.each<[Moment, string]>([
  ['draining', 'StandBy'],
  ['Swapped', 'Active'],
])(
  'somebody gives the new group another type at %s: it serves on, and an operator who has mended that lets it complete',
  async (moment, type) => {
    const retag = ({ operator }: Scene) => operator.tag('was-green', 'type', 'Spare');
    const world = await interfere(moment, retag, 'operator needed');
    await new Operator(world).tag('was-green', 'type', type);
    await world.put('CleanRequested', { task: 'WAS' });
    await world.until('Completed');
    expect(await world.size('was-blue')).toBe('0/0/0');
    expect(world.servedVersions()).not.toEqual(world.fleet.versionIds);
  },
);

test.each<Moment>(['DummyAttached', 'RealAttached'])(
  'somebody deletes the record at %s: a request to clean takes everything back',
  async (moment) => {
    const deleteAndClean = async (scene: Scene) => {
      await deleteRecord(scene);
      await scene.world.clock.advance(900);
      await scene.world.put('CleanRequested', { task: 'WAS' });
    };
    const world = await interfere(moment, deleteAndClean, 'old');
    expect(world.mailBody(-1)).toContain('was-green is at 0/0/0, tagged type = StandBy.'); // nothing is suspended
  },
);
