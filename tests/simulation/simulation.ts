/** Plays a scenario: things are asked for and go wrong, then nothing more does, and all has to be well in the end. */
import type { CreateHandler } from '../../shared/aws/runtime';
import { Checkers } from './checkers';
import { Ending } from './ending';
import { Faults } from './faults';
import { Journal, type Report } from './journal';
import { People } from './people';
import { type Act, FAULTS_END_SECONDS, type Scenario } from './scenario';
import { openSite, type Place } from './site';

export interface Violation {
  checker: string;
  text: string;
}

export interface Play {
  /** Those of the first moment at which something was wrong; empty when all was well. */
  violations: Violation[];
  /** What happened, one line each. */
  history: string[];
  /** A hash of what happened, of more than the lines tell. */
  digest(): string;
  /** How many deployments were started. */
  deployments: number;
}

/** Within this time after the last fault everything has to have come to its end. */
const END_LIMIT_SECONDS = 8 * 3600;
const LOOK_SECONDS = 180;

/** After everything has ended well, it has to stay so: late events do no harm. */
const QUIET_SECONDS = 900;

/** So many looks at what is not well it takes before an operator is called in. */
const OPERATOR_LOOKS = 5;

/** `handlers` stand in for the product's own functions; `plant` changes the world before anything happens. */
export interface Defects {
  handlers?: Record<string, CreateHandler>;
  plant?: (place: Place) => void;
  /** Less where it is known that the end will not be well. */
  endLimitSeconds?: number;
}

export async function play(scenario: Scenario, { handlers, ...defects }: Defects = {}): Promise<Play> {
  const place = await openSite(scenario, handlers);
  return new Director(place, scenario, defects).play();
}

class Director {
  private readonly journal: Journal;
  private readonly people: People;
  private readonly faults: Faults;
  private readonly ending: Ending;
  private readonly violations: Violation[] = [];
  private readonly start_ms: number;
  /** When each event came, by its type. */
  private readonly moments = new Map<string, number[]>();

  constructor(
    private readonly place: Place,
    private readonly scenario: Scenario,
    private readonly defects: Defects,
  ) {
    const { clock } = place.world;
    this.start_ms = clock.now().getTime();
    this.journal = new Journal(() => clock.now().getTime());
    this.people = new People(place, this.journal);
    this.faults = new Faults(place.world, scenario, this.journal, (event) => this.people.requests.lose(event));
    this.ending = new Ending(place, this.people);
  }

