/**
 * Filter patterns of CloudWatch Logs: "Filter pattern syntax", user guide. Known are terms, phrases and conditions on the
 * fields of JSON; regular expressions, patterns of fields between spaces, and `?` beside other terms are refused.
 */
import { jsonPattern } from './json-pattern';
import { invalid, unsupported } from './refusal';

export type Matches = (message: string) => boolean;

/** What the pattern matches. Throws InvalidParameterException on what is none, and on what is not known here. */
export function matcherOf(pattern: string): Matches {
  const trimmed = pattern.trim();
  if (trimmed === '') return () => true;
  if (trimmed.startsWith('{')) return jsonPattern(trimmed);
  if (trimmed.startsWith('[')) throw unsupported('a pattern of fields between spaces');
  return termPattern(trimmed);
}

/** `word`, `"exact phrase"`, `-without`, `?either ?or`; whatever has no quotes has letters, digits and underscores only. */
function termPattern(pattern: string): Matches {
  const terms = pattern.match(TERM)?.map(termOf) ?? [];
  const optional = terms.filter(({ sign }) => sign === '?');
  if (optional.length === 0)
    return (message) => terms.every(({ sign, text }) => message.includes(text) !== (sign === '-'));
  // "If you combine "?" with other filter patterns, it is ignored", in words of the guide that can be read in two ways.
  if (optional.length < terms.length) throw unsupported('? beside other terms');
  return (message) => optional.some(({ text }) => message.includes(text));
}

const TERM = /[?-]?"(?:\\.|[^"\\])*"|\S+/g;

/**
 * Case counts. Whether a term has to be a whole word is not said: it was observed that it may be a part of one. Neither are
 * the words of errors.
 */
function termOf(written: string): { sign: string; text: string } {
  const [, sign = '', term = ''] = /^([?-]?)(.*)$/s.exec(written) ?? [];
  if (term.startsWith('%')) throw unsupported('a regular expression');
  const phrase = /^"((?:\\.|[^"\\])+)"$/s.exec(term)?.[1];
  if (phrase !== undefined) return { sign, text: phrase.replace(/\\(.)/gs, '$1') };
  if (!/^[\p{L}\p{N}_]+$/u.test(term)) throw invalid(`Invalid character(s) in term '${term}'`);
  return { sign, text: term };
}
