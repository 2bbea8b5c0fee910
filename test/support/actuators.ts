/** What the tests of actuators say: statuses, responses and alerts of one device, commands of ours, and what is told. */

import type { EventData, EventName } from '../../routing/contract/events.js'
import type { Effect } from '../../routing/effect.js'
import type { Command } from '../../storage/actuator-history.js'
import type { InStore } from './in-store.js'
import { DEVICE, NOW } from './samples.js'

const SECOND = NOW / 1000

const message = (what: string, gpio: number, payload: object, esp_id: string) => ({
  topic: `kaiser/god/esp/${esp_id}/actuator/${gpio}/${what}`,
  payload: JSON.stringify({ esp_id, gpio, ts: SECOND, ...payload }),
})
export const status = (payload: object, gpio = 5, esp_id = DEVICE) =>
  message('status', gpio, { actuator_type: 'pump', state: true, value: 1, ...payload }, esp_id)
export const response = (payload: object, gpio = 5, esp_id = DEVICE) =>
  message('response', gpio, { command: 'ON', success: true, ...payload }, esp_id)
export const alert = (payload: object, gpio = 5, esp_id = DEVICE) =>
  message('alert', gpio, { alert_type: 'runtime_protection', ...payload }, esp_id)

/** A command of ours that has left. */
export async function sent(
  { store, book, clock }: InStore,
  correlation_id: string,
  command_type: string,
  { gpio = 5, value = null as number | null } = {},
): Promise<Command> {
  return store.group.run(() =>
    book.advance(
      book.open(
        { correlation_id, esp_id: DEVICE, gpio, command_type, value, issued_by: 'user:ada' },
        clock.now,
      ),
      'sent',
      clock.now,
    ),
  )
}

/** The data of the events of a kind, in order. */
export const told = <K extends EventName>(effects: readonly Effect[], type: K): EventData[K][] =>
  effects.flatMap((effect) =>
    effect.kind === 'emit' && effect.event.type === type ? [effect.event.data as EventData[K]] : [],
  )

export const HISTORY = `SELECT correlation_id, gpio, command_type, value, issued_by, state, success, error_message
  FROM actuator_history ORDER BY id`
export const STATES = 'SELECT gpio, state, current_value, last_command FROM actuator_states ORDER BY gpio'
