import type { LoadBalancer, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { attachmentOf, groupOf, instanceOf, tagsOf } from '../../tests/harness/plain-data';
import type { AttachmentState } from '../fleet/attachment';
import type { Group } from '../fleet/auto-scaling-groups';
import { pairOf, refusalOfAttachments, refusalOfBuckets, refusalOfGroups, refusalOfWarTags } from './readiness';

const WAR = { bucket: 'wars', appS3Key1: 'app.war', s3VersionIdApp1: 'v1', appPath1: '/webapps/app.war' };

function tagged(name: string, type: string, tags: Record<string, string> = WAR): Group {
  return groupOf(name, { tags: tagsOf({ taskForDeploy: 'WAS', type, ...tags }) });
}

const active = tagged('blue', 'Active');
const standBy = tagged('green', 'StandBy');

describe('the pair of a task', () => {
  test('is its one Active and its one StandBy group, in whatever order', () => {
    expect(pairOf('WAS', [standBy, active], ['wars'])).toEqual({ active, standBy });
  });

  const theirs = { ...WAR, bucket: 'their-wars' };

  test('is that of the stack, where another stack has a task of the same name', () => {
    const groups = [tagged('red', 'Active', theirs), active, tagged('grey', 'StandBy', theirs), standBy];
    expect(pairOf('WAS', groups, ['wars', 'more'])).toEqual({ active, standBy });
    expect(pairOf('WAS', groups, ['their-wars'])).toEqual({ active: groups[0], standBy: groups[2] });
  });

  test('is found though a bucket is mistyped, so that this can be said', () => {
    const mistyped = tagged('green', 'StandBy', { ...WAR, bucket: 'wras' });
    expect(pairOf('WAS', [active, mistyped], ['wars'])).toEqual({ active, standBy: mistyped });
  });

  test('is no mixture of two stacks: one that has lost its StandBy takes none of two', () => {
    const groups = [active, tagged('red', 'Active', theirs), tagged('grey', 'StandBy', theirs)];
    expect(pairOf('WAS', groups, ['wars'])).toMatchObject({ code: '400' });
  });

  test.each<[string, Group[], string]>([
    ['no groups', [], 'tagged Active: none; tagged StandBy: none'],
    ['no StandBy', [active], 'tagged Active: blue; tagged StandBy: none'],
    ['two Active', [active, standBy, tagged('red', 'Active')], 'tagged Active: blue, red; tagged StandBy: green'],
    ['two StandBy', [active, standBy, tagged('red', 'StandBy')], 'tagged Active: blue; tagged StandBy: green, red'],
    ['types in another spelling', [tagged('blue', 'active'), standBy], 'tagged Active: none; tagged StandBy: green'],
    ['a key in two spellings', [tagged('blue', 'Active', { Type: 'StandBy' }), standBy], 'blue carries the tag type'],
  ])('is refused with 400 for %s', (_, groups, message) => {
    expect(pairOf('WAS', groups, ['wars'])).toMatchObject({ code: '400', message: expect.stringContaining(message) });
  });
});

describe('the groups', () => {
  const refusal = (changes: { active?: Partial<Group>; standBy?: Partial<Group> }, refreshing: string[] = []) =>
    refusalOfGroups(
      { active: { ...active, ...changes.active }, standBy: { ...standBy, ...changes.standBy } },
      refreshing,
    );

  test('can be deployed when StandBy is empty, or only lets its last instances go', () => {
    expect(refusal({})).toBeUndefined();
    const leaving = ['Terminating', 'Terminating:Wait', 'Terminating:Proceed'];
    const instances = leaving.map((lifecycleState) => instanceOf(lifecycleState, { lifecycleState }));
    expect(refusal({ standBy: { instances } })).toBeUndefined();
  });

  test.each<[string, string, Partial<Group>]>([
    ['401', 'desired 1', { capacity: { minimum: 0, desired: 1, maximum: 1 } }],
    ['401', 'instances 1', { instances: [instanceOf('i-1', { lifecycleState: 'Standby' })] }],
    ['415', 'suspended: Launch', { suspendedProcesses: ['Launch'] }],
    ['415', 'suspended: Terminate', { suspendedProcesses: ['Terminate'] }],
    ['415', 'suspended: AddToLoadBalancer', { suspendedProcesses: ['HealthCheck', 'AddToLoadBalancer'] }],
    ['415', 'green has a warm pool', { hasWarmPool: true }],
  ])('are refused with %s where StandBy has %s', (code, message, changes) => {
    expect(refusal({ standBy: changes })).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('are refused with 415 where Active has a warm pool, or either is being refreshed', () => {
    expect(refusal({ active: { hasWarmPool: true } })).toMatchObject({ code: '415' });
    expect(refusal({}, ['blue'])).toMatchObject({ code: '415', message: 'an instance refresh is running on blue' });
  });

  test('are refused with 415 where Active could not be attached again', () => {
    const suspendedProcesses = ['AddToLoadBalancer'];
    const capacity = { minimum: 1, desired: 1, maximum: 1 };
    const message = 'on blue (Active) AddToLoadBalancer is suspended: once detached, it might not come back; resume it';
    expect(refusal({ active: { suspendedProcesses, capacity } })).toMatchObject({ code: '415', message });
    expect(refusal({ active: { suspendedProcesses } })).toBeUndefined(); // it is empty
  });

  test('may have other processes suspended', () => {
    expect(refusal({ standBy: { suspendedProcesses: ['AZRebalance'] } })).toBeUndefined();
    expect(refusal({ active: { suspendedProcesses: ['Launch', 'Terminate'] } })).toBeUndefined();
  });
});

describe('what Active is attached to', () => {
  const targetGroup = (
    name: string,
    loadBalancer?: string,
    Protocol?: TargetGroup['Protocol'],
  ): [string, TargetGroup] => [
    `arn:${name}`,
    {
      TargetGroupArn: `arn:${name}`,
      TargetGroupName: name,
      Protocol: Protocol ?? 'HTTP',
      LoadBalancerArns: loadBalancer ? [`arn:${loadBalancer}`] : [],
    },
  ];
  const balancers = new Map<string, LoadBalancer>([
    ['arn:web', { Type: 'application' }],
    ['arn:tcp', { Type: 'network' }],
    ['arn:gateway', { Type: 'gateway' }],
    ['arn:dummy', { Type: 'application', LoadBalancerName: 'deploycheck-3' }],
  ]);
  const classic = new Map([['old', {}]]);
  const refusal = (attachments: AttachmentState[], ...targetGroups: [string, TargetGroup][]) =>
    refusalOfAttachments(active, attachments, {
      targetGroups: new Map(targetGroups),
      loadBalancers: balancers,
      classic,
    });

  test('can be load balancers of every kind, and target groups that no listener refers to', () => {
    const groups = [
      targetGroup('one', 'web'),
      targetGroup('two', 'tcp', 'TCP_UDP'),
      targetGroup('alone', undefined, 'QUIC'),
    ];
    const attachments = [...groups.map(([arn]) => attachmentOf(arn)), attachmentOf('old', { kind: 'classic' })];
    expect(refusal(attachments, ...groups)).toBeUndefined();
  });

  test.each<[string, string, AttachmentState[], [string, TargetGroup][]]>([
    ['403', 'no load balancer', [], []],
    ['404', 'deploycheck-1', [attachmentOf('deploycheck-1', { kind: 'classic' })], []],
    ['405', 'deploycheck-2', [attachmentOf('arn:deploycheck-2')], [targetGroup('deploycheck-2', 'web')]],
    ['408', 'arn:gone, which does not exist', [attachmentOf('arn:gone')], []],
    ['404', 'deploycheck-3', [attachmentOf('arn:one')], [targetGroup('one', 'dummy')]],
    ['406', 'gone, which does not exist', [attachmentOf('gone', { kind: 'classic' })], []],
    ['413', '(of VPC Lattice)', [attachmentOf('arn:aws:vpc-lattice:eu-central-1:1:targetgroup/tg-1')], []],
    ['413', '(protocol QUIC)', [attachmentOf('arn:one')], [targetGroup('one', 'tcp', 'QUIC')]],
    ['413', '(protocol TCP_QUIC)', [attachmentOf('arn:one')], [targetGroup('one', 'tcp', 'TCP_QUIC')]],
    ['413', '(of a gateway load balancer', [attachmentOf('arn:one')], [targetGroup('one', 'gateway')]],
    ['413', '(of a vanished load balancer', [attachmentOf('arn:one')], [targetGroup('one', 'gone')]],
  ])('is refused with %s: %s', (code, message, attachments, targetGroups) => {
    expect(refusal(attachments, ...targetGroups)).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('is refused for the one that is wrong among many that are not', () => {
    const many = Array.from({ length: 30 }, (_, index) => targetGroup(`tg${index}`, 'web'));
    const attachments = many.map(([arn]) => attachmentOf(arn));
    expect(refusal([...attachments, attachmentOf('arn:gone')], ...many)).toMatchObject({ code: '408' });
  });
});

describe('the tags of the wars', () => {
  const refusal = (blue: Record<string, string>, green: Record<string, string>, buckets = ['wars']) => {
    const pair = { active: tagged('blue', 'Active', blue), standBy: tagged('green', 'StandBy', green) };
    return refusalOfBuckets(pair, buckets) ?? refusalOfWarTags('WAS', pair);
  };

  test('may differ in the versions alone: what StandBy has may have failed', () => {
    expect(refusal(WAR, { ...WAR, s3VersionIdApp1: 'broken' })).toBeUndefined();
  });

  test.each<[string, Record<string, string>, Record<string, string>]>([
    ['no complete war slot', { ...WAR, appPath1: '' }, WAR],
    ['the tag bucket of blue is others', { ...WAR, bucket: 'others' }, WAR],
    ['the tag bucket of green is others', WAR, { ...WAR, bucket: 'others' }],
    ['the tag bucket of green is (none)', WAR, { ...WAR, bucket: '' }],
    ['different buckets, war keys or paths', WAR, { ...WAR, appS3Key1: 'other.war' }],
    ['different buckets, war keys or paths', WAR, { ...WAR, appPath1: '/elsewhere' }],
    ['different buckets, war keys or paths', WAR, { ...WAR, s3VersionIdApp1: '' }],
  ])('are refused with 402: %s', (message, blue, green) => {
    expect(refusal(blue, green)).toMatchObject({ code: '402', message: expect.stringContaining(message) });
  });

  test('of the same war both groups must use the same slot', () => {
    const { bucket, ...slot } = WAR;
    const moved = Object.entries(slot).map(([key, value]) => [key.replace('1', '2'), value]);
    expect(refusal(WAR, { bucket, ...Object.fromEntries(moved) })).toMatchObject({ code: '402' });
  });

  test('of two of the stack’s buckets both groups must name the same', () => {
    expect(refusal(WAR, { ...WAR, bucket: 'more' }, ['wars', 'more'])).toMatchObject({ code: '402' });
  });
});
