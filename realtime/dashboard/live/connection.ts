/**
 * The one realtime connection of the page, and the lists that are read anew whenever it comes (back) to life. All
 * pages live on it; it ends when nobody is logged in any more.
 */
import { forgetActuators, loadActuators } from '../store/actuators.js'
import { forget, load } from '../store/greenhouse.js'
import { forgetStops, loadStops } from '../store/stops.js'
import { clearEvents } from './event-list.js'
import { listSilence, takeFrame } from './frames.js'
import { Live } from './live.js'

export const live = new Live({
  frame: takeFrame,
  live: (lost_at) => {
    if (lost_at !== undefined) listSilence(lost_at)
    loadAll()
  },
})

/** Reads every list again. */
export function loadAll(): void {
  void loadStops()
  void load()
  void loadActuators()
}

/** Starts listening. */
export function connect(): void {
  loadAll()
  live.open()
}

/** Lets go of the connection and forgets what was known, for the next user of this page. */
export function disconnect(): void {
  live.close()
  forget()
  forgetActuators()
  forgetStops()
  clearEvents()
}
