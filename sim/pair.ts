/** A connection in memory: two streams, each hearing what the other says, gone together as a socket would be. */
import { type Duplex, duplexPair } from 'node:stream'

/** Gives the other end away at each connect, and keeps this one. */
export const pair = (attach: (stream: Duplex) => void) => (): Duplex => {
  const [ours, theirs] = duplexPair()
  // A pair in memory does not notice that its other end is gone; a socket would.
  ours.once('close', () => theirs.destroy())
  theirs.once('close', () => ours.destroy())
  attach(theirs)
  return ours
}
