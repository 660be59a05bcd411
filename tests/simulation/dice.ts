/** What a seed throws: the same every time. */
import { Random } from '../../local/kernel/random';

export class Dice {
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.random.next(); // seeds that follow each other begin alike
  }

  chance(share: number): boolean {
    return this.random.next() < share;
  }

  /** Both ends are possible. */
  between(least: number, most: number): number {
    return least + this.random.integer(most - least + 1);
  }

  /** Mostly near `least`. */
  small(least: number, most: number): number {
    return least + Math.floor((most - least + 1) * this.random.next() ** 4);
  }

  /** Rather few than many. */
  few(least: number, most: number): number {
    return least + Math.floor((most - least + 1) * this.random.next() ** 2);
  }

  one<Item>(items: readonly Item[]): Item {
    return items[this.random.integer(items.length)] as Item;
  }

  many<Item>(count: number, draw: (index: number) => Item): Item[] {
    return Array.from({ length: count }, (_, index) => draw(index));
  }
}
