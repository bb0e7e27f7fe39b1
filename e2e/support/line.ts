/**
 * The network between one page's frame and the server: what a test cuts, mends, or lets one frame of the socket get lost in.
 * It stands between two real ends and invents nothing, but for the refusals a test asks for.
 */
import type { Page, WebSocketRoute } from '@playwright/test';

/** A frame of the socket as JSON: only what tests look at. */
interface Frame {
  t: string;
  items?: { uid: string; kind: string; text?: string }[];
  event?: { kind: string; text?: string };
  [name: string]: unknown;
}

export interface Line {
  /** Frames that the page has sent, in order. */
  readonly sent: Frame[];
  /** Ends the connection and lets no new one through. */
  cut(): Promise<void>;
  /** Lets connections through again. */
  mend(): void;
  /** The next message event with this text never reaches the page. */
  loseMessage(text: string): void;
  /** The message with this text is refused for good, as a server whose disk is full would. */
  refuse(text: string): void;
  /** Messages with this text reach the server again. */
  accept(text: string): void;
}

/** Lays the line; before the page is opened. */
export async function layLine(page: Page): Promise<Line> {
  const open = new Set<WebSocketRoute>();
  const sent: Frame[] = [];
  const lost = new Set<string>();
  const refused = new Set<string>();
  let isCut = false;

  await page.routeWebSocket(/\/socket/, (client) => {
    if (isCut) return void client.close();
    const server = client.connectToServer();
    open.add(client);
    client.onClose((code, reason) => {
      open.delete(client);
      void server.close(code === undefined ? {} : { code, reason: reason ?? '' });
    });
    client.onMessage((data) => {
      const frame = JSON.parse(String(data)) as Frame;
      sent.push(frame);
      const [bad, good] = split(frame, refused);
      for (const { uid } of bad)
        client.send(JSON.stringify({ t: 'nack', uid, code: 'storage_full', message: 'The disk is full.', retry: false }));
      if (bad.length === 0) server.send(data);
      else if (good.length > 0) server.send(JSON.stringify({ ...frame, items: good }));
    });
    server.onMessage((data) => {
      const { t, event } = JSON.parse(String(data)) as Frame;
      if (t === 'evt' && event?.text !== undefined && lost.delete(event.text)) return;
      client.send(data);
    });
  });

  return {
    sent,
    async cut() {
      isCut = true;
      await Promise.all([...open].map((client) => client.close({ code: 1001 })));
      open.clear();
    },
    mend() {
      isCut = false;
    },
    loseMessage: (text) => void lost.add(text),
    refuse: (text) => void refused.add(text),
    accept: (text) => void refused.delete(text),
  };
}

/** Items of a batch that are refused, and the others. */
function split(frame: Frame, refused: ReadonlySet<string>): [bad: NonNullable<Frame['items']>, good: NonNullable<Frame['items']>] {
  const items = frame.t === 'send' ? (frame.items ?? []) : [];
  const isBad = ({ text }: { text?: string }) => text !== undefined && refused.has(text);
  return [items.filter(isBad), items.filter((item) => !isBad(item))];
}
