/** Why instances do not come, in the words of AWS: what explains most first. */
import type { FailedActivity } from '../fleet/auto-scaling-groups';
import { causesOf } from './shortage';

const launch = (reason: string, isCancelled = false): FailedActivity => ({
  action: 'Launching a new EC2 instance',
  isCancelled,
  reason,
});

test.each<[what: string, activities: FailedActivity[], instances: number, causes: string[]]>([
  ['nothing failed', [], 0, []],
  [
    'one launch failed',
    [launch('no capacity in eu-central-1a')],
    0,
    ['no instance came: Launching a new EC2 instance failed: no capacity in eu-central-1a'],
  ],
  [
    'many failed, for few reasons',
    [launch('limit'), ...Array<FailedActivity>(40).fill(launch('no capacity')), launch('limit')],
    3,
    [
      'some instances did not come: Launching a new EC2 instance failed 40 times: no capacity',
      'some instances did not come: Launching a new EC2 instance failed 2 times: limit',
    ],
  ],
  [
    'one was cancelled, and nobody says why',
    [launch('', true)],
    1,
    ['some instances did not come: Launching a new EC2 instance was cancelled: no reason is given'],
  ],
])('%s', (_, activities, instances, causes) => {
  expect(causesOf(activities, instances)).toEqual(causes);
});
