/**
 * In which words and times the admins are written to. Every mail is written in English and UTC; here it becomes what the
 * stack was given: headings, answers and what codes mean in the language, times in the zone and as people read them, each
 * code that it names explained, and then its words. What AWS has said, and what was found, stays as it is.
 */
import { CODES, type Code, meaningOf, pageOf } from '../codes/codes';
import { namesVersion } from '../fleet/war-name';
import { glossaryOf } from './glossary';
import { KOREAN_CODES } from './korean-codes';
import { KOREAN_ENDINGS } from './korean-endings';
import { KOREAN_SENTENCES } from './korean-sentences';
import { bodyOf, type Mail } from './mail';
import { namedCodes } from './named-codes';
import { KOREAN_HEADINGS } from './words';

export interface Wording {
  language: 'en' | 'ko';
  /** The name of a zone of IANA. */
  timeZone: string;
  /** Where the folder docs/ is published; empty where that is nowhere. */
  documentationUrl: string;
}

/** The subject stays: people filter by it. */
export function worded(mail: Mail, wording: Wording): Mail {
  const { subject, body } = mail;
  const written = body.replace(/\n$/, '').split('\n');
  const lines = written.map((line) => (isVerbatim(line) ? line : wordedLine(line, wording)));
  const codes = namedCodes(mail);
  const said = [...written.filter((line) => !isVerbatim(line)), ...codes.map(meaningOf)];
  const ending = [...codes.flatMap((code) => explanationOf(code, wording)), ...glossaryOf(said, wording.language)];
  return { subject, body: bodyOf(lines, ending) };
}

function explanationOf(code: string, { language, documentationUrl }: Wording): string[] {
  const [title, meaning] =
    language === 'ko' ? [`코드 ${code}`, KOREAN_CODES[code]?.meaning] : [`Code ${code}`, meaningOf(code)];
  return ['', title, `  ${meaning}`, `  ${pageOf(code, documentationUrl, language)}`];
}

/** What is to be run, and an event as it was put. */
function isVerbatim(line: string): boolean {
  return /^\s*(aws |#|detail: )/.test(line);
}

function wordedLine(line: string, { language, timeZone }: Wording): string {
  return inZone(language === 'ko' ? inKorean(line) : line, timeZone);
}

/** What is not indented is the mail's own: a heading, or a sentence. */
function inKorean(line: string): string {
  const [, title = '', more = ''] = /^(\S[^:]*)(:.*)?$/.exec(line) ?? [];
  const heading = Object.hasOwn(KOREAN_HEADINGS, title) ? KOREAN_HEADINGS[title] : undefined;
  if (heading !== undefined) return heading + more;
  const told = OF_CODES.reduce((text, [english, korean]) => text.replaceAll(english, () => korean), line);
  const [indent = ''] = /^ */.exec(told) ?? [];
  const korean = SENTENCES.reduce(
    (text, { english, korean }) =>
      text.replace(english, (...found: string[]) => korean.replace(/\{(\d)\}/g, (_, at) => found[Number(at)] ?? '')),
    told.slice(indent.length),
  );
  return indent + korean;
}

/** What codes mean and ask for, the longest first: one may be the beginning of another. */
const OF_CODES = Object.entries(CODES)
  .flatMap(([code, { meaning, nextStep }]) => {
    const korean = KOREAN_CODES[code] as Code;
    return [[meaning, korean.meaning] as const, [nextStep, korean.nextStep] as const];
  })
  .sort(([one], [other]) => other.length - one.length);

/** Whole sentences. What differs in one does not reach beyond it. */
const SENTENCES = [...KOREAN_SENTENCES, ...KOREAN_ENDINGS].map(([english, korean]) => {
  const [first = '', ...others] = english.split(/\{\d\}/).map((text) => text.replace(/[.*+?^$()|[\]\\]/g, '\\$&'));
  const ending = '(?= |$)';
  const pattern = others.map((text, index) => {
    const upTo = `${text}${index === others.length - 1 ? ending : ''}`;
    // Nothing goes back into what was looked ahead for: of what is made to fit almost, only the first way is tried.
    return `(?=((?:(?!\\. ).)+?)${upTo})(?:\\${index + 1})${text}`;
  });
  return { english: new RegExp(`(?<=^|[.] )${first}${pattern.join('')}${ending}`, 'g'), korean };
});

/** As `toISOString` has it, which every time of ours comes from: what else looks like a time is a name, or the word of AWS. */
const TIME = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z\b/g;

/** To the second, with a space before the time of day: nobody reads more. */
function inZone(line: string, timeZone: string): string {
  // A build may be called by its time, and has to be found by it.
  if (namesVersion(line)) return line;
  return line.replace(TIME, (text) => {
    const at = new Date(text);
    if (Number.isNaN(at.getTime())) return text;
    if (timeZone === 'UTC') return `${text.slice(0, 10)} ${text.slice(11, 19)} UTC`;
    const { date, time, offset } = partsOf(at, timeZone);
    return `${date} ${time}${offset}`;
  });
}

function partsOf(at: Date, timeZone: string): { date: string; time: string; offset: string } {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'longOffset',
  });
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return {
    date: `${parts.year}-${parts.month}-${parts.day}`,
    time: `${parts.hour}:${parts.minute}:${parts.second}`,
    offset: parts.timeZoneName?.replace('GMT', '') || '+00:00',
  };
}
