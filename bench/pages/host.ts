/** The page of the bridge's measurement: the same treaty, guard and library as the loader, without the chat around it. */
import { wrap } from 'comlink';
import { guard } from '../../shared/guard.ts';
import type { ErrorCode } from '../../shared/errors.ts';

const page = window as unknown as Record<string, unknown>;
const iframe = document.createElement('iframe');
iframe.src = new URLSearchParams(location.search).get('frame') ?? '';
document.documentElement.append(iframe);

window.addEventListener('message', ({ ports: [bare, guarded] }) => {
  if (!bare || !guarded) return;
  bare.start();
  const remote = wrap<{ send(uid: string, text: string): void }>(
    guard(guarded as never, { calls: new Set(), size: 1 << 20, toCode: (code) => code as ErrorCode }) as never,
  );
  const call = (): Promise<unknown> => remote.send('7f3f1c52-63d1-4a63-9a7e-0d4f8a8f0f0a', 'How much is it?');
  const rawCall = (): Promise<unknown> =>
    new Promise((resolve) => {
      bare.addEventListener('message', resolve, { once: true });
      bare.postMessage({ method: 'send', arguments: ['7f3f1c52-63d1-4a63-9a7e-0d4f8a8f0f0a', 'How much is it?'] });
    });
  const time = async (trip: () => Promise<unknown>): Promise<number> => {
    const from = performance.now();
    await trip();
    return performance.now() - from;
  };
  page['measure'] = async (times: number) => {
    const raw: number[] = [];
    const bridge: number[] = [];
    for (let warm = 0; warm < 200; warm += 1) await Promise.all([call(), rawCall()]);
    for (let n = 0; n < times; n += 1) {
      raw.push(await time(rawCall));
      bridge.push(await time(call));
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
