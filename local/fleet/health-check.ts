/** The repeated health check of one target, as the load balancers do it: probe, count, and turn after a threshold. */
import type { Clock, Timer } from '../kernel/clock';
import type { HealthProbe, InstanceHost, ProbeAnswer } from './instances';

export interface HealthCheckSettings {
  probe: HealthProbe;
  intervalSeconds: number;
  healthyThreshold: number;
  unhealthyThreshold: number;
  /** True where the first passed check makes a target healthy that was never judged before. */
  oneSuccessIsEnoughAtFirst: boolean;
  passes(answer: ProbeAnswer): boolean;
}

export class HealthCheck {
  verdict: 'initial' | 'healthy' | 'unhealthy' = 'initial';
  /** The last answer that did not pass. */
  lastFailure: ProbeAnswer | undefined;
  private successes = 0;
  private failures = 0;
  private stopped = false;
  private timer: Timer | undefined;

  /** The first probe leaves at once; `settings` is asked anew before each, so that changes take effect. */
  constructor(
    private readonly clock: Clock,
    private readonly host: InstanceHost,
    private readonly instanceId: string,
    private readonly settings: () => HealthCheckSettings,
    private readonly onProbed: () => void,
  ) {
    this.timer = clock.after(0, () => this.probe());
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
  }

  private async probe(): Promise<void> {
    const settings = this.settings();
    this.timer = this.clock.after(settings.intervalSeconds, () => this.probe());
    const answer = await this.host.probe(this.instanceId, settings.probe);
    if (this.stopped) return;
    if (settings.passes(answer)) this.countSuccess(settings);
    else this.countFailure(settings, answer);
    this.onProbed();
  }

  private countSuccess(settings: HealthCheckSettings): void {
    this.failures = 0;
    this.successes += 1;
    const enough = this.verdict === 'initial' && settings.oneSuccessIsEnoughAtFirst ? 1 : settings.healthyThreshold;
    if (this.successes >= enough) this.verdict = 'healthy';
  }

  private countFailure(settings: HealthCheckSettings, answer: ProbeAnswer): void {
    this.lastFailure = answer;
    this.successes = 0;
    this.failures += 1;
    if (this.failures >= settings.unhealthyThreshold) this.verdict = 'unhealthy';
  }
}
