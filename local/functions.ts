/** Every function of the product, by the name of its file: what the embedded AWS runs for the template's functions. */
import { createHandler as attachReal } from '../functions/attach-real';
import { createHandler as checkDummy } from '../functions/check-dummy';
import { createHandler as checkReal } from '../functions/check-real';
import { createHandler as cleanUp } from '../functions/clean-up';
import { createHandler as codeDeployCleanUp } from '../functions/codedeploy-clean-up';
import { createHandler as notify } from '../functions/notify';
import { createHandler as resume } from '../functions/resume';
import { createHandler as retire } from '../functions/retire';
import { createHandler as start } from '../functions/start';
import { createHandler as swap } from '../functions/swap';
import { createHandler as warUploaded } from '../functions/war-uploaded';
import { createHandler as watchdog } from '../functions/watchdog';
import type { CreateHandler } from '../shared/aws/runtime';

export const functions: Readonly<Record<string, CreateHandler>> = {
  'war-uploaded': warUploaded,
  start,
  'check-dummy': checkDummy,
  'attach-real': attachReal,
  'check-real': checkReal,
  swap,
  retire,
  resume,
  notify,
  'clean-up': cleanUp,
  watchdog,
  'codedeploy-clean-up': codeDeployCleanUp,
};
