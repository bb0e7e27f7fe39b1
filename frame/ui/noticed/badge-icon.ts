/** Draws the number of unread messages as a small picture that a page can show in place of its icon. */

/** In pixels of the picture; browsers show it at 16 or 32. */
const SIZE = 64;

/** A `data:` address of the picture, in the colours of the chat. */
export function drawBadge(count: number): string {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIZE;
  const context = canvas.getContext('2d');
  if (!context) return '';
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string, standard: string) => style.getPropertyValue(name).trim() || standard;
  context.fillStyle = colour('--accent', '#1f5eff');
  context.beginPath();
  context.arc(SIZE / 2, SIZE / 2, SIZE / 2, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = colour('--on-accent', '#fff');
  context.font = `700 ${count > 9 ? 34 : 44}px system-ui, sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(count > 9 ? '9+' : String(count), SIZE / 2, SIZE / 2 + 3);
  return canvas.toDataURL();
}
