/** Tells what happens in the embedded AWS while it happens: a line for each event and instance, and every mail in full. */
import { styleText } from 'node:util';
import type { EmbeddedAws } from '../embedded-aws';
import type { AutoScalingEvent } from '../services/auto-scaling/auto-scaling';
import type { BusEvent } from '../services/eventbridge/event';
import type { Mail } from '../services/sns/sns';
import { COLUMNS, hasColours, plain, type Stream, wrapText } from '../terminal/lines';

type Kind = 'event' | 'mail' | 'instance' | 'function';

const COLOURS: Record<Kind, Parameters<typeof styleText>[0]> = {
  event: 'cyan',
  mail: 'yellow',
  instance: 'blue',
  function: 'gray',
};

/** A stage that waits says so every ten seconds. */
const POLLING = ['CheckPending', 'CheckDue'];
/** How functions log that an upload or a request leads to nothing, or not yet: no event says it. */
const WITHOUT_EVENT = /^(ignored|skipped|waits)/;
const REQUEST_FUNCTIONS = ['war-uploaded', 'start'];
/** `12:00:00  `: what belongs to a line stands below it. */
const INDENT = ' '.repeat(10);

/** Coloured on terminals that want it. */
export class Journal {
  private readonly hasColours: boolean;

  constructor(
    private readonly stream: Stream,
    environment: NodeJS.ProcessEnv,
    /** Of the embedded AWS. */
    private readonly now: () => Date,
  ) {
    this.hasColours = hasColours(stream, environment);
  }

  listenTo(aws: EmbeddedAws): void {
    aws.eventBridge.onEvent((event) => this.onEvent(event));
    aws.sns.onMail((mail) => this.onMail(mail));
    aws.autoScaling.onChange((event) => this.onInstance(event));
  }

  /** A line of a function's log, as JSON. */
  onLog(functionKey: string, line: string): void {
    const { message } = JSON.parse(line) as { message: string };
    if (REQUEST_FUNCTIONS.includes(functionKey) && WITHOUT_EVENT.test(message)) {
      this.line('function', `${functionKey}  ${message}`);
    }
  }

  private onEvent(event: BusEvent): void {
    const type = event['detail-type'];
    if (POLLING.includes(type)) return;
    const replay = event['replay-name'];
    const about = [type, ...aboutOf(event), ...(replay === undefined ? [] : [`(replayed by ${replay})`])];
    this.line('event', about.join('  '));
  }

  private onMail({ subject, body, to }: Mail): void {
    const lines = [...(subject === undefined ? [] : [subject]), ...body.trimEnd().split(/\r?\n/)];
    const [headline = '', ...text] = lines.map(plain);
    this.line('mail', `${headline}  (to ${to.join(', ')})`);
    const columns = Math.min(this.stream.columns || COLUMNS, COLUMNS) - INDENT.length;
    const told = wrapText(text.join('\n'), columns);
    this.stream.write(told.map((line) => `${(INDENT + line).trimEnd()}\n`).join(''));
  }

  private onInstance(event: AutoScalingEvent): void {
    const text =
      event.type === 'launch-failed'
        ? `${event.groupName} cannot launch: ${event.message}`
        : `${event.instanceId} of ${event.groupName} is ${event.state}`;
    this.line('instance', text);
  }

  private line(kind: Kind, text: string): void {
    const time = this.now().toISOString().slice(11, 19);
    const name = kind.padEnd(8);
    const label = this.hasColours ? styleText(COLOURS[kind], name, { validateStream: false }) : name;
    this.stream.write(`${time}  ${label}  ${plain(text)}\n`);
  }
}

/** What an event is about, in a few words. Anybody may put events: what is no text is left out. */
function aboutOf({ source, detail }: BusEvent): string[] {
  const { object, requestContext, responsePayload, task, code, message } = detail as Record<
    string,
    Record<string, unknown>
  >;
  const aboutBySource = new Map([
    ['aws.s3', [object?.key]],
    ['lambda', [requestContext?.functionArn, responsePayload?.errorMessage]],
  ]);
  const about = aboutBySource.get(source) ?? [task, code, message];
  return about.filter((one) => typeof one === 'string');
}
