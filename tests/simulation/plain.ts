/** A scenario in which nothing is special but what a test says. */
import type { Act, Scenario, Site } from './scenario';

export const UPLOAD: Act = { when: { atSeconds: 0 }, kind: 'upload', fleet: 0, slot: 0, war: 'well' };

type Changes = Partial<Pick<Scenario, 'seed' | 'faults'>> & {
  site?: Partial<Omit<Site, 'fleets'>>;
  /** Of the one fleet. */
  fleet?: Site['fleets'][number];
};

export function plainScenario(acts: Act[], { seed = 1, faults = [], site, fleet }: Changes = {}): Scenario {
  return {
    seed,
    site: {
      fleets: [
        {
          task: 'WAS',
          instances: 1,
          maximum: 2,
          healthCheckIntervalSeconds: 5,
          deregistrationDelaySeconds: 60,
          ...fleet,
        },
      ],
      bootSeconds: 5,
      bootSpreadSeconds: 0,
      provisioningSeconds: 10,
      networkRegistrationSeconds: 5,
      listsAttachmentsBothWays: true,
      isThrottled: false,
      hasCodeDeploy: acts.some(({ kind }) => kind === 'codedeploy'),
      ...site,
    },
    acts,
    faults,
  };
}
