/** Every verb, in the order of the help. */
import type { Verb } from '../verb';
import { abort } from './abort';
import { clean } from './clean';
import { deploy } from './deploy';
import { doctor } from './doctor';
import { explain } from './explain';
import { history } from './history';
import { logs } from './logs';
import { replay } from './replay';
import { rollback } from './rollback';
import { status } from './status';
import { upload } from './upload';
import { watch } from './watch';

export const VERBS = [
  deploy,
  rollback,
  upload,
  abort,
  clean,
  status,
  watch,
  history,
  explain,
  logs,
  replay,
  doctor,
] as unknown as readonly Verb[];
