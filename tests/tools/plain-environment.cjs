/**
 * Test files run in the process itself instead of a context of their own, where every use of a global takes a detour
 * through a proxy, and every file would load and warm up all modules anew. What one of them changes of the process is
 * changed back. A file that has to be the first in its process begins with `@jest-environment node`, and gets a context.
 */
module.exports = class PlainEnvironment {
  global = globalThis;
  fakeTimers = null;
  fakeTimersModern = null;
  /** No module and no function is mocked here. */
  moduleMocker = { clearAllMocks() {}, resetAllMocks() {}, restoreAllMocks() {} };
  before = {
    console: globalThis.console,
    exit: process.exit,
    env: process.env,
    environment: { ...process.env },
    folder: process.cwd(),
  };

  async setup() {}

  async teardown() {
    const { console, exit, env, environment, folder } = this.before;
    globalThis.console = console;
    process.exit = exit;
    process.env = env;
    process.chdir(folder);
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  /** Nothing is compiled in one. */
  getVmContext() {
    return null;
  }
};
