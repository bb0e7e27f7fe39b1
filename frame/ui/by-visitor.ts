/** Who gives a command in the interface: the visitor's own fingers, never the page's script. */
export const BY_VISITOR = { via: 'ui' } as const;
