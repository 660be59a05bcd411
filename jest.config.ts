/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

// The SDK's reminder that Node 20 ends is no result of a test.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const config: Config = {
  testEnvironment: '<rootDir>/tests/tools/plain-environment.cjs',
  maxWorkers: '100%', // by default one core is left idle
  testRunner: '<rootDir>/tests/tools/plain-runner.cjs',
  testSequencer: '<rootDir>/tests/tools/longest-first.cjs',
  testTimeout: 120_000, // a busy machine is no failure
  testMatch: ['**/*.test.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } } }],
  },
};

export default config;
