/** Random values from a seed: the same seed gives the same identifiers and the same order of things, every time. */
export class Random {
  constructor(private state: number) {}

  /** In [0, 1). The mulberry32 generator: small, fast, and good enough for identifiers and jitter. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number in [0, below). */
  integer(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** `length` characters drawn from `alphabet`. */
  text(length: number, alphabet = '0123456789abcdef'): string {
    let text = '';
    while (text.length < length) text += alphabet.charAt(this.integer(alphabet.length));
    return text;
  }

  uuid(): string {
    const hex = this.text(32);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}
