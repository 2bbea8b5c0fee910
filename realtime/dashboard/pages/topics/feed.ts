/**
 * What is heard on every topic: over MQTT by a subscription of its own, with the retained messages the broker says
 * first; else as the server's log tells it, and for administrators with the list of what is retained.
 */
import { type Ref, ref, watch } from 'vue'
import { call } from '../../api.js'
import { now } from '../../clock.js'
import { Live } from '../../live/live.js'
import { hearMessages } from '../../live/message-source.js'
import { way } from '../../live/ways.js'
import { mayAct, session } from '../../session.js'
import type { Heard } from './tree.js'

/** What of a payload is kept, characters. */
const SHOWN = 4096
const LOGGED = 5000
const PAGE = 100
const PAGES = 20

export type Source = 'by_mqtt' | 'by_socket' | 'by_log'

interface Retained {
  readonly data: readonly { topic: string; payload_bytes: number; payload: string | null }[]
  readonly pagination: { readonly has_next: boolean }
}

/** What is retained, for those who may ask. */
async function readRetained(take: (heard: Heard) => void, isOver: () => boolean): Promise<void> {
  for (let page = 1; page <= PAGES && !isOver(); page++) {
    const { data, pagination } = await call<Retained>(
      'GET',
      `/broker/retained?page=${page}&page_size=${PAGE}`,
    )
    for (const { topic, payload, payload_bytes } of data)
      take({ topic, payload, size: payload_bytes, retain: true, at: undefined })
    if (!pagination.has_next) return
  }
}

/** Starts to hear. `source` says how; it may change when a subscription is refused. */
export function openFeed(take: (heard: Heard) => void): { source: Ref<Source>; close(): void } {
  const source = ref<Source>('by_socket')
  let isClosed = false
  let stop = (): void => {}

  const byLog = (): void => {
    const log = hearMessages(
      {
        live: (message) => take(message),
        found: (messages) => messages.toReversed().forEach((message) => void take(message)),
        gap: () => {},
      },
      LOGGED,
    )
    stop = () => log.close()
    if (session.user?.role === 'admin') readRetained(take, () => isClosed).catch(() => {})
  }

  const byMqtt = (): void => {
    const text = new TextDecoder()
    // What people say to one another lies outside of kaiser/.
    const filters = [mayAct.value ? '#' : 'kaiser/#']
    const transport = async () =>
      (await import('../../live/transport-mqtt.js')).overMqtt(filters, (topic, payload, { retain }) => {
        const shown = text.decode(payload.subarray(0, SHOWN))
        // Retained: it was said at some time before this page asked.
        take({ topic, payload: shown, size: payload.length, retain, at: retain ? undefined : now.value })
      })
    const live = new Live({ frame: () => {}, live: () => {} }, transport)
    live.open()
    source.value = 'by_mqtt'
    const unwatch = watch(
      () => live.link.refused,
      (isRefused) => {
        if (!isRefused) return
        stop()
        source.value = 'by_log'
        byLog()
      },
    )
    stop = () => {
      unwatch()
      live.close()
    }
  }

  if (way.value === 'mqtt') byMqtt()
  else byLog()
  return {
    source,
    close() {
      isClosed = true
      stop()
    },
  }
}
