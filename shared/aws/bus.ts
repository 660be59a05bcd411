/** The one publisher. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { type Entry, SOURCE, TOLD } from '../../events/contract';
import type { Deadline } from './deadline';
import { fitted, sizeOf } from './findings';
import type { Runtime } from './runtime';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html: at most ten entries a call. */
const ENTRIES_PER_CALL = 10;

/**
 * Of the detail of an event. An entry may have 256 KB (the API reference; newer guides say more), and a message of SNS, that
 * a mail is made of, as many; with what is around it ours keep within 64 KB.
 */
export const EVENT_BYTES = 60 * 1024;

export class Bus {
  constructor(
    private readonly client: EventBridgeClient,
    readonly name: string,
  ) {}

  static connect(runtime: Runtime, deadline: Deadline, name: string): Bus {
    return new Bus(deadline.guard(new EventBridgeClient(runtime.clientDefaults)), name);
  }

  /**
   * Throws where the bus did not take every event: PutEvents answers with success even when it took none. What is too
   * large is shortened where it speaks to people, and else refused here: it would be lost on its way.
   */
  async publish(entries: Entry[]): Promise<void> {
    const fitting = entries.map(withinBytes);
    for (let start = 0; start < fitting.length; start += ENTRIES_PER_CALL) {
      const batch = fitting.slice(start, start + ENTRIES_PER_CALL);
      const answer = await this.client.send(
        new PutEventsCommand({
          Entries: batch.map(({ detailType, detail }) => ({
            EventBusName: this.name,
            Source: SOURCE,
            DetailType: detailType,
            Detail: JSON.stringify(detail),
          })),
        }),
      );
      const refused = answer.Entries?.find((entry) => entry.ErrorCode);
      if (answer.FailedEntryCount) {
        throw new Error(`the bus did not take every event: ${refused?.ErrorCode} ${refused?.ErrorMessage}`);
      }
    }
  }
}

function withinBytes({ detailType, detail }: Entry): Entry {
  const fitting = fitted(detail, EVENT_BYTES, TOLD);
  const bytes = sizeOf(fitting);
  if (bytes > EVENT_BYTES) throw new Error(`${detailType} has ${bytes} bytes, and an event may have ${EVENT_BYTES}`);
  return { detailType, detail: fitting };
}
