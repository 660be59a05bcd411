/** The one publisher. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { type Entry, SOURCE } from '../../events/contract';
import type { Deadline } from './deadline';
import type { Runtime } from './runtime';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html: at most ten entries a call. */
const ENTRIES_PER_CALL = 10;

export class Bus {
  constructor(
    private readonly client: EventBridgeClient,
    readonly name: string,
  ) {}

  static connect(runtime: Runtime, deadline: Deadline, name: string): Bus {
    return new Bus(deadline.guard(new EventBridgeClient(runtime.clientDefaults)), name);
  }

  /** Throws where the bus did not take every event: PutEvents answers with success even when it took none. */
  async publish(entries: Entry[]): Promise<void> {
    for (let start = 0; start < entries.length; start += ENTRIES_PER_CALL) {
      const batch = entries.slice(start, start + ENTRIES_PER_CALL);
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
