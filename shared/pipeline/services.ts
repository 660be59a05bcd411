/** What every function that works on deployments needs of the world. */
import * as z from 'zod/mini';
import { Bus } from '../aws/bus';
import { name, number, readConfiguration } from '../aws/configuration';
import { Deadline } from '../aws/deadline';
import { type Log, logTo } from '../aws/log';
import type { Runtime } from '../aws/runtime';
import { StateBucket } from '../aws/state-bucket';
import { HistoryStore } from './history-store';
import { RecordStore } from './record-store';
import { Records } from './transition';

const configurationSchema = z.object({
  EVENT_BUS_NAME: name,
  STATE_BUCKET: name,
  /** A message that arrives again makes the outbox be published again, but only if it was written this long ago. */
  REPUBLISH_AFTER_SECONDS: number,
});

export interface StageServices {
  runtime: Runtime;
  deadline: Deadline;
  bus: Bus;
  state: StateBucket;
  records: Records;
  republishAfterSeconds: number;
  log: Log;
  /** The function's own name, without its stack's; of the stack's functions, as AWS knows it. */
  functionName: string;
  deployedName: (functionName: string) => string;
}

export function connectStageServices(runtime: Runtime, functionName: string): StageServices {
  const configuration = readConfiguration(configurationSchema, runtime.environment);
  const deadline = new Deadline();
  const log = logTo(runtime, functionName);
  const state = StateBucket.connect(runtime, deadline, configuration.STATE_BUCKET);
  const bus = Bus.connect(runtime, deadline, configuration.EVENT_BUS_NAME);
  const store = new RecordStore(state, runtime.uniqueId);
  return {
    runtime,
    deadline,
    state,
    bus,
    records: new Records({ store, history: new HistoryStore(state), bus, deadline, runtime, log }),
    republishAfterSeconds: configuration.REPUBLISH_AFTER_SECONDS,
    log,
    functionName,
    deployedName: (name) => `${configuration.EVENT_BUS_NAME}-${name}`,
  };
}
