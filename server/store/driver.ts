/**
 * The database driver, in the release that this Node can run. Everything that opens a database takes it from here.
 *
 * Release 12 aborts the process on Node 24.19 and newer: its objects are `node::ObjectWrap`, which must not be collected there while no
 * JavaScript runs (nodejs/node#65446). Release 13 stands on Node-API instead and asks for Node 22. Its interface is the same, and so are
 * its files. npm installs what fits, because both are optional. When Node 20 goes, release 12 and this file go too.
 */
import { createRequire } from 'node:module';
import type Driver from 'better-sqlite3';

/** What release 13 asks for. */
const NODE_OF_13 = 22;
const require = createRequire(import.meta.url);

/** Opens a database file: `new Database(path)`. */
export const Database: typeof Driver = load();

function load(): typeof Driver {
  try {
    return Number(process.versions.node.split('.')[0]) >= NODE_OF_13 ? require('better-sqlite3-napi') : require('better-sqlite3');
  } catch (error) {
    throw new Error(`The database driver for Node ${process.versions.node} is not installed here: run npm ci with this Node.`, {
      cause: error,
    });
  }
}
