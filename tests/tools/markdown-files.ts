/** Every document of the repository, and what is in it: headings, links, and what stands between fences. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { anchorOf } from './markdown';

export interface Block {
  file: string;
  line: number;
  /** As GitHub takes it: `sh`, `json`, or nothing. */
  language: string;
  text: string;
  /** Why no test runs it, where a comment just above says so. */
  notRunBecause: string | undefined;
}

export interface Link {
  line: number;
  to: string;
}

const FENCE = /^( *)(`{3,}|~{3,})(.*)$/;
const NOT_RUN = /^\s*<!-- not run by a test: (.+) -->\s*$/;

/** Of those that are part of the project or about to be. */
export function markdownFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-coz', '--exclude-standard', '*.md'], { encoding: 'utf8' });
  return listed.split('\0').filter((file) => file !== '' && existsSync(file));
}

export function readBlocks(file: string): Block[] {
  return blocksIn(file, readFileSync(file, 'utf8'));
}

/** Throws an Error on a mark that no block follows. */
export function blocksIn(file: string, text: string): Block[] {
  const blocks: Block[] = [];
  let open: { block: Block; fence: string; indent: number } | undefined;
  let because: string | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const [, indent = '', fence = '', language = ''] = FENCE.exec(line) ?? [];
    if (open) {
      if (fence.startsWith(open.fence) && language.trim() === '') open = undefined;
      else open.block.text += `${line.slice(open.indent)}\n`;
    } else if (fence !== '') {
      const block = { file, line: index + 1, language: language.trim(), text: '', notRunBecause: because };
      blocks.push(block);
      open = { block, fence, indent: indent.length };
      because = undefined;
    } else if (because !== undefined && line.trim() !== '') {
      throw new Error(`${file}:${index}: nothing to run follows "not run by a test: ${because}"`);
    }
    if (!open) because = NOT_RUN.exec(line)?.[1] ?? because;
  }
  return blocks;
}

/** Each line as it is where it is prose: what stands between fences is left out, and what is set as code. */
export function proseLines(text: string): string[] {
  let fence: string | undefined;
  return text.split('\n').map((line) => {
    const [, , marks, language = ''] = FENCE.exec(line) ?? [];
    if (fence === undefined && marks !== undefined) fence = marks;
    else if (fence !== undefined && marks?.startsWith(fence) && language.trim() === '') fence = undefined;
    else if (fence === undefined) return line.replace(/(`+)(?!`).*?[^`]\1(?!`)/g, (code) => '`'.repeat(code.length));
    return '';
  });
}

export function linksIn(text: string): Link[] {
  return proseLines(text).flatMap((line, index) => {
    const links = [
      ...line.matchAll(
        /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|^\s*\[[^\]]+\]:\s*(\S+)|(?:href|src)="([^"]+)"|<(https?:[^>]+)>/g,
      ),
    ];
    return links.map(([, inline, reference, html, plain]) => ({
      line: index + 1,
      to: inline ?? reference ?? html ?? plain ?? '',
    }));
  });
}

/** What can be linked to within a document, by how often it is there: GitHub counts a heading that comes again. */
export function anchorsIn(text: string): Map<string, number> {
  const lines = text.split('\n');
  const headings = proseLines(text).flatMap((line, index) =>
    /^ {0,3}#{1,6} /.test(line) ? [anchorOf((lines[index] ?? '').replace(/^ *#+ /, '').replace(/ #+ *$/, ''))] : [],
  );
  const ids = proseLines(text).flatMap((line) =>
    [...line.matchAll(/<\w+ (?:id|name)="([^"]+)"/g)].map(([, id = '']) => id),
  );
  const counts = new Map<string, number>();
  for (const anchor of [...headings, ...ids]) counts.set(anchor, (counts.get(anchor) ?? 0) + 1);
  return counts;
}
