/**
 * What a step of a workflow has to tell: outputs, and the summary of its job.
 * `node summary.mjs TASK EXIT_CODE ANSWER HISTORY`: the files have what `upload --json` and `history --json` printed, if anything.
 */
import { appendFileSync, readFileSync } from 'node:fs';

const [task = '', code = '', answerFile = '', historyFile = ''] = process.argv.slice(2);
const answer = read(answerFile);
const { stages = [] } = read(historyFile);
const { deploymentId = '', uploads = [], error } = answer;
const outcome = answer.outcome ?? 'error';

append('GITHUB_OUTPUT', [
  `outcome=${oneLine(outcome)}`,
  `deployment-id=${oneLine(deploymentId)}`,
  `version-ids=${oneLine(uploads.map(({ versionId }) => versionId).join(','))}`,
  `exit-code=${oneLine(code)}`,
]);

append('GITHUB_STEP_SUMMARY', [
  `### ${plain(task)}: ${plain(outcome)}${answer.code ? ` (${plain(answer.code)})` : ''}`,
  '',
  ...uploads.map(({ key, name, versionId }) => `- ${plain(key)}: ${plain(name ?? 'no name')} (${plain(versionId)})`),
  '',
  ...(stages.length > 0 ? [stages.map(stageInWords).join(' → '), ''] : []),
  ...[answer.message ?? error?.message, answer.nextStep ?? error?.nextStep].flatMap((text) =>
    text ? asItIs(text) : [],
  ),
  ...(code === '5' ? ['It goes on by itself: this step has only stopped looking.', ''] : []),
  deploymentId ? `The deployment is ${plain(deploymentId)}. All of it:` : 'How it stands:',
  ...asItIs(deploymentId ? `bluegreen explain ${task} ${deploymentId}` : `bluegreen status ${task}`),
]);

/** Nothing where the command printed nothing. */
function read(file) {
  const text = readFileSync(file, 'utf8');
  return text.trim() === '' ? {} : JSON.parse(text);
}

function append(variable, lines) {
  appendFileSync(process.env[variable] ?? '/dev/null', `${lines.join('\n')}\n`);
}

function stageInWords({ stage, seconds, cycles }) {
  const ofCycles = cycles > 1 ? `, ${cycles} cycles` : '';
  return `${plain(stage)} (${Math.round(seconds)} s${ofCycles})`;
}

/** An output that had a line break would set another one. */
function oneLine(text) {
  return text.replace(/[\r\n]+/g, ' ');
}

/** What names and messages say is text, whatever Markdown or HTML it looks like. */
function plain(text) {
  return oneLine(text).replace(/[^A-Za-z0-9 .,:;()-]/gu, (character) => `&#${character.codePointAt(0)};`);
}

/** A block of code that is indented has no end that a text could contain. */
function asItIs(text) {
  return ['', ...text.split(/\r?\n/).map((line) => `    ${line}`), ''];
}
