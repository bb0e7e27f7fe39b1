/** The frame of the bridge's measurement: answers on a bare port, and on one behind guard and library. */
import { expose } from 'comlink';
import { callable, createBucket, guard } from '../../shared/page/guard.ts';
import type { ErrorCode } from '../../shared/errors.ts';

const bare = new MessageChannel();
bare.port1.onmessage = ({ data }: MessageEvent<{ id: number }>) => bare.port1.postMessage(data.id);
const guarded = new MessageChannel();
// A bucket that never runs dry: its bookkeeping is measured, its refusals are not.
const isAllowed = createBucket({ perSecond: 1e9, burst: 1e9 });
expose(
  callable({ send: () => undefined }),
  guard(guarded.port1 as never, { calls: new Set(['send']), size: 65_536, toCode: (code) => code as ErrorCode, isAllowed }) as never,
);
window.parent.postMessage('ports', '*', [bare.port2, guarded.port2]);
