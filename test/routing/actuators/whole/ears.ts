/** Takes what goes over the wires apart, so that rules hear of actuators and stops instead of topics. */
import { inspect } from 'node:util'
import type { Ears } from './house.js'
import { ACTUATORS } from './plan.js'
import type { Rule, Said } from './scene.js'

const COMMAND = /\/actuator\/(\d+)\/command$/
const STATUS = /\/actuator\/(\d+)\/status$/
const ALERT = /\/actuator\/(\d+)\/alert$/

/** What a message says of actuators: a status of one; an alert, or having stopped, that they are off. */
function saidIn(esp_id: string, topic: string, payload: string): Said[] {
  const status = STATUS.exec(topic)
  if (status)
    return [{ esp_id, gpio: Number(status[1]), value: (JSON.parse(payload) as { value: number }).value }]
  const alert = ALERT.exec(topic)
  if (alert) return [{ esp_id, gpio: Number(alert[1]), value: 0 }]
  if (!topic.endsWith('/actuator/emergency/ack')) return []
  return ACTUATORS.filter((each) => each.esp_id === esp_id).map(({ gpio }) => ({ esp_id, gpio, value: 0 }))
}

export const createEars = (rules: readonly Rule[], blame: (sentence: string) => void): Ears => ({
  failed: (error) => blame(`kaiser failed: ${inspect(error)}`),
  told(esp_id, topic, payload) {
    const command = COMMAND.exec(topic)
    const told = JSON.parse(payload)
    for (const rule of rules)
      if (command) rule.ordered?.({ esp_id, gpio: Number(command[1]), ...told })
      else if (topic.endsWith('/emergency')) rule.stopTold?.(esp_id, told.command === 'clear_emergency')
  },
  arriving(esp_id, topic, payload) {
    for (const said of saidIn(esp_id, topic, payload)) for (const rule of rules) rule.said?.(said)
  },
  kept(esp_id, topic, payload) {
    for (const said of saidIn(esp_id, topic, payload)) for (const rule of rules) rule.kept?.(said)
  },
  announced(event) {
    for (const rule of rules) rule.announced?.(event)
  },
})
