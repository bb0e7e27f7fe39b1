/**
 * The daemon of a malware scanner, for tests: speaks its protocol byte for byte and knows one signature, the harmless test file
 * that all scanners have agreed on. It can be down, hang, or talk nonsense.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** In two halves, or a scanner would refuse this file. */
export const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'].join('');

export interface Clamd {
  url: string;
  /** Bytes of each question, in order. */
  seen: Buffer[];
  manner: 'honest' | 'silent' | 'confused';
  /** Not answering at all, and back again under the same address. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function startClamd(path?: string): Promise<Clamd> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    let received = Buffer.alloc(0);
    let isDone = false;
    socket.on('data', (piece: Buffer) => {
      received = Buffer.concat([received, piece]);
      const bytes = isDone ? undefined : streamIn(received);
      if (bytes === undefined) return;
      isDone = true;
      clamd.seen.push(bytes);
      if (clamd.manner === 'silent') return;
      const honest = bytes.includes(EICAR) ? 'stream: Eicar-Test-Signature FOUND\0' : 'stream: OK\0';
      socket.end(clamd.manner === 'confused' ? 'INSTREAM size limit exceeded. ERROR\0' : honest);
    });
  });
  let port = 0;
  const clamd: Clamd = {
    url: '',
    seen: [],
    manner: 'honest',
    async start() {
      server.listen(path === undefined ? { port, host: '127.0.0.1' } : { path });
      await once(server, 'listening');
      port = path === undefined ? (server.address() as AddressInfo).port : 0;
      clamd.url = path === undefined ? `clamd://127.0.0.1:${port}` : `clamd://${path}`;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
  await clamd.start();
  return clamd;
}

/** The bytes of a whole INSTREAM question; `undefined` while it is not whole. */
function streamIn(received: Buffer): Buffer | undefined {
  const command = 'zINSTREAM\0';
  if (received.length < command.length) return undefined;
  if (received.toString('latin1', 0, command.length) !== command) throw new Error('not the command that was expected');
  const pieces: Buffer[] = [];
  for (let at = command.length; at + 4 <= received.length;) {
    const length = received.readUInt32BE(at);
    if (length === 0) return Buffer.concat(pieces);
    if (at + 4 + length > received.length) return undefined;
    pieces.push(received.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return undefined;
}
