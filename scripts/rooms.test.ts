/** The table of who may import whom, asked for single imports. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { SERVER, trespass } from './rooms.js';

const server = fileURLToPath(new URL('../server', import.meta.url));
/** Folders of tests alone: they see the whole server. */
const TESTS = ['suites', 'testing'];

describe("the table of the server's folders", () => {
  it('names every folder', () => {
    const folders = readdirSync(server, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(Object.keys(SERVER).sort()).toEqual(
      folders
        .map(({ name }) => name)
        .filter((name) => !TESTS.includes(name))
        .sort(),
    );
  });

  it('lets every folder import from those above it in the list alone', () => {
    const seen = new Set<string>();
    for (const [name, below] of Object.entries(SERVER)) {
      expect(
        below.filter((folder) => !seen.has(folder)),
        name,
      ).toEqual([]);
      seen.add(name);
    }
  });

  it('refuses an import that points up, also of a type', () => {
    expect(trespass('server/room/room.ts', '../sockets/gateway.ts', true)).toContain('point down');
    expect(trespass('server/sockets/gateway.ts', '../room/room.ts', false)).toBeUndefined();
    expect(trespass('server/base/log.ts', '../config.ts', true)).toContain('point down');
    expect(trespass('server/main.ts', './sockets/gateway.ts', false)).toBeUndefined();
    expect(trespass('server/room/room.test.ts', '../sockets/gateway.ts', false)).toBeUndefined();
  });
});
