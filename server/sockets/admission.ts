/**
 * Who gets a connection. Looks at a socket's origin before the upgrade, counts connections by network address, and makes a
 * visitor's or an operator's connection of each carrier it lets in.
 *
 * It does not know who is behind a carrier; the connection finds out with the hello.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { VisitorId } from '../../shared/chat.ts';
import { FRAME_BYTES } from '../../shared/limits.ts';
import { CLOSE } from '../../shared/wire/protocol.ts';
import { randomId } from '../base/ids.ts';
import type { Config } from '../config.ts';
import type { Payers } from '../limits/costs.ts';
import type { Addresses } from '../network/address.ts';
import { refuse } from '../network/entrance.ts';
import type { Carrier } from './carrier.ts';
import type { ConnectionContext } from './context.ts';
import { endpointOf, type Endpoint } from './endpoint.ts';
import { createMeter } from './meter.ts';
import { demultiplex } from './multiplex.ts';
import { createOperatorConnection, type OperatorConnection } from './operator-connection.ts';
import { count, type Registry } from './registry.ts';
import { createVisitorConnection, type VisitorConnection } from './visitor-connection.ts';

/** Lets connections in, or refuses them. */
export interface Admission {
  /** Takes an HTTP upgrade: `/socket` for visitors, `/operator/socket` for operators, 404 for anything else. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Whether the request's origin may use this endpoint. */
  isOurs(endpoint: Endpoint, req: IncomingMessage): boolean;
  /** The HTTP status that refuses this request now, if any. Asking has its price, whatever the answer. */
  refusal(endpoint: Endpoint, req: IncomingMessage): 403 | 429 | 503 | undefined;
  /** Makes a connection of a carrier that `refusal` has nothing against. */
  admit(endpoint: Endpoint, carrier: Carrier, req: IncomingMessage): void;
  /** Whether `stop` was called. */
  readonly isStopped: boolean;
  /** Lets nobody in any more. */
  stop(): void;
  /** Resolves when every carrier has closed. */
  allClosed(): Promise<void>;
  /** Ends every carrier without a word. */
  close(): void;
}

export interface AdmissionOptions {
  context: ConnectionContext;
  registry: Registry;
  config: Pick<Config, 'publicUrl' | 'operatorUrl'>;
  addresses: Pick<Addresses, 'keyOf'>;
  /** An operator types in a chat of this visitor. */
  onTyping: (visitor: VisitorId, name: string) => void;
  /** Makes a WebSocket of an upgrade. Tests that move frames by hand give their own. */
  sockets?: Pick<WebSocketServer, 'handleUpgrade' | 'close'> | undefined;
}

export function createAdmission({ context, registry, config, addresses, onTyping, sockets }: AdmissionOptions): Admission {
  const { costs, clock, limits } = context;
  const server =
    sockets ?? new WebSocketServer({ noServer: true, maxPayload: FRAME_BYTES, perMessageDeflate: false, clientTracking: false });
  const origins: Record<Endpoint, ReadonlySet<string>> = {
    public: new Set([config.publicUrl]),
    operator: new Set([config.operatorUrl, config.publicUrl]),
  };
  const carriers = new Set<Carrier>();
  const carriersByAddress = new Map<string, number>();
  let isStopped = false;

  /** Browsers name a script's origin truthfully. A client that names none is no browser. */
  function isOurs(endpoint: Endpoint, req: IncomingMessage): boolean {
    return origins[endpoint].has(req.headers.origin ?? '');
  }

  function refusal(endpoint: Endpoint, req: IncomingMessage): 403 | 429 | 503 | undefined {
    const address = addresses.keyOf(req);
    const isTooOften = costs.take('connect', { address }) > 0;
    if (!isOurs(endpoint, req)) return 403;
    if (isStopped) return 503;
    if (isTooOften) return 429;
    const open = carriersByAddress.get(address) ?? 0;
    return open >= limits.rates.connectionsPerAddress ? 429 : undefined;
  }

  function admit(endpoint: Endpoint, bare: Carrier, req: IncomingMessage): void {
    const payers = { own: randomId(), address: addresses.keyOf(req) };
    const carrier = createMeter({ carrier: bare, costs, payers, clock });
    if (endpoint === 'operator') return enter(endpoint, carrier, req, payers);
    demultiplex(carrier, clock, {
      own: (channel) => enter(endpoint, channel, req, payers),
      other(channel) {
        const refused = refusal(endpoint, req);
        if (refused === undefined) enter(endpoint, channel, req, payers);
        else channel.close(refused === 503 ? CLOSE.restart : CLOSE.rate, 'refused');
      },
    });
  }

  function enter(endpoint: Endpoint, carrier: Carrier, req: IncomingMessage, payers: Required<Payers>): void {
    const { address } = payers;
    count(carriersByAddress, address, 1);
    carriers.add(carrier);
    carrier.on('close', () => {
      count(carriersByAddress, address, -1);
      carriers.delete(carrier);
    });
    if (endpoint === 'public') enterVisitor(carrier, payers);
    else enterOperator(carrier, req.headers.cookie, payers);
  }

  function enterVisitor(carrier: Carrier, payers: Required<Payers>): void {
    const connection: VisitorConnection = createVisitorConnection({
      carrier,
      payers,
      context,
      isFull: (site) => registry.countPages(site) >= limits.rates.connectionsPerSite,
      onIdentity: (before, now) => registry.identifyVisitor(connection, before, now),
      onClose: () => registry.removeVisitor(connection),
    });
    registry.addVisitor(connection);
  }

  function enterOperator(carrier: Carrier, cookie: string | undefined, payers: Required<Payers>): void {
    const connection: OperatorConnection = createOperatorConnection({
      carrier,
      payers,
      cookie,
      context,
      onIdentity: (now) => registry.identifyOperator(connection, now),
      onTyping,
      onClose: () => registry.removeOperator(connection),
    });
    registry.addOperator(connection);
  }

  return {
    upgrade(req, socket, head) {
      const endpoint = endpointOf(req);
      const refused = endpoint === undefined ? 404 : refusal(endpoint, req);
      if (endpoint === undefined || refused !== undefined) return refuse(socket, refused ?? 404);
      server.handleUpgrade(req, socket, head, (ws) => admit(endpoint, ws, req));
    },
    isOurs,
    refusal,
    admit,
    get isStopped() {
      return isStopped;
    },
    stop() {
      isStopped = true;
    },
    // Connections cut off a peer that does not answer their closing.
    async allClosed() {
      await Promise.all([...carriers].map((carrier) => new Promise<void>((resolve) => carrier.once('close', () => resolve()))));
    },
    close() {
      isStopped = true;
      for (const carrier of carriers) carrier.terminate();
      server.close();
    },
  };
}
