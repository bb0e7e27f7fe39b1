/**
 * What is wrong with a picture, measured inside the frame: something cut, something overlapping, something that can be scrolled
 * two ways, a way out or a text box out of sight. Runs in the frame's document and is handed to the browser as it stands.
 */

/** The faults in the document, one line each; none is an empty list. */
export function measure(): string[] {
  const faults: string[] = [];
  // A modal dialog makes everything behind it inert.
  const root = document.querySelector('dialog:modal, [aria-modal=true]') ?? document.querySelector('#app');
  if (root === null) return ['nothing is drawn'];

  const name = (element: Element): string => {
    const text = (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 40);
    return `<${element.localName}${element.className && typeof element.className === 'string' ? `.${element.className.split(' ')[0]}` : ''}> ${text}`;
  };
  const isShown = (element: Element): boolean => {
    const { width, height } = element.getBoundingClientRect();
    return width > 2 && height > 2 && element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  };
  /** The part of an element that its scrolling and clipping ancestors leave. */
  const seen = (element: Element): DOMRect | undefined => {
    let { left, top, right, bottom } = element.getBoundingClientRect();
    for (let box = element.parentElement; box !== null; box = box.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(box);
      const edge = box.getBoundingClientRect();
      if (overflowX !== 'visible') [left, right] = [Math.max(left, edge.left), Math.min(right, edge.right)];
      if (overflowY !== 'visible') [top, bottom] = [Math.max(top, edge.top), Math.min(bottom, edge.bottom)];
    }
    [left, right] = [Math.max(left, 0), Math.min(right, innerWidth)];
    [top, bottom] = [Math.max(top, 0), Math.min(bottom, innerHeight)];
    return right - left > 1 && bottom - top > 1 ? new DOMRect(left, top, right - left, bottom - top) : undefined;
  };
  /** Its boxes as far as they are seen: a link that takes two lines is two of them, beside which another link may stand. */
  const parts = (element: Element): DOMRect[] => {
    const clip = seen(element);
    return clip === undefined
      ? []
      : [...element.getClientRects()].map((box) => {
          const [left, top] = [Math.max(box.left, clip.left), Math.max(box.top, clip.top)];
          return new DOMRect(left, top, Math.min(box.right, clip.right) - left, Math.min(box.bottom, clip.bottom) - top);
        });
  };
  const scroller = (element: Element): Element | undefined => {
    for (let box = element.parentElement; box !== null; box = box.parentElement)
      if (/auto|scroll/.test(getComputedStyle(box).overflowY) && box.scrollHeight > box.clientHeight + 1) return box;
    return undefined;
  };

  for (const element of root.querySelectorAll('*')) {
    if (!isShown(element)) continue;
    const { overflowX, overflowY } = getComputedStyle(element);
    const isWide = element.scrollWidth > element.clientWidth + 1;
    if (isWide && /auto|scroll/.test(overflowX) && element.scrollHeight > element.clientHeight + 1 && /auto|scroll/.test(overflowY))
      faults.push(`scrolls two ways: ${name(element)}`);
  }
  const page = document.scrollingElement;
  if (page !== null && (page.scrollWidth > innerWidth + 1 || page.scrollHeight > innerHeight + 1)) faults.push('the document scrolls');

  /** What lies over the rest for a while, as a menu does: what it covers comes back. */
  const overlay = root.querySelector('#menu, [role=dialog]');
  const isBehind = (element: Element): boolean => {
    if (overlay === null || overlay === root || overlay.contains(element)) return false;
    const [a, b] = [element.getBoundingClientRect(), overlay.getBoundingClientRect()];
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  };
  const controls = [...root.querySelectorAll('button, a[href], input, textarea, select, summary')].filter(
    (element) => isShown(element) && element.closest('[inert]') === null && !isBehind(element),
  );
  for (const control of controls) {
    const box = control.getBoundingClientRect();
    const part = seen(control);
    const isScrolled = scroller(control) !== undefined;
    // What is scrolled out of sight can be scrolled into sight; the rest has to be there whole.
    if (!isScrolled && (part === undefined || part.width < box.width - 1.5 || part.height < box.height - 1.5))
      faults.push(`cut: ${name(control)}`);
    if (
      control.localName === 'button' &&
      control.scrollWidth > control.clientWidth + 1 &&
      getComputedStyle(control).overflowX !== 'visible'
    )
      faults.push(`its text is cut: ${name(control)}`);
    if (part === undefined || part.width < 8 || part.height < 8) continue;
    const [line = part] = parts(control);
    const hit = document.elementFromPoint(line.x + line.width / 2, line.y + line.height / 2);
    if (hit !== null && !control.contains(hit) && !hit.contains(control)) faults.push(`covered: ${name(control)} by ${name(hit)}`);
  }
  for (const [at, one] of controls.entries()) {
    for (const other of controls.slice(at + 1)) {
      if (one.contains(other) || other.contains(one)) continue;
      const isOver = parts(one).some((a) =>
        parts(other).some(
          (b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1.5 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1.5,
        ),
      );
      if (isOver) faults.push(`overlap: ${name(one)} and ${name(other)}`);
    }
  }

  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const holder = node.parentElement;
    if (holder === null || !node.textContent?.trim() || !isShown(holder) || holder.closest('.unseen, [aria-hidden=true]')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (box.width < 1 || scroller(holder) !== undefined) continue;
    const isShortened =
      holder.closest('[title]') !== null ||
      getComputedStyle(holder).textOverflow === 'ellipsis' ||
      Boolean(getComputedStyle(holder).webkitLineClamp.match(/\d/));
    if (isShortened) continue;
    if (box.left < -1.5 || box.right > innerWidth + 1.5 || box.top < -1.5 || box.bottom > innerHeight + 1.5)
      faults.push(`text out of sight: ${name(holder)}`);
  }
  return faults;
}
