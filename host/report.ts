/**
 * What goes wrong, said on the console of the page. Nothing is sent anywhere.
 */
const said = new Set<string>();
let failures = 0;

/** A customer's exception stops nobody: it is shown and counted. */
export function report(error: unknown): void {
  console.error('CallGear: failure ' + ++failures, error);
}

/** Runs a customer's function; whatever it throws is reported. */
export function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    report(error);
    return undefined;
  }
}

/** Says `text` once per page, however often it happens. */
export function warn(text: string): void {
  if (!said.has(text)) console.warn('CallGear: ' + text);
  said.add(text);
}

/** For a programmer's mistake: stops the caller at once and says what was expected. */
export function expected(what: string): never {
  throw new TypeError('CallGear: expected ' + what);
}

/** Listeners, controllers and callbacks: whatever else is handed in stops the caller at once. */
export function checkFunction(value: unknown): void {
  if (typeof value !== 'function') expected('a function');
}

/** For promises whose failure has already been announced as an event. */
export function ignore(): void {}
