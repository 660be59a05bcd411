/** The users: requests at a steady rate through the load balancers, every answer looked at, every failure counted. */
import http from 'node:http';
import type { Address } from './machines';

/** A way in: a load balancer. */
export interface Entrance {
  name: string;
  address: Address;
  /**
   * Whether requests share kept connections. Behind a balancer of TCP connections each has its own, as of clients
   * without keep-alive: a kept one stays with its instance, and would tell only of that.
   */
  keepsConnections: boolean;
}

export interface ProberOptions {
  /** Taken in turn. */
  entrances: Entrance[];
  /** Asked in turn at every entrance. */
  paths: string[];
  requestsPerSecond: number;
  timeoutSeconds: number;
  /** Whether this is what a user may see there; any other answer counts as failed, and so does any status but 200. */
  accepts: (path: string, body: string) => boolean;
}

/** What came of the requests of one period. */
export class Tally {
  sent = 0;
  failed = 0;
  /** How many requests went through each entrance, by its name. */
  readonly through = new Map<string, number>();
  /** How often each answer came: `/app1/version: 2` → 1,200. */
  readonly answers = new Map<string, number>();
  /** How often each kind of failure came. */
  readonly failures = new Map<string, number>();
  private answered = 0;

  get underWay(): number {
    return this.sent - this.failed - this.answered;
  }

  countSent(entrance: string): void {
    this.sent += 1;
    this.through.set(entrance, (this.through.get(entrance) ?? 0) + 1);
  }

  countAnswer(answer: string): void {
    this.answered += 1;
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
  }

  countFailure(reason: string): void {
    this.failed += 1;
    this.failures.set(reason, (this.failures.get(reason) ?? 0) + 1);
  }
}

const TICK_SECONDS = 0.01;
/** Few enough that a busy machine, which takes in new connections slowly, does not keep requests waiting for them. */
const SOCKETS = 50;
/** A machine that cannot keep up would otherwise drown in requests, and the count would tell of nothing else. */
const MOST_UNDER_WAY = 200;

/**
 * Sends when a request is due, whether or not earlier ones were answered (an open loop): slow answers do not make it
 * send fewer. It lives in real time, as users do.
 */
export class Prober {
  tally = new Tally();
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: SOCKETS, scheduling: 'fifo' });
  private readonly started_ms = performance.now();
  private readonly timer: NodeJS.Timeout;
  private scheduled = 0;
  private underWay = 0;

  constructor(private readonly options: ProberOptions) {
    this.timer = setInterval(() => this.sendDue(), TICK_SECONDS * 1000);
  }

  /** Counts into a new tally from now on. What is under way still counts where it began. */
  startTally(): Tally {
    this.tally = new Tally();
    return this.tally;
  }

  stop(): void {
    clearInterval(this.timer);
    this.agent.destroy();
  }

  private sendDue(): void {
    const due = Math.floor(((performance.now() - this.started_ms) / 1000) * this.options.requestsPerSecond);
    for (; this.scheduled < due; this.scheduled += 1) {
      if (this.underWay < MOST_UNDER_WAY) this.send(this.scheduled, this.tally);
    }
  }

  private send(number: number, tally: Tally): void {
    const { entrances, paths, timeoutSeconds, accepts } = this.options;
    const entrance = entrances[number % entrances.length] as Entrance;
    const path = paths[Math.floor(number / entrances.length) % paths.length] as string;
    tally.countSent(entrance.name);
    this.underWay += 1;
    let isOver = false;
    const end = (failure: string | undefined, body = '') => {
      if (isOver) return;
      isOver = true;
      this.underWay -= 1;
      clearTimeout(timer);
      if (failure === undefined) tally.countAnswer(`${path}: ${body}`);
      else tally.countFailure(`${entrance.name}${path}: ${failure}`);
    };
    const agent = entrance.keepsConnections && this.agent;
    const request = http.get({ ...entrance.address, path, agent });
    const timer = setTimeout(() => {
      end(`no answer within ${timeoutSeconds} s`);
      request.destroy();
    }, timeoutSeconds * 1000);
    request.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    request.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('error', () => end('the answer broke off'));
      response.on('end', () => {
        if (response.statusCode !== 200) end(`status ${response.statusCode}`);
        else if (!accepts(path, body)) end(`what no user may see: ${JSON.stringify(body.slice(0, 40))}`);
        else end(undefined, body);
      });
    });
  }
}
