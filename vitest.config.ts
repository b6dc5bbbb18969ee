// How tests run: everything under test/, with credentials that open no account.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    experimental: { viteModuleRunner: false, nodeLoader: false },
    maxWorkers: '100%', // the suite is bound by the processor, and waits for nothing
    env: { AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none', AWS_SESSION_TOKEN: '', AWS_PROFILE: '' },
  },
});
