/**
 * Terraform's language, as far as the example has it: blocks with labels, and attributes, whose values stay as they are
 * written. Throws an Error on what it cannot read.
 */

export interface Block {
  type: string;
  labels: string[];
  /** As written, without the comments and with single spaces. */
  attributes: ReadonlyMap<string, string>;
  blocks: readonly Block[];
}

/** The blocks of a file. */
export function readHcl(text: string): readonly Block[] {
  const reader = new Reader(tokensOf(text));
  const { attributes, blocks } = reader.body(undefined);
  if (attributes.size > 0) throw new Error('there is an attribute outside of all blocks');
  return blocks;
}

/** The members of a list as it is written: `[a, b,]`. */
export function listOf(written = ''): string[] {
  const [, inner] = /^\[(.*)\]$/.exec(written) ?? [];
  if (inner === undefined) throw new Error(`not a list: ${written}`);
  return inner.split(',').flatMap((item) => item.trim() || []);
}

/** A text, with its `${…}` in it, a word, a number, a line break, or another character. */
const TOKEN = /"(?:\\.|\$\{[^}]*\}|[^"\\])*"|[\w.-]+|\n|[^\s\w]/g;

function tokensOf(text: string): string[] {
  if (text.includes('<<')) throw new Error('texts of several lines are not read here');
  const lines = text.split('\n').map((line) => line.replace(/^((?:"(?:\\.|[^"\\])*"|[^"#])*)#.*$/, '$1'));
  return lines.join('\n').match(TOKEN) ?? [];
}

class Reader {
  private position = 0;

  constructor(private readonly tokens: readonly string[]) {}

  /** Until `end`, which is taken, too. */
  body(end: '}' | undefined): { attributes: Map<string, string>; blocks: Block[] } {
    const attributes = new Map<string, string>();
    const blocks: Block[] = [];
    for (;;) {
      const token = this.next();
      if (token === end) return { attributes, blocks };
      if (token === '\n') continue;
      if (token === undefined || !/^\w/.test(token)) throw new Error(`not the name of anything: ${token}`);
      if (this.tokens[this.position] === '=') {
        this.position += 1;
        if (attributes.has(token)) throw new Error(`${token} is given twice`);
        attributes.set(token, this.expression());
      } else blocks.push(this.block(token));
    }
  }

  private block(type: string): Block {
    const labels: string[] = [];
    for (let token = this.next(); token !== '{'; token = this.next()) {
      if (!token?.startsWith('"')) throw new Error(`not a label of ${type}: ${token}`);
      labels.push(token.slice(1, -1));
    }
    return { type, labels, ...this.body('}') };
  }

  /** To the end of the line, or of the brackets that are open there. */
  private expression(): string {
    const parts: string[] = [];
    for (let depth = 0; ; ) {
      const token = this.tokens[this.position];
      if (token === undefined || (depth === 0 && (token === '\n' || token === '}'))) break;
      this.position += 1;
      if ('([{'.includes(token)) depth += 1;
      if (')]}'.includes(token)) depth -= 1;
      if (token !== '\n') parts.push(token);
    }
    return parts
      .join(' ')
      .replace(/\[ /g, '[')
      .replace(/ ([\],])/g, '$1');
  }

  private next(): string | undefined {
    const token = this.tokens[this.position];
    this.position += 1;
    return token;
  }
}
