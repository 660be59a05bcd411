/** The reason of a failure in one clause, for the first line of a mail: under `Why` it stands in full. */

import { oneLine } from '../../events/contract';
import { isOfAws } from '../codes/causes';
import { isOfSubnets, limitIn } from '../codes/standing';

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
  const [sentence = ''] = inWords(finding)
    .replace(SOURCE_OF_ERROR, '')
    .replace(NOT_ALLOWED, 'the role $1 is not allowed $2')
    .replace(BALANCER_ARN, '$1')
    .replace(NAMES_TAKEN, '$1')
    .split('. ');
  return cut(sentence.trim().replace(/[.:,]+$/, ''));
}

/** What AWS has answered with, where the name of an error is all that most people would read of it. */
function inWords(finding: string): string {
  const [, before = '', named, alone = ''] = ANSWERED.exec(finding) ?? [];
  const error = named ?? alone;
  const limit = limitIn(error);
  if (limit) return `${before}the account is at its limit of ${limit}`;
  if (isOfSubnets(error)) return `${before}AWS has no room for a load balancer in its subnets (${error})`;
  if (isOfAws(error)) return `${before}AWS answered with an error of its own (${error})`;
  return finding.replace(
    /\bTarget\.ResponseCodeMismatch, Health checks failed with these codes: \[(\d+)\]/,
    'answers its health check with $1',
  );
}

/** `what was done failed: what AWS says (NameOfTheError, log of the function …)`, or `NameOfTheError: what AWS says`. */
const ANSWERED = /^(?:(.*? (?:failed|broke off): ).*\((\w+), log of the function [^()]*\)|(\w+): .*)$/;

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
