/** What the stack costs in a month in which nothing is deployed: a day of it in virtual time, and what is billed anyway. */
import { World } from '../harness/world';
import { UsageMeter } from './deployment';
import { type Cost, costsOf, standingCosts } from './money';
import { ONE_ALB, worldOptions } from './settings';

const DAYS_OF_MONTH = 30;
const DAY_SECONDS = 86_400;

export async function measureIdleMonth(): Promise<Cost[]> {
  const world = await World.create(worldOptions(ONE_ALB));
  const meter = new UsageMeter(world);
  await world.clock.advance(DAY_SECONDS);
  const perDay = costsOf(meter.read(() => true));
  const perMonth = perDay.map(({ what, dollars }) => ({ what, dollars: dollars * DAYS_OF_MONTH }));
  return [...standingCosts(DAYS_OF_MONTH), ...perMonth.filter(({ dollars }) => dollars > 0)];
}
