/** What calls of EventBridge need. */
import { type Access, present, type Surroundings, undescribed } from '../../kernel/access';

interface Input {
  Entries?: { EventBusName?: string; Source?: string; DetailType?: string }[];
  ArchiveName?: string;
  EventBusName?: string;
  Rule?: string;
  /** Of a rule, or of a bus. */
  Name?: string;
  ReplayName?: string;
  EventSourceArn?: string;
  Destination?: { Arn?: string };
}

export function eventBridgeAccess(operation: string, input: Input, surroundings: Surroundings): Access[] {
  const action = `events:${operation}`;
  const arn = (resource: string) => `arn:aws:events:${surroundings.region}:${surroundings.accountId}:${resource}`;
  const on = (...resources: string[]) => resources.map((resource) => ({ action, resource, context: {} }));
  const { ArchiveName = '', ReplayName = '' } = input;
  switch (operation) {
    case 'PutEvents':
      return putEventsAccess(action, input.Entries ?? [], arn);
    case 'StartReplay':
      return on(input.EventSourceArn ?? '', input.Destination?.Arn ?? '', arn(`replay/${ReplayName}`));
    case 'DescribeReplay':
    case 'CancelReplay':
      return on(arn(`replay/${ReplayName}`));
    // No type of resource: "Actions defined by Amazon EventBridge", service authorization reference.
    case 'ListArchives':
    case 'ListEventBuses':
    case 'ListReplays':
    case 'ListRules':
      return on('*');
    case 'DescribeEventBus':
      return on(arn(`event-bus/${input.Name ?? 'default'}`));
    case 'DescribeRule':
    case 'DisableRule':
    case 'EnableRule':
      return on(arn(`rule/${ruleOf(input.EventBusName, input.Name)}`));
    case 'ListTargetsByRule':
      return on(arn(`rule/${ruleOf(input.EventBusName, input.Rule)}`));
    case 'DescribeArchive':
      return on(arn(`archive/${ArchiveName}`));
    default:
      throw undescribed('events', operation);
  }
}

/** One decision per bus, on the sources and detail-types of all entries for it. */
function putEventsAccess(
  action: string,
  entries: NonNullable<Input['Entries']>,
  arn: (resource: string) => string,
): Access[] {
  const busOf = ({ EventBusName = 'default' }: (typeof entries)[number]) =>
    EventBusName.startsWith('arn:') ? EventBusName : arn(`event-bus/${EventBusName}`);
  return [...new Set(entries.map(busOf))].map((resource) => {
    const own = entries.filter((entry) => busOf(entry) === resource);
    const context = present({
      'events:source': [...new Set(own.map(({ Source = '' }) => Source))],
      'events:detail-type': [...new Set(own.map(({ DetailType = '' }) => DetailType))],
    });
    return { action, resource, context };
  });
}

/** As its ARN names it: a rule of the default bus without the bus. A bus may be given by its ARN. */
function ruleOf(busName = 'default', rule = ''): string {
  const bus = busName.replace(/^arn:.*:event-bus\//, '');
  return bus === 'default' ? rule : `${bus}/${rule}`;
}
