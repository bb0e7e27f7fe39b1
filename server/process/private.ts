/**
 * Keeps stored data readable by its owner alone. New files are private already (`umask.ts`). A starting program also closes
 * files that an earlier version or a copy left readable. The data directory itself belongs to the administrator: we do not
 * change it, but warn when others may look into it.
 */
import { chmodSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';

/** Whatever is not the owner's. */
const OTHERS = 0o077;

/**
 * Closes what lies in the data directory and in the folder of files.
 *
 * @param complain told, one line each, of what others may read and is not ours to change
 */
export function keepPrivate({ dataDir, filesDir }: Pick<Config, 'dataDir' | 'filesDir'>, complain: (line: string) => void): void {
  if (process.platform === 'win32') return;
  for (const [name, folder] of new Map([
    [dataDir, 'DATA_DIR'],
    [filesDir, 'FILES_URL'],
  ])) {
    // Inside the other it is closed with it.
    if (name === filesDir && filesDir.startsWith(`${dataDir}/`)) continue;
    // It may be a link to where there is room.
    const mode = statSync(name, { throwIfNoEntry: false })?.mode;
    if (mode === undefined) continue;
    if ((mode & OTHERS) !== 0)
      complain(
        `WARNING: others on this machine may look into ${name} (${folder}, mode ${octal(mode & 0o777)}), where conversations and secrets are kept. Run: chmod 700 ${name}`,
      );
    closeAll(name, complain);
  }
}

/** Files and folders that lie here. A folder that was closed before is not looked into: nobody else could have come by. */
function closeAll(folder: string, complain: (line: string) => void): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const mode = modeOf(path);
    if (mode === undefined || (mode & OTHERS) === 0) continue;
    const stat = lstatSync(path, { throwIfNoEntry: false });
    // From within: a folder that is closed is known to be closed all through.
    if (stat?.isDirectory() === true) closeAll(path, complain);
    close(path, mode & ~OTHERS, complain);
  }
}

function close(path: string, mode: number, complain: (line: string) => void): void {
  try {
    chmodSync(path, mode);
  } catch (error) {
    complain(
      `WARNING: others on this machine may read ${path}, and that could not be changed: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** The permissions of a file or folder; `undefined` if it is gone, a link or anything else. */
function modeOf(path: string): number | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true || stat?.isDirectory() === true ? stat.mode & 0o777 : undefined;
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');
