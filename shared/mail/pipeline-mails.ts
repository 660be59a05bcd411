/** The mails of what belongs to no single deployment. */
import { plainLine, SOURCE } from '../../events/contract';
import type { Envelope } from '../aws/envelope';
import { answering, counted, type Mail, section } from './mail';
import { USERS_UNTOUCHED } from './users';

/** Of what is shown of an event that nobody knows. */
const DETAIL_CHARACTERS = 1000;

/** `meant` is the type that the event's own is nearest to. */
export function unknownEventMail({ source, detailType, detail }: Envelope, meant: string, busName: string): Mail {
  const shown = (text: string) => plainLine(text, DETAIL_CHARACTERS);
  return answering(busName, (stack) => `[Error] Pipeline(Stack : ${stack})`, {
    happened: `An event came over the bus ${busName} that nothing reacts to. Nothing was changed.`,
    users: USERS_UNTOUCHED,
    leftOver: [],
    toDo: [
      `If somebody asked for something by it: put it again with the source ${SOURCE} and a detail-type that there is.`,
      `The nearest is ${meant}.`,
    ],
    details: [
      section('Event', [
        `detail-type: ${shown(detailType)}`,
        `source: ${shown(source)}`,
        `detail: ${shown(JSON.stringify(detail))}`,
      ]),
      'More of this type within the hour are not mailed.',
    ],
  });
}

/** Something that the pipeline cannot do, and that no repetition mends. */
export interface Problem {
  what: string;
  why: string;
  nextSteps: string[];
}

/** As many are read on a phone, and fit into a mail. */
const PROBLEMS_LISTED = 20;

/** What belongs to no single deployment. */
export function problemsMail(stack: string, problems: readonly Problem[]): Mail {
  const listed = problems.slice(0, PROBLEMS_LISTED);
  const more = problems.length - listed.length;
  return answering(stack, (shown) => `[Error] Pipeline(Stack : ${shown})`, {
    happened: `The watchdog of ${stack} cannot mend ${counted(problems.length, 'thing')}. It goes on with everything else.`,
    users: USERS_UNTOUCHED,
    leftOver: listed.map(({ what }) => what),
    toDo: ['For each of these what its own section says.'],
    details: [
      ...listed.map(({ what, why, nextSteps }) => section(what, [`Why: ${why}`, ...nextSteps])),
      more > 0 ? `And ${more} more like these.` : '',
      'The watchdog tries again at every look. It mails about the same once a day.',
    ],
  });
}
