/**
 * Standard output and error, whose other end may go away at any time (`admin site list | head -1`, a log collector that is
 * restarted) or may have no room. What nobody can read any more is no reason to end: work goes on and its exit code is its own.
 */
const LOST: ReadonlySet<string> = new Set(['EPIPE', 'ERR_STREAM_DESTROYED']);

/**
 * To be called before anything is printed.
 *
 * @param onTrouble told of what is wrong with standard output other than that nobody listens
 */
export function guardOutput(onTrouble: (error: Error) => void = () => undefined): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!LOST.has(error.code ?? '')) onTrouble(error);
  });
}
