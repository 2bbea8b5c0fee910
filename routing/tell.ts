/**
 * Saying something to one device while it is there: a command, a stop, a configuration. What this promises is that it
 * comes now or never. Declared here, done by the broker.
 */

/** What becomes of something that was said; each is called at most once, in this order, and never inside the call itself. */
export interface Life {
  /**
   * Its bytes went into the stream of the device's connection; when it has none and only others hear the topic, it was
   * published. Never called when the connection ended before.
   */
  written(): void
  /** In place of `written`, for whoever tells the two apart: it has no connection, and others were said it. */
  published?(): void
  /** That connection has acknowledged it. Not when it subscribed with QoS 0, nor when there is none. */
  acknowledged(): void
}

/**
 * Says something to one device now: QoS 1, not retained, on its connection or not at all. It is in no queue, so that it
 * is never delivered late, neither to the device's own lasting session nor after a reconnect, and it waits for no disk.
 * Others who are connected and subscribe hear it too. What is told on one connection arrives in the order of the calls.
 * False when nobody hears the topic: then it was not said, and nothing of its life is called. Never throws.
 */
export type Tell = (esp_id: string, message: { topic: string; payload: string }, life: Life) => boolean
