/** Makes docs/tags.md of what is known of tags: `npm run documents -- tags` writes it. */
import {
  type DescribedKey,
  TAG_DESCRIPTIONS,
  type TagDescription,
  type Verdict,
} from '../../shared/deployment/tag-descriptions';
import { SLOT_KEYS, SLOTS, TAG_VALUE_CHARACTERS } from '../../shared/fleet/tags';
import { anchorOf, table } from './markdown';

export const TAGS_FILE = 'docs/tags.md';

const VERDICTS: Readonly<Record<Verdict, string>> = {
  taken: 'taken',
  'not found': '**no request finds the task**',
  told: '**does not count**, and the start mail says so',
  400: '**refused with [400](codes/400.md)**',
  402: '**refused with [402](codes/402.md)**',
};

export function tagsDocument(): string {
  const tags = Object.entries(TAG_DESCRIPTIONS) as [DescribedKey, TagDescription][];
  const rows = tags.map(([key, { on, meaning, without }]) => [
    `[${titleOf(key)}](#${anchorOf(titleOf(key))})`,
    on,
    firstSentence(meaning),
    without,
  ]);
  return `${HEAD}\n${table([['tag', 'on', 'what it says', 'without it'], ...rows])}\n\n${RULES}\n${tags
    .map(([key, description]) => sectionOf(key, description))
    .join('\n')}`;
}

const HEAD = `# Tags

Made by \`npm run documents\` of what reads the tags (\`shared/deployment/tag-descriptions.ts\`). A test gives every example
below to the parsers, and they answer as it stands here.
`;

const RULES = `- Keys match without regard to case, values are taken as they are. A key that stands on a group in two spellings is
  [refused with 400](codes/400.md): nobody could say which one counts.
- A tag of *either group* is for both: it may stand on one, so that it stays when the two swap. Two that say different things
  are refused with 400.
- A value has up to ${TAG_VALUE_CHARACTERS} characters, and a group up to 50 tags: \`bluegreen doctor\` says how many are left.
- Of a war there are ${SLOTS.length} slots, from \`1\` to \`${SLOTS.at(-1)}\`, in the order of their numbers; gaps do not matter. A slot counts where all of
  ${SLOT_KEYS.map((key) => `\`${key}N\``).join(', ')} are there and not empty, and at least one has to. Both groups name the same keys and paths.
- Instances read at launch what they have to install: propagate those tags that are *for instances*.
`;

function sectionOf(
  key: DescribedKey,
  { on, isForInstances, meaning, form, without, examples }: TagDescription,
): string {
  const answers = examples.map(({ value, verdict, why }) => [
    value === '' ? '(empty)' : `\`${value}\``,
    VERDICTS[verdict],
    why,
  ]);
  return `## ${titleOf(key)}

${capitalized(meaning)}.

- **On:** ${on}${isForInstances ? ', and for instances: propagate it at launch' : ''}
- **Form:** ${form}
- **Without it:** ${without}

${table([['example', 'what becomes of it', 'because'], ...answers])}
`;
}

function titleOf(key: DescribedKey): string {
  return (SLOT_KEYS as readonly string[]).includes(key) ? `\`${key}1\` … \`${SLOTS.at(-1)}\`` : `\`${key}\``;
}

function firstSentence(text: string): string {
  return text.split(/\. (?=[A-Z])/)[0] ?? text;
}

function capitalized(text: string): string {
  return text.replace(/^\p{Ll}/u, (first) => first.toUpperCase());
}
