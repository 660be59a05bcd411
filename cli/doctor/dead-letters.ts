/** What could not be delivered, and that nobody has read. */
import { mapSome } from '../../shared/aws/calls';
import { DeadLetters } from '../../shared/aws/dead-letters';
import { Deadline } from '../../shared/aws/deadline';
import { readQueueCommand } from '../../shared/codes/commands';
import type { Stack } from '../stack';
import { type Check, doubtful, well } from './finding';

export function deadLettersCheck(stack: Stack): Check {
  return {
    area: 'dead letters',
    question: 'Whether anything could not be delivered',
    async look() {
      const queues = (await stack.resources).filter(
        ({ type, logicalId }) => type === 'AWS::SQS::Queue' && logicalId.endsWith('DeadLetters'),
      );
      const deadLetters = DeadLetters.connect(
        stack.runtime,
        new Deadline(),
        queues.map(({ physicalId }) => physicalId),
      );
      const counts = await mapSome(queues, ({ physicalId }) => deadLetters.count(physicalId));
      const said = queues.flatMap(({ logicalId, physicalId }, index) => {
        const count = counts[index] ?? 0;
        if (count === 0) return [];
        const lie = count === 1 ? 'One message lies' : `${count} messages lie`;
        return [
          doubtful(`${lie} unread in ${logicalId}: docs/operations.md, "When something is lost", says what is in it.`, [
            readQueueCommand(physicalId),
          ]),
        ];
      });
      return said.length > 0 ? said : [well(`Nothing lies in the ${queues.length} dead-letter queues.`)];
    },
  };
}
