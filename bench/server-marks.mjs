/**
 * Loaded by Node before the server (`--import`): notes when a probe arrives on a socket, when the commit after it begins and ends, and
 * when the probe goes out, and writes the notes to BENCH_MARKS as the process ends. It watches the libraries, not our code.
 */
import { writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { WebSocket } from 'ws';

/** @type {[text: string, moment: string, at: number][]} */
const notes = [];
/** Probes that have arrived and are not committed yet. @type {Set<string>} */
const open = new Set();
/** Sockets on which probes have arrived. @type {WeakSet<WebSocket>} */
const visitors = new WeakSet();

/** @param {unknown} data */
const probe = (data) => /probe \d+;/.exec(String(data))?.[0];
/** @param {string} text @param {string} moment */
const note = (text, moment) => void notes.push([text, moment, performance.timeOrigin + performance.now()]);

const { emit, send } = WebSocket.prototype;
WebSocket.prototype.emit = function (name, ...args) {
  const text = name === 'message' ? probe(args[0]) : undefined;
  if (text !== undefined) {
    note(text, 'received by the server');
    open.add(text);
    visitors.add(this);
  }
  return emit.call(this, name, ...args);
};
WebSocket.prototype.send = /** @type {typeof send} */ (
  function (/** @type {any[]} */ ...args) {
    const text = probe(args[0]);
    if (text !== undefined && !visitors.has(this)) note(text, 'sent by the server');
    // @ts-expect-error The overloads cannot be told apart here.
    return send.apply(this, args);
  }
);

const { prepare } = Database.prototype;
Database.prototype.prepare = function (/** @type {string} */ source) {
  const statement = prepare.call(this, source);
  if (source !== 'COMMIT') return statement;
  const run = statement.run.bind(statement);
  statement.run = (/** @type {unknown[]} */ ...args) => {
    const group = [...open];
    open.clear();
    for (const text of group) note(text, 'commit begun');
    const result = run(...args);
    for (const text of group) note(text, 'committed');
    return result;
  };
  return statement;
};

process.on('exit', () => writeFileSync(/** @type {string} */ (process.env.BENCH_MARKS), JSON.stringify(notes)));