  async play(): Promise<Play> {
    const { world } = this.place;
    const report: Report = (checker, text) => this.report(checker, text);
    new Checkers(this.place, this.people, this.journal, report).install();
    this.people.requests.install(report);
    this.faults.install();
    this.defects.plant?.(this.place);
    this.listen();
    try {
      await this.performAll();
      await this.end();
    } catch (error) {
      this.report('nothing breaks off', error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    const deployments = new Set(
      world.events.flatMap(({ 'detail-type': type, detail }) => (type === 'Started' ? [detail.deploymentId] : [])),
    );
    return {
      violations: this.violations,
      history: this.journal.lines(),
      digest: () => this.journal.digest(),
      deployments: deployments.size,
    };
  }

  private listen(): void {
    const { world } = this.place;
    world.aws.eventBridge.onEvent((event, busName) => {
      if (busName !== world.stack.outputs.EventBusName) return;
      this.journal.note({ kind: 'event', event });
      if ('replay-name' in event) return;
      const type = event['detail-type'];
      this.moments.set(type, [...(this.moments.get(type) ?? []), this.seconds]);
    });
    world.aws.sns.onMail((mail) => this.journal.note({ kind: 'mail', mail }));
  }

  private get seconds(): number {
    return (this.place.world.clock.now().getTime() - this.start_ms) / 1000;
  }

  private report(checker: string, text: string): void {
    this.violations.push({ checker, text });
    this.journal.note({ kind: 'violation', text: `${checker}: ${text}` });
  }

  /** What waits for an event that never comes is not done. */
  private async performAll(): Promise<void> {
    const { clock } = this.place.world;
    let waiting = [...this.scenario.acts];
    for (const { when } of waiting) if ('atSeconds' in when) clock.after(when.atSeconds, () => {});
    while (waiting.length > 0 && this.seconds < FAULTS_END_SECONDS && this.violations.length === 0) {
      const lookSeconds = this.seconds + LOOK_SECONDS;
      clock.after(LOOK_SECONDS, () => {});
      const isDue = (act: Act) => this.seconds >= this.dueSeconds(act);
      await clock.runUntil(() => waiting.some(isDue) || this.seconds >= lookSeconds || this.violations.length > 0);
      const due = waiting.filter(isDue);
      waiting = waiting.filter((act) => !due.includes(act));
      for (const act of due) await this.people.perform(act);
      await this.mendLost();
      const isSure = waiting.some(({ when }) => 'atSeconds' in when);
      if (due.length === 0 && !isSure && this.ending.findings().length === 0) return;
    }
  }

  private dueSeconds({ when }: Act): number {
    if ('atSeconds' in when) return when.atSeconds;
    const seconds = this.moments.get(when.afterEvent)?.[when.occurrence - 1];
    return seconds === undefined ? Number.POSITIVE_INFINITY : seconds + when.delaySeconds;
  }

  /** Lets time pass, until something is wrong at the latest. */
  private async pass(seconds: number): Promise<void> {
    const { clock } = this.place.world;
    const end = this.seconds + seconds;
    clock.after(seconds, () => {});
    await clock.runUntil(() => this.seconds >= end || this.violations.length > 0);
  }

  private async end(): Promise<void> {
    const { endLimitSeconds = END_LIMIT_SECONDS } = this.defects;
    const limitSeconds = Math.max(this.seconds, FAULTS_END_SECONDS) + endLimitSeconds;
    for (let looks = 1; this.violations.length === 0 && !(await this.isQuiet()); looks++) {
      const findings: Violation[] = this.ending.findings();
      if (this.seconds > limitSeconds) {
        const unrest = { checker: 'everything comes to rest', text: 'all is well, but events keep coming' };
        return this.reportAll(findings.length > 0 ? findings : [unrest]);
      }
      await this.pass(LOOK_SECONDS);
      await this.mendLost();
      if (looks % OPERATOR_LOOKS === 0 && this.areFaultsOver()) await this.help();
    }
  }

  /** All is well, and stays so while nothing happens any more. */
  private async isQuiet(): Promise<boolean> {
    const { events } = this.place.world;
    if (!this.areFaultsOver() || this.ending.findings().length > 0) return false;
    const before = events.length;
    await this.pass(QUIET_SECONDS);
    return events.length === before && this.ending.findings().length === 0;
  }

  private reportAll(findings: Violation[]): void {
    for (const { checker, text } of findings) this.report(checker, text);
  }

  /** Whatever was to go wrong has gone wrong; where nothing was, nobody has to wait for it. */
  private areFaultsOver(): boolean {
    const ends = [...this.scenario.faults, ...this.scenario.acts].map((one) =>
      'fromSeconds' in one ? one.fromSeconds + one.seconds : 'when' in one && 'seconds' in one ? FAULTS_END_SECONDS : 0,
    );
    return this.seconds >= Math.max(0, ...ends);
  }

  /** All that an operator does about a record that is lost, as the documentation says. */
  private async mendLost(): Promise<void> {
    for (const fleet of this.people.losses.noticed()) {
      await this.people.perform({ when: { atSeconds: this.seconds }, kind: 'clean', fleet });
    }
  }

  /**
   * An operator replays what was lost before anybody knew of it, takes back what people did to the fleets, gives a group
   * that was taken to 0 its instances back, and then asks for cleaning where that is needed.
   */
  private async help(): Promise<void> {
    const when = { atSeconds: this.seconds };
    if (this.faults.lostRequests > 0) {
      this.faults.lostRequests = 0;
      await this.people.perform({ when, kind: 'replay' });
    }
    for (const [fleet, described] of this.place.fleets.entries()) {
      if (!this.ending.isAtRest(described)) continue;
      const isRepaired = await this.people.repair(fleet);
      if (isRepaired || !this.ending.needsCleaning(described)) continue;
      const empty = this.ending.emptyOldGroup(described);
      if (empty) await this.people.perform({ when, kind: 'resize', fleet, group: empty, desired: described.instances });
      else await this.people.perform({ when, kind: 'clean', fleet });
    }
  }
}
