import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // Most tests wait: two at a time keep two processors busy. More would disturb those that send packets by the clock.
    maxWorkers: 2,
    // For what hangs: no test is judged by its time, and a machine may have more to do.
    testTimeout: 180_000,
    hookTimeout: 240_000,
  },
});
