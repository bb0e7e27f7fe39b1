/**
 * What the compiler cannot refuse: trespassing between rooms, promises left alone, and the things that must never run in a
 * customer's page or beside a visitor's data. No rules of taste.
 */
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { circlesRule } from './scripts/circles.js';
import { closuresRule } from './scripts/closures.js';
import { plainRule } from './scripts/plain.js';
import { roomsRule } from './scripts/rooms.js';

/** Code of ours in a browser, tests excepted. */
const BROWSER_ROOMS = ['host', 'frame', 'operator'];
const TESTS = ['**/*.test.ts', '**/*.test.tsx', '**/*.test-d.ts', '**/*.contract.ts'];

const NO_DEFAULT = { selector: 'ExportDefaultDeclaration', message: 'Named exports only: one name per thing, everywhere.' };
const NO_ENV = {
  selector: 'MemberExpression[object.name="process"][property.name="env"]',
  message: 'The environment is read in server/config.ts alone, where a wrong value stops the start with one clear line.',
};
const NO_STAR = [
  { selector: 'CallExpression[callee.property.name="postMessage"] > Literal[value="*"]', message: 'No target origin is ever "*".' },
  { selector: 'Property[key.name="targetOrigin"] > Literal[value="*"]', message: 'No target origin is ever "*".' },
];
const NO_DIALOG = {
  selector: 'MemberExpression[object.name=/^(window|self|globalThis|top|parent)$/][property.name=/^(alert|confirm|prompt)$/]',
  message: "No dialogs: they stop the customer's page.",
};
const NO_HTML = {
  selector:
    'MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe)$/], MemberExpression[object.name="document"][property.name=/^(write|writeln)$/], JSXAttribute[name.name="dangerouslySetInnerHTML"]',
  message: 'Text goes in as text: no HTML is ever made from strings.',
};
const NO_UNLOAD = [
  {
    selector:
      'CallExpression[callee.property.name="addEventListener"] > Literal[value=/^(before)?unload$/], CallExpression[callee.name="addEventListener"] > Literal[value=/^(before)?unload$/]',
    message: "An unload listener costs the customer's page its back/forward cache. Use pagehide.",
  },
  { selector: 'AssignmentExpression > MemberExpression.left[property.name=/^on(before)?unload$/]', message: 'Use pagehide.' },
];
const NO_PAGE_STORAGE = {
  selector:
    'MemberExpression[object.name="document"][property.name="cookie"], MemberExpression[property.name=/^(localStorage|sessionStorage)$/]',
  message: "The loader keeps nothing in the customer's page.",
};

const NO_FOCUS = {
  selector: 'CallExpression[callee.property.name="focus"], JSXAttribute[name.name=/^autofocus$/i]',
  message: "Focus is taken by focus() of use-focus.ts alone: it never takes the page's.",
};

/** Nothing there, `undefined` or an empty list: then the machine's own language is meant. */
const unsaid = (/** @type {number} */ at) =>
  `:matches([arguments.length=${at}], [arguments.${at}.type="Identifier"][arguments.${at}.name="undefined"], [arguments.${at}.elements.length=0])`;
const NO_CHANCE = [
  `:matches(NewExpression, CallExpression)[callee.object.name="Intl"]${unsaid(0)}`,
  `CallExpression[callee.property.name=/^toLocale/]${unsaid(0)}`,
  `CallExpression[callee.property.name="localeCompare"]${unsaid(1)}`,
].map((selector) => ({ selector, message: "Say the language: that of the machine is nobody's choice." }));

const EVERYWHERE = [NO_DEFAULT, NO_ENV, ...NO_STAR, ...NO_CHANCE];
const IN_BROWSER = [...EVERYWHERE, NO_DIALOG, NO_HTML];

/** Flat config replaces a rule's options instead of adding to them, so each room gets its whole list. */
const forbid = (/** @type {string[]} */ files, /** @type {object[]} */ ...entries) => ({
  files,
  rules: { 'no-restricted-syntax': /** @type {['error', ...object[]]} */ (['error', ...entries]) },
});

