/** What earlier builds were served from a data directory, over restarts and updates. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAsset, createLoader, type Built } from './assets.ts';
import { ASSETS_KEPT_SECONDS, archiveBuilt } from './asset-archive.ts';
import { createLog } from '../base/log.ts';

const DAY = 24 * 3600;
const START = 1_900_000_000;
let dataDir = '';
let lines: string[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'kept-'));
  lines = [];
});
afterEach(() => rmSync(dataDir, { recursive: true }));

function build(version: string, loader: string, chunks: string[]): Built {
  const own = createLoader(Buffer.from(loader));
  const assets = new Map(chunks.map((name) => [name, createAsset(Buffer.from(name), '.js')]));
  return {
    loader: own,
    loaders: new Map([[version, own]]),
    framePage: '',
    frameTexts: {},
    operatorPage: '',
    notices: own,
    frameAssets: assets,
    operatorAssets: assets,
  };
}

/** A server starts with this build. */
const start = (built: Built, nowSeconds = START) =>
  archiveBuilt(built, { dataDir, nowSeconds, log: createLog('warn', { write: (line) => void lines.push(line) }) });

const frameFiles = (built: Built) => [...built.frameAssets.keys()].sort();

describe('pinned loaders', () => {
  it('stay where they were when a newer version is served', () => {
    start(build('1.0.0', 'one', []));
    const now = start(build('1.1.0', 'two', []));
    expect([...now.loaders].map(([version, { bytes, type }]) => [version, bytes.toString(), type]).sort()).toEqual([
      ['1.0.0', 'one', 'application/javascript; charset=utf-8'],
      ['1.1.0', 'two', 'application/javascript; charset=utf-8'],
    ]);
    expect(now.loader.bytes.toString()).toBe('two');
    expect(lines).toEqual([]);
  });

  it('keep the bytes that were served first, and the log says that a build has others', () => {
    start(build('1.0.0', 'one', []));
    const now = start(build('1.0.0', 'changed', []));
    expect([now.loaders.get('1.0.0')?.bytes.toString(), now.loader.bytes.toString()]).toEqual(['one', 'changed']);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ version: '1.0.0', msg: expect.stringContaining('new version') }]);
    expect(
      start(build('1.0.0', 'one', []))
        .loaders.get('1.0.0')
        ?.bytes.toString(),
    ).toBe('one');
    expect(lines).toHaveLength(1);
  });
});

describe('parts of the build before', () => {
  it('are there for pages that are open, in both rooms', () => {
    start(build('1', '', ['ui-1.js', 'same.js']));
    const now = start(build('2', '', ['ui-2.js', 'same.js']), START + 60);
    expect(frameFiles(now)).toEqual(['same.js', 'ui-1.js', 'ui-2.js']);
    expect([...now.operatorAssets.keys()].sort()).toEqual(['same.js', 'ui-1.js', 'ui-2.js']);
    expect(now.frameAssets.get('ui-1.js')?.bytes.toString()).toBe('ui-1.js');
  });

  it('are counted from when they were replaced, not from when they were first served', () => {
    start(build('1', '', ['ui-1.js']));
    const replacedAt = START + 100 * DAY;
    expect(frameFiles(start(build('2', '', ['ui-2.js']), replacedAt))).toEqual(['ui-1.js', 'ui-2.js']);
    for (const days of [1, 15, 29])
      expect(frameFiles(start(build('2', '', ['ui-2.js']), replacedAt + days * DAY))).toEqual(['ui-1.js', 'ui-2.js']);
    expect(frameFiles(start(build('2', '', ['ui-2.js']), replacedAt + ASSETS_KEPT_SECONDS + DAY))).toEqual(['ui-2.js']);
    expect(readdirSync(join(dataDir, 'assets/frame'))).toEqual(['ui-2.js']);
  });

  it('come back when an update is taken back', () => {
    for (const [version, days] of [
      ['1', 0],
      ['2', 1],
      ['1', 2],
      ['1', 50],
    ] as const)
      start(build(version, '', [`ui-${version}.js`]), START + days * DAY);
    expect(readdirSync(join(dataDir, 'assets/frame'))).toEqual(['ui-1.js']);
  });

  it('do not keep a server from starting when they cannot be kept', () => {
    writeFileSync(join(dataDir, 'assets'), 'in the way');
    expect(frameFiles(start(build('1', '', ['ui-1.js'])))).toEqual(['ui-1.js']);
    expect(lines).toHaveLength(1);
  });
});
