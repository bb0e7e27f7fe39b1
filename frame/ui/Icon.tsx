/** The interface's pictures, drawn in the colour of the text around them. Silent: their buttons have names of their own. */

export const ICONS = {
  chat: 'M12 3c5 0 9 3.4 9 7.7s-4 7.7-9 7.7c-.9 0-1.8-.1-2.6-.3L4.6 20.6c-.4.2-.8-.2-.7-.6l1-3.6C3.7 15 3 12.9 3 10.7 3 6.4 7 3 12 3Z',
  close: 'M6 6l12 12M18 6 6 18',
  send: 'M12 19V5M5.5 11.5 12 5l6.5 6.5',
  clip: 'M20 11.5l-8.3 8.2a5.2 5.2 0 0 1-7.4-7.4l8.6-8.5a3.5 3.5 0 0 1 5 5l-8.7 8.5a1.7 1.7 0 0 1-2.4-2.4l7.9-7.8',
  mail: 'M4.5 5.5h15c.8 0 1.5.7 1.5 1.5v10c0 .8-.7 1.5-1.5 1.5h-15A1.5 1.5 0 0 1 3 17V7c0-.8.7-1.5 1.5-1.5ZM3.5 7.5 12 13l8.5-5.5',
  print: 'M7 8.5V3.5h10v5M7 17H4.5A1.5 1.5 0 0 1 3 15.5V10c0-.8.7-1.5 1.5-1.5h15c.8 0 1.5.7 1.5 1.5v5.5c0 .8-.7 1.5-1.5 1.5H17M7 14h10v6.5H7Z',
  file: 'M13.5 3H7a1.5 1.5 0 0 0-1.5 1.5v15A1.5 1.5 0 0 0 7 21h10a1.5 1.5 0 0 0 1.5-1.5V8ZM13.5 3v5h5',
  star: 'M12 3.6l2.6 5.3 5.9.9-4.3 4.1 1 5.8L12 17l-5.2 2.7 1-5.8L3.5 9.8l5.9-.9Z',
  down: 'M12 5v14M6 13l6 6 6-6',
  back: 'M19 12H5M11 6l-6 6 6 6',
  pending: 'M12 7.5V12l3 2M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z',
  stored: 'M5 12.5l4.5 4.5L19 7.5',
  failed: 'M12 7.5v5.5M12 16.4v.1M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z',
} as const;

export type IconName = keyof typeof ICONS;

export function Icon({ name, class: className = '' }: { name: IconName; class?: string }) {
  return (
    <svg class={`icon ${className}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={ICONS[name]} />
    </svg>
  );
}
