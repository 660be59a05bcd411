/**
 * What of the SDK no function needs, and a bundle would have all the same: esbuild plugins of the packager. Each fails where
 * what it leaves out is no longer there to be left out, so that none of them is silently without effect.
 */
const { readFileSync } = require('node:fs');
const { dirname } = require('node:path');

const ORIGINAL = Symbol('as it is');

/** A build fails with this problem unless what is answered is called in it. */
function demandOf(build, problem) {
  let isMet = false;
  build.onStart(() => {
    isMet = false;
  });
  build.onEnd(() => (isMet ? {} : errorOf(problem)));
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
        return { contents, loader: 'js' };
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

module.exports = [
  literalKeys,
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
];
