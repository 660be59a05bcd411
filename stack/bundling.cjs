/**
 * What of the SDK no function needs, and a bundle would have all the same: esbuild plugins of the packager. Each fails where
 * what it leaves out is no longer there to be left out, so that none of them is silently without effect.
 */
const { readdirSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { reduced } = require('./endpoint-rules.cjs');

const ORIGINAL = Symbol('as it is');

/** Of functions that ask S3 for nothing, not all is demanded. */
const OF_S3 = /[\\/]@aws-sdk[\\/]client-s3[\\/]dist-es[\\/]S3Client\.js$/;

/** A build fails with this problem unless what is answered is called in it, or nothing of it comes from `only`. */
function demandOf(build, problem, only) {
  let isMet = false;
  let isWanted = false;
  build.onStart(() => {
    isMet = false;
    isWanted = only === undefined;
  });
  if (only) {
    build.onLoad({ filter: only }, () => {
      isWanted = true;
    });
  }
  build.onEnd(() => (isMet || !isWanted ? {} : errorOf(problem)));
  return () => {
    isMet = true;
  };
}

function errorOf(problem) {
  return { errors: [{ text: `${problem}: see stack/bundling.cjs` }] };
}

/** Whoever imports this module of the SDK gets one of these contents, which import as the module itself does. */
function instead(name, contents) {
  return {
    name: `instead of ${name}`,
    setup(build) {
      const meet = demandOf(build, `nothing imports ${name}`);
      build.onResolve({ filter: new RegExp(`^${name}$`) }, async ({ kind, resolveDir, pluginData }) => {
        if (pluginData === ORIGINAL) return undefined;
        const { path, errors } = await build.resolve(name, { kind, resolveDir, pluginData: ORIGINAL });
        if (errors.length > 0) return { errors };
        meet();
        return { path, namespace: name, sideEffects: false };
      });
      build.onLoad({ filter: /.*/, namespace: name }, ({ path }) => ({ contents, resolveDir: dirname(path) }));
    },
  };
}

/** Answers of EC2 that functions only read, of which they read little: all the others of their members lead to much more. */
const READ = ['Instance', 'InstanceNetworkInterface', 'LaunchTemplateVersion', 'ResponseLaunchTemplateData'];

/** Words of the files that speak with EC2: a member that is not among them nobody reads. */
function wordsAboutEc2() {
  const files = ['functions', 'shared'].flatMap((room) =>
    readdirSync(room, { recursive: true }).map((file) => readFileOrNothing(join(room, file))),
  );
  const speaking = files.filter((text) => text.includes("from '@aws-sdk/client-ec2'"));
  return new Set(speaking.join('\n').match(/\w+/g));
}

function readFileOrNothing(path) {
  return path.endsWith('.ts') && !path.endsWith('.test.ts') ? readFileSync(path, 'utf8') : '';
}

/** `export var Instance$ = [3, n0, "Instance", 0, [names], [what they are]];` with the members that are read. */
function withMembersRead(text, constants, words) {
  return READ.reduce((before, name) => {
    const start = before.indexOf(`export var ${name}$ = [3, n0, `);
    const end = before.indexOf('\n];', start) + 3;
    if (start < 0 || end < 3) throw new Error(`no structure ${name}`);
    return before.slice(0, start) + structureRead(before.slice(start, end), name, constants, words) + before.slice(end);
  }, text);
}

function structureRead(text, name, constants, words) {
  const [, head, listed, told] = /^([^\n]* = \[3, n0, \w+,\s+0,\s+)\[([^\n]*)\],\s+\[(.*)\]\s+\];$/s.exec(text) ?? [];
  const names = (listed ?? '').split(', ').map((constant) => JSON.parse(constants.get(constant) ?? '""'));
  const members = (told ?? '').match(/\[(?:\d+|\(\) => \w+\$?), \{[^}]*\}\]/g) ?? [];
  const read = names.flatMap((member, index) => (words.has(member) ? [index] : []));
  if (read.length === 0 || names.length !== members.length) throw new Error(`${name} has members that are not known`);
  const kept = [read.map((index) => `"${names[index]}"`), read.map((index) => members[index])];
  return `${head}[${kept[0].join(', ')}], [${kept[1].join(', ')}]];`;
}

