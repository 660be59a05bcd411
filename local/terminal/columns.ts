/** How wide a text is on a terminal, which is not how long it is: Hangul and emoji take two columns, a mark none. */
import { eastAsianWidth } from 'get-east-asian-width';

const PRINTABLE_ASCII = /^[ -~]*$/;
const EMOJI = /\p{Emoji_Presentation}|\ufe0f/u;
/** Marks, what is only a sign to the program that shows it, and the vowels and ends that join a leading consonant. */
const WITHOUT_WIDTH = /[\p{Mn}\p{Me}\p{Cc}\p{Cf}\u1160-\u11ff\ud7b0-\ud7ff]/u;

const segmenter = new Intl.Segmenter('en');

export function columnsOf(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  return charactersOf(text).reduce((sum, character) => sum + columnsOfOne(character), 0);
}

/** As people count them: with their marks, and several signs that are drawn as one together. */
function charactersOf(text: string): string[] {
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

function columnsOfOne(character: string): number {
  if (EMOJI.test(character)) return 2;
  return [...character].reduce(
    (sum, sign) => sum + (WITHOUT_WIDTH.test(sign) ? 0 : eastAsianWidth(sign.codePointAt(0) ?? 0)),
    0,
  );
}

/** As `String.padEnd`. */
export function padTo(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}

/** What is left out is told by an ellipsis. */
export function cutTo(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  const [beginning = ''] = piecesOf(text, columns - 1);
  return columnsOf(beginning) < columns ? `${beginning}…` : '…';
}

/** In pieces that are that wide at most. No character is taken apart: one that is wider is a piece of its own. */
export function piecesOf(text: string, columns: number): string[] {
  const pieces = [''];
  let left = columns;
  for (const character of charactersOf(text)) {
    const width = columnsOf(character);
    if (width > left && pieces.at(-1) !== '') {
      pieces.push('');
      left = columns;
    }
    pieces[pieces.length - 1] += character;
    left -= width;
  }
  return pieces;
}
