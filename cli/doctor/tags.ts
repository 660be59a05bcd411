/** Whether the groups take the tags that they may need: a group has 50 at the most (Auto Scaling user guide, quotas). */
import { describeCommands, untagCommand } from '../../shared/codes/commands';
import { isRefusal } from '../../shared/deployment/refusal';
import type { Examination } from './examination';
import { type Check, doubtful, well } from './finding';

const MOST_TAGS = 50;
/** Another war takes three. */
const ROOM_FOR_A_WAR = 3;

export function tagsCheck(examination: Examination): Check {
  return {
    area: 'tags',
    question: 'How many tags the groups have',
    async look() {
      const pair = await examination.pair;
      if (isRefusal(pair)) return [];
      const groups = [pair.active, pair.standBy];
      const inWords = groups.map(({ name, tags }) => `${name} has ${tags.length}`).join(', ');
      const fullest = Math.max(...groups.map(({ tags }) => tags.length));
      const sentence = `Of the ${MOST_TAGS} tags that a group may have ${inWords}`;
      const full = groups.filter(({ tags }) => tags.length === fullest).map(({ name }) => name);
      const commands = [...describeCommands(full, []), ...full.map((name) => untagCommand(name, ['KEY']))];
      return fullest > MOST_TAGS - ROOM_FOR_A_WAR
        ? [
            doubtful(
              `${sentence}: there is no room for another war or option. Take away one that nobody needs:`,
              commands,
            ),
          ]
        : [well(`${sentence}.`)];
    },
  };
}
