/** Whatever a document of the repository refers to is there. What is elsewhere is named, and not asked for. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { anchorsIn, linksIn, markdownFiles } from './markdown-files';

const FILES = markdownFiles();
const LINKS = FILES.flatMap((file) => linksIn(readFileSync(file, 'utf8')).map((link) => ({ file, ...link })));
const isElsewhere = ({ to }: { to: string }) => /^[a-z][a-z\d+.-]*:/i.test(to);

/** What is wrong with a link within the repository, if anything. */
function problemOf(file: string, to: string, read = (path: string) => readFileSync(path, 'utf8')): string | undefined {
  const [path = '', anchor] = to.split('#').map(decodeURIComponent) as [string, string?];
  if (path.startsWith('/')) return 'is not relative';
  const target = path === '' ? file : normalize(join(dirname(file), path));
  if (target.startsWith('..')) return 'leads out of the repository';
  if (path !== '' && !existsSync(target)) return 'is not there';
  if (anchor === undefined) return undefined;
  if (statSync(target, { throwIfNoEntry: false })?.isDirectory()) return 'has no anchors: it is a folder';
  const times = anchorsIn(read(target)).get(anchor) ?? 0;
  if (times > 1) return `is there ${times} times: which one is meant?`;
  return times === 1 ? undefined : 'has no such heading';
}

test('what is linked within the repository is there, once', () => {
  const inside = LINKS.filter((link) => !isElsewhere(link));
  const broken = inside.flatMap(({ file, line, to }) => {
    const problem = problemOf(file, to);
    return problem === undefined ? [] : [`${file}:${line}: ${to} ${problem}`];
  });
  expect(inside.length).toBeGreaterThan(100);
  expect(broken).toEqual([]);
});

test('what is elsewhere is asked for over TLS, and is nobody’s registry', () => {
  const outside = LINKS.filter(isElsewhere).filter(({ to }) => !to.startsWith('mailto:'));
  const wrong = outside.filter(
    ({ to }) => !/^https:\/\/[\w.-]+\.[a-z]+(\/|$)/.test(to) || /\/\/(registry|npm|proxy)\./.test(to),
  );
  expect(wrong).toEqual([]);
});

test('no document names the host of a registry', () => {
  const naming = FILES.filter((file) =>
    /registry\.(npmjs|yarnpkg)|npm\.pkg\.|pypi\.org|proxy\.golang/.test(readFileSync(file, 'utf8')),
  );
  expect(naming).toEqual([]);
});

describe('it is seen that', () => {
  const page =
    '# Two\n\n## 그때까지 진행된 일\n\n## Twice\n\n## Twice\n\n```sh\n# no heading\n```\n\n<a id="here"></a>\n';
  const problem = (to: string) => problemOf('README.md', to, () => page);

  test.each([
    ['docs/no-such.md', 'is not there'],
    ['../elsewhere.md', 'leads out of the repository'],
    ['/docs/codes', 'is not relative'],
    ['#twice', 'is there 2 times: which one is meant?'],
    ['#no-heading', 'has no such heading'],
    ['docs/codes#two', 'has no anchors: it is a folder'],
    ['#two', undefined],
    ['#here', undefined],
    ['docs/codes/T001.md#그때까지-진행된-일', undefined],
    ['#%EA%B7%B8%EB%95%8C%EA%B9%8C%EC%A7%80-%EC%A7%84%ED%96%89%EB%90%9C-%EC%9D%BC', undefined],
  ])('%s: %s', (to, expected) => {
    expect(problem(to)).toBe(expected);
  });

  test('links are where they are: not in code, in a fence, or in a comment of a shell', () => {
    const text =
      'see [a](a.md), `[b](b.md)`\n\n```sh\n# [c](c.md)\n```\n\n[d]: d.md\n![e](<e.png> "e") <https://f.example>\n';
    expect(linksIn(text).map(({ line, to }) => [line, to])).toEqual([
      [1, 'a.md'],
      [7, 'd.md'],
      [8, 'e.png'],
      [8, 'https://f.example'],
    ]);
  });
});
