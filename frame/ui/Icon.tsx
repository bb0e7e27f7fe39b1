/** One of the interface's pictures, in the colour of the text around it. Silent: its button has a name of its own. */

export function Icon({ path, class: className = '' }: { path: string; class?: string }) {
  return (
    <svg class={`icon ${className}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={path} />
    </svg>
  );
}
