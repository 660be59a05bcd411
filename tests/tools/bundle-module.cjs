/** For Jest, whose loader takes no ES modules: one of a package that has nothing else, with all that it imports. */
const { buildSync } = require('esbuild');

module.exports = {
  process(_source, path) {
    const { outputFiles } = buildSync({
      entryPoints: [path],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'cjs',
      define: { 'import.meta.url': 'importMetaUrl' },
      banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
    });
    return { code: outputFiles[0].text };
  },
};
