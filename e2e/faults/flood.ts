/**
 * Somebody who writes very much, without a page: a visitor on a bare socket, whose messages go through the server like anyone's.
 * A browser can go on as the same visitor with the refresh token that is returned.
 */
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { TEST_LIMITS } from '../support/system.ts';

/** Limits under which one visitor may write ten thousand messages in seconds. */
export const FLOOD_LIMITS = JSON.stringify({
  ...TEST_LIMITS,
  rates: {
    ...TEST_LIMITS.rates,
    messagesPerSecond: 1_000_000,
    messagesBurst: 1_000_000,
    messagesPerAddressSecond: 1_000_000,
    messagesPerAddressBurst: 1_000_000,
  },
  text: { bytesPerVisitorDay: 1e9 },
});
const BATCH = 20;

export interface Writer {
  /** Sends these messages in order, so many in one frame, and resolves when the last one is stored. */
  say(texts: readonly string[], atOnce?: number): Promise<void>;
  /** Asks for the transcript and resolves when it is on its way. */
  mail(address: string): Promise<void>;
  readonly refresh: string;
  close(): void;
}

interface Frame {
  t: string;
  uid?: string;
  message?: string;
}

/** A new visitor of the site, or the one whose refresh token this is. */
export async function createWriter(chat: string, shop: string, site: string, known?: string): Promise<Writer> {
  const answer = await fetch(`${chat}/session`, {
    method: 'POST',
    headers: { origin: chat, 'content-type': 'application/json' },
    body: JSON.stringify({ site, create: true, ...(known !== undefined && { refresh: known }) }),
  });
  const { access, refresh } = (await answer.json()) as { access: string; refresh: string };
  const socket = new WebSocket(`${chat.replace('http', 'ws')}/socket`, { origin: chat });
  const waiting = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () =>
      socket.send(
        JSON.stringify({
          t: 'hello',
          v: 1,
          site,
          tab: randomUUID(),
          page: { url: shop, title: '' },
          isInvitable: false,
          access,
          cursors: {},
        }),
      ),
    );
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as Frame;
      if (frame.t === 'welcome') resolve();
      if (frame.t === 'ping') socket.send(JSON.stringify({ t: 'pong' }));
      if (frame.t !== 'ack' && frame.t !== 'nack') return;
      const waiter = waiting.get(frame.uid ?? '');
      if (frame.t === 'ack') waiter?.resolve();
      else waiter?.reject(new Error(frame.message));
    });
  });
  const carryOut = async (commands: readonly object[]): Promise<void> => {
    const items = commands.map((command) => ({ uid: randomUUID(), ...command }));
    const stored = items.map(({ uid }) => new Promise<void>((resolve, reject) => waiting.set(uid, { resolve, reject })));
    socket.send(JSON.stringify({ t: 'send', items }));
    await Promise.all(stored);
    for (const { uid } of items) waiting.delete(uid);
  };
  return {
    refresh,
    async say(texts, atOnce = BATCH) {
      for (let at = 0; at < texts.length; at += atOnce)
        await carryOut(texts.slice(at, at + atOnce).map((text) => ({ kind: 'message.send', text, group: null })));
    },
    mail: (address) => carryOut([{ kind: 'transcript.mail', address }]),
    close: () => socket.terminate(),
  };
}
