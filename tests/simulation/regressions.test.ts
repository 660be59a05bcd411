/** What the simulation and its review have found, made as small as it could be: each of these once ended badly. */
import { plainScenario, UPLOAD } from './plain';
import type { Act, Scenario } from './scenario';
import { play } from './simulation';

const CLASSIC = {
  loadBalancers: [{ kind: 'classic' as const, way: 'direct' as const, isAcrossZones: true, targetGroups: [] }],
};

const WITHOUT_SETTLING = { settleSeconds: '0' };

/** When the deployment has reached the event for the first time. */
function after(afterEvent: string, delaySeconds = 0): Act['when'] {
  return { afterEvent, occurrence: 1, delaySeconds };
}

/** Puts what is asked for a few seconds earlier than it is. */
const BEHIND = { clockSeconds: -7 };

const FOUND: { by: string; defect: string; scenario: Scenario; ends?: RegExp }[] = [
  {
    by: 'seed 49020448',
    defect:
      'an upload that came while a request for certain versions waited for the roles to be readable was forgotten',
    scenario: plainScenario(
      [
        UPLOAD,
        { when: after('Completed', 5), kind: 'deploy', fleet: 0, versions: 'first' },
        { when: after('Completed', 26), kind: 'upload', fleet: 0, slot: 0, war: 'well' },
      ],
      {
        site: { lag: { createdSeconds: 20, groupTagSeconds: 60 } },
        fleet: { ...CLASSIC, deregistrationDelaySeconds: 0 },
      },
    ),
  },
  {
    by: 'seed 11000113',
    defect: 'an upload that was lost before its record was is never deployed, by no replay either, and no mail said so',
    scenario: plainScenario(
      [
        UPLOAD,
        { when: { atSeconds: 60 }, kind: 'damage record', fleet: 0, how: 'empty', noticedAfterSeconds: 0 },
        { when: { atSeconds: 600 }, kind: 'replay' },
      ],
      {
        faults: [{ kind: 'delivery', detailType: 'DeployRequested', delivery: 1, fate: 'lost', delaySeconds: 0.5 }],
      },
    ),
  },
  {
    by: 'seed 10000083',
    defect: 'a request was refused for its age, because the clock of whoever had put it was seconds behind',
    scenario: plainScenario([
      { when: { atSeconds: 0 }, kind: 'deploy', fleet: 0 },
      { when: { atSeconds: 0 }, kind: 'deploy', fleet: 0, versions: 'latest', ...BEHIND },
    ]),
    ends: /Refused .*code=401/,
  },
  {
    by: 'seed 7004171',
    defect:
      'clean-up without a deployment went by the roles that the tags had said once, whatever an operator has tagged since',
    scenario: plainScenario(
      [
        UPLOAD,
        { when: after('Step2Passed', 15), kind: 'delete record', fleet: 0 },
        { when: { atSeconds: 398 }, kind: 'clean', fleet: 0 },
        { when: { atSeconds: 617 }, kind: 'tag type', fleet: 0, group: 'green', value: 'active' },
      ],
      { fleet: { ...CLASSIC, deregistrationDelaySeconds: 120 } },
    ),
  },
  {
    by: 'seed 2200862',
    defect: 'clean-up asked an operator for ever, though the old group of an emergency had instances again',
    scenario: plainScenario(
      [
        { when: { atSeconds: 0 }, kind: 'emergency', fleet: 0 },
        { when: after('Step2Passed', 2), kind: 'attach', fleet: 0, group: 'blue' },
      ],
      { fleet: { ...CLASSIC, deregistrationDelaySeconds: 5 } },
    ),
  },
  {
    by: 'seed 1200849',
    defect: 'an upload that waited was forgotten when its event came again',
    scenario: plainScenario(
      [
        { when: { atSeconds: 0 }, kind: 'deploy', fleet: 0 },
        { when: after('DummyAttached', 8), kind: 'upload', fleet: 0, slot: 0, war: 'well' },
      ],
      { faults: [{ kind: 'call', function: 'war-uploaded', call: 2, effect: 'answer lost' }] },
    ),
  },
  {
    by: 'seed 5342',
    defect: 'swap detached Active although StandBy had left the load balancer while the claim was written slowly',
    scenario: plainScenario([UPLOAD, { when: after('RealAttached', 19), kind: 'detach', fleet: 0, group: 'green' }], {
      fleet: { ...CLASSIC, deregistrationDelaySeconds: 5 },
      faults: [{ kind: 'call', function: 'swap', call: 10, effect: 'slow' }],
    }),
  },
  {
    by: 'seed 10030',
    defect: 'retire that had to look twice never gave the new group its sizes back, nor resumed its processes',
    scenario: plainScenario([UPLOAD], {
      fleet: CLASSIC,
      faults: [1, 2, 3].map((call) => ({ kind: 'call', function: 'retire', call: call + 4, effect: 'throttled' })),
    }),
  },
  {
    by: 'seed 10495',
    defect: 'the mail of a refused war did not name the other upload that is not deployed because of it',
    scenario: plainScenario(
      [
        { when: { atSeconds: 0 }, kind: 'deploy', fleet: 0 },
        { when: after('RealAttached', 1), kind: 'upload', fleet: 0, slot: 0, war: 'well' },
        { when: after('Step2Passed', 1), kind: 'upload', fleet: 0, slot: 1, war: 'no zip' },
      ],
      { fleet: { ...CLASSIC, warKeys: ['was/app1.war', 'was/app2.war'], extraTags: WITHOUT_SETTLING } },
    ),
  },
  {
    by: 'seed 10665',
    defect: 'clean-up took the new group of an emergency from a load balancer on which nobody else was healthy',
    scenario: plainScenario(
      [
        { when: { atSeconds: 0 }, kind: 'emergency', fleet: 0 },
        { when: after('RealAttached', 20), kind: 'abort', fleet: 0 },
      ],
      {
        site: { networkRegistrationSeconds: 60 },
        fleet: {
          loadBalancers: [
            { kind: 'network', way: 'direct', isAcrossZones: true, targetGroups: [{ protocol: 'TCP' }] },
            ...CLASSIC.loadBalancers,
          ],
        },
      },
    ),
  },
  {
    by: 'seed 10603',
    defect: 'clean-up that stopped for an operator left the dummies there',
    scenario: plainScenario([
      UPLOAD,
      { when: after('DummyAttached', 2), kind: 'attach', fleet: 0, group: 'green' },
      { when: after('DummyAttached', 7), kind: 'delete group', fleet: 0, group: 'blue' },
    ]),
  },
  {
    by: 'seed 30138',
    defect: 'an upload that was covered by a newer one was asked for again for ever',
    scenario: plainScenario(
      [
        UPLOAD,
        { when: after('Step1Passed', 6), kind: 'upload', fleet: 0, slot: 1, war: 'well' },
        { when: after('Completed', 5), kind: 'upload', fleet: 0, slot: 0, war: 'broken' },
      ],
      {
        fleet: { ...CLASSIC, warKeys: ['was/app1.war', 'was/app2.war'], extraTags: WITHOUT_SETTLING },
        faults: [{ kind: 'delivery', detailType: 'DeployRequested', delivery: 3, fate: 'late', delaySeconds: 20 }],
      },
    ),
  },
  {
    by: 'seed 41424',
    defect: 'clean-up tried for an hour and a half to attach Active to a load balancer that somebody had deleted',
    scenario: plainScenario([UPLOAD, { when: after('Step2Passed', 11), kind: 'delete load balancer', fleet: 0 }], {
      fleet: { ...CLASSIC, deregistrationDelaySeconds: 120 },
    }),
    ends: / [0-9]:.* Cleaned .*outcome=cleaned/,
  },
  {
    by: 'seed 42600',
    defect:
      'clean-up took the new group down while Active was detached and at 0, because the new one was on nothing either',
    scenario: plainScenario(
      [
        UPLOAD,
        { when: after('Swapped'), kind: 'suspend', fleet: 0, group: 'blue', process: 'Terminate' },
        { when: after('Swapped', 140), kind: 'detach', fleet: 0, group: 'green' },
      ],
      { fleet: CLASSIC },
    ),
  },
  {
    by: 'seed 50856',
    defect: 'an abort did not say that it dropped an upload which a newer one had taken the place of',
    scenario: plainScenario(
      [
        UPLOAD,
        { when: after('DummyAttached', 5), kind: 'upload', fleet: 0, slot: 1, war: 'well' },
        { when: after('DummyAttached', 10), kind: 'upload', fleet: 0, slot: 2, war: 'well' },
        { when: after('RealAttached'), kind: 'abort', fleet: 0 },
      ],
      { fleet: { ...CLASSIC, warKeys: ['was/1.war', 'was/2.war', 'was/3.war'], extraTags: WITHOUT_SETTLING } },
    ),
  },
  {
    by: 'seed 52492',
    defect: 'an instance that somebody had launched in StandBy before it was tagged was taken for the new version',
    scenario: plainScenario(
      [
        { when: { atSeconds: 0 }, kind: 'upload', fleet: 0, slot: 0, war: 'broken' },
        { when: after('Started'), kind: 'resize', fleet: 0, group: 'green', desired: 1 },
      ],
      {
        fleet: CLASSIC,
        faults: [{ kind: 'delivery', detailType: 'CheckDue', delivery: 1, fate: 'late', delaySeconds: 60 }],
      },
    ),
  },
  {
    by: 'seed 52632',
    defect: 'retire terminated the old group although somebody had attached it to another load balancer since',
    scenario: plainScenario([UPLOAD, { when: after('Swapped', 5), kind: 'attach', fleet: 0, group: 'blue' }], {
      fleet: { ...CLASSIC, deregistrationDelaySeconds: 5 },
      faults: [{ kind: 'delivery', detailType: 'Swapped', delivery: 1, fate: 'late', delaySeconds: 120 }],
    }),
    ends: / Completed /,
  },
  {
    by: 'seed 53148',
    defect: 'a request to clean wrote over the record of a deployment that had completed and not told of it yet',
    scenario: plainScenario([UPLOAD, { when: after('Swapped', 25), kind: 'clean', fleet: 0 }], {
      fleet: { ...CLASSIC, deregistrationDelaySeconds: 5 },
      faults: [{ kind: 'call', function: 'retire', call: 18, effect: 'killed after' }],
    }),
  },
  {
    by: 'seed 304974',
    defect: 'retire gave the new group the size that it had a moment before, although somebody had just made it larger',
    scenario: plainScenario(
      [UPLOAD, { when: after('Swapped', 1), kind: 'resize', fleet: 0, group: 'green', desired: 3 }],
      { fleet: { ...CLASSIC, deregistrationDelaySeconds: 5 } },
    ),
  },
  {
    by: 'seed 308592',
    defect: 'an upload whose request was lost, and that was refused when the archive was replayed, was told to nobody',
    scenario: plainScenario(
      [UPLOAD, { when: after('RealAttached'), kind: 'upload', fleet: 0, slot: 0, war: 'no zip' }],
      {
        fleet: CLASSIC,
        faults: [{ kind: 'delivery', detailType: 'DeployRequested', delivery: 2, fate: 'lost', delaySeconds: 60 }],
      },
    ),
  },
  {
    by: 'seed 602209',
    defect: 'swap detached Active although what is attached to it again could not be registered',
    scenario: plainScenario(
      [
        UPLOAD,
        { when: after('DummyAttached', 4), kind: 'suspend', fleet: 0, group: 'blue', process: 'AddToLoadBalancer' },
        { when: after('Step2Passed', 4), kind: 'ill', fleet: 0, group: 'green', count: 1, health: 500, seconds: 172 },
      ],
      { fleet: CLASSIC },
    ),
    ends: /T008 outcome=cleaned/,
  },
  {
    by: 'seed 1000795',
    defect: 'a scheduled action that fell due within a minute after the swap had no effect on either group',
    scenario: plainScenario(
      [
        UPLOAD,
        { when: after('RealAttached', 7), kind: 'schedule', fleet: 0, dueSeconds: 30, isRecurring: false, more: 1 },
      ],
      { fleet: { ...CLASSIC, deregistrationDelaySeconds: 5 } },
    ),
  },
  {
    by: 'seed 1006198',
    defect: 'an action that was scheduled and fell due while Active was detached took effect on the old group alone',
    scenario: plainScenario(
      [
        UPLOAD,
        { when: after('Step2Passed', 28), kind: 'schedule', fleet: 0, dueSeconds: 120, isRecurring: false, more: 1 },
      ],
      {
        fleet: CLASSIC,
        faults: [{ kind: 'deliveries', fromSeconds: 85, seconds: 30, share: 1, fate: 'late', delaySeconds: 300 }],
      },
    ),
  },
  {
    by: 'seed 701467',
    defect: 'a waiting upload that came again while an operator was needed was refused, and asked for again for ever',
    scenario: plainScenario(
      [
        UPLOAD,
        { when: after('RealAttached', 1), kind: 'upload', fleet: 0, slot: 0, war: 'well' },
        { when: after('Swapped', 1), kind: 'tag type', fleet: 0, group: 'green', value: 'active' },
        { when: after('Cleaned', 700), kind: 'replay' },
      ],
      {
        fleet: { ...CLASSIC, extraTags: WITHOUT_SETTLING },
        faults: [{ kind: 'delivery', detailType: 'Swapped', delivery: 1, fate: 'late', delaySeconds: 20 }],
      },
    ),
  },
  {
    by: 'seed 708826',
    defect: 'an upload that was planned while the write that lets it wait got no answer waited once more, and for ever',
    scenario: plainScenario([UPLOAD, { when: { atSeconds: 20 }, kind: 'upload', fleet: 0, slot: 1, war: 'well' }], {
      fleet: { ...CLASSIC, warKeys: ['was/app1.war', 'was/app2.war'], extraTags: { settleSeconds: '20' } },
      faults: [{ kind: 'call', function: 'start', call: 17, effect: 'timed out after' }],
    }),
  },
  {
    by: 'seed 711197',
    defect: 'what people scheduled for the new group while it was Active stayed there when clean-up went back',
    scenario: plainScenario(
      [
        UPLOAD,
        { when: after('Swapped', 2), kind: 'emergency', fleet: 0 },
        { when: after('Cleaned', 100), kind: 'schedule', fleet: 0, dueSeconds: 43_200, isRecurring: true, more: 1 },
      ],
      {
        fleet: { ...CLASSIC, deregistrationDelaySeconds: 5 },
        faults: [{ kind: 'call', function: 'retire', call: 8, effect: 'refused' }],
      },
    ),
  },
  {
    by: 'seed 719505',
    defect: 'a protected instance that the old group launched while retire took it to 0 was left running',
    scenario: plainScenario([UPLOAD, { when: after('Swapped'), kind: 'refresh', fleet: 0, group: 'blue' }], {
      fleet: { ...CLASSIC, areProtected: true, deregistrationDelaySeconds: 5 },
    }),
  },
  {
    by: 'seed 720509',
    defect: 'an action that was put and fell due while Active drained had no effect on the new group',
    scenario: plainScenario(
      [
        UPLOAD,
        {
          when: after('Step2Passed', 2),
          kind: 'schedule',
          fleet: 0,
          dueSeconds: 30,
          isRecurring: false,
          isOfDesiredOnly: true,
          more: 1,
        },
      ],
      { fleet: { ...CLASSIC, deregistrationDelaySeconds: 120 } },
    ),
  },
  {
    by: 'review',
    defect: 'swap that was killed after it had detached Active forgot its scheduled actions',
    scenario: plainScenario(
      [
        UPLOAD,
        {
          when: { atSeconds: 0 },
          kind: 'schedule',
          fleet: 0,
          dueSeconds: 60,
          isRecurring: false,
          isOfDesiredOnly: true,
          more: 1,
        },
      ],
      { fleet: CLASSIC, faults: [{ kind: 'call', function: 'swap', call: 11, effect: 'killed after' }] },
    ),
  },
  {
    by: 'review',
    defect: 'clean-up asked an operator although Active was attached again and only had to become healthy',
    scenario: plainScenario(
      [
        UPLOAD,
        { when: after('Swapped'), kind: 'ill', fleet: 0, group: 'green', count: 1, health: 'dead', seconds: 900 },
      ],
      {
        fleet: { ...CLASSIC, instances: 4, maximum: 4, deregistrationDelaySeconds: 5 },
        faults: [{ kind: 'delivery', detailType: 'Swapped', delivery: 1, fate: 'late', delaySeconds: 12 }],
      },
    ),
    ends: /^(?![\s\S]*operator-needed)[\s\S]*T011 outcome=cleaned/,
  },
];

test.each(FOUND)('$by: $defect', async ({ scenario, ends }) => {
  const { violations, history } = await play(scenario);
  if (ends) expect(history.join('\n')).toMatch(ends);
  if (violations.length > 0) throw new Error([...violations.map(({ text }) => text), ...history].join('\n'));
});
