/** The notices of third-party software, held against what the bundler really takes and what package-lock.json says. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBuilder } from 'vite';
import { bundledPlaces, heading, noticesText, readNotice, serverPlaces } from './notices.mjs';

const root = join(import.meta.dirname, '..');

/** Ids of every module in the loader, the frame and the workplace. Nothing is written. */
async function bundledModules(): Promise<string[]> {
  const builder = await createBuilder({ root, logLevel: 'error', build: { write: false } });
  const ids: string[] = [];
  for (const name of ['loader', 'frame', 'operator']) {
    const built = [await builder.build(builder.environments[name]!)].flat();
    for (const output of built)
      if ('output' in output) for (const file of output.output) if (file.type === 'chunk') ids.push(...file.moduleIds);
  }
  return ids;
}

describe('[SV.notices] the notices', () => {
  let modules: string[] = [];
  let text = '';
  beforeAll(async () => {
    modules = await bundledModules();
    text = noticesText(root, modules);
  });

  it('name each package that is sent to browsers, with its version and its licence', () => {
    const folders = new Set(modules.flatMap((id) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1] ?? []));
    expect([...folders].sort()).toEqual(expect.arrayContaining(['@preact/signals', '@preact/signals-core', 'comlink', 'preact']));
    for (const name of folders) {
      const { version, license } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
      const licence = readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8').trim();
      const [, after = ''] = text.split(`\n${name} ${version} (${license})\n`);
      expect(after.slice(0, licence.length + 200), name).toContain(licence);
    }
  });

  it('name each package that the server runs on, with its version and its licence', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<
        string,
        { name?: string; version: string; license: string; dev?: boolean; devOptional?: boolean; optional?: boolean }
      >;
    };
    const production = Object.entries(packages).filter(
      ([place, { dev, devOptional }]) => place !== '' && dev !== true && devOptional !== true,
    );
    const installed = production.filter(([place, { optional }]) => optional !== true || existsSync(join(root, place)));
    expect(installed.length).toBeGreaterThan(100);
    for (const [place, { name: alias, version, license }] of installed) {
      const name = alias ?? place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
      expect(text, place).toContain(`\n${name} ${version} (${license})\n`);
      const own = readdirSync(join(root, place)).filter((file) => /^licen[cs]e/i.test(file));
      for (const file of own) expect(text, place).toContain(readFileSync(join(root, place, file), 'utf8').trim());
    }
  });

  it('have the words of a licence for each package, also for one that brings no file of it', () => {
    for (const place of serverPlaces(root)) {
      const notice = readNotice(root, place);
      expect(notice.text, place).toMatch(/permi(t|ssion)|redistribution|licensed under|license.* (copyright|grant)/i);
      expect(text, place).toContain(heading(notice));
    }
  });
});

describe('a package', () => {
  let folder = '';
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'notices-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const install = (place: string, files: Record<string, string>, manifest: object = {}) => {
    mkdirSync(join(folder, place), { recursive: true });
    for (const [name, text] of Object.entries({ 'package.json': JSON.stringify({ name: 'a', version: '1.0.0', ...manifest }), ...files }))
      writeFileSync(join(folder, place, name), text);
    return place;
  };

  it('brings its licence and its notice', () => {
    const place = install(
      'node_modules/a',
      { LICENSE: 'take it\n', NOTICE: 'made by A\n', 'index.js': '' },
      { license: 'X', author: { name: 'Ann' } },
    );
    expect(readNotice(folder, place)).toEqual({ name: 'a', version: '1.0.0', licence: 'X', author: 'Ann', text: 'take it\n\nmade by A' });
  });

  it('without a licence file brings what its README says and the standard text', () => {
    const { text } = readNotice(
      folder,
      install('node_modules/a', { 'README.md': '# a\nhello\n## Licensing\nby Ann\n### Usage\nuse it\n' }, { license: 'MIT' }),
    );
    expect(text).toMatch(/^by Ann\n\nPermission is hereby granted/);
    expect(text).not.toMatch(/hello|use it/);
  });

  it('with two licences at once brings both standard texts', () => {
    const { text } = readNotice(folder, install('node_modules/a', {}, { license: 'Apache-2.0 AND MIT' }));
    expect(text).toMatch(/Apache License[^]+Permission is hereby granted/);
  });

  it('without any licence text stops the build', () => {
    const place = install('node_modules/a', {}, { license: 'Odd-1.0' });
    expect(() => readNotice(folder, place)).toThrow(/node_modules\/a has no licence text.*"Odd-1.0"/);
  });

  it("is found from its modules, nested ones and the bundler's helpers too", () => {
    const ids = ['host/main.ts', 'node_modules/a/x.js', 'node_modules/a/y.js?v=1', 'node_modules/a/node_modules/@b/c/z.js'].map((id) =>
      join(folder, id),
    );
    expect(bundledPlaces(folder, [...ids, '\0rolldown/runtime.js'])).toEqual([
      'node_modules/a',
      'node_modules/a/node_modules/@b/c',
      'node_modules/rolldown',
    ]);
  });

  it('is found where its words are kept among our sources', () => {
    const places = bundledPlaces(root, [join(root, 'frame/ui/emoji/words/de.txt?raw'), join(root, 'frame/ui/emoji/data.ts')]);
    expect(places).toEqual(['frame/ui/emoji/words']);
    const notice = readNotice(root, places[0]!);
    expect(heading(notice)).toMatch(/^cldr-annotations-full [\d.]+ \(Unicode-3.0 AND MIT\)$/);
    expect(notice.text).toMatch(/UNICODE LICENSE V3[^]+Permission is hereby granted, free of charge/);
  });

  it('that nobody can name stops the build', () => {
    expect(() => bundledPlaces(folder, ['\0helpers-of-a-plugin'])).toThrow(/Whose code is the module/);
  });
});
