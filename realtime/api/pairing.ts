/** `/pairing`: lets a device nobody registered come in with a claim code, for a few minutes. */
import Type from 'typebox'
import {
  MOST_DEVICES_AT_ONCE,
  MOST_MINUTES,
  PAIRING_MINUTES,
  type Pairing,
  type PairingWindow,
} from '../../routing/pairing.js'
import type { Store } from '../../storage/store.js'
import { type Resource, route } from '../route.js'
import { EspId, nullable, Time } from '../shapes.js'
import { byUser } from '../user-audit.js'
import { iso } from '../web.js'

const Window = Type.Object({
  code: Type.String({ description: 'the password of a device that has none yet; case does not matter' }),
  opened_at: Time,
  expires_at: Time,
  devices: Type.Integer({ description: 'how many devices may come in with it' }),
  admitted: Type.Array(EspId, { description: 'those that did; GET /esp/devices/pending to approve them' }),
  full: Type.Boolean({ description: 'as many came in as may; no other can' }),
})

const windowBody = ({ code, opened_at, expires_at, devices, admitted }: PairingWindow) => ({
  code,
  opened_at: iso(opened_at)!,
  expires_at: iso(expires_at)!,
  devices,
  admitted: [...admitted],
  full: admitted.length >= devices,
})

export interface PairingApiOptions {
  store: Store
  now: () => number
  pairing: Pairing
}

export const pairing = ({ store, now, pairing: window }: PairingApiOptions): Resource => ({
  prefix: '/pairing',
  tag: 'Devices',
  routes: [
    route({
      method: 'GET',
      path: '',
      role: 'operator',
      summary: 'The pairing window, when one is open',
      answer: Type.Object({ success: Type.Literal(true), window: nullable(Window) }),
      handle: () => ({ success: true as const, window: window.window ? windowBody(window.window) : null }),
    }),

    route({
      method: 'POST',
      path: '',
      role: 'operator',
      summary: 'Open a pairing window; one that is open is replaced',
      description:
        'A device logs in on MQTT with its id as user name and the code as password, shows up as pending, and is told its own credentials on `mqtt/auth_update` when it is approved.',
      body: Type.Object({
        minutes: Type.Optional(
          Type.Integer({ minimum: 1, maximum: MOST_MINUTES, description: `default ${PAIRING_MINUTES}` }),
        ),
        devices: Type.Optional(
          Type.Integer({ minimum: 1, maximum: MOST_DEVICES_AT_ONCE, description: 'default 1' }),
        ),
      }),
      status: 201,
      answer: Window,
      handle(asked) {
        const { minutes = PAIRING_MINUTES, devices = 1 } = asked.body
        const opened = window.open(minutes, devices)
        store.auditLogs.note(
          byUser(asked, { event_type: 'pairing_opened', details: { minutes, devices } }),
          now(),
        )
        return windowBody(opened)
      },
    }),

    route({
      method: 'DELETE',
      path: '',
      role: 'operator',
      summary: 'Close the pairing window; devices that are inside stay',
      status: 204,
      handle(asked) {
        if (window.close()) store.auditLogs.note(byUser(asked, { event_type: 'pairing_closed' }), now())
        return undefined
      },
    }),
  ],
})
