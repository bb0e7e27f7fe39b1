/**
 * Standard output and error. Their other end may go away at any time (`admin site list | head -1`, a log collector that restarts), or
 * be full. That is no reason to end: the work goes on, and keeps its own exit code.
 */
const LOST: ReadonlySet<string> = new Set(['EPIPE', 'ERR_STREAM_DESTROYED']);

/**
 * To be called before anything is printed.
 *
 * @param onTrouble receives every error of standard output, except that nobody reads it
 */
export function guardOutput(onTrouble: (error: Error) => void = () => undefined): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!LOST.has(error.code ?? '')) onTrouble(error);
  });
}
