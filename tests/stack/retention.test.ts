/** How long what is kept is kept, as the stack is deployed with these parameters. */

import { packagedTemplate } from '../../local/cloudformation/template';
import { EmbeddedAws } from '../../local/embedded-aws';
import { VirtualInstances } from '../../local/fleet/virtual-instances';
import { functionNames } from '../../local/functions';
import { VirtualClock } from '../../local/kernel/clock';

interface LifecycleRule {
  Id: string;
  Status: string;
  Prefix?: string;
  ExpirationInDays?: number;
  NoncurrentVersionExpiration?: { NoncurrentDays: number; NewerNoncurrentVersions?: number };
}

interface Kept {
  archiveDays: number;
  /** Of the state bucket. */
  rules: LifecycleRule[];
}

/** By archive and history, in days. Packaging takes its time: tests look at as few stacks as they can do with. */
const STACKS = {
  byDefault: {},
  shortest: { ArchiveRetentionDays: '1', HistoryRetentionDays: '1' },
  month: { ArchiveRetentionDays: '30', HistoryRetentionDays: '90' },
  longest: { ArchiveRetentionDays: '365', HistoryRetentionDays: '7' },
};

function kept(parameters: Record<string, string> = STACKS.byDefault): Kept {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const handlers = Object.fromEntries(functionNames().map((name) => [name, () => async () => undefined]));
  const { resources } = new EmbeddedAws({ clock, instances, handlers }).deploy(packagedTemplate(parameters));
  const archive = resources.get('Archive')?.properties as unknown as { RetentionDays: number };
  const bucket = resources.get('StateBucket')?.properties as unknown as {
    LifecycleConfiguration: { Rules: LifecycleRule[] };
  };
  return { archiveDays: archive.RetentionDays, rules: bucket.LifecycleConfiguration.Rules };
}

function expiryOf({ rules }: Kept, prefix: string): number | undefined {
  return rules.find(({ Prefix, Status }) => Prefix === prefix && Status === 'Enabled')?.ExpirationInDays;
}

test.each([STACKS.shortest, STACKS.month, STACKS.longest])(
  'what keeps a replay from repeating a mail outlives the archive of $ArchiveRetentionDays days, and not by much',
  (parameters) => {
    const found = kept(parameters);
    expect(found.archiveDays).toBe(Number(parameters.ArchiveRetentionDays));
    for (const prefix of ['mails/', 'refusals/']) {
      // The archive deletes within a day or so, S3 counts from midnight.
      expect(expiryOf(found, prefix)).toBeGreaterThanOrEqual(found.archiveDays + 3);
      expect(expiryOf(found, prefix)).toBeLessThanOrEqual(found.archiveDays + 30);
    }
  },
);

test('the history is kept for ever, unless a parameter says for how long', () => {
  expect(kept().rules.map(({ Prefix }) => Prefix)).not.toContain('history/');
  expect(expiryOf(kept(STACKS.month), 'history/')).toBe(90);
});

test('records never expire, and what they were before is there for a month, and not for ever', () => {
  const { rules } = kept(STACKS.shortest);
  const ofRecords = rules.filter(({ Prefix = '' }) => 'tasks/WAS.json'.startsWith(Prefix));
  expect(ofRecords.map(({ ExpirationInDays }) => ExpirationInDays)).toEqual([undefined]);
  const noncurrent = ofRecords.map(({ NoncurrentVersionExpiration }) => NoncurrentVersionExpiration);
  expect(noncurrent).toEqual([{ NoncurrentDays: expect.any(Number) }]);
  expect(noncurrent[0]?.NoncurrentDays).toBeGreaterThanOrEqual(30);
  expect(noncurrent[0]?.NoncurrentDays).toBeLessThanOrEqual(90);
});

test('what was damaged of a record is kept at least as long as what the record was before', () => {
  const found = kept();
  const noncurrent = found.rules.find((rule) => rule.Prefix === undefined)?.NoncurrentVersionExpiration;
  expect(expiryOf(found, 'damaged/')).toBeGreaterThanOrEqual(Math.max(30, noncurrent?.NoncurrentDays ?? 0));
});

test('whatever else is kept in the state bucket expires, and its older versions do', () => {
  const { rules } = kept(STACKS.longest);
  for (const prefix of ['mails/', 'refusals/', 'codedeploy/', 'damaged/', 'history/']) {
    expect(rules.filter(({ Prefix }) => Prefix === prefix)).toHaveLength(1);
  }
  expect(rules.filter((rule) => rule.Prefix === undefined && rule.NoncurrentVersionExpiration)).toHaveLength(1);
});
