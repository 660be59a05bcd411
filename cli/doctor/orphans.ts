/** Clones of the stack whose deployment does not run any more. */
import { mapSome } from '../../shared/aws/calls';
import { deleteDummyCommands } from '../../shared/codes/commands';
import { findDummies } from '../../shared/dummies/search';
import { dummyNameIn, tagText } from '../../shared/fleet/dummy-identity';
import { isOpen } from '../../shared/pipeline/record';
import type { Stack } from '../stack';
import { type Check, doubtful, type Said, well } from './finding';

export function orphansCheck(stack: Stack): Check {
  return {
    area: 'clones',
    question: 'Whether clones are left over',
    async look() {
      // Dummies first: a deployment that begins in between is then seen to own its dummies.
      const dummies = await findDummies(stack.sources.loadBalancers, stack.output('EventBusArn'));
      if (dummies.length === 0) return [well('No clone is left over.')];
      const { open, unreadable } = await openDeployments(stack);
      const left = dummies.filter(({ owner }) => !open.has(owner.deploymentId) && !unreadable.has(owner.task));
      if (left.length === 0) return [well(`No clone is left over: a deployment uses the ${dummies.length} there are.`)];
      return left.map(({ kind, identifier, owner }): Said => {
        const of = owner.deploymentId === '' ? 'nobody knows which deployment' : owner.deploymentId;
        return doubtful(
          `${dummyNameIn(identifier)} (${kind}) is left over of ${of}: the watchdog deletes it an hour after it was made.`,
          deleteDummyCommands(kind, identifier),
        );
      });
    },
  };
}

/** Of a task whose record cannot be read nobody knows what runs. */
async function openDeployments({ records }: Stack): Promise<{ open: Set<string>; unreadable: Set<string> }> {
  const { tasks } = await records.keys();
  const unreadable = new Set<string>();
  const open = await mapSome(tasks, async (task) => {
    try {
      const record = (await records.read(task))?.record;
      return record && isOpen(record) ? [record.deploymentId] : [];
    } catch {
      unreadable.add(tagText(task));
      return [];
    }
  });
  return { open: new Set(open.flat()), unreadable };
}
