/** How the keys walk through a grid whose cells are numbered line by line. Pure. */

export interface Grid {
  count: number;
  columns: number;
  /** The first cell of a line is on the right. */
  isRtl: boolean;
}

/** PageUp and PageDown go so many lines. */
const PAGE = 4;

/**
 * Where a key leads from a cell: the number of another one, -1 out of the grid at its top, or `undefined` if the key means nothing here.
 *
 * @example
 * walk('ArrowDown', 2, false, { count: 20, columns: 8, isRtl: false }); // 10
 */
export function walk(key: string, at: number, hasCtrl: boolean, { count, columns, isRtl }: Grid): number | undefined {
  const last = count - 1;
  const line = at - (at % columns);
  const within = (next: number): number => Math.min(last, Math.max(0, next));
  const down = (lines: number): number => (line + lines * columns > last ? last : within(at + lines * columns));
  const up = (lines: number): number => (at < columns ? -1 : at - Math.min(lines, Math.floor(at / columns)) * columns);
  switch (key) {
    case 'ArrowRight':
    case 'ArrowLeft':
      return within(at + ((key === 'ArrowRight') === isRtl ? -1 : 1));
    case 'ArrowDown':
      return line + columns > last ? at : down(1);
    case 'ArrowUp':
      return up(1);
    case 'PageDown':
      return down(PAGE);
    case 'PageUp':
      return at < columns ? at : up(PAGE);
    case 'Home':
      return hasCtrl ? 0 : line;
    case 'End':
      return hasCtrl ? last : within(line + columns - 1);
    default:
      return undefined;
  }
}
