/** The page of the bridge's measurement: the same treaty, guard and library as the loader, without the chat around it. */
import { wrap } from 'comlink';
import { guard } from '../../shared/page/guard.ts';
import type { ErrorCode } from '../../shared/errors.ts';

const page = window as unknown as Record<string, unknown>;
const iframe = document.createElement('iframe');
iframe.src = new URLSearchParams(location.search).get('frame') ?? '';
document.documentElement.append(iframe);

window.addEventListener('message', ({ ports: [bare, guarded] }) => {
  if (!bare || !guarded) return;
  const remote = wrap<{ send(uid: string, text: string): void }>(
    guard(guarded as never, { calls: new Set(), size: 1 << 20, toCode: (code) => code as ErrorCode }) as never,
  );
  const call = (): Promise<unknown> => remote.send('7f3f1c52-63d1-4a63-9a7e-0d4f8a8f0f0a', 'How much is it?');
  // The least that tells several answers apart: what any library on top of a port has to do, and no more.
  const awaited = new Map<unknown, (value: unknown) => void>();
  let last = 0;
  bare.onmessage = ({ data }) => {
    awaited.get(data)?.(undefined);
    awaited.delete(data);
  };
  const rawCall = (): Promise<unknown> =>
    new Promise((resolve) => {
      awaited.set((last += 1), resolve);
      bare.postMessage({ id: last, method: 'send', arguments: ['7f3f1c52-63d1-4a63-9a7e-0d4f8a8f0f0a', 'How much is it?'] });
    });
  const time = async (trip: () => Promise<unknown>): Promise<number> => {
    const from = performance.now();
    await trip();
    return performance.now() - from;
  };
  // The page's clock ticks in tenths of a millisecond: a block of trips is timed, not one.
  const block = async (trip: () => Promise<unknown>): Promise<number> =>
    (await time(async () => {
      for (let n = 0; n < 20; n += 1) await trip();
    })) / 20;
  page['measure'] = async (times: number) => {
    const raw: number[] = [];
    const bridge: number[] = [];
    for (let warm = 0; warm < 200; warm += 1) await Promise.all([call(), rawCall()]);
    for (let n = 0; n < times; n += 1) {
      raw.push(await block(rawCall));
      bridge.push(await block(call));
    }
    return { raw, bridge };
  };
  // The bridge itself never has more than 64 under way.
  const waves = async (times: number, trip: () => Promise<unknown>): Promise<void> => {
    for (let left = times; left > 0; left -= 64) await Promise.all(Array.from({ length: Math.min(64, left) }, trip));
  };
  page['flood'] = async (times: number) => ({ raw: await time(() => waves(times, rawCall)), bridge: await time(() => waves(times, call)) });
  page['isReady'] = true;
});
