/** The reason of a failure in one clause, for the first line of a mail: under `Why` it stands in full. */

import { oneLine } from '../../events/contract';

/** What a phone shows of a mail before it is opened has room for this, and for whose failure it is. */
const CLAUSE_CHARACTERS = 160;

/** ` (AccessDenied, log of the function swap)`: where to look, which is told further below. */
const SOURCE_OF_ERROR = / \([^()]*log of the function [^()]*\)$/;

/** Of a load balancer or target group: people know it by its name. */
const BALANCER_ARN =
  /\barn:[\w-]+:elasticloadbalancing:[\w-]*:\d*:(?:targetgroup|loadbalancer(?:\/(?:app|net))?)\/([\w-]+)(?:\/\w+)?/g;

/** The names that are taken would read as those that are free. */
const NAMES_TAKEN = /(none of \d+ names for a clone of \S+ is free): .*/;

/** As AWS words it where a permission is missing: the first line says who may not do what. */
const NOT_ALLOWED =
  /(?:User: )?arn:[\w-]+:sts::\d*:assumed-role\/([^/\s]+)\/\S+ is not authorized to perform: ([\w-]+:\w+)(?: on resource: [^\s,;)]+)?(?: because [^;()]*)?/;

/** The first finding, and of a long one as many of its parts as have room. Empty where nothing was found. */
export function clauseOf(message: string): string {
  const [finding = ''] = oneLine(message).split('; ');
  const [sentence = ''] = finding
    .replace(SOURCE_OF_ERROR, '')
    .replace(NOT_ALLOWED, 'the role $1 is not allowed $2')
    .replace(BALANCER_ARN, '$1')
    .replace(NAMES_TAKEN, '$1')
    .split('. ');
  return cut(sentence.trim().replace(/[.:,]+$/, ''));
}

/** With `separator` before it, where there is a reason. */
export function reasonAfter(separator: string, message: string): string {
  const clause = clauseOf(message);
  return clause ? `${separator}${clause}` : '';
}

function cut(clause: string): string {
  if (clause.length <= CLAUSE_CHARACTERS) return clause;
  const ends = [...clause.matchAll(/(?:,|:) /g)].map(({ index }) => index).filter((end) => end <= CLAUSE_CHARACTERS);
  const last = ends.at(-1) ?? 0;
  if (last >= CLAUSE_CHARACTERS / 2) return clause.slice(0, last);
  const words = clause.slice(0, CLAUSE_CHARACTERS).replace(/ [^ ]*$/, '');
  return `${words.replace(/[\ud800-\udbff]$/, '')}…`;
}
