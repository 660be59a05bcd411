/**
 * What sizes Active, or takes instances of it away, while it drains all the same: suspending processes does not stop it, and
 * it is the operator's own. A line each, for the start mail.
 */
import type { Group } from '../fleet/auto-scaling-groups';

/** `forecasts` are the names of the policies that scale it by a forecast. */
export function unstoppableOf({ name, traits }: Group, forecasts: readonly string[]): string[] {
  const lifetime = traits?.['maximum lifetime seconds'] ?? 'none';
  return [
    ...(forecasts.length > 0
      ? [
          `${name} (Active) grows by a forecast (${forecasts.join(', ')}) also while it drains: that cannot be suspended.`,
        ]
      : []),
    ...(lifetime === 'none'
      ? []
      : [`${name} (Active) replaces instances ${lifetime} s old also while it drains: that cannot be suspended.`]),
    ...(traits?.['capacity rebalancing'] === 'on'
      ? [`${name} (Active) replaces Spot instances at risk also while it drains: that cannot be suspended.`]
      : []),
  ];
}
