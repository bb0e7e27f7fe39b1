/**
 * Opens the ports. If the configuration names none, we choose and hold a free port, because we form addresses from it before
 * anything serves on it. A port in use ends the start with one line that says what to set. On a local machine we open the other
 * loopback address too, because `localhost` is 127.0.0.1 to one browser and ::1 to the next. The one server gets both addresses'
 * connections, so the same rules hold for both.
 */
import type { Server } from 'node:http';
import { createServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { randomInt } from 'node:crypto';
import type { PortVariable } from '../config.ts';

/** The start cannot go on; `message` is the one line to print. */
export class PortTaken extends Error {
  constructor(variable: PortVariable, port: number) {
    super(`Port ${port} is already in use. Set ${variable} to another one.`);
    this.name = 'PortTaken';
  }
}

/**
 * Ports that are chosen: below those that systems hand out to connections, so that a server that is started again
 * finds its port free.
 */
const CHOSEN = { from: 15_000, before: 31_000 };

/** A port that this process has, and on which nothing is served yet. */
export interface HeldPort {
  readonly port: number;
  readonly server: TcpServer;
}

/** Chooses a port of `host` that nobody else listens on, and keeps it. */
export async function holdPort(host: string, variable: PortVariable): Promise<HeldPort> {
  for (;;) {
    const port = randomInt(CHOSEN.from, CHOSEN.before);
    // Nobody knows the port yet; who comes by chance is sent away.
    const server = createServer((socket) => socket.destroy());
    try {
      await open(server, { host, port }, variable, port);
      return { port, server };
    } catch (error) {
      if (!(error instanceof PortTaken)) throw error;
    }
  }
}

export interface ListenOptions {
  server: Server;
  host: string;
  port: number;
  /** The same port, where it is held already. */
  held?: HeldPort | undefined;
  /** The variable that names the port. */
  variable: PortVariable;
  /** Open ::1 as well, if this machine has it. */
  alsoLoopback6: boolean;
}

/** Resolves when everything listens. Returns what closes the second address; the first is its owner's to close. */
export async function listen({ server, host, port, held, variable, alsoLoopback6 }: ListenOptions): Promise<() => void> {
  // A server that is given to another hands its port over.
  await open(server, held?.server ?? { host, port }, variable, port);
  if (!alsoLoopback6) return () => undefined;
  // Made as HTTP makes its own connections.
  const second = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit('connection', socket));
  try {
    const address = server.address();
    const samePort = isAddressInfo(address) ? address.port : port;
    await open(second, { host: '::1', port: samePort }, variable, samePort);
  } catch (error) {
    // No IPv6 here; then no browser will try it either.
    if (codeOf(error) !== 'EADDRNOTAVAIL' && codeOf(error) !== 'EAFNOSUPPORT') throw error;
    return () => undefined;
  }
  return () => void second.close();
}

function open(server: TcpServer, at: TcpServer | { host: string; port: number }, variable: PortVariable, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(codeOf(error) === 'EADDRINUSE' ? new PortTaken(variable, port) : error);
    server.once('error', onError);
    server.listen(at, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function isAddressInfo(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
