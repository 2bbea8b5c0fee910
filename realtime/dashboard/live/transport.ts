/** What a way to the realtime events has to do, whichever it is: to try once, to hear, and to say when it is over. */

/** `replaced`: another one took its place. `refused`: it stands, and may not hear what it asked for. */
export type Ending = 'lost' | 'replaced' | 'refused'

/** Who listens to a connection. */
export interface Hearing {
  /** From now on every event is heard. */
  opened(): void
  /** One frame, as JSON. */
  frame(text: string): void
  ended(why: Ending): void
}

export interface Connection {
  /** Says something, so that a peer that is gone or has forgotten this one ends it. */
  probe(): void
  /** Asks for what happened since a cursor. False: this way has no memory, and nothing will come. */
  replay(since: string): boolean
  /** Lets go; nobody hears of it any more. */
  close(): void
}

/** Tries once. Rejects, or calls `ended`, when that came to nothing. */
export type Transport = (hearing: Hearing) => Promise<Connection>

/** How long a connection may take to come about, ms. */
export const PATIENCE = 10_000

const random = (): string => Math.random().toString(36).slice(2, 11)

/** Under this name the server knows one connection of this page. */
export const newClientId = (): string => `dashboard_${Date.now()}_${random()}`

/** The address of a WebSocket of the box this page came from. */
export const socketAt = (path: string): string =>
  `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`