/**
 * The schemas of a client name the keys of their members by constants (`{ [_hH]: 1 }`), which might be objects that do something
 * when they become keys: so esbuild keeps every schema of a service. Written as what they are, it drops those not asked for.
 */
const literalKeys = {
  name: 'literal keys of schemas',
  setup(build) {
    build.onLoad(
      { filter: /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/ },
      ({ path }) => {
        const text = readFileSync(path, 'utf8');
        const constants = new Map(
          [...text.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm)].map(([, name, value]) => [name, value]),
        );
        const contents = text.replace(/\[(_\w+)\]: /g, (key, name) =>
          constants.has(name) ? `${constants.get(name)}: ` : key,
        );
        const left = /\[_\w+\]: /.exec(contents);
        if (left || contents === text) {
          const problem = left ? `what ${left[0].trim()} is is not known` : 'no key is a constant';
          return errorOf(`${problem} in ${path}`);
        }
        if (!/[\\/]client-ec2[\\/]/.test(path)) return { contents, loader: 'js' };
        try {
          return { contents: withMembersRead(contents, constants, wordsAboutEc2()), loader: 'js' };
        } catch ({ message }) {
          return errorOf(`${message} in ${path}`);
        }
      },
    );
  },
};

/** A client reads its own package.json, for the version that its requests name; all of it would come along. */
const versionsAlone = {
  name: 'of package.json the version alone',
  setup(build) {
    const meet = demandOf(build, 'no client reads its package.json');
    build.onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]package\.json$/ }, ({ path }) => {
      const { version } = JSON.parse(readFileSync(path, 'utf8'));
      meet();
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

/** As the SDK writes one: its name, its shape where it says so, whose fault it is, and its members. */
const EXCEPTION =
  /^export class (\w+) extends __BaseException \{\n(?: {4}static shapeId = ("[\w.#]+");\n)? {4}name = "\1";\n {4}\$fault = ("\w+");\n(?: {4}\w+;\n)* {4}constructor\(opts\) \{\n {8}super\(\{\n {12}name: "\1",\n {12}\$fault: \3,\n {12}\.\.\.opts,?\n {8}\}\);\n {8}Object\.setPrototypeOf\(this, \1\.prototype\);\n((?: {8}this\.\w+ = opts\.\w+;\n)*) {4}\}\n\}$/gm;

/** What makes such a class of what it differs in. Its shape is set by whoever registers it, unless it is there by then. */
const MAKE_EXCEPTION = `function exception(name, $fault, members, shapeId) {
  class Exception extends __BaseException {
    constructor(opts) {
      super({ name, $fault, ...opts });
      Object.setPrototypeOf(this, Exception.prototype);
      Object.assign(this, { name, $fault });
      for (const member of members) this[member] = opts[member];
    }
  }
  if (shapeId) Exception.shapeId = shapeId;
  return Exception;
}`;

/** A client knows every error of its service, each a class that is written out: a call apiece is enough. */
const shortExceptions = {
  name: 'exceptions made by one function',
  setup(build) {
    const meet = demandOf(build, 'no client has errors');
    build.onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]models[\\/]errors\.js$/ }, ({ path }) => {
      const classes = readFileSync(path, 'utf8').replace(EXCEPTION, (_, name, shapeId, fault, sets) => {
        const members = [...sets.matchAll(/this\.(\w+)/g)].map(([, member]) => member);
        const given = [`"${name}"`, fault, JSON.stringify(members), ...(shapeId ? [shapeId] : [])];
        return `export const ${name} = exception(${given.join(', ')});`;
      });
      if (/\bclass\b/.test(classes)) return errorOf(`an error is written in another way in ${path}`);
      meet();
      return { contents: `${classes}\n${MAKE_EXCEPTION}`, loader: 'js' };
    });
  },
};

