/** `npm run mails`: prints every mail that the pipeline sends, from real runs in virtual time, to be read as its reader does. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { REFUSALS } from '../faults/cases-refused';
import { FAILURES_OF_STEP_1 } from '../faults/cases-step-1';
import { FAILURES_OF_STEP_2 } from '../faults/cases-step-2';
import { type FailureCase, openScene } from '../faults/failure-cases';

/** What the mails look like where nothing fails, or where it is not a code that tells. */
const OTHERS: Pick<FailureCase, 'when' | 'provoke'>[] = [
  {
    when: 'everything is well',
    provoke: ({ world }) => world.upload('app.war', { version: '2' }),
  },
  {
    when: 'an operator aborts after Active is detached',
    async provoke({ world }) {
      await world.upload('app.war', { version: '2' });
      await world.until('Step2Passed');
      await world.clock.advance(5);
      await world.put('AbortRequested', { task: 'WAS', requestedBy: 'jane' });
    },
  },
  {
    when: 'there is nothing to abort',
    provoke: ({ world }) => world.put('AbortRequested', { task: 'WAS', requestedBy: 'jane' }),
  },
  {
    when: 'an operator cleans without a deployment',
    provoke: ({ world }) => world.put('CleanRequested', { task: 'WAS', requestedBy: 'jane' }),
  },
  {
    when: 'the watchdog cannot read a record',
    provoke: ({ world }) => {
      const record = { Bucket: world.stack.outputs.StateBucketName, Key: 'tasks/WAS.json', Body: '{"schemaVersion":1' };
      return world.clock.run(new S3Client(world.aws.operator).send(new PutObjectCommand(record)));
    },
  },
];

async function main(wanted: string | undefined): Promise<void> {
  const known = new Set<string>();
  const cases = [...REFUSALS, ...FAILURES_OF_STEP_1, ...FAILURES_OF_STEP_2];
  for (const { code, when, fleet, provoke } of cases) {
    const isRepeated = known.has(`${code} ${when.replace(/ (before|after) it took effect/, '')}`);
    known.add(`${code} ${when.replace(/ (before|after) it took effect/, '')}`);
    if (wanted ? code === wanted : !isRepeated) await print(`${code}, where ${when}`, fleet, provoke);
  }
  if (wanted) return;
  for (const { when, provoke } of OTHERS) await print(when, undefined, provoke);
}

async function print(title: string, fleet: FailureCase['fleet'], provoke: FailureCase['provoke']): Promise<void> {
  const scene = await openScene(fleet);
  const { world } = scene;
  await provoke(scene);
  await world.clock.advance(3 * 3600);
  for (const { subject = '(the first line of the body)', body } of world.aws.sns.mails) {
    process.stdout.write(`${'='.repeat(100)}\n[${title}]\nSubject: ${subject}\n\n${body}\n\n`);
  }
}

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
await main(process.argv[2]);
