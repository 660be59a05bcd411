/** S3 *Object Created* of a `.war` → DeployRequested, once for each task whose Active group names that war. */
import * as z from 'zod/mini';
import { isTaskName } from '../events/contract';
import { DeployRequested } from '../events/deploy-requested';
import { Bus } from '../shared/aws/bus';
import { list, name, readConfiguration } from '../shared/aws/configuration';
import { Deadline } from '../shared/aws/deadline';
import { readEnvelope } from '../shared/aws/envelope';
import { logTo } from '../shared/aws/log';
import { type CreateHandler, onLambda } from '../shared/aws/runtime';
import { Fleet } from '../shared/fleet/auto-scaling-groups';
import { requestIdOfUpload, tasksDeployedBy } from '../shared/pipeline/uploads';

const configurationSchema = z.object({ EVENT_BUS_NAME: name, WAR_BUCKETS: list });

/** The detail of the event, as https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html describes it. */
const objectCreated = z.object({
  bucket: z.object({ name: z.string() }),
  object: z.object({ key: z.string(), 'version-id': z.optional(z.string()), sequencer: z.optional(z.string()) }),
});

export const createHandler: CreateHandler = (runtime) => {
  const configuration = readConfiguration(configurationSchema, runtime.environment);
  const deadline = new Deadline();
  const fleet = Fleet.connect(runtime, deadline);
  const bus = Bus.connect(runtime, deadline, configuration.EVENT_BUS_NAME);
  const log = logTo(runtime, 'war-uploaded');

  return async (event, invocation) => {
    deadline.begin(invocation);
    const envelope = readEnvelope(event, runtime.now());
    const read = objectCreated.safeParse(envelope?.detail);
    if (!envelope || !read.success) return log('refused: not an Object Created event');
    const { bucket, object } = read.data;
    if (!configuration.WAR_BUCKETS.includes(bucket.name))
      return log('ignored: not a war bucket', { bucket: bucket.name });

    const groups = await fleet.groupsWithTagValue(object.key);
    const named = tasksDeployedBy(groups, bucket.name, object.key);
    const tasks = named.filter((task) => isTaskName(task));
    if (tasks.length < named.length) {
      log('ignored: not a valid name of a task', { tasks: named.filter((task) => !tasks.includes(task)) });
    }
    log(tasks.length > 0 ? 'uploaded' : 'ignored: no task has this war', {
      bucket: bucket.name,
      key: object.key,
      tasks,
    });
    const versionId = object['version-id'] ?? '';
    await bus.publish(
      tasks.map((task) =>
        DeployRequested.entry({
          task,
          requestId: requestIdOfUpload(bucket.name, object.key, versionId || (object.sequencer ?? envelope.time)),
          requestedAt: envelope.time,
          upload: { bucket: bucket.name, key: object.key, versionId },
        }),
      ),
    );
  };
};

export const handler = onLambda(createHandler);
