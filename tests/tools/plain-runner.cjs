/**
 * Runs a test file by Jest's own framework, in the process itself (see plain-environment.cjs): modules are those of Node,
 * loaded once for all files that a worker runs. Test files themselves, and what the framework knows of them, are not kept.
 */
const asyncHooks = require('node:async_hooks');
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, join } = require('node:path');
const { transformSync } = require('@swc/core');
const { default: runByFramework } = require('jest-circus/runner');
const PlainEnvironment = require('./plain-environment.cjs');

/** By these the framework finds its state again, which is about one file. */
const STATE_OF_FRAMEWORK = ['JEST_STATE_SYMBOL', 'EVENT_HANDLERS'];

/** By the path of each module that was compiled here, as a URL: stack traces tell of the lines that were written. */
const sourceMaps = new Map();

module.exports = async (globalConfig, config, environment, runtime, testPath, sendMessage) => {
  if (environment instanceof PlainEnvironment) {
    if (globalConfig.watch || globalConfig.watchAll) forgetModules();
    const mapsOfFile = runtime.getSourceMaps();
    for (const [path, map] of sourceMaps) mapsOfFile.set(path, map);
    Module._extensions['.ts'] = compilerBy(config, mapsOfFile);
    runtime.requireModule = (path) => requireAnew(path);
    runtime.requireInternalModule = (path) => {
      forgetState();
      return withoutAsyncHooks(() => requireAnew(path));
    };
  }
  const result = await runByFramework(globalConfig, config, environment, runtime, testPath, sendMessage);
  if (areChanged()) forgetModules();
  return result;
};

/** With the options that the configuration has for files in a context. */
function compilerBy({ transform: [[, , options]] }, mapsOfFile) {
  return (module, filename) => {
    const { code, map } = transformSync(readFileSync(filename, 'utf8'), {
      ...options,
      filename,
      module: { type: 'commonjs' },
      sourceMaps: true,
      swcrc: false,
    });
    const url = `data:application/json;base64,${Buffer.from(map).toString('base64')}`;
    sourceMaps.set(filename, url);
    mapsOfFile.set(filename, url);
    module._compile(code, filename);
  };
}

/** From nowhere: a module remembers all that it has required. */
function requireAnew(path) {
  delete require.cache[path];
  try {
    return Module.createRequire(join(dirname(path), 'nowhere.cjs'))(path);
  } finally {
    delete require.cache[path];
  }
}

/** A module that changes others by being loaded says so: the next test file is to find those as they were written. */
function areChanged() {
  return [...sourceMaps.keys()].some((path) => require.cache[path]?.exports?.CHANGES_WHAT_IT_IMPORTS === true);
}

/** The product's own: of packages nobody changes anything. */
function forgetModules() {
  for (const path of sourceMaps.keys()) delete require.cache[path];
}

function forgetState() {
  for (const key of Object.getOwnPropertySymbols(globalThis)) {
    if (STATE_OF_FRAMEWORK.includes(key.description)) delete globalThis[key];
  }
}

/** Node follows every promise of a process in which anything asks for the context that a promise was made in. */
function withoutAsyncHooks(load) {
  const { AsyncLocalStorage } = asyncHooks;
  asyncHooks.AsyncLocalStorage = RunningStorage;
  try {
    return load();
  } finally {
    asyncHooks.AsyncLocalStorage = AsyncLocalStorage;
  }
}

/**
 * By it the framework finds out which test an error belongs to that nobody has caught: the one that runs. Between tests it
 * belongs to none, and the file fails.
 */
class RunningStorage {
  #running = [];

  run(store, callback) {
    const entry = { store };
    this.#running.push(entry);
    const end = () => this.#running.splice(this.#running.indexOf(entry), 1);
    const result = callback();
    result.then(end, end);
    return result;
  }

  getStore() {
    return this.#running.at(-1)?.store;
  }
}
