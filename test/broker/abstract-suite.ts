/** Aedes' own suite for persistences, over ours and a real store. It runs under node's test runner; persistence.test.ts counts its results. */
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { createAudience } from '../../broker/audience.js'
import { BOUNDS } from '../../broker/bounds.js'
import { createSessionState } from '../../broker/sessions/session-state.js'
import { openStore } from '../../storage/store.js'

const require = createRequire(import.meta.url)
const abstractPersistence = require('aedes-persistence/abstract.js') as (options: object) => void

abstractPersistence({
  test,
  testAsync: true,
  persistence() {
    const store = openStore({ path: ':memory:', now: Date.now, monotonic: () => performance.now() })
    const state = createSessionState({
      store: store.mqttState,
      broker_id: 'this start',
      bounds: BOUNDS,
      audience: createAudience(),
      expiry: 0,
      now: Date.now,
      full: () => {},
      report: () => {},
    })
    const { persistence } = state
    const destroy = persistence.destroy.bind(persistence)
    persistence.destroy = async () => {
      await destroy()
      state.close()
      await store.close()
    }
    return persistence
  },
})
