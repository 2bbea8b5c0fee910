/**
 * The one realtime connection of the page, and the lists that are read anew whenever it comes (back) to life. All
 * pages live on it; it ends when nobody is logged in any more.
 */
import { watch } from 'vue'
import { callOpenly } from '../api.js'
import { heardServerTime, now, onBox } from '../clock.js'
import { lookForUpdate } from '../offline.js'
import { session } from '../session.js'
import { forgetActuators, loadActuators } from '../store/actuators.js'
import { loadAlerts } from '../store/alerts.js'
import { forgetConfigAnswers } from '../store/config-answers.js'
import { forgetFindings } from '../store/findings.js'
import { forget, load } from '../store/greenhouse.js'
import { keepOn, recall } from '../store/kept.js'
import { forgetSparks } from '../store/sparks.js'
import { forgetStops, loadStops } from '../store/stops.js'
import { clearEvents } from './event-list.js'
import { expectMissed, forgetHeard, heardUpTo, listSilence, takeFrame } from './frames.js'
import { Live } from './live.js'
import { chosenTransport, way } from './ways.js'

export const live = new Live(
  {
    frame: takeFrame,
    heard: heardUpTo,
    live: (lost_at, asked) => {
      if (lost_at !== undefined) {
        if (asked) expectMissed(onBox(lost_at))
        else listSilence({ lost_at: onBox(lost_at), until: now.value })
        lookForUpdate()
      }
      loadAll()
    },
  },
  chosenTransport,
)
watch(way, () => live.change())

/** Reads every list again. */
export function loadAll(): void {
  void loadStops()
  void load()
  void loadActuators()
  loadAlerts().catch(() => {})
}

/** Asks how late it is on the box: ages are by its clock, before the first event too. */
async function askTime(): Promise<void> {
  const { timestamp } = await callOpenly<{ timestamp: string }>('GET', '/health')
  heardServerTime(Date.parse(timestamp) / 1000)
}

let release = (): void => {}

/** Starts listening; while the box does not answer, with what this browser remembers. */
export async function connect(): Promise<void> {
  release = keepOn(live.link)
  if (session.remembered) {
    const at = await recall()
    if (!session.user) return
    if (at !== undefined) Object.assign(live.link, { state: 'offline', since: at })
  }
  askTime().catch(() => {})
  loadAll()
  live.open()
}
// Nobody waits for the next attempt when the box is heard again by other means.
watch(
  () => session.remembered,
  (remembered) => {
    if (!remembered && session.user) live.retryNow()
  },
)

/** Lets go of the connection and forgets what was known, for the next user of this page. */
export function disconnect(): void {
  release()
  live.close()
  forget()
  forgetActuators()
  forgetStops()
  forgetFindings()
  forgetConfigAnswers()
  forgetSparks()
  clearEvents()
  forgetHeard()
}
