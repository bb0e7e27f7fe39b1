/**
 * When a list that follows its end goes on following it. Pure: the box's measures come in, the decision goes out; each interface
 * scrolls its own list. Both interfaces use it, so a reader leaves the newest message only by scrolling.
 */

/** Where a scrolled box stands, as the browser says it. */
export interface Stand {
  readonly scrollTop: number;
  readonly scrollHeight: number;
  readonly clientHeight: number;
}

/** A copy, because an element's values would have changed by the time they are read. */
export function standOf({ scrollTop, scrollHeight, clientHeight }: Stand): Stand {
  return { scrollTop, scrollHeight, clientHeight };
}

/** Whether box or content have another size than they had: a gap at the end may then be nobody's doing. */
export function isResized(before: Stand, now: Stand): boolean {
  return before.scrollHeight !== now.scrollHeight || before.clientHeight !== now.clientHeight;
}

/**
 * Whether the list follows its end, seen `now`. Within `near` pixels of the end it does. Further away, the reader has left the
 * end only by scrolling: that keeps box and content as large as they were (`before`). A gap that came with another size is a
 * notice, a keyboard, a picture or a message that has only just been drawn. The code that draws closes that gap.
 */
export function followsEnd(wasFollowing: boolean, before: Stand, now: Stand, near: number): boolean {
  return now.scrollHeight - now.scrollTop - now.clientHeight < near || (wasFollowing && isResized(before, now));
}
