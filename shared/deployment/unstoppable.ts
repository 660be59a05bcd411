/**
 * What sizes Active, or takes instances of it away, also while it drains: no suspended process stops it, and whether it is to
 * be is for the operator to say. A line each, for the start mail.
 */
import type { Group } from '../fleet/auto-scaling-groups';

/** `forecasts` are the names of the policies that scale it by a forecast. */
export function unstoppableOf({ name, traits }: Group, forecasts: readonly string[]): string[] {
  const lifetime = traits?.['maximum lifetime seconds'] ?? 'none';
  const features = [
    ...(forecasts.length > 0 ? [`predictive scaling (${forecasts.join(', ')})`] : []),
    ...(lifetime === 'none' ? [] : [`maximum instance lifetime (${lifetime} s)`]),
    ...(traits?.['capacity rebalancing'] === 'on' ? ['capacity rebalancing'] : []),
  ];
  return features.map((feature) => `What goes on while ${name} (Active) drains, and cannot be suspended: ${feature}.`);
}
