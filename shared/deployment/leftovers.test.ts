/** What is not as it should be is told by name, for the group that serves; where none does alone, that it is to be decided. */
import type { Users } from '../../events/contract';
import { attachmentOf, groupOf, instanceOf, recordOf, tagsOf } from '../../tests/harness/plain-data';
import { type AttachmentState, keyOf } from '../fleet/attachment';
import type { Group } from '../fleet/auto-scaling-groups';
import { oddities, unfinished } from './leftovers';
import type { Plan } from './plan';
import { Snapshot } from './snapshot';

const WEB = { ...attachmentOf('arn:web'), name: 'web', loadBalancerArn: 'arn:loadbalancer' };
const WAR = { slot: 1, key: 'app.war', from: 'v1', to: 'v2', bucket: 'wars', path: '/app.war' };
const PLAN = {
  ...recordOf().plan,
  attachments: [WEB],
  wars: [WAR],
  suspendedProcesses: ['HealthCheck'],
} as Plan;

const active = (name: string, changes: Partial<Group> = {}) =>
  groupOf(name, { instances: [instanceOf(`i-${name}`)], tags: tagsOf({ type: 'Active' }), ...changes });
const standBy = (name: string, changes: Partial<Group> = {}) =>
  groupOf(name, { tags: tagsOf({ type: 'StandBy' }), ...changes });

interface Seen {
  old?: Group | undefined;
  new?: Group | undefined;
  oldAttachments?: AttachmentState[];
  newAttachments?: AttachmentState[];
  isGone?: boolean;
  plan?: Partial<Plan>;
}

function seen({ oldAttachments = [attachmentOf('arn:web')], newAttachments = [], isGone, plan, ...groups }: Seen) {
  const both = { old: active('was-blue'), new: standBy('was-green'), ...groups };
  return new Snapshot<Group | undefined>({ ...PLAN, ...plan }, new Date(0), both.old, both.new, {
    oldAttachments,
    newAttachments,
    targetHealth: [],
    gone: new Set(isGone ? [keyOf(WEB)] : []),
  });
}

test.each<[string, Seen, string[]]>([
  ['all is as it was', {}, []],
  ['Active is gone', { old: undefined, oldAttachments: [] }, ['was-blue does not exist.']],
  ['StandBy is gone', { new: undefined }, ['was-green does not exist: the task has no group to stand by.']],
  [
    'both have the same type',
    { new: active('was-green', { instances: [] }) },
    ['was-green is tagged type = Active, and is to be StandBy.'],
  ],
  [
    'a group has no type',
    { new: standBy('was-green', { tags: [] }) },
    ['was-green is tagged type = (none), and is to be StandBy.'],
  ],
  ['Active is detached', { oldAttachments: [] }, ['was-blue is not attached to web.']],
  ['Active names what is gone', { isGone: true }, ['was-blue still names web, which does not exist any more.']],
  ['what Active was on is gone', { isGone: true, oldAttachments: [] }, ['web does not exist any more.']],
  [
    'a group would not get its instances',
    { old: active('was-blue', { suspendedProcesses: ['AZRebalance', 'Launch'] }) },
    ['Suspended on was-blue: Launch.'],
  ],
])('once a deployment is taken back, where %s', (_, found, expected) => {
  expect(oddities(seen(found), false)).toEqual(expected);
});

test('tags that clean-up has just written are not told of as they were read before', () => {
  const swapped = seen({ old: standBy('was-blue'), new: active('was-green') });
  expect(oddities(swapped, false)).toHaveLength(2);
  expect(oddities(swapped, true)).toEqual([]);
});

const users = (serving: string[]): Users => ({ seenAt: '', group: 'was-blue', loadBalancers: 1, serving, down: [] });

test.each<[string, string[], Seen, string[]]>([
  [
    'the new version serves',
    ['was-green'],
    {
      new: active('was-green', { tags: tagsOf({ type: 'StandBy' }), suspendedProcesses: ['HealthCheck'] }),
      oldAttachments: [],
    },
    [
      'was-blue is still at 1/1/1, with 1 instance: it is to be empty, at 0/0/0.',
      'was-green is tagged type = StandBy, and is to be Active.',
      'was-blue is tagged type = Active, and is to be StandBy.',
      'Suspended on was-green: HealthCheck.',
    ],
  ],
  [
    'the new version serves, and there is nothing to go back to',
    ['was-green'],
    { old: undefined, oldAttachments: [], new: active('was-green') },
    ['was-blue does not exist: the task has no group to stand by.'],
  ],
  [
    'the old version serves',
    ['was-blue'],
    { new: standBy('was-green', { instances: [], capacity: { minimum: 0, desired: 0, maximum: 2 } }) },
    ['was-green is still at 0/0/2, with 0 instances: it is to be empty, at 0/0/0.'],
  ],
  [
    'only the new version is well, while Active is attached as before',
    ['was-green'],
    {},
    [
      'Undecided: whether was-green (new version) or was-blue (old version) is to serve.',
      'was-blue stands at 1/1/1, with 1 instance.',
      'was-green stands at 0/0/0, with 0 instances.',
    ],
  ],
  [
    'the old version serves, and the new one is attached beside it',
    ['was-blue'],
    { newAttachments: [attachmentOf('arn:web')] },
    ['was-green is still attached to web.'],
  ],
  [
    'nobody serves',
    [],
    { new: standBy('was-green', { instances: [instanceOf('i-1')] }), oldAttachments: [] },
    [
      'Undecided: whether was-green (new version) or was-blue (old version) is to serve.',
      'was-blue stands at 1/1/1, with 1 instance.',
      'was-green stands at 1/1/1, with 1 instance.',
      'was-blue is not attached to web.',
    ],
  ],
  [
    'both serve, and nobody had asked for a deployment',
    ['was-blue', 'was-green'],
    { plan: { wars: [] } },
    [
      'Undecided: whether was-green or was-blue is to serve.',
      'was-blue stands at 1/1/1, with 1 instance.',
      'was-green stands at 0/0/0, with 0 instances.',
    ],
  ],
])('where clean-up has stopped, and %s', (_, serving, found, expected) => {
  expect(unfinished(seen(found), users(serving))).toEqual(expected);
});
