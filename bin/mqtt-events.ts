/**
 * What realtime hears is said on MQTT too, on a topic for each type of event, where somebody subscribes to it. What
 * only reaches who names it is not: a wildcard names nothing.
 */
import type { Broker } from '../broker/broker.js'
import type { Hub } from '../realtime/hub.js'
import type { Report } from '../routing/contract/codes.js'
import { events, OPT_IN } from '../routing/contract/events.js'
import { format, fromServer } from '../routing/contract/topics.js'

export interface MqttEventsOptions {
  hub: Pick<Hub, 'reflect'>
  broker: Pick<Broker, 'hears' | 'publish'>
  kaiser_id: string
  report: Report
}

export function sayOnMqtt({ hub, broker, kaiser_id, report }: MqttEventsOptions): void {
  const topics: Readonly<Record<string, string>> = Object.fromEntries(
    Object.keys(events).map((event) => [event, format(fromServer.event, { kaiser_id, event })]),
  )
  hub.reflect({
    wants: (type) => !OPT_IN.has(type) && broker.hears(topics[type]!),
    take(type, payload) {
      broker
        .publish({ topic: topics[type]!, payload, qos: 0, retain: false })
        .catch((error) => report('publish_failed', type, { err: error }))
    },
  })
}
