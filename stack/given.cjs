/**
 * What the parameters of a stage are: what the command line says, else `deploy/<stage>.yml`, else the default. So deploying
 * again changes nothing by itself. Whatever is wrong with them is said at once, in one line.
 */
const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { closest } = require('fastest-levenshtein');
const { parseDocument } = require('yaml');
const { PARAMETERS, relationsBroken } = require('./parameters.cjs');

/**
 * The value of each parameter of a stage, and the text of each that was given. `folder` is the service's own; `param` is
 * what `--param` was given, again and again, `region` what `--region` was; either may be absent. Throws an Error of one line.
 */
function readParameters({ folder, stage, region, param }) {
  checkStage(stage);
  const options = [...(region == null ? [] : [['Region', region]]), ...(param ?? []).map(pair)];
  const given = new Map([...checked(entriesIn(folder, stage), fileOf(stage)), ...checked(options, 'command line')]);
  const values = {};
  const problems = [];
  for (const [name, { schema, default: text }] of Object.entries(PARAMETERS)) {
    const result = schema.safeParse(given.get(name)?.text ?? text);
    if (result.success) values[name] = result.data;
    else problems.push([name, result.error.issues[0].message]);
  }
  if (problems.length === 0) problems.push(...relationsBroken(values));
  if (problems.length === 0) return { values, given: new Map([...given].map(([name, { text }]) => [name, text])) };
  const told = problems.map(([name, problem]) => {
    const { text, source } = given.get(name) ?? { text: PARAMETERS[name].default, source: 'default' };
    return `parameter ${name} ${problem}: ${text} (${source})`;
  });
  throw new Error(told.join('; '));
}

/**
 * The longest name that is made of the stage: bluegreen-<stage>-codedeploy-clean-up. A function's name has 64 characters.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
 */
const STAGE_CHARACTERS = 64 - 'bluegreen--codedeploy-clean-up'.length;

/** Throws where a name that is made of the stage could not be one. */
function checkStage(stage) {
  if (/^[A-Za-z0-9-]+$/.test(stage) && stage.length <= STAGE_CHARACTERS) return;
  throw new Error(`the stage has 1 to ${STAGE_CHARACTERS} letters, digits and hyphens: ${stage}`);
}

/** Where people write the parameters of a stage. */
function fileOf(stage) {
  return `deploy/${stage}.yml`;
}

/** As the command line has it: `NAME=VALUE`. */
function pair(text) {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text ?? '') ?? [];
  if (name === undefined) throw new Error(`--param is NAME=VALUE, not ${JSON.stringify(text ?? '')}`);
  return [name.trim(), value];
}

/** Each by its name, as a text, and where it comes from. */
function checked(entries, source) {
  const texts = new Map();
  for (const [name, value] of entries) {
    if (!Object.hasOwn(PARAMETERS, name))
      throw new Error(`parameter ${name} is not known (${source}): ${nearest(name)}`);
    if (texts.has(name)) throw new Error(`parameter ${name} is given twice (${source})`);
    texts.set(name, { text: textOf(name, value, source), source });
  }
  return texts;
}

function nearest(name) {
  const names = Object.keys(PARAMETERS);
  const found = closest(
    name.toLowerCase(),
    names.map((one) => one.toLowerCase()),
  );
  return `did you mean ${names.find((one) => one.toLowerCase() === found)}?`;
}

/** A number or a list of YAML is what its text would be on the command line. */
function textOf(name, value, source) {
  const text = [value].flat().every((item) => ['string', 'number'].includes(typeof item)) ? [value].flat().join() : '';
  if (text.trim() !== '') return text.trim();
  throw new Error(`parameter ${name} has no value that is a text, a number, or a list of texts (${source})`);
}

/** What the file of the stage says, in its order; nothing where there is none. */
function entriesIn(folder, stage) {
  const file = fileOf(stage);
  const text = read(folder, stage);
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  const [error] = document.errors;
  if (error) {
    const line = text.slice(0, error.pos[0]).split('\n').length;
    throw new Error(`${file} cannot be read, line ${line}: ${error.message.split('\n')[0]}`);
  }
  const content = document.toJS();
  if (content === null) return []; // empty, or comments alone
  if (typeof content === 'object' && !Array.isArray(content)) return Object.entries(content);
  throw new Error(`${file} has no lines like "AdminEmails: ops@example.com"`);
}

/** Throws on what was meant as the file of the stage, and would not be read. */
function read(folder, stage) {
  try {
    return readFileSync(join(folder, fileOf(stage)), 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw new Error(`${fileOf(stage)} cannot be read: ${error.code}`);
  }
  const meant = namesIn(join(folder, 'deploy')).find(
    (name) => name.replace(/\.yaml$/i, '.yml').toLowerCase() === `${stage}.yml`.toLowerCase(),
  );
  if (meant !== undefined) throw new Error(`deploy/${meant} is not read: call it ${fileOf(stage)}`);
  return '';
}

function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw new Error(`${folder} cannot be read: ${error.code}`);
  }
}

module.exports = { readParameters, fileOf };
