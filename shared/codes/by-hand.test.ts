/** The commands of mails, as a shell and the `aws` command read them, however groups and their tags are called. */
import { attachmentOf, groupOf, instanceOf, recordOf, tagsOf } from '../../tests/harness/plain-data';
import type { Plan } from '../deployment/plan';
import { Snapshot } from '../deployment/snapshot';
import { commandsToDecide } from './by-hand';
import { attachCommands, resumeCommand, tagCommand } from './commands';

const TAG = { key: 'type', value: 'Active', propagateAtLaunch: false };

test.each([
  ['blue', '--tags ResourceType=auto-scaling-group,ResourceId=blue,Key=type,Value=Active,PropagateAtLaunch=false'],
  ['blue, old', `--tags '[{"ResourceType":"auto-scaling-group","ResourceId":"blue, old","Key":"type","Value":"Active"`],
  ['a=b', `--tags '[{"ResourceType":"auto-scaling-group","ResourceId":"a=b","Key":"type","Value":"Active"`],
  ["Jane's", String.raw`--tags '[{"ResourceType":"auto-scaling-group","ResourceId":"Jane'\''s","Key":"type"`],
])('the tags of the group %s are one word of the shell, and mean it alone', (group, expected) => {
  expect(tagCommand([{ group, ...TAG }])).toContain(expected);
});

test('what is attached in different ways is attached by its own call each, ten at a time', () => {
  const arns = Array.from({ length: 11 }, (_, index) => attachmentOf(`arn-${index}`));
  const commands = attachCommands('attach', 'my group', [
    ...arns,
    attachmentOf('web', { kind: 'classic' }),
    attachmentOf('api', { kind: 'classic', way: 'traffic-source' }),
  ]);
  const name = "--auto-scaling-group-name 'my group'";
  expect(commands).toEqual([
    `aws autoscaling attach-load-balancer-target-groups ${name} --target-group-arns ${arns
      .slice(0, 10)
      .map(({ identifier }) => identifier)
      .join(' ')}`,
    `aws autoscaling attach-load-balancer-target-groups ${name} --target-group-arns arn-10`,
    `aws autoscaling attach-load-balancers ${name} --load-balancer-names web`,
    `aws autoscaling attach-traffic-sources ${name} --traffic-sources Identifier=api,Type=elb`,
  ]);
});

test('where nothing is suspended nothing is resumed: without names the command resumes every process', () => {
  expect(resumeCommand('blue', [])).toEqual([]);
});

test('each group keeps its own spelling of the tag that is swapped, and what is done already is left out', () => {
  const plan = { ...recordOf().plan, oldGroup: 'blue', newGroup: 'green', attachments: [] } as unknown as Plan;
  const group = (name: string, tags: Record<string, string>, desired: number) =>
    groupOf(name, {
      tags: tagsOf(tags),
      capacity: { minimum: desired, desired, maximum: desired },
      instances: desired > 0 ? [instanceOf(`i-${name}`)] : [],
    });
  const seen = { oldAttachments: [], newAttachments: [], dummies: [], targetHealth: [], gone: new Set<string>() };
  const snapshot = new Snapshot(
    plan,
    new Date(0),
    group('blue', { TYPE: 'Active' }, 0),
    group('green', { type: 'StandBy' }, 1),
    seen,
  );
  const commands = commandsToDecide(snapshot, { ofOldGroup: [], ofNewGroup: [] });
  const back = commands.findIndex((line) => line.startsWith('# Or go back'));
  const keeping = commands.slice(0, back).join('\n');
  expect(keeping).toContain('ResourceId=green,Key=type,Value=Active');
  expect(keeping).toContain('ResourceId=blue,Key=TYPE,Value=StandBy');
  expect(keeping).not.toMatch(/detach|--min-size 0/);
  expect(commands.slice(back).join('\n')).not.toMatch(/attach|create-or-update-tags/);
});