/** Those of ESLint's own that the compiler does not cover. */
const MISTAKES = [
  'eqeqeq',
  'for-direction',
  'getter-return',
  'no-async-promise-executor',
  'no-case-declarations',
  'no-cond-assign',
  'no-constant-binary-expression',
  'no-debugger',
  'no-dupe-else-if',
  'no-duplicate-case',
  'no-empty',
  'no-empty-pattern',
  'no-eval',
  'no-fallthrough',
  'no-irregular-whitespace',
  'no-loss-of-precision',
  'no-new-func',
  'no-prototype-builtins',
  'no-regex-spaces',
  'no-script-url',
  'no-self-assign',
  'no-self-compare',
  'no-shadow-restricted-names',
  'no-sparse-arrays',
  'no-template-curly-in-string',
  'no-unmodified-loop-condition',
  'no-unreachable-loop',
  'no-unsafe-finally',
  'no-unsafe-optional-chaining',
  'no-useless-catch',
  'no-useless-escape',
  'no-var',
  'prefer-const',
  'require-yield',
  'use-isnan',
  'valid-typeof',
];

export default defineConfig(
  {
    ignores: [
      'dist/',
      '.tsbuild/',
      'node_modules/',
      'test-results/',
      'playwright-report/',
      'coverage-table/',
      'e2e/kept/',
      'data/',
      '.data/',
    ],
  },
  tseslint.configs.recommended,
  {
    plugins: { rooms: { rules: { imports: roomsRule, circles: circlesRule, closure: closuresRule, plain: plainRule } } },
    rules: {
      'rooms/imports': 'error',
      'rooms/circles': 'error',
      // A warning, because the comment that explains it is an answer; `npm run lint` allows none that is left.
      'rooms/closure': 'warn',
      ...Object.fromEntries(MISTAKES.map((rule) => [rule, 'error'])),
      // Messages are checked for control characters on purpose.
      'no-control-regex': 'off',
      // `while (true)` with a return inside is the plainest loop there is.
      'no-constant-condition': ['error', { checkLoops: false }],
      // `const { secret, ...rest }` drops a field; `_` names what is deliberately unused.
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
    },
  },
  {
    // With types. The rooms' own projects are what tsc checks; the linter asks the same ones.
    files: ['{shared,host,frame,operator,server,e2e,bench}/**/*.{ts,tsx}', '*.config.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/no-implied-eval': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // The compiler knows which names exist, and in which room.
      'no-undef': 'off',
    },
  },

  forbid(['{shared,server}/**/*.ts'], ...EVERYWHERE),
  forbid(['server/config.ts'], NO_DEFAULT, ...NO_STAR, ...NO_CHANCE),
  forbid(['host/**/*.ts'], ...IN_BROWSER, ...NO_UNLOAD, NO_PAGE_STORAGE),
  forbid(['frame/**/*.{ts,tsx}'], ...IN_BROWSER, ...NO_UNLOAD),
  forbid(['frame/ui/**/*.{ts,tsx}'], ...IN_BROWSER, ...NO_UNLOAD, NO_FOCUS),
  forbid(['frame/ui/use-focus.ts'], ...IN_BROWSER, ...NO_UNLOAD),
  forbid(['operator/**/*.{ts,tsx}'], ...IN_BROWSER),
  { files: ['{frame,shared}/**/*.{ts,tsx}'], rules: { 'rooms/plain': 'error' } },
  forbid(['{e2e,bench}/**/*.ts', ...TESTS], NO_DEFAULT),
  {
    files: BROWSER_ROOMS.map((room) => `${room}/**`),
    rules: { 'no-restricted-globals': ['error', 'alert', 'confirm', 'prompt', 'event', 'name'] },
  },
  {
    files: ['host/**'],
    rules: { 'no-restricted-globals': ['error', 'alert', 'confirm', 'prompt', 'event', 'name', 'localStorage', 'sessionStorage'] },
  },
  // Playwright takes its reporters by default export.
  { files: ['e2e/support/coverage-reporter.ts'], rules: { 'no-restricted-syntax': 'off' } },
  // The callbacks of tests and of `describe` run once, from top to bottom: they are lists of steps, not closures that own state.
  { files: [...TESTS, 'e2e/**/*.spec.ts'], rules: { 'rooms/closure': 'off' } },
  // An assertion without a call is how type tests speak.
  { files: TESTS, rules: { '@typescript-eslint/no-unused-expressions': 'off' } },

  { files: ['**/*.mjs', '*.config.js', 'scripts/**'], languageOptions: { globals: globals.node } },
  { files: ['{demo,e2e}/**/*.js'], languageOptions: { globals: globals.browser } },
);