/** What stands in its place of a module that the SDK has for another place than Lambda, by the end of its path. */
const ELSEWHERE = {
  // Node's own crypto always has these.
  'checksum/sha256/Sha256Js.js': refusing('Sha256Js'),
  'checksum/md5/Md5Js.js': refusing('Md5Js'),
  'sha/sha1/Sha1Js.js': refusing('Sha1Js'),
  // What a body is where there is a browser.
  'serde/util-stream/sdk-stream-mixin.browser.js': refusing('sdkStreamMixin'),
  'serde/util-stream/createBufferedReadable.browser.js': refusing(
    ...['createBufferedReadable', 'createBufferedReadableStream', 'flush', 'merge', 'modeOf', 'sizeOf'],
  ),
  'serde/util-stream/checksum/createChecksumStream.browser.js': refusing('createChecksumStream'),
  'serde/util-stream/getAwsChunkedEncodingStream.browser.js': refusing('getAwsChunkedEncodingStream'),
  // The region is in the environment, and so is whatever else is configured: there are no files, and no instance.
  'config/config-resolver/regionConfig/getInstanceMetadataRegion.js': refusing('getInstanceMetadataRegion'),
  'config/shared-ini-file-loader/loadSharedConfigFiles.js': `export { CONFIG_PREFIX_SEPARATOR } from './constants';
    export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });`,
};

/** Whoever comes by it in spite of that is told, and does not get a wrong answer. */
function refusing(...names) {
  const all = names.map((name) => `refuse as ${name}`).join(', ');
  return `function refuse() { throw new Error('${names[0]} is left out: see stack/bundling.cjs'); } export { ${all} };`;
}

function withoutElsewhere(end, contents) {
  return {
    name: `without ${end}`,
    setup(build) {
      const meet = demandOf(build, `nothing imports ${end}`, end.startsWith('sha/') ? OF_S3 : undefined);
      const filter = new RegExp(`[\\\\/]${end.replaceAll('.', '\\.').replaceAll('/', '[\\\\/]')}$`);
      build.onLoad({ filter }, () => {
        meet();
        return { contents, loader: 'js' };
      });
    },
  };
}

/** See `endpoint-rules.cjs`. */
const fewerRules = {
  name: 'rules of endpoints that functions have',
  setup(build) {
    const meet = demandOf(build, 'the client of S3 has no rules for its endpoint', OF_S3);
    build.onLoad({ filter: /[\\/]@aws-sdk[\\/]client-s3[\\/]dist-es[\\/]endpoint[\\/]bdd\.js$/ }, ({ path }) => {
      meet();
      try {
        return { contents: reduced(readFileSync(path, 'utf8')), loader: 'js' };
      } catch ({ message }) {
        return errorOf(`${message} in ${path}`);
      }
    });
  },
};

module.exports = [
  literalKeys,
  fewerRules,
  versionsAlone,
  shortExceptions,
  // A function finds its credentials in its environment, and nowhere else: no files, no single sign-on, no other roles.
  // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
  instead(
    '@aws-sdk/credential-provider-node',
    "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
  ),
  // No function speaks with an endpoint of several regions, or with a directory bucket, whose sessions have signatures of
  // their own.
  instead(
    '@aws-sdk/signature-v4-multi-region',
    `import { SignatureV4 } from '@smithy/signature-v4';
    export { SignatureV4 as SignatureV4SignWithCredentials };
    export class SignatureV4MultiRegion extends SignatureV4 {
      static sigv4aDependency() { return 'none'; }
    }`,
  ),
  // None of the operations that functions call has a stream of events.
  instead(
    '@smithy/core/event-streams',
    `const refuse = () => { throw new Error('event streams are left out: see stack/bundling.cjs'); };
    export { refuse as eventStreamSerdeProvider, refuse as EventStreamSerde };
    export const resolveEventStreamSerdeConfig = (config) => config;`,
  ),
  ...Object.entries(ELSEWHERE).map(([end, contents]) => withoutElsewhere(end, contents)),
];
