/**
 * The few drawings of the workplace, 20 × 20, in the colour of the text around them. Decoration only: the
 * component that uses one brings the words.
 */
const PATHS = {
  send: 'M3 10 17 3.5 12.5 17l-3-5.5zM9.5 11.5 17 3.5',
  attach: 'M15.5 9.5 9.8 15.2a3.6 3.6 0 0 1-5-5l6.2-6.2a2.4 2.4 0 0 1 3.4 3.4l-6.1 6.1a1.2 1.2 0 0 1-1.7-1.7l5.6-5.6',
  back: 'M12 4.5 6.5 10l5.5 5.5',
  down: 'M4.5 8 10 13.5 15.5 8',
  close: 'm5 5 10 10M15 5 5 15',
  info: 'M10 9v5M10 6.2v.1M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0',
  file: 'M5 2.8h6l4 4v10.4H5zM11 2.8v4h4',
  search: 'm16.5 16.5-3.6-3.6M14 8.5a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0',
  chat: 'M4 3.5h12a1.5 1.5 0 0 1 1.5 1.5v8a1.5 1.5 0 0 1-1.5 1.5H9l-4 3v-3H4A1.5 1.5 0 0 1 2.5 13V5A1.5 1.5 0 0 1 4 3.5',
  star: 'm10 2.6 2.3 4.7 5.1.7-3.7 3.6.9 5.1L10 14.3l-4.6 2.4.9-5.1L2.6 8l5.1-.7z',
  bell: 'M10 3a4.6 4.6 0 0 0-4.6 4.6c0 4.2-1.7 5.4-1.7 6.4h12.6c0-1-1.7-2.2-1.7-6.4A4.6 4.6 0 0 0 10 3M8.4 16.6a1.8 1.8 0 0 0 3.2 0',
  people:
    'M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6M2 16.5c0-3 2.4-4.7 5.5-4.7s5.5 1.7 5.5 4.7M13 9.3a2.7 2.7 0 0 0 0-5.4M15 12.2c1.9.6 3 2 3 4.3',
} as const;

export function Icon({ name, class: extra = '' }: { name: keyof typeof PATHS; class?: string }) {
  return (
    <svg class={`icon icon-${name} ${extra}`} viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
