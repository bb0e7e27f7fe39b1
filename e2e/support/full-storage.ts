/** Storage without room for one more byte, in the page it is called on. Handed to the browser as it stands: it uses nothing of ours. */
export function fillStorageHere(): void {
  let size = 4 * 1024 * 1024;
  for (let n = 0; size >= 1; n += 1) {
    try {
      localStorage.setItem(`filler ${n}`, 'x'.repeat(size));
    } catch {
      size = Math.floor(size / 2);
    }
  }
  const full = (): never => {
    throw new DOMException('The disk is full.', 'QuotaExceededError');
  };
  IDBObjectStore.prototype.put = full;
  IDBObjectStore.prototype.add = full;
}
