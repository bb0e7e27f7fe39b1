/**
 * A Playwright reporter for `--list` in scripts/test.mjs: silent, except for what keeps the tests from loading.
 */
export default class QuietReporter {
  printsToStdio() {
    return true;
  }

  /** @param {import('@playwright/test/reporter').TestError} error */
  onError(error) {
    console.error(error.message ?? error.value);
  }
}
