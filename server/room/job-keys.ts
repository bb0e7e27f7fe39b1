/** The keys of the jobs that belong to one chat or one file. A key names a job, so there is one at a time. */
/** The job of a chat that waits for an operator. */
export function waitingKey(chat: string): string {
  return `waiting:${chat}`;
}

/** The job that takes a chat from an operator who has no connection. */
export function awayKey(chat: string): string {
  return `away:${chat}`;
}

/** The job that closes a chat whose visitor has left the site. */
export function leftKey(chat: string): string {
  return `left:${chat}`;
}

/** The job that throws an upload away unless it is sent in time. */
export function uploadKey(file: string): string {
  return `upload:${file}`;
}

/** The job that shows a file to the scanner again. */
export function scanKey(file: string): string {
  return `scan:${file}`;
}
