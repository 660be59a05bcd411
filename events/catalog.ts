/** Every event of the pipeline, for whoever must know them all. */
import { AbortRequested } from './abort-requested';
import { CheckDue } from './check-due';
import { CheckPending } from './check-pending';
import { CleanRequested } from './clean-requested';
import { Cleaned } from './cleaned';
import { Completed } from './completed';
import { DeployRequested } from './deploy-requested';
import { DummyAttached } from './dummy-attached';
import { Failed } from './failed';
import { Postponed } from './postponed';
import { RealAttached } from './real-attached';
import { Refused } from './refused';
import { Started } from './started';
import { Step1Passed } from './step-1-passed';
import { Step2Passed } from './step-2-passed';
import { Swapped } from './swapped';

export const CATALOG = {
  DeployRequested,
  Refused,
  Postponed,
  Started,
  DummyAttached,
  CheckPending,
  CheckDue,
  Step1Passed,
  RealAttached,
  Step2Passed,
  Swapped,
  Completed,
  Failed,
  Cleaned,
  AbortRequested,
  CleanRequested,
};
