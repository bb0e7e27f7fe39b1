/**
 * Vitest's global set-up: one PostgreSQL for the whole run, started when the first test asks for it, so that a run of a single file
 * that needs none costs nothing. `TEST_DATABASE_URL` names one that runs already, by the address of a user who may make databases.
 *
 * Where there is none, its tests are left out and one line says so; in CI that is a failure.
 */
import { createServer } from 'node:http';
import { findPostgres, NO_POSTGRES, startPostgres } from './services.mjs';

/** @param {import('vitest/node').TestProject} project */
export async function setup(project) {
  // Whoever reads it says its type: server/testing/postgres.ts.
  const provide = /** @type {(key: string, value: unknown) => void} */ (project.provide.bind(project));
  const given = process.env['TEST_DATABASE_URL'];
  if (given !== undefined) return provide('postgres', { url: given.replace(/(?<!\/)\/[^/@]*$/, '') });
  if (findPostgres() === undefined) {
    if (process.env['CI'] === 'true') throw new Error(NO_POSTGRES);
    console.log(NO_POSTGRES);
    return provide('postgres', null);
  }

  /** @type {ReturnType<typeof startPostgres> | undefined} */
  let postgres;
  const door = createServer((_, response) => {
    postgres ??= startPostgres();
    postgres.then(
      ({ url }) => response.end(url),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise((resolve) => door.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = door.address();
  provide('postgres', { door: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/` });

  return async () => {
    door.closeAllConnections();
    door.close();
    await (await postgres?.catch(() => undefined))?.stop();
  };
}
