/** The ways to the realtime events that people can choose from, and the one that was chosen in this browser. */
import { ref } from 'vue'
import type { Transport } from './transport.js'
import { overWebSocket } from './transport-websocket.js'

/** What every kaiser that shares its Redis says to people. */
const EVENTS = 'kaiser/+/event/#'

const ways = {
  /** What leaves together is one frame: ten a second bring every value of hundreds of sensors. */
  websocket: async (): Promise<Transport> => overWebSocket({ filters: {}, batch: true }),
  mqtt: async (): Promise<Transport> => (await import('./transport-mqtt.js')).overMqtt([EVENTS]),
} as const
export type Way = keyof typeof ways
export const WAYS = Object.keys(ways) as Way[]

const KEPT_AS = 'kaiser_connection'
const kept = (): Way => {
  const name = localStorage.getItem(KEPT_AS)
  return WAYS.find((way) => way === name) ?? 'websocket'
}

/** The chosen one. */
export const way = ref<Way>(kept())

/** Chooses, and remembers it in this browser. */
export function takeWay(name: Way): void {
  way.value = name
  try {
    localStorage.setItem(KEPT_AS, name)
  } catch {
    // A full or forbidden storage: the choice lasts as long as this page.
  }
}

const made = new Map<Way, Promise<Transport>>()

/** The transport of the chosen way, loaded when it is first needed. */
export function chosenTransport(): Promise<Transport> {
  const name = way.value
  const transport = made.get(name) ?? ways[name]()
  made.set(name, transport)
  transport.catch(() => made.delete(name))
  return transport
}
