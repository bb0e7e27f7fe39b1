/** What components of the frame may be made of, on sources written for it. */
import { ESLint, Linter } from 'eslint';
import { describe, expect, test } from 'vitest';
import tseslint from 'typescript-eslint';
import { plainRule } from './plain.js';

const root = new URL('..', import.meta.url).pathname;

const config = { plugins: { rooms: { rules: { plain: plainRule } } }, rules: { 'rooms/plain': 'error' } } as const;

/** The messages for a source that stands in the place of a component of the frame, where the compiler knows its types. */
async function lintTyped(source: string): Promise<string[]> {
  const languageOptions = { parser: tseslint.parser as never, parserOptions: { projectService: true, tsconfigRootDir: root } };
  const eslint = new ESLint({
    cwd: root,
    overrideConfigFile: true,
    overrideConfig: { ...config, files: ['**/*.tsx'], languageOptions },
  });
  const [result] = await eslint.lintText(source, { filePath: 'frame/ui/Icon.tsx' });
  return result!.messages.map(({ message }) => message);
}

function lint(source: string): string[] {
  const languageOptions = { parser: tseslint.parser as never, parserOptions: { ecmaFeatures: { jsx: true } } };
  return new Linter().verify(source, { ...config, languageOptions }).map(({ message }) => message);
}

describe('what the frame is built without', () => {
  test('[VI.size] is refused: imports, elements and attributes', () => {
    const found = lint(`
      import { Component, render, type FunctionComponent } from 'preact';
      import { useContext, useRef } from 'preact/hooks';
      export const x = <math className="a" style="color:red" class="b"><p is="x" /></math>;
    `);
    expect(found.map((message) => /without (.*):/.exec(message)?.[1])).toEqual([
      'Component of preact',
      'useContext of preact/hooks',
      '<math>',
      'className as text',
      'style as text',
      'is as text',
    ]);
  });

  test('[VI.size] a signal is read before it is drawn', async () => {
    const found = await lintTyped(`
      import { signal, computed, type ReadonlySignal } from '@preact/signals';
      const one = signal('');
      const Part = (props: { one: ReadonlySignal<string> }) => <p>{props.one.value}</p>;
      const fine = <p class={one.value} style={{ color: 'red' }}><Part one={one} />{one.value}</p>;
      const two = computed(() => 1);
      const maybe = two as ReadonlySignal<number> | null;
      one.subscribe(() => undefined);
      export const drawn = <p class={one}>{two}{maybe}{fine}</p>;
    `);
    expect(found).toHaveLength(4);
    expect(found[0]).toMatch(/without subscribe of a signal/);
    expect(found[1]).toMatch(/^Read the signal/);
  });
});
