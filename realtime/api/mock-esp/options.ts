/** What the routes of mock devices are given. */
import type { Store } from '../../../storage/store.js'
import type { Fleet } from '../../fleet.js'

export interface MockEspOptions {
  store: Store
  fleet: Fleet
  now: () => number
}
