/**
 * TREATY frame ⇄ server: several pages on one carrier. The page that has the carrier speaks plainly; frames of the others, which
 * ride along, end with the name of their ride. Each ride is to the server a connection of its own: it says hello, is limited and
 * closed like any other.
 *
 * The name is the frame's last property, so that it can be put on and taken off without reading the frame.
 */

/** Ends a ride. To the server: the page has gone. From the server: closed, with the code a socket would have been closed with. */
export type RideEnd = { t: 'leave' } | { t: 'closed'; code: number };

/** Rides on one carrier at a time; more are refused with `CLOSE.rate`. */
export const MOST_RIDES = 64;

const NAME = /,"ride":"([0-9a-f]{8,32})"\}$/;

/**
 * A frame as it travels for a ride.
 *
 * @param frame JSON of an object with at least one member
 * @param ride 8 to 32 hexadecimal digits
 * @example
 * named('{"t":"pong"}', '0123abcd') // '{"t":"pong","ride":"0123abcd"}'
 */
export function named(frame: string, ride: string): string {
  return `${frame.slice(0, -1)},"ride":"${ride}"}`;
}

/**
 * The frame as it was given to `named`, and whose it is; `undefined` for one that is spoken plainly.
 *
 * @example
 * unnamed('{"t":"pong","ride":"0123abcd"}') // { ride: '0123abcd', frame: '{"t":"pong"}' }
 */
export function unnamed(text: string): { ride: string; frame: string } | undefined {
  const found = NAME.exec(text);
  return found?.[1] === undefined ? undefined : { ride: found[1], frame: `${text.slice(0, found.index)}}` };
}
