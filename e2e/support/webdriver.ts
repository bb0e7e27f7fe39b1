/**
 * WebKit for the tests, over the W3C's WebDriver protocol: the driver of the page's other engines has no WebKit of the system.
 * Starts a display where there is none, the driver and one browser, and offers the few commands that the tests need.
 * An element that is not there yet is an error. To wait, the caller asks again.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { WebKitLaunch } from './browsers.ts';
import { freePort } from './system.ts';

/** The protocol's key of an element in its answers. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

export interface WebKit {
  readonly version: string;
  goto(url: string): Promise<void>;
  /** Runs the body of a function in the page, or in the frame that was entered, and returns what it returns. */
  run<T>(body: string): Promise<T>;
  /** From the page into the first such frame. */
  enter(frame: string): Promise<void>;
  /** Back to the page. */
  leave(): Promise<void>;
  /** Clicks where the element is, as a mouse would. */
  click(selector: string): Promise<void>;
  type(selector: string, text: string): Promise<void>;
  close(): Promise<void>;
}

export async function startWebKit({ driver, xvfb }: WebKitLaunch): Promise<WebKit> {
  const started: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const child of started.reverse()) await end(child);
  };
  try {
    const display = xvfb === undefined ? {} : { DISPLAY: await startDisplay(xvfb, started) };
    const port = await freePort();
    // Without the desktop's accessibility bus, which a container does not have.
    started.push(spawn(driver, [`--port=${port}`], { stdio: 'ignore', env: { ...process.env, ...display, NO_AT_BRIDGE: '1' } }));
    const command = talkTo(`http://127.0.0.1:${port}`);
    await answering(command);
    const { sessionId, capabilities } = await command<{ sessionId: string; capabilities: { browserVersion: string } }>('POST', '/session', {
      capabilities: {},
    });
    return createWebKit(capabilities.browserVersion, (method, path, body) => command(method, `/session/${sessionId}${path}`, body), stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

type Command = <T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<T>;

function createWebKit(version: string, command: Command, stop: () => Promise<void>): WebKit {
  const find = (selector: string) => command<Record<string, string>>('POST', '/element', { using: 'css selector', value: selector });
  const act = async (selector: string, what: string, body: object): Promise<void> =>
    command('POST', `/element/${(await find(selector))[ELEMENT]}/${what}`, body);
  const leave = (): Promise<void> => command('POST', '/frame', { id: null });
  return {
    version,
    goto: (url) => command('POST', '/url', { url }),
    run: (body) => command('POST', '/execute/sync', { script: body, args: [] }),
    async enter(frame) {
      await leave();
      await command('POST', '/frame', { id: await find(frame) });
    },
    leave,
    click: (selector) => act(selector, 'click', {}),
    type: (selector, text) => act(selector, 'value', { text }),
    async close() {
      await command('DELETE', '').catch(() => undefined); // A browser that has crashed has ended already.
      await stop();
    },
  };
}

function talkTo(origin: string): Command {
  return async <T>(method: string, path: string, body?: object) => {
    const response = await fetch(`${origin}${path}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const { value } = (await response.json()) as { value: unknown };
    if (!response.ok) {
      const { error, message } = value as { error: string; message: string };
      throw new Error(`${method} ${path}: ${error}. ${message}`);
    }
    return value as T;
  };
}

/** Waits until the driver listens. */
async function answering(command: Command): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const status = await command<{ ready: boolean }>('GET', '/status').catch(() => undefined);
    if (status?.ready === true) return;
    if (Date.now() > deadline) throw new Error('WebKitWebDriver does not answer.');
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** Starts a display in memory and returns its name, which it finds itself and writes on its fourth channel. */
async function startDisplay(xvfb: string, started: ChildProcess[]): Promise<string> {
  const child = spawn(xvfb, ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  started.push(child);
  const said = child.stdio[3];
  if (said === null || said === undefined) throw new Error('Xvfb has no fourth channel.');
  const [line] = (await once(createInterface({ input: said as NodeJS.ReadableStream }), 'line')) as [string];
  return `:${line.trim()}`;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill();
  await exited;
}
