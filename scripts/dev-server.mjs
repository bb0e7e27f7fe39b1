/** The real server as a child of `npm run dev`, on a port that it chooses. It can be started again; its port is new then. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './built.mjs';

const PROGRAM = join(root, 'dist/server/main.js');
const LISTENING = /^Listening +\S+:(\d+)\n/m;

/** Starts it. @param {{ publicUrl: string }} options where browsers reach it: the front's address */
export function startServer({ publicUrl }) {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child;
  let listening = begin();

  /** @returns {Promise<number>} the port, as soon as it serves there */
  function begin() {
    const started = spawn(process.execPath, [PROGRAM], {
      stdio: ['inherit', 'pipe', 'inherit'],
      env: { ...process.env, PORT: '0', PUBLIC_URL: process.env['PUBLIC_URL'] || publicUrl },
    });
    child = started;
    return new Promise((resolve, reject) => {
      started.stdout.on('data', (/** @type {Buffer} */ data) => {
        const text = data.toString();
        const [line, port] = LISTENING.exec(text) ?? [];
        // A person needs the front's address, not this one.
        process.stdout.write(line === undefined ? text : text.replace(line, ''));
        if (port !== undefined) resolve(Number(port));
      });
      started.once('error', reject);
      started.once('exit', () => {
        if (child === started) child = undefined;
        reject(new Error('The server has ended. A change of its sources starts it again.'));
      });
    });
  }

  /** @returns {Promise<void>} */
  const ended = () => new Promise((resolve) => (child === undefined ? resolve() : child.once('exit', () => resolve())));

  async function beginAgain() {
    child?.kill('SIGTERM');
    await ended();
    return begin();
  }

  return {
    ended,
    /** Where it listens, as soon as it does; rejects when it has ended instead. */
    port: () => listening,
    /** @param {NodeJS.Signals} signal */
    end: (signal) => void child?.kill(signal),
    /** Lets the old server finish and starts the newly built one. Requests that come meanwhile wait for the new one. */
    async restart() {
      listening = beginAgain();
      await listening;
    },
  };
}
