/**
 * What the sessions need from storage: their rows at the start, a place to say that an object changed, and word
 * from the disk. The store's own object has this shape; a test without a disk may bring another.
 */

/** An object that has a row. `written` is the store's to keep. */
export interface Rowed {
  readonly table:
    | 'mqtt_sessions'
    | 'mqtt_subscriptions'
    | 'mqtt_messages'
    | 'mqtt_queue'
    | 'mqtt_incoming'
    | 'mqtt_retained'
    | 'mqtt_wills'
    | 'mqtt_aside'
  /** The columns that name its row. */
  key(): object
  /** What its row should be now; undefined when there should be none. */
  row(): object | undefined
  written: boolean
  /** Its row was withdrawn with the message it belonged to. */
  withdrawn?(): void
}

/** Exactly one of `durable` and `expired` comes, `held` at most once before it. */
export interface Waiter {
  durable(): void
  /** The disk takes its time or fails. */
  held?(): void
  /** It waited as long as anybody may; what it waited for is written later. */
  expired(): void
  /** After `held` it wants to hear no more. */
  readonly content?: boolean
}

/** What was on disk at the start. */
export interface StoredRows {
  mqtt_sessions: { client_id: string; owner: string; disconnected_at: number | null }[]
  mqtt_subscriptions: {
    client_id: string
    filter: string
    qos: number
    nl: number | null
    rap: number | null
    rh: number | null
  }[]
  mqtt_messages: { id: number; topic: string; payload: Uint8Array; received_at: number }[]
  mqtt_queue: {
    id: number
    client_id: string
    message_id: number | null
    qos: number
    packet_id: number | null
  }[]
  mqtt_incoming: { client_id: string; packet_id: number }[]
  mqtt_retained: { topic: string; payload: Uint8Array; qos: number; stored_at: number }[]
  mqtt_aside: { client_id: string; name: string; seq: number; put_at: number; packet: string }[]
  mqtt_wills: { client_id: string; topic: string; payload: Uint8Array; qos: number; retain: number }[]
}

export interface StateStore {
  /** Gives the rows out; once. */
  take(): StoredRows
  /** The object changed: its row is written with the next commit. */
  note(object: Rowed): void
  /** What `work` notes is committed with the rows of the message that is handled now, or not at all. */
  together(work: () => void): void
  /** Tells when everything noted so far is on disk. */
  settle(waiter: Waiter): void
}

/** Resolves when everything noted so far is on disk. Rejects when it was not within the time anybody waits. */
export const onDisk = (store: StateStore, held?: () => void): Promise<void> =>
  new Promise((resolve, reject) => {
    store.settle({
      durable: resolve,
      ...(held && { held }),
      expired: () => reject(new Error('storage did not take it in time')),
    })
  })

/**
 * The same for what goes on from memory while the disk fails or dawdles: resolves then too, and the rows follow.
 */
export const onDiskOrHeld = (store: StateStore): Promise<void> =>
  new Promise((resolve) => {
    store.settle({ durable: resolve, held: resolve, expired: resolve, content: true })
  })
