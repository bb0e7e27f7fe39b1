/**
 * TREATY frame ⇄ server: several pages on one carrier. The page that owns the carrier, the leader, sends plain frames. Every other
 * page, a follower, has a channel through it, and its frames end with the channel's id. To the server each channel is a connection of
 * its own: it says hello, is limited and is closed like any other.
 *
 * The id is the frame's last property (on the wire: `ride`), so it can be added and removed without parsing the frame.
 */

/** Ends a channel. To the server: the page has gone. From the server: closed, with the code that a socket would get. */
export type ChannelEnd = { t: 'leave' } | { t: 'closed'; code: number };

/** Channels on one carrier at a time; the server refuses more with `CLOSE.rate`. */
export const MAX_CHANNELS = 64;

const ID = /,"ride":"([0-9a-f]{8,32})"\}$/;

/**
 * A frame as it travels through a channel.
 *
 * @param frame JSON of an object with at least one member
 * @param channel 8 to 32 hexadecimal digits
 * @example
 * addChannel('{"t":"pong"}', '0123abcd') // '{"t":"pong","ride":"0123abcd"}'
 */
export function addChannel(frame: string, channel: string): string {
  return `${frame.slice(0, -1)},"ride":"${channel}"}`;
}

/**
 * Undoes `addChannel`; `undefined` for a plain frame.
 *
 * @example
 * splitChannel('{"t":"pong","ride":"0123abcd"}') // { channel: '0123abcd', frame: '{"t":"pong"}' }
 */
export function splitChannel(text: string): { channel: string; frame: string } | undefined {
  const found = ID.exec(text);
  return found?.[1] === undefined ? undefined : { channel: found[1], frame: `${text.slice(0, found.index)}}` };
}
