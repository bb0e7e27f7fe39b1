/**
 * A visitor's and an operator's socket with nothing behind it: for frames that no client of ours would ever send, and for
 * ends that no client of ours would ever keep open. Knows the greeting and no more.
 */
import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import type { OperatorServerFrame, OperatorSession } from '../../shared/wire/workplace.ts';
import type { VisitorServerFrame, SessionAnswer } from '../../shared/wire/protocol.ts';
import { ask, until, type Road } from './wire.ts';

export interface Raw<F> {
  readonly ws: WebSocket;
  /** Everything it was told, oldest first. */
  readonly heard: readonly F[];
  /** The code of its end; `undefined` while it is open. */
  readonly code: number | undefined;
  tell(frame: object): void;
  hears<T extends F>(what: (frame: F) => frame is T): Promise<T>;
  close(): void;
}

function connect<F>(road: Road, path: string, headers: Record<string, string>): Promise<Raw<F>> {
  const ws = new WebSocket(`ws://127.0.0.1:${road.port}${path}`, {
    origin: road.chat,
    headers: { host: new URL(road.chat).host, ...headers },
    perMessageDeflate: false,
  });
  const heard: F[] = [];
  let code: number | undefined;
  // The server's own frames, whose shape its own tests hold.
  ws.on('message', (data) => void heard.push(JSON.parse(String(data)) as F));
  ws.on('close', (with_) => void (code = with_));
  ws.on('error', () => undefined);
  const raw: Raw<F> = {
    ws,
    heard,
    get code() {
      return code;
    },
    tell: (frame) => ws.send(JSON.stringify(frame)),
    hears: <T extends F>(what: (frame: F) => frame is T) => until(() => heard.find(what), 'a frame is heard') as Promise<T>,
    close: () => ws.terminate(),
  };
  return new Promise((resolve, reject) => ws.once('open', () => resolve(raw)).once('error', reject));
}

/** A page that has said hello; as a visitor, unless it is to stay a stranger. */
export async function rawVisitor(road: Road, site: string, { isStranger = false } = {}): Promise<Raw<VisitorServerFrame>> {
  const answer = isStranger ? undefined : (await ask<SessionAnswer>(road, '/session', { site, create: true })).answer;
  const raw = await connect<VisitorServerFrame>(road, '/socket', {});
  const access = answer !== undefined && answer.visitor !== null ? { access: answer.access } : {};
  raw.tell({
    t: 'hello',
    v: 1,
    site,
    tab: randomBytes(8).toString('hex'),
    page: { url: 'https://shop.example/', title: 'Shop' },
    isInvitable: false,
    cursors: {},
    ...access,
  });
  await raw.hears((frame) => frame.t === 'welcome');
  return raw;
}

/** A workplace that has said hello. */
export async function rawOperator(road: Road, account: { email: string; password: string }): Promise<Raw<OperatorServerFrame>> {
  const { answer, cookie } = await ask<OperatorSession>(road, '/operator/login', account);
  const raw = await connect<OperatorServerFrame>(road, '/operator/socket', { cookie });
  raw.tell({ t: 'hello', v: 1, csrf: answer.csrf, tab: randomBytes(8).toString('hex'), watching: [] });
  await raw.hears((frame) => frame.t === 'welcome');
  return raw;
}
