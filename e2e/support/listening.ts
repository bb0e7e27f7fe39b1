/** Where a server listens that was started with `PORT=0` or `DEMO_PORT=auto`, read from what it prints. */
import type { ChildProcess } from 'node:child_process';

/** The port that the server has chosen; `undefined` until it has printed it, which it does once it serves. */
export function listeningPort(output: string): number | undefined {
  return numberIn(/^Listening +\S+:(\d+)$/m, output);
}

/** The port of the demonstration shop. */
export function shopPort(output: string): number | undefined {
  return numberIn(/^Shop +http:\/\/127\.0\.0\.1:(\d+)\/$/m, output);
}

/** Resolves with the chosen port once the server serves. Rejects, with what it has printed, if it ends instead. */
export function untilListening(child: ChildProcess, output: () => string): Promise<number> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const port = listeningPort(output());
      if (port !== undefined) resolve(port);
    };
    child.stdout?.on('data', look);
    child.once('close', () => reject(new Error(`The server did not start:\n${output()}`)));
  });
}

function numberIn(pattern: RegExp, output: string): number | undefined {
  const [, digits] = pattern.exec(output) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
