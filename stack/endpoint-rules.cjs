/**
 * The rules by which the client of S3 finds its endpoint know access points, outposts, directory buckets and accelerated
 * transfer, of which no function ever asks. They are a decision diagram: here it is cut down to what can still be reached.
 */

/** Parameters that no function gives, and what no bucket's name is here, and no region: an ARN, another kind of bucket. */
const NEVER = [
  ...['Accelerate', 'UseObjectLambdaEndpoint', 'UseS3ExpressControlEndpoint', 'DisableS3ExpressSessionAuth'],
  ...['DisableAccessPoints', 'DisableMultiRegionAccessPoints', 'UseArnRegion', 'UseGlobalEndpoint'],
  ...['aws.parseArn', 'arn:', '--x-s3', '--xa-s3', '--op-s3', 'aws-global'],
];

/** A reference to a result is so much more than its number (`decideEndpoint` of the SDK). */
const RESULT = 100_000_000;

/** The module `endpoint/bdd.js` of a client with fewer rules. Throws where it is not written as it is known here. */
function reduced(text) {
  const { nodes, root, conditions, results } = diagramOf(text);
  const [never, unknown] = neverTrue(conditions);
  if (unknown.length > 0) throw new Error(`no rule asks for ${unknown.join(', ')}`);
  const needless = new Set();
  let kept = walk({ nodes, root, never, needless });
  for (;;) {
    for (const index of kept.used) if (!isRead(index, kept, conditions, results)) needless.add(index);
    const fewer = walk({ nodes, root, never, needless });
    if (fewer.nodes.length === kept.nodes.length) return written(fewer, conditions, results);
    kept = fewer;
  }
}

/** What the module gives to the one thing that it imports. */
function diagramOf(text) {
  const body = text.replace(/^import \{ BinaryDecisionDiagram \} from "@smithy\/core\/endpoints";$/m, '');
  const made = body.replace(/^export const bdd = /m, 'return ');
  const BinaryDecisionDiagram = { from: (nodes, root, conditions, results) => ({ nodes, root, conditions, results }) };
  if (made === body || body === text) throw new Error('it is no decision diagram');
  return new Function('BinaryDecisionDiagram', made)(BinaryDecisionDiagram);
}

function neverTrue(conditions) {
  const texts = conditions.map((condition) => JSON.stringify(condition));
  const asking = (what) => texts.flatMap((text, index) => (text.includes(`"${what}"`) ? [index] : []));
  return [new Set(NEVER.flatMap(asking)), NEVER.filter((what) => asking(what).length === 0)];
}

/** From the root; a negative reference has its branches the other way round, which is written out. */
function walk({ nodes, root, never, needless }) {
  const made = [[-1, 1, -1]]; // as the first is of every diagram
  const known = new Map();
  const visited = new Map();
  const visit = (ref) => {
    if (ref === 1 || ref === -1 || ref >= RESULT) return ref;
    if (!visited.has(ref)) visited.set(ref, remade(ref));
    return visited.get(ref);
  };
  const remade = (ref) => {
    const at = 3 * (Math.abs(ref) - 1);
    const [condition, ...branches] = nodes.slice(at, at + 3);
    const [high, low] = ref < 0 ? branches.reverse() : branches;
    if (never.has(condition)) return visit(low);
    const node = [condition, visit(high), visit(low)];
    if (node[1] === node[2] && needless.has(condition)) return node[1];
    const key = node.join();
    if (!known.has(key)) known.set(key, made.push(node));
    return known.get(key);
  };
  const newRoot = visit(root);
  return { nodes: made, root: newRoot, used: [...new Set(made.slice(1).map(([condition]) => condition))] };
}

/** Whether what the condition gives a name to is asked for by that name, elsewhere. */
function isRead(index, { nodes, used }, conditions, results) {
  const name = conditions[index][2];
  if (name === undefined) return false;
  const readers = [
    ...used.filter((other) => other !== index).map((other) => conditions[other]),
    ...resultsOf(nodes).map((result) => results[result]),
  ];
  return readers.some((reader) => JSON.stringify(reader).includes(name));
}

function resultsOf(nodes) {
  const refs = nodes.flatMap(([, high, low]) => [high, low]);
  return [...new Set(refs.filter((ref) => ref >= RESULT).map((ref) => ref - RESULT))];
}

function written({ nodes, root, used }, conditions, results) {
  const left = resultsOf(nodes);
  const renamed = (ref) => (ref >= RESULT ? RESULT + left.indexOf(ref - RESULT) : ref);
  const numbers = nodes.flatMap(([condition, high, low]) => [used.indexOf(condition), renamed(high), renamed(low)]);
  // Most of them are signed for alike.
  const signed = [...new Set(left.map((index) => JSON.stringify(results[index][1])))];
  const each = left.map((index) => {
    const [url, second, ...others] = results[index];
    return `[${JSON.stringify(url)}, signed[${signed.indexOf(JSON.stringify(second))}]${others.map((other) => `, ${JSON.stringify(other)}`).join('')}]`;
  });
  const given = [
    `new Int32Array(${JSON.stringify(numbers)})`,
    renamed(root),
    JSON.stringify(used.map((index) => conditions[index])),
    `[${each.join(', ')}]`,
  ];
  return `import { BinaryDecisionDiagram } from '@smithy/core/endpoints';
const signed = [${signed.join(', ')}];
export const bdd = /* @__PURE__ */ BinaryDecisionDiagram.from(${given.join(', ')});`;
}

module.exports = { reduced };
