/**
 * Opening the ports. A port that is taken ends the start with one line that says what to set. On a machine that serves itself
 * the other loopback address is opened too, because `localhost` is 127.0.0.1 to one browser and ::1 to the next. Its connections are
 * handed to the one server that there is, so whatever holds for a connection holds for both.
 */
import type { Server } from 'node:http';
import { createServer, type AddressInfo, type Server as TcpServer } from 'node:net';

/** The start cannot go on; `message` is the one line to print. */
export class PortTaken extends Error {
  constructor(variable: string, port: number) {
    super(`Port ${port} is already in use. Set ${variable} to another one.`);
    this.name = 'PortTaken';
  }
}

export interface ListenOptions {
  server: Server;
  host: string;
  port: number;
  /** The variable that names the port. */
  variable: 'PORT' | 'DEMO_PORT';
  /** Open ::1 as well, if this machine has it. */
  alsoLoopback6: boolean;
}

/** Resolves when everything listens. Returns what closes the second address; the first is its owner's to close. */
export async function listen({ server, host, port, variable, alsoLoopback6 }: ListenOptions): Promise<() => void> {
  await open(server, host, port, variable);
  if (!alsoLoopback6) return () => undefined;
  // Made as HTTP makes its own connections.
  const second = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit('connection', socket));
  try {
    const address = server.address();
    await open(second, '::1', isAddressInfo(address) ? address.port : port, variable);
  } catch (error) {
    // No IPv6 here; then no browser will try it either.
    if (codeOf(error) !== 'EADDRNOTAVAIL' && codeOf(error) !== 'EAFNOSUPPORT') throw error;
    return () => undefined;
  }
  return () => void second.close();
}

function open(server: TcpServer, host: string, port: number, variable: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(codeOf(error) === 'EADDRINUSE' ? new PortTaken(variable, port) : error);
    server.once('error', onError);
    server.listen({ host, port }, () => {
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
